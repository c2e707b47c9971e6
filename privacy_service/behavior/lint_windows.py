"""What is wrong with failure modes over a window of checks, and with what checks are watched by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import re2

from privacy_service.behavior.model import BehaviorContract, Criterion, FailureMode
from privacy_service.behavior.read import Reading
from privacy_service.behavior.signals import ConditionFault
from privacy_service.behavior.windows import NUMBERS, window_condition
from privacy_service.contracts.faults import Fault, did_you_mean, shown

SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=90)
_BY_NAME: Final = re2.compile(
    r"""(broken_rate|failure_rate|budget_spent)\[\s*["']([^"'\n]+)["']\s*\]"""
)
_GUIDE: Final = "the signals of windows and their types are in docs/behavior.md"


def windows(reading: Reading, _today: date) -> Iterator[Fault]:
    """Failure modes with `over`."""
    contract = reading.contract
    for at, mode in enumerate(contract.failure_modes):
        if mode.over is None:
            continue
        place = ("failure_modes", at)
        if reading.is_written((*place, "remedy")):
            yield reading.fault(
                (*place, "remedy"),
                "there is no one answer that could be decided about",
                "leave it out, and name a playbook",
            )
        elif mode.playbook is None:
            yield reading.fault(place, "a window of checks has no effect", "name a playbook")
        yield from _span(reading, (*place, "over", "last"), mode.over.last)
        listed = contract.scope.use_cases
        if mode.over.use_case is not None and mode.over.use_case not in listed:
            yield reading.fault(
                (*place, "over", "use_case"),
                f"the scope has no use case {shown(mode.over.use_case)}",
                did_you_mean(mode.over.use_case, listed),
            )
        yield from _condition(reading, at, mode)


def monitors(reading: Reading, _today: date) -> Iterator[Fault]:
    """Baseline, objectives and what counts as success."""
    monitor = reading.contract.monitor
    for at, criterion in enumerate(reading.contract.scope.success):
        yield from _criterion(reading, ("scope", "success", at), criterion)
    if monitor.baseline is not None and monitor.baseline.before is not None:
        place = ("monitor", "baseline", "before")
        yield from _span(reading, place, monitor.baseline.before)
    for at, objective in enumerate(monitor.objectives):
        yield from _span(reading, ("monitor", "objectives", at, "over"), objective.over)
    drifts = any("drift_" in mode.when for mode in reading.contract.failure_modes if mode.over)
    drifts = drifts or any("drift_" in one.signal for one in reading.contract.scope.success)
    if drifts and monitor.baseline is None:
        yield reading.fault(
            ("failure_modes",),
            "something is about drift, and there is no baseline to drift from",
            "add monitor: {baseline: {before: P7D}}",
        )


def _criterion(
    reading: Reading, place: tuple[str | int, ...], criterion: Criterion
) -> Iterator[Fault]:
    yield from _span(reading, (*place, "over"), criterion.over)
    if criterion.signal not in NUMBERS:
        yield reading.fault(
            (*place, "signal"),
            f"there is no signal {shown(criterion.signal)} that is one number",
            did_you_mean(criterion.signal, NUMBERS) or _GUIDE,
        )
    listed = reading.contract.scope.use_cases
    if criterion.use_case is not None and criterion.use_case not in listed:
        yield reading.fault(
            (*place, "use_case"),
            f"the scope has no use case {shown(criterion.use_case)}",
            did_you_mean(criterion.use_case, listed),
        )


def _span(reading: Reading, place: tuple[str | int, ...], span: timedelta) -> Iterator[Fault]:
    if not SHORTEST <= span <= LONGEST:
        yield reading.fault(place, "this is no time that is kept", "write PT1M to P90D")


def _condition(reading: Reading, at: int, mode: FailureMode) -> Iterator[Fault]:
    place = ("failure_modes", at, "when")
    try:
        compiled = window_condition(mode.when)
    except ConditionFault as fault:
        yield reading.fault(place, f"{fault.says} (character {fault.offset + 1})", _GUIDE)
        return
    if not compiled.names:
        yield reading.warning(
            place,
            "the condition names no signal, so that it holds always or never",
            "write it over the signals of windows in docs/behavior.md",
        )
    for signal, name in _BY_NAME.findall(mode.when):
        known = _known(reading.contract, signal)
        if name not in known:
            yield reading.fault(
                place, f"{signal} has no {shown(name)}", did_you_mean(name, known) or _GUIDE
            )


def _known(contract: BehaviorContract, signal: str) -> list[str]:
    return {
        "broken_rate": [one.id for one in contract.expectations],
        "failure_rate": [one.id for one in contract.failure_modes if one.over is None],
        "budget_spent": [one.id for one in contract.monitor.objectives],
    }[signal]
