"""Reads a scenario file, or says all that is wrong with it, by line and column."""

from __future__ import annotations

from importlib import resources
from typing import Final

from pydantic import ValidationError

from privacy_service.behavior.model import Source
from privacy_service.behavior.shape import SourceShape
from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.source import read_source
from privacy_service.contracts.telling import Teller, fault_at
from privacy_service.scenarios import shape
from privacy_service.scenarios.model import Expected, Play, Scenario, Step

GUIDE: Final = "docs/behavior.md"
BUILTIN: Final = ("adversarial",)
"""What ships."""
_TELLER: Final = Teller(
    models={
        "": (shape.PlayShape,),
        "scenarios": (shape.ScenarioShape,),
        "steps": (shape.StepShape,),
        "expect": (shape.ExpectedShape,),
        "sources": (SourceShape,),
    },
    guide=GUIDE,
)


def read(text: str, *, name: str) -> Play:
    """The scenarios. Raises ContractFault with every fault that can be told at once."""
    root = read_source(text, name=name)
    if root.members is None:
        fault = fault_at(root, (), "scenarios are a mapping", "start with kind:")
        raise ContractFault(name, [fault])
    try:
        written = shape.PlayShape.model_validate(root.plain())
    except ValidationError as error:
        raise ContractFault(name, _TELLER.faults(root, error)) from None
    return Play(
        title=written.title,
        scenarios=tuple(_scenario(one, written) for one in written.scenarios),
    )


def builtin(name: str) -> Play:
    """Scenarios that ship, by one of the names in `BUILTIN`."""
    text = resources.files(__package__ or "").joinpath(f"{name}.yaml").read_text("utf-8")
    return read(text, name=name)


def _scenario(one: shape.ScenarioShape, play: shape.PlayShape) -> Scenario:
    sources = one.sources or play.sources
    return Scenario(
        name=one.name,
        kind=one.kind,
        use_case=one.use_case or play.use_case,
        system_prompt=one.system_prompt or play.system_prompt,
        sources=tuple(Source(id=source.id, text=source.text) for source in sources),
        steps=tuple(map(_step, one.steps)),
    )


def _step(one: shape.StepShape) -> Step:
    expect = one.expect
    outcome = [expect.outcome] if isinstance(expect.outcome, str) else expect.outcome
    return Step(
        say=one.say,
        output=one.output,
        written=one.written,
        filler=one.filler,
        partner=one.partner,
        confidence=one.confidence,
        latency_ms=one.latency_ms,
        attempt=one.attempt,
        known_miss=one.known_miss,
        expected=Expected(
            outcomes=tuple(outcome or ()),
            broken=_listed(expect.broken),
            failures=_listed(expect.failures),
            playbooks=_listed(expect.playbooks),
            says=tuple(expect.says),
            lacks=tuple(expect.lacks),
            stopped=expect.stopped,
        ),
    )


def _listed(ids: list[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(ids)
