"""Deadlines of subject requests are called to mind before they come, and raise an alarm after.

So is that a person has to hear that a request has come, where a law asks for that. A request is
reminded of once, and called overdue once, in its history; the log says it every hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import View, Writing
from retention.job import Job, Steps
from retention.workplace import Workplace

_MOST: Final = 500
_SERVICE: Final = "privacy-service"
_UNHEARD, _TO_HEAR = "unacknowledged", "remind_acknowledge"
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
    if fresh:
        at.database.commit(lambda tx: _say_all(tx, fresh, now))
    for one in late:
        at.log.error("request_overdue", work=one)
    for one in unheard:
        at.log.error("request_unacknowledged", work=one)
    for one, step in fresh:
        if step in ("remind", _TO_HEAR):
            at.log.warning("request_due_soon", work=one)
    return len(late) + len(coming) + len(unheard) + len(to_hear)


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
