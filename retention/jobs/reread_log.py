"""The audit log is read again, entry by entry: whether it still holds what it held."""

from __future__ import annotations

from privacy_service.app.incidents import rereading
from retention.job import Job, Steps
from retention.workplace import Workplace


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    while steps.do("read", lambda: rereading(at.settings, at.database, at.clock).look()):
        pass


JOB = Job(
    name="reread-log",
    says="Reads the audit log again, and opens a breach where it does not hold what it held.",
    cron="29 2 * * *",
    work=_work,
)
