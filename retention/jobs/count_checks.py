"""Checks are counted into windows, minutes are made into hours, and what is old is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from privacy_service.custody.monitors import MINUTES_FOR, count_checks, put_together
from privacy_service.store.behavior_counts import hour_of
from retention.job import Job, Steps
from retention.workplace import Workplace


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    """What is to count, by how far was counted; what is to put together and to forget, by the hour:
    so that each has its own key every time.
    """
    now = at.clock.now()
    with at.database.reading() as view:
        mark = view.counts.mark()
        keys = [f"count@{mark}"] if view.counts.uncounted(most=1) else []
        if view.counts.minutes_before(hour_of(now - MINUTES_FOR), limit=1) or (
            view.counts.reaches_before(_oldest(at))
        ):
            keys.append(f"tidy@{hour_of(now):%Y%m%d%H}")
    return tuple(keys[:most])


def _work(at: Workplace, key: str, steps: Steps) -> None:
    if key.startswith("count"):
        while steps.do("count", lambda: at.database.commit(count_checks)):
            pass
        return
    while steps.do("put together", lambda: _put_together(at)):
        pass
    steps.do("forget", lambda: _forget(at))


def _put_together(at: Workplace) -> int:
    now = at.clock.now()
    return at.database.commit(lambda tx: put_together(tx, now))


def _forget(at: Workplace) -> int:
    before = _oldest(at)
    return at.database.commit(lambda tx: tx.counts.forget(before))


def _oldest(at: Workplace) -> datetime:
    return hour_of(at.clock.now()) - timedelta(days=at.settings.monitors.keep_days)


JOB = Job(
    name="count-checks",
    says="Counts checks into windows, by minute and later by hour; forgets old counts.",
    cron="*/10 * * * * *",
    waiting=_waiting,
    work=_work,
)
