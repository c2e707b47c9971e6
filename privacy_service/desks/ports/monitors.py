"""What is asked of monitors: how a contract's checks come out over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.model import Criterion, FailureMode, Objective, Side, Window
from privacy_service.behavior.windows import Standing, Watched
from privacy_service.contracts.course import Canary


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMonitors:
    """`last` is how far back from now."""

    contract_id: str
    last: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWatch:
    """The checks of one version, use case and side."""

    number: int
    use_case: str | None
    side: Side
    watched: Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowWatch:
    """A failure mode over a window of the checks of one version, and the run of its playbook that
    is open.
    """

    number: int
    mode: FailureMode
    over: Window
    checks: int
    fires: bool
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveWatch:
    """An objective, and what is spent of its error budget."""

    objective: Objective
    checks: int
    bad: int
    spent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionWatch:
    """A success criterion, what it comes to by now (None: of no checks), and how it stands."""

    criterion: Criterion
    checks: int
    value: float | None
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitors:
    """All of one contract: `number` is the version in force, `canary` what is tried beside it.
    Windows are of both, objectives and criteria those of the version in force. `canary_held_by` is
    the curb by which everything has fallen back from the canary, if one is in place.
    """

    contract_id: str
    number: int
    since: datetime
    until: datetime
    series: tuple[SeriesWatch, ...]
    windows: tuple[WindowWatch, ...]
    objectives: tuple[ObjectiveWatch, ...]
    criteria: tuple[CriterionWatch, ...] = ()
    canary: Canary | None = None
    canary_held_by: str | None = None


class MonitorDesk(Protocol):
    """MonitorService."""

    def get_monitors(
        self, caller: Caller, request: GetMonitors, *, seconds: float | None
    ) -> Monitors: ...
