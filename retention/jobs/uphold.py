"""Restrictions, objections and withdrawals of consent are told, and have their first receipt; so is
that a restriction or an objection has ended.

What they stop is stopped since the call that started them, until the call that lifts it. The last
receipt, once every recipient has confirmed or its time is over, is issued by the job that issues
all of them (`erase`).
"""

from __future__ import annotations

from typing import Final

from privacy_service.app.rights import erasing, receipts
from privacy_service.subjects.erasures import Phase
from retention.job import Job, Steps
from retention.workplace import Workplace

_LIFTED: Final = "lifted"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        begun = tuple(request for request, _ in view.erasures.in_phase(Phase.UPHOLDING, most))
        lifted = tuple(
            f"{request}@{_LIFTED}-{number}"
            for request, number in view.erasures.in_phase(Phase.LIFTING, most)
        )
    return (*begun, *lifted)[:most]


def _work(at: Workplace, key: str, steps: Steps) -> None:
    erase = erasing(at.settings.subjects, at.database, at.keyring, at.clock)
    request, _, lifted = key.partition("@")
    if lifted:
        steps.do("tell of the end", lambda: erase.tell_lifted(request))
    else:
        steps.do("tell", lambda: erase.tell(request))
    steps.do("upheld", lambda: erase.upheld(request))
    steps.do(
        "receipt",
        lambda: receipts(at.settings, at.database, at.keyring, at.clock).issue(request),
    )


JOB = Job(
    name="uphold",
    says="Tells of restrictions, objections and consent withdrawals that were started, or lifted.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
