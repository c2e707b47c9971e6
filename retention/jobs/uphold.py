"""Restrictions, objections and withdrawals of consent are told, and have their first receipt.

What they stop is stopped since the call that started them. The last receipt, once every recipient
has confirmed or its time is over, is issued by the job that issues all of them (`erase`).
"""

from __future__ import annotations

from privacy_service.app.rights import erasing, receipts
from privacy_service.subjects.erasures import Phase
from retention.job import Job, Steps
from retention.workplace import Workplace


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        return tuple(request for request, _ in view.erasures.in_phase(Phase.UPHOLDING, most))


def _work(at: Workplace, key: str, steps: Steps) -> None:
    erase = erasing(at.settings.subjects, at.database, at.clock)
    steps.do("tell", lambda: erase.tell(key))
    steps.do("upheld", lambda: erase.upheld(key))
    steps.do(
        "receipt",
        lambda: receipts(at.settings, at.database, at.keyring, at.clock).issue(key),
    )


JOB = Job(
    name="uphold",
    says="Tells of restrictions, objections and consent withdrawals that were started.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
