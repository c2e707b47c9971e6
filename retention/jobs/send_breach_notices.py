"""Approved notices about breaches are mailed, each once."""

from __future__ import annotations

from privacy_service.app.law import open_law
from privacy_service.app.notices import open_notices
from privacy_service.custody.breach_notices import BreachNoticesDesk
from retention.job import Job, Steps
from retention.mail import deliver, message
from retention.workplace import Workplace


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        found = view.breach_notices.to_send(at.clock.now(), limit=most)
    return tuple(f"{notice.id}@{notice.attempts}" for notice in found)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    notice_id = key.partition("@")[0]
    steps.do("send", lambda: _send(at, notice_id))


def _send(at: Workplace, notice_id: str) -> str:
    """What became of it. Run again after a death half-way it finds the notice being sent, and puts
    it in doubt instead of sending it twice.
    """
    desk = _desk(at)
    notice = desk.begin_sending(notice_id)
    if notice is None:
        return "nothing"
    reference = f"<{notice.id}@{at.settings.notices.sender.rpartition('@')[2] or 'localhost'}>"
    made = message(
        sender=at.settings.notices.sender,
        to=notice.to,
        subject=notice.subject,
        text=notice.text,
        reference=reference,
    )
    outcome = deliver(made, at.settings.notices)
    desk.end_sending(notice_id, outcome.word, outcome.said, reference)
    if outcome.word != "sent":
        at.log.warning("breach_notice_not_sent", notice=notice_id, outcome=outcome.word)
    return outcome.word


def _desk(at: Workplace) -> BreachNoticesDesk:
    return open_notices(
        at.settings,
        law=open_law(at.settings.law.packs),
        database=at.database,
        keyring=at.keyring,
        clock=at.clock,
    )


JOB = Job(
    name="send-breach-notices",
    says="Mails approved notices about breaches, each once.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
