"""Monitors: windows of checks and what fires over them, on the database.

Checks are counted once they are committed, in their order, so that what several replicas have
judged adds up to what one would have; the counts and the mark of how far they go move together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from privacy_service.behavior.counts import Counts, counted, total
from privacy_service.behavior.drift import drift
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import FailureMode, Objective, Side, Window
from privacy_service.behavior.runs import Cause, Run
from privacy_service.behavior.windows import Watched, budget_spent, fires
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.playing import begin, new_run
from privacy_service.store.behavior_counts import (
    HOUR,
    MINUTE,
    Bin,
    Series,
    hour_of,
    minute_of,
)
from privacy_service.store.views import View, Writing

MINUTES_FOR: Final = timedelta(hours=25)
"""How long counts are kept by the minute; from then on by the hour."""
_AT_ONCE: Final = 2000
_MOST_CONTRACTS: Final = 1000


# -- Counting ---------------------------------------------------------------------------------


def count_checks(tx: Writing) -> int:
    """Counts a batch of checks that were not counted yet. How many."""
    found = tx.counts.uncounted(most=_AT_ONCE)
    if not found:
        return 0
    bins: dict[tuple[Series, datetime], Counts] = {}
    for _position, record in found:
        series = Series(
            contract_id=record.contract_id,
            number=record.number,
            use_case=record.use_case,
            side=record.side,
        )
        key = series, minute_of(record.at)
        bins[key] = bins.get(key, Counts()).plus(counted(record))
    tx.counts.add(
        Bin(series=series, spans=MINUTE, begins_at=at, counts=counts)
        for (series, at), counts in bins.items()
    )
    tx.counts.move_mark(found[-1][0])
    return len(found)


def put_together(tx: Writing, now: datetime) -> int:
    """Makes hours of a batch of old minutes. How many minutes."""
    old = tx.counts.minutes_before(hour_of(now - MINUTES_FOR), limit=_AT_ONCE)
    hours: dict[tuple[Series, datetime], Counts] = {}
    for one in old:
        key = one.series, hour_of(one.begins_at)
        hours[key] = hours.get(key, Counts()).plus(one.counts)
    tx.counts.add(
        Bin(series=series, spans=HOUR, begins_at=at, counts=counts)
        for (series, at), counts in hours.items()
    )
    tx.counts.drop(old)
    return len(old)


# -- Watching ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeWatch:
    """How a failure mode over a window stands: `began_at` is the beginning of the first bin of the
    window in which something was broken or not released.
    """

    version: BehaviorVersion
    mode: FailureMode
    watched: Watched
    fires: bool
    began_at: datetime


def watched_contracts(tx: View | Writing, now: datetime) -> tuple[str, ...]:
    """The contracts of which checks were counted in the longest of usual windows."""
    return tx.counts.contracts(since=now - MINUTES_FOR, limit=_MOST_CONTRACTS)


def failing(tx: View | Writing, contract_id: str, now: datetime) -> Iterator[ModeWatch]:
    """The failure modes over windows that fire and of which no run is open: of the version in force
    over its checks, and of a canary over those that it decided.
    """
    for version in deciding_versions(tx, contract_id, now):
        for mode in version.contract.failure_modes:
            if mode.over is None or mode.playbook is None:
                continue
            if tx.playbooks.open_for(contract_id, mode.playbook, mode.id) is not None:
                continue
            watch = watch_mode(tx, version, mode, mode.over, now)
            if watch.fires:
                yield watch


def deciding_versions(
    tx: View | Writing, contract_id: str, now: datetime
) -> tuple[BehaviorVersion, ...]:
    """The version in force, and then a canary."""
    numbers = tx.courses.get(contract_id).deciders(now)
    return tuple(as_behavior(tx.behavior.version(contract_id, one)) for one in numbers)


def begin_runs(tx: Writing, contract_id: str, now: datetime) -> list[Run]:
    """Begins the playbooks of what fires over a window of a contract's checks."""
    begun = []
    for watch in failing(tx, contract_id, now):
        version = watch.version
        playbook, over = version.contract.playbook_of(watch.mode), watch.mode.over
        if playbook is None or over is None:
            continue
        run = new_run(
            version, playbook, watch.mode, cause=Cause.WINDOW, mark=now.isoformat(),
            began_at=watch.began_at, at=now, use_case=over.use_case,
        )  # fmt: skip
        done = begin(tx, version, playbook, run, side=over.side)
        if done is not None:
            begun.append(done)
    return begun


def watch_mode(
    tx: View | Writing, version: BehaviorVersion, mode: FailureMode, over: Window, now: datetime
) -> ModeWatch:
    """How a failure mode over a window stands. What was before its last run was resolved is not
    held against the provider again.
    """
    since = now - over.last
    resolved = tx.playbooks.last_resolved(version.contract.id, mode.id)
    if resolved is not None and resolved > since:
        since = minute_of(resolved) + timedelta(minutes=1)
    bins = tx.counts.bins(
        version.contract.id,
        since=since,
        until=now,
        side=over.side,
        number=version.number,
        use_case=over.use_case,
    )
    watched = watch(tx, version, bins, since=since, side=over.side, use_case=over.use_case, now=now)
    bad = (one.begins_at for one in bins if one.counts.violations or one.counts.failures)
    return ModeWatch(
        version=version,
        mode=mode,
        watched=watched,
        fires=fires(mode, over, watched),
        began_at=max(next(bad, since), since),
    )


def watch(
    tx: View | Writing,
    version: BehaviorVersion,
    bins: Iterable[Bin],
    *,
    since: datetime,
    side: Side,
    use_case: str | None,
    now: datetime,
) -> Watched:
    """A window's counts, with drift from the contract's baseline, and error budgets."""
    contract = version.contract
    counts = total(one.counts for one in bins)
    return Watched(
        counts=counts,
        drift=_drift(tx, version, counts, since=since, side=side, use_case=use_case),
        budget_spent={
            one.id: budget_spent(one, objective_counts(tx, contract.id, one, now))
            for one in contract.monitor.objectives
        },
        expectations=tuple(one.id for one in contract.expectations),
        modes=tuple(one.id for one in contract.failure_modes if one.over is None),
    )


def objective_counts(
    tx: View | Writing, contract_id: str, objective: Objective, now: datetime
) -> Counts:
    """The outputs that an objective is about, under any version."""
    bins = tx.counts.bins(contract_id, since=now - objective.over, until=now, side=Side.OUTPUT)
    return total(one.counts for one in bins)


def _drift(
    tx: View | Writing,
    version: BehaviorVersion,
    counts: Counts,
    *,
    since: datetime,
    side: Side,
    use_case: str | None,
) -> dict[str, float]:
    baseline = version.contract.monitor.baseline
    if baseline is None or counts.checks == 0:
        return {}
    begins, ends = baseline.since, baseline.until
    if baseline.before is not None:
        begins, ends = since - baseline.before, since
    if begins is None or ends is None:
        return {}
    bins = tx.counts.bins(
        version.contract.id, since=begins, until=ends, side=side, use_case=use_case
    )
    before = total(one.counts for one in bins)
    return drift(counts, before, significance=baseline.significance)
