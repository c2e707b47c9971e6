"""Deadlines of subject requests are called to mind before they come, and raise an alarm after.

So is that a person has to hear that a request has come, where a law asks for that. A request is
reminded of once, and called overdue once, by e-mail and in its history; the log says it every hour.
It is mailed first and then written down: a reminder that comes twice is better than none.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import View, Writing
from privacy_service.subjects.requests import SubjectRequest
from retention.delivery import Parcel, Word
from retention.job import Job, Steps
from retention.mail import Mail
from retention.workplace import Workplace

_MOST: Final = 500
_SERVICE: Final = "privacy-service"
_UNHEARD, _TO_HEAR = "unacknowledged", "remind_acknowledge"
_LATE: Final = frozenset({"overdue", _UNHEARD})
_SAYS: Final = {
    "overdue": "OVERDUE since",
    "remind": "due by",
    _UNHEARD: "OVERDUE: the person was to be told that it came by",
    _TO_HEAR: "the person has to be told that it came by",
}
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    steps.do("remind", lambda: _remind(at))


def _remind(at: Workplace) -> int:
    now = at.clock.now()
    soon = now + timedelta(days=at.settings.subjects.remind_days)
    with at.database.reading() as view:
        late = view.requests.due_between(_LONG_AGO, now, limit=_MOST)
        coming = view.requests.due_between(now, soon, limit=_MOST)
        unheard = view.requests.unacknowledged(now, limit=_MOST)
        to_hear = set(view.requests.unacknowledged(soon, limit=_MOST)) - set(unheard)
        fresh = [
            (one, step)
            for step, requests in (
                ("overdue", late),
                ("remind", coming),
                (_UNHEARD, unheard),
                (_TO_HEAR, sorted(to_hear)),
            )
            for one in requests
            if not _has(view, one, step)
        ]
    if fresh and _mailed(at, fresh):
        at.database.commit(lambda tx: _say_all(tx, fresh, now))
    for one in late:
        at.log.error("request_overdue", work=one)
    for one in unheard:
        at.log.error("request_unacknowledged", work=one)
    for one, step in fresh:
        if step in ("remind", _TO_HEAR):
            at.log.warning("request_due_soon", work=one)
    return len(late) + len(coming) + len(unheard) + len(to_hear)


def _mailed(at: Workplace, fresh: list[tuple[str, str]]) -> bool:
    """Whether whom the settings name was written to, if anybody: to the first what comes, to all of
    them what is late. Else it is tried again at the next tick.
    """
    settings = at.settings.notices
    if settings.smtp_address is None:
        return True
    for number, to in enumerate(settings.alarm):
        told = [(one, step) for one, step in fresh if number == 0 or step in _LATE]
        if not told:
            break
        with at.database.reading() as view:
            lines = [_line(view.requests.get(one), step) for one, step in told]
        parcel = Parcel(
            id=f"requests.{_of(told)}.{number}",
            to=to,
            subject=_subject(told),
            text="\n".join(
                (*lines, "", "privacy-service requests show REQUEST says why then.", "")
            ),
        )
        if Mail(settings).deliver(parcel).word is Word.LATER:
            at.log.warning("reminder_not_mailed", count=len(told))
            return False
    return True


def _of(told: list[tuple[str, str]]) -> str:
    """The same at each attempt."""
    return hashlib.sha256("\n".join(f"{one} {step}" for one, step in told).encode()).hexdigest()[
        :20
    ]


def _subject(told: list[tuple[str, str]]) -> str:
    late = sum(step in _LATE for _, step in told)
    said = [f"{late} overdue"] * bool(late) + [f"{len(told) - late} due soon"] * (late < len(told))
    return f"Subject requests: {', '.join(said)}"


def _line(request: SubjectRequest, step: str) -> str:
    """A request by its id: no person is in it."""
    due = request.acknowledge_by if step in (_UNHEARD, _TO_HEAR) else request.deadline.legal
    by = due or request.deadline.conservative
    when = "no date is known" if by is None else f"{by:%Y-%m-%d %H:%M}Z"
    return f"{request.id} ({request.kind}, {request.regime}): {_SAYS[step]} {when}"


def _has(view: View | Writing, request: str, step: str) -> bool:
    return any(line.step == step for line in view.requests.history(request))


def _say_all(tx: Writing, fresh: list[tuple[str, str]], now: datetime) -> None:
    for request, step in fresh:
        _say(tx, request, step, now)


def _say(tx: Writing, request_id: str, step: str, now: datetime) -> None:
    if not _has(tx, request_id, step):
        request = tx.requests.get(request_id)
        line = HistoryLine(at=now, by=_SERVICE, step=step, state=request.state.value)
        tx.requests.change(request, line)


JOB = Job(
    name="remind",
    says="Calls the deadlines of subject requests to mind, and raises an alarm for overdue ones.",
    cron="11 * * * *",
    work=_work,
)
