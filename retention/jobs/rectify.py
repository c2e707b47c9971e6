"""Rectifications are done: records are corrected, recipients told, and a receipt made.

    know anew ─▶ correct … ─▶ statement ─▶ tell ─▶ words, answers … ─▶ settle ─▶ receipt

What a hold keeps waits; once one was lifted everything is looked at again. The last receipt, once
every recipient has confirmed or its time is over, is issued by the job that issues all of them
(`erase`).
"""

from __future__ import annotations

from typing import Final

from privacy_service.app.rights import correcting, receipts
from privacy_service.custody.correcting import Correcting
from privacy_service.store.views import View
from privacy_service.subjects.erasures import Phase
from retention.job import Job, Steps
from retention.workplace import Workplace

_BATCHES: Final = 4
"""Transactions in one step."""
_FREED: Final = "freed"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        begun = [
            f"{request}@round-{number}"
            for request, number in view.erasures.in_phase(Phase.CORRECTING, most)
        ]
        return (*begun, *_freed(view, most))[:most]


def _freed(view: View, most: int) -> list[str]:
    """Those that wait, and were not looked at since a hold was lifted or a bundle given."""
    ends = [at for at in (view.erasures.last_lift(), view.requests.last_disclosed()) if at]
    if not ends:
        return []
    keys = []
    for request, _ in view.erasures.in_phase(Phase.WAITING, most):
        work = view.erasures.get(request)
        if work and work.erased_at and work.erased_at < max(ends):
            keys.append(f"{request}@{_FREED}-{int(max(ends).timestamp())}")
    return keys


def _work(at: Workplace, key: str, steps: Steps) -> None:
    request, _, what = key.partition("@")
    correct = correcting(at.settings, at.database, at.keyring, at.clock)
    if what.startswith(_FREED):
        steps.do("resume", lambda: correct.resume(request))
        return
    steps.do("know anew", lambda: correct.know_anew(request))
    while steps.do("correct", lambda: sum(correct.correct_batch(request) for _ in range(_BATCHES))):
        pass
    steps.do("statement", lambda: correct.attach_statement(request))
    steps.do("tell", lambda: correct.tell(request))
    while steps.do("words", lambda: _words(correct, request)):
        pass
    steps.do("settle", lambda: correct.settle(request))
    steps.do(
        "receipt",
        lambda: receipts(at.settings, at.database, at.keyring, at.clock).issue(request),
    )


def _words(correct: Correcting, request: str) -> int:
    """Tokens, and then answers. One step for both: work that an older release began goes on."""
    done = sum(correct.words_batch(request) for _ in range(_BATCHES))
    return done or sum(correct.answers_batch(request) for _ in range(_BATCHES))


JOB = Job(
    name="rectify",
    says="Does the rectifications that were decided: corrects records, tells recipients.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
