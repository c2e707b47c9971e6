"""The monitor desk: how a contract's checks come out, for its sides, officers and auditors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import Side
from privacy_service.behavior.windows import bad, budget_spent, measured, rests_on, standing
from privacy_service.clock import Clock
from privacy_service.contracts.course import Course
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.monitors import (
    deciding_versions,
    objective_counts,
    watch,
    watch_mode,
)
from privacy_service.desks.ports.monitors import (
    CriterionWatch,
    GetMonitors,
    Monitors,
    ObjectiveWatch,
    SeriesWatch,
    WindowWatch,
)
from privacy_service.errors import PrivacyError
from privacy_service.store.behavior_counts import Bin
from privacy_service.store.database import Database
from privacy_service.store.views import View

_SEES_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorsDesk:
    """Answers MonitorService."""

    database: Database
    clock: Clock

    def get_monitors(
        self, caller: Caller, request: GetMonitors, *, seconds: float | None
    ) -> Monitors:
        """What was counted of a contract's checks up to now. Raises CONTRACT_NOT_FOUND."""
        del seconds
        now = self.clock.now()
        since = now - request.last
        with self.database.reading() as view:
            newest = view.behavior.newest(request.contract_id)
            sides = (newest.party, newest.provider)
            if not caller.roles & _SEES_ALL and caller.partner not in sides:
                raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=request.contract_id)
            version = as_behavior(newest)
            bins = view.counts.bins(newest.id, since=since, until=now)
            course = view.courses.get(newest.id).turned(now)
            deciding = deciding_versions(view, newest.id, now)
            return Monitors(
                contract_id=newest.id,
                number=newest.number,
                since=since,
                until=now,
                series=tuple(_series(view, version, bins, since=since, now=now)),
                windows=tuple(
                    each for one in deciding for each in _windows(view, one, deciding, now)
                ),
                objectives=tuple(_objectives(view, version, now)),
                criteria=tuple(_criteria(view, version, now)),
                canary=course.canary,
                canary_held_by=_held_by(view, course),
            )


def _series(
    view: View, version: BehaviorVersion, bins: Sequence[Bin], *, since: datetime, now: datetime
) -> Iterator[SeriesWatch]:
    found = {one.series for one in bins}
    for series in sorted(found, key=lambda s: (-s.number, s.use_case or "", s.side)):
        own = [one for one in bins if one.series == series]
        watched = watch(
            view, version, own, since=since, side=series.side, use_case=series.use_case, now=now
        )
        yield SeriesWatch(
            number=series.number, use_case=series.use_case, side=series.side, watched=watched
        )


def _held_by(view: View, course: Course) -> str | None:
    """The curb by which the version in force decides a canary's share as well."""
    if course.canary is None:
        return None
    tried = course.canary.number
    held = (one.id for one in view.curbs.on(course.contract_id) if one.from_number == tried)
    return next(held, None)


def _windows(
    view: View, version: BehaviorVersion, deciding: Sequence[BehaviorVersion], now: datetime
) -> Iterator[WindowWatch]:
    others = {one.number for one in deciding} - {version.number}
    for mode in version.contract.failure_modes:
        if mode.over is None:
            continue
        found = watch_mode(view, version, mode, mode.over, now)
        run = (
            None
            if mode.playbook is None
            else view.playbooks.open_for(version.contract.id, mode.playbook, mode.id)
        )
        yield WindowWatch(
            number=version.number,
            mode=mode,
            over=mode.over,
            checks=found.watched.counts.checks,
            fires=found.fires,
            run_id=None if run is None or run.number in others else run.id,
        )


def _objectives(view: View, version: BehaviorVersion, now: datetime) -> Iterator[ObjectiveWatch]:
    for one in version.contract.monitor.objectives:
        counts = objective_counts(view, version.contract.id, one, now)
        yield ObjectiveWatch(
            objective=one,
            checks=counts.checks,
            bad=bad(one, counts),
            spent=budget_spent(one, counts),
        )


def _criteria(view: View, version: BehaviorVersion, now: datetime) -> Iterator[CriterionWatch]:
    """What counts as success, of outputs under any version, as objectives are."""
    for one in version.contract.scope.success:
        since = now - one.over
        bins = view.counts.bins(
            version.contract.id, since=since, until=now, side=Side.OUTPUT, use_case=one.use_case
        )
        watched = watch(
            view, version, bins, since=since, side=Side.OUTPUT, use_case=one.use_case, now=now
        )
        told = rests_on(one.signal, watched.counts)
        yield CriterionWatch(
            criterion=one,
            checks=watched.counts.checks,
            value=measured(one, watched) if told else None,
            standing=standing(one, watched),
        )
