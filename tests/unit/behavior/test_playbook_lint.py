"""Playbooks as they are written, and what is said of those that cannot work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from privacy_service.behavior.canonical import digest
from privacy_service.behavior.lint import lint
from privacy_service.behavior.model import (
    FallBack,
    Halt,
    HaltCollection,
    Notify,
    OpenIncident,
    Remedy,
    RemedyKind,
    Step,
    Task,
    TaskKind,
    Throttle,
)
from privacy_service.behavior.read import read
from privacy_service.contracts.faults import ContractFault
from tests.unit.behavior.behavior_texts import HEAD

MINUTE = timedelta(minutes=1)
USUAL = 5 * MINUTE


def written(steps: str, mode: str = "playbook: p") -> str:
    return (
        f"{HEAD}failure_modes:\n"
        f"  - {{id: m, category: other, severity: high, when: words > 9, {mode}}}\n"
        f"playbooks:\n"
        f"  - id: p\n    title: P\n    targets: {{contain: PT1M, resolve: P2D}}\n"
        f"    steps:\n" + "".join(f"      - {step}\n" for step in steps.split(" | "))
    )


def says(text: str) -> list[str]:
    faults = lint(text, name="test", today=date(2026, 11, 26))
    return [fault.says for fault in faults if fault.severity.value == "error"]


@pytest.mark.parametrize(
    ("step", "read_as"),
    [
        ("answer: refuse", Step(act=Remedy(kind=RemedyKind.REFUSE), within=USUAL)),
        (
            "{halt: {half_open_after: PT1M, probes: 5}, within: PT1M}",
            Step(act=Halt(half_open_after=MINUTE, probes=5), within=MINUTE),
        ),
        ("halt: {}", Step(act=Halt(), within=USUAL)),
        ("throttle: {most: 5, per: PT1M}", Step(act=Throttle(most=5, per=MINUTE), within=USUAL)),
        ("fall_back: {}", Step(act=FallBack(), within=USUAL)),
        ("fall_back: {provider: other-ai}", Step(act=FallBack(provider="other-ai"), within=USUAL)),
        ("halt_collection: true", Step(act=HaltCollection(), within=USUAL)),
        (
            "notify: {to: [a@b.example], says: 'See {run}'}",
            Step(act=Notify(to=("a@b.example",), says="See {run}"), within=USUAL),
        ),
        (
            "incident: {natures: [integrity]}",
            Step(act=OpenIncident(natures=("integrity",)), within=USUAL),
        ),
        (
            "{task: {kind: post-mortem, title: T, owner: O}, within: P3D}",
            Step(
                act=Task(kind=TaskKind.POST_MORTEM, title="T", owner="O"),
                within=timedelta(days=3),
            ),
        ),
    ],
)  # fmt: skip
def test_every_step_is_read(step: str, read_as: Step) -> None:
    (playbook,) = read(written(step), name="test").playbooks
    assert playbook.steps == (read_as,)
    assert (playbook.targets.contain, playbook.targets.detect) == (MINUTE, None)


def test_a_failure_mode_answers_as_its_playbook_does() -> None:
    (mode,) = read(written("halt: {} | answer: refuse"), name="test").failure_modes
    assert mode.remedy == Remedy(kind=RemedyKind.REFUSE)
    (mode,) = read(written("halt: {}"), name="test").failure_modes
    assert mode.remedy == Remedy(kind=RemedyKind.NOTE)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (written("halt: {}", "playbook: q"), "the contract has no playbook 'q'"),
        (written("halt: {}", "owner: O"), "nothing is done about it"),
        (
            written("answer: refuse", "playbook: p, remedy: note"),
            "its playbook says already what is done about the answer",
        ),
        (written("answer: refuse | answer: note"), "it answers twice"),
        (written("fall_back: {provider: parrot-ai}"), "this is a side of this contract"),
        (
            written("notify: {to: [a@b.example], says: 'See {rum}'}"),
            "nothing is filled in for 'rum'",
        ),
    ],
)
def test_what_cannot_work_is_said(text: str, fault: str) -> None:
    assert says(text) == [fault]


def test_a_redaction_has_no_place_in_a_playbook() -> None:
    assert any("redacted" in fault for fault in says(written("answer: redact")))


@pytest.mark.parametrize("step", ["{halt: {}, notify: {to: [a@b.example]}}", "{within: PT1M}"])
def test_a_step_does_one_thing(step: str) -> None:
    with pytest.raises(ContractFault) as fault:
        read(written(step), name="test")
    assert "a step does one thing" in str(fault.value.faults[0].says)


def test_the_order_of_steps_is_part_of_the_terms() -> None:
    one, other = written("halt: {} | incident: {}"), written("incident: {} | halt: {}")
    assert digest(read(one, name="a")) != digest(read(other, name="b"))
