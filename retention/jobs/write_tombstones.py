"""Deletions that the tombstone journal lacks, because a process died or the place was away."""

from __future__ import annotations

from privacy_service.app.tombstones import open_journal
from retention.job import Job, Steps
from retention.workplace import Workplace


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    if at.settings.tombstones.journal is not None:
        steps.do("write", lambda: _write(at))


def _write(at: Workplace) -> int:
    """How many."""
    origin = at.settings.evidence.origin
    journal = open_journal(at.settings.tombstones, origin, at.keyring, at.database, at.clock)
    return 0 if journal is None else journal.write()


JOB = Job(
    name="write-tombstones",
    says="Writes deletions and decisions to `PRIVACY_TOMBSTONES__JOURNAL` that are not there yet.",
    cron="* * * * *",
    work=_work,
)
