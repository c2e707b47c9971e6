"""Tombstones whose time is over are taken away: nothing about a person is kept for ever."""

from __future__ import annotations

from typing import Final

from retention.job import Job, Steps
from retention.workplace import Workplace

_AT_A_TIME: Final = 500


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    while steps.do("forget", lambda: _forget(at)) == _AT_A_TIME:
        pass


def _forget(at: Workplace) -> int:
    now = at.clock.now()
    return at.database.commit(lambda tx: tx.erasures.forget_stones(before=now, limit=_AT_A_TIME))


JOB = Job(
    name="forget-tombstones",
    says="Takes away tombstones that are older than `PRIVACY_SUBJECTS__TOMBSTONE_DAYS`.",
    cron="41 3 * * *",
    work=_work,
)
