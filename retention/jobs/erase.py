"""Erasures are done: what is kept about a person is deleted, its keys shredded, and a receipt made.

    bar ─▶ tell ─▶ delete … ─▶ shred ─▶ look again ─┬▶ journal ─▶ settle ─▶ receipt
                     ▲                              │ something is left
                     └──────────────────────────────┘

What a hold keeps blocks the erasure; once one was lifted it is looked at again, and goes on. When
every recipient has confirmed, or its time is over, the last receipt is issued.
"""

from __future__ import annotations

from typing import Final

from privacy_service.app.rights import erasing, receipts
from privacy_service.app.tombstones import open_journal, writing_of
from privacy_service.store.views import View
from privacy_service.subjects.erasures import Phase
from retention.job import Job, Steps
from retention.workplace import Workplace

_BATCHES: Final = 5
"""Transactions in one step."""
_ROUNDS: Final = 8
_DELETE, _LIFTED, _END = "round", "lifted", "end"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        deleting = [
            f"{request}@{_DELETE}-{number}"
            for request, number in view.erasures.in_phase(Phase.DELETING, most)
        ]
        return (*deleting, *_freed(view, most), *_told(view, most))[:most]


def _freed(view: View, most: int) -> list[str]:
    """Blocked ones that were not looked at since a hold was lifted, or a person had a bundle."""
    freed = [at for at in (view.erasures.last_lift(), view.requests.last_disclosed()) if at]
    if not freed:
        return []
    lifted = max(freed)
    keys = []
    for request, _ in view.erasures.in_phase(Phase.BLOCKED, most):
        erasure = view.erasures.get(request)
        if erasure and erasure.erased_at and erasure.erased_at < lifted:
            keys.append(f"{request}@{_LIFTED}-{int(lifted.timestamp())}")
    return keys


def _told(view: View, most: int) -> list[str]:
    """Those whose recipients have all confirmed, or are not waited for any longer."""
    return [
        f"{request}@{_END}-{number}"
        for request, number in view.erasures.in_phase(Phase.TELLING, most)
        if all(notice.settled for notice in view.notices.of_request(request))
    ]


def _work(at: Workplace, key: str, steps: Steps) -> None:
    request, _, what = key.partition("@")
    if what.startswith(_END):
        steps.do("receipt", lambda: _receipt(at, request))
    elif what.startswith(_LIFTED):
        _look_at_blocked(at, request, steps)
    else:
        _erase(at, request, steps)


def _erase(at: Workplace, request: str, steps: Steps) -> None:
    erase = erasing(at.settings.subjects, at.database, at.keyring, at.clock)
    steps.do("bar", lambda: erase.bar(request))
    steps.do("tell", lambda: erase.tell(request))
    for _ in range(_ROUNDS):
        while steps.do("delete", lambda: sum(erase.delete_batch(request) for _ in range(_BATCHES))):
            pass
        steps.do("shred", lambda: erase.shred(request))
        if not steps.do("look", lambda: erase.look(request)):
            break
    else:
        raise RuntimeError("what was deleted keeps coming back")
    steps.do("journal", lambda: _journal(at))
    steps.do("settle", lambda: erase.settle(request))
    steps.do("receipt", lambda: _receipt(at, request))


def _look_at_blocked(at: Workplace, request: str, steps: Steps) -> None:
    erase = erasing(at.settings.subjects, at.database, at.keyring, at.clock)
    if steps.do("is it free", lambda: erase.unblocked(request)):
        steps.do("resume", lambda: erase.resume(request))
    else:
        steps.do("look", lambda: erase.look(request))


def _journal(at: Workplace) -> None:
    """The tombstone journal has what was deleted, before a receipt says that it was."""
    origin = at.settings.evidence.origin
    writing_of(open_journal(at.settings.tombstones, origin, at.keyring, at.database, at.clock))()


def _receipt(at: Workplace, request: str) -> str:
    return receipts(at.settings, at.database, at.keyring, at.clock).issue(request)


JOB = Job(
    name="erase",
    says="Does the erasures that were started: deletes, shreds, looks again, and issues receipts.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
