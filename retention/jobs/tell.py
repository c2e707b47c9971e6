"""Recipients are told: until they were reached, then until they confirm.

Each attempt is its own piece of work, and leaves when the next one is due. A worker that dies
between telling and writing it down tells once more: with the same id, by which the recipient knows
it. At the deadline of a notice the officer is told instead: it is escalated, in the log and in the
request's history.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from privacy_service.app.incidents import incidents
from privacy_service.app.pages import link_to
from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.store.notices import NoticeAddress
from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import Writing
from privacy_service.subjects.letters import letter
from privacy_service.subjects.notices import Channel, Notice, NoticeKind, NoticeState
from retention.carriers import carrier_to
from retention.delivery import Parcel, Word
from retention.job import Job, Steps
from retention.workplace import Workplace

_LATE: Final = "late"
_SERVICE: Final = "privacy-service"
_DELETING: Final = (
    NoticeKind.ERASURE, NoticeKind.RETENTION_ENDED, NoticeKind.CONSENT_WITHDRAWN,
    NoticeKind.CONTRACT_ENDED,
)  # fmt: skip
"""Notices whose recipient has to delete something."""


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        due = view.notices.due(at.clock.now(), limit=most)
    return tuple(
        f"{notice.id}@{notice.attempts}-{int(notice.next_at.timestamp())}" for notice in due
    )


def _work(at: Workplace, key: str, steps: Steps) -> None:
    notice, _, _attempt = key.partition("@")
    outcome = steps.do("call", lambda: _call(at, notice))
    steps.do("record", lambda: _record(at, notice, outcome))


def _call(at: Workplace, notice_id: str) -> str:
    with at.database.reading() as view:
        notice = view.notices.get(notice_id)
        address = view.notices.address(notice.recipient)
    if notice.settled or notice.deadline <= at.clock.now():
        return _LATE
    outcome = carrier_to(at, notice.recipient, address).deliver(_parcel(at, notice, address))
    if outcome.word not in (Word.SENT, Word.ASKED_FOR):
        at.log.warning("notice_unheard", work=notice_id, outcome=outcome.word.value)
    return outcome.word.value


def _parcel(at: Workplace, notice: Notice, address: NoticeAddress | None) -> Parcel:
    now = at.clock.now()
    settings = at.settings.notices
    written = letter(
        notice,
        language=address.language if address else "",
        organisation=settings.organisation,
        contact=settings.contact,
        link=link_to(at.settings, at.keyring, notice),
        now=now,
    )
    reminder = notice.reminder(now)
    mailed = address is not None and address.channel is Channel.EMAIL
    return Parcel(
        # A reminder is another mail, which no mailbox should take for the one that it has.
        id=f"{notice.id}.{reminder}" if mailed and reminder else notice.id,
        to=address.target if address else "",
        subject=written.subject,
        text=written.text,
        facts={
            "type": f"notice.{notice.kind.value}",
            "timestamp": notice.made_at.isoformat(),
            "notice_id": notice.id,
            "deadline": notice.deadline.isoformat(),
        },
    )


def _record(at: Workplace, notice_id: str, outcome: str) -> str:
    now, opens = at.clock.now(), incidents(at.settings)

    def work(tx: Writing) -> str:
        before = tx.notices.get(notice_id)
        if before.settled:
            return before.state.value
        address = tx.notices.address(before.recipient)
        after = replace(_after(before), channel=address.channel if address else Channel.PULL)
        if after != before:
            tx.notices.keep(after)
        if after.state is NoticeState.ESCALATED and after.kind in _DELETING:
            opens.notice(tx, _unconfirmed(after), at=now)
        if after.settled and after.request_id:
            request = tx.requests.get(after.request_id)
            line = HistoryLine(
                at=now, by=_SERVICE, step="escalate", state=request.state.value,
                says=f"{after.recipient} has not confirmed {after.id}",
            )  # fmt: skip
            tx.requests.change(request, line)
        return after.state.value

    def _after(notice: Notice) -> Notice:
        match outcome:
            case "late":
                return notice.escalated()
            case "sent":
                return notice.told(now).by_deadline()
            case "asked_for":
                return notice.at_deadline()
            case _:
                return notice.unheard(now).by_deadline()

    state = at.database.commit(work)
    if outcome == _LATE and state == "escalated":
        at.log.error("notice_escalated", work=notice_id)
    return state


def _unconfirmed(notice: Notice) -> Sign:
    """That a recipient did not say in time that it deleted something."""
    return Sign(
        cause=Cause.UNCONFIRMED_ERASURE,
        about=notice.recipient,
        says=f"{notice.id} ({notice.kind}) was not confirmed in time,"
        f" which was until {notice.deadline:%Y-%m-%d %H:%M}Z.",
        named=(notice.id,),
        counts={"notices": 1},
    )


JOB = Job(
    name="tell",
    says="Tells recipients what became of data that they were given, until they confirm.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
