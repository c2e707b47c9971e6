"""Sweeps that begin by themselves: at the officer's times, and when nothing protects any more."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from croniter import croniter

from privacy_service.custody.acts import log_own_act
from privacy_service.custody.sweeping import in_force
from privacy_service.schedules.sweep import Outcome, Sweep, SweepState
from privacy_service.store.database import Database
from privacy_service.store.retention import SweepTimes
from privacy_service.store.views import View, Writing

ACTION: Final = "RetentionService/BeginSweep"


def next_time(times: SweepTimes) -> datetime:
    """When the next sweep begins by itself, or should have begun."""
    found: datetime = croniter(times.cron, times.begun_for).get_next(datetime)
    return found


def due_time(view: View | Writing, now: datetime) -> datetime | None:
    """The last of the officer's times that has come since a sweep was begun; None: none has.

    Where the machine was off for several of them, one sweep makes up for all.
    """
    times = view.retention.times()
    if times is None or next_time(times) > now:
        return None
    last: datetime = croniter(times.cron, now).get_prev(datetime)
    return max(last, next_time(times))


def begin_due(database: Database, now: datetime, at: datetime) -> str:
    """Begins the sweep of one of the officer's times, once. Its id, or "" where that was done."""

    def work(tx: Writing) -> str:
        times = tx.retention.times()
        if times is None or times.begun_for >= at:
            return ""
        sweep = _begun(tx, f"sweep-{at:%Y%m%d-%H%M}", now, by=times.set_by)
        tx.retention.begun_for(at)
        return sweep.id

    return database.commit(work)


def freed(view: View | Writing) -> datetime | None:
    """When a hold was lifted, or a request answered, since the last sweep had to leave something
    behind for one; None: there is no need.
    """
    swept = view.retention.list(before=None, limit=1)
    if not swept or swept[0].state is not SweepState.DONE or swept[0].ended_at is None:
        return None
    left = {one.outcome for one in swept[0].done}
    ends = (
        view.holds.last_lift() if Outcome.HELD in left else None,
        view.requests.last_disclosed() if Outcome.ASKED_FOR in left else None,
    )
    return max((end for end in ends if end is not None and end > swept[0].as_of), default=None)


def begin_freed(database: Database, now: datetime) -> str:
    """Begins one more sweep after a hold was lifted or a request answered. Its id, or "" where that
    was done.
    """

    def work(tx: Writing) -> str:
        lifted = freed(tx)
        if lifted is None:
            return ""
        last = tx.retention.list(before=None, limit=1)[0]
        return _begun(tx, f"sweep-{lifted:%Y%m%d-%H%M%S-%f}", now, by=last.run_by).id

    return database.commit(work)


def _begun(tx: Writing, sweep_id: str, now: datetime, *, by: str) -> Sweep:
    sweep = Sweep(
        id=sweep_id,
        go_on=True,
        as_of=now,
        made_by=by,
        made_at=now,
        schedules=in_force(tx, now),
    )
    tx.retention.begin(sweep)
    log_own_act(tx, ACTION, at=now, resource=sweep_id, outcome="BEGUN", reason=by)
    return sweep
