"""Approved notices are mailed to the people whom a breach concerns: batch by batch, each once."""

from __future__ import annotations

from typing import Final

from privacy_service.app.law import open_law
from privacy_service.app.mailings import open_posting
from privacy_service.breaches.mailings import Letter
from privacy_service.breaches.notices import BreachNotice
from privacy_service.custody.posting import Posting, Went
from retention.delivery import Parcel
from retention.job import Job, Steps
from retention.mail import Line, open_line
from retention.workplace import Workplace

_BATCHES: Final = 20
"""Batches in one piece of work; the next one goes on."""


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        due = view.mailings.due(at.clock.now(), limit=most)
    return tuple(
        f"{one.notice}@{one.batches}-{one.attempts}-{int(one.not_before.timestamp())}"
        for one in due
    )


def _work(at: Workplace, key: str, steps: Steps) -> None:
    notice_id = key.partition("@")[0]
    with open_line(at.settings.notices) as line:
        posting = _posting(at, line)
        for _ in range(_BATCHES):
            if steps.do("batch", lambda: posting.batch(notice_id).value) != Went.ON:
                return


def _posting(at: Workplace, line: Line) -> Posting:
    def deliver(notice: BreachNotice, letter: Letter, address: str) -> tuple[str, str]:
        parcel = Parcel(id=letter.id, to=address, subject=notice.subject, text=notice.text)
        outcome = line.deliver(parcel)
        return outcome.word.value, outcome.said

    return open_posting(
        at.settings,
        law=open_law(at.settings.law.packs),
        database=at.database,
        keyring=at.keyring,
        clock=at.clock,
        deliver=deliver,
    )


JOB = Job(
    name="mail-people",
    says="Mails approved notices to the people whom a breach concerns, in batches, each once.",
    cron="*/10 * * * * *",
    waiting=_waiting,
    work=_work,
)
