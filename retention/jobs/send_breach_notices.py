"""Approved notices about breaches leave, each once: by e-mail, or as a partner wants to be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from privacy_service.app.law import open_law
from privacy_service.app.notices import open_notices
from privacy_service.breaches.notices import BreachNotice, alarms
from privacy_service.custody.breach_notices import CALL, EMAIL, BreachNoticesDesk
from privacy_service.store.notices import NoticeAddress
from privacy_service.subjects.notices import Channel
from retention.carriers import carrier_to
from retention.delivery import Carrier, Outcome, Parcel, Word
from retention.job import Job, Steps
from retention.mail import Mail
from retention.workplace import Workplace

_LOOK_AGAIN: Final = timedelta(minutes=15)
"""When it is looked whether a partner that asks by itself has an address meanwhile."""


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        found = view.breach_notices.to_send(at.clock.now(), limit=most)
    return tuple(f"{notice.id}@{notice.attempts}" for notice in found)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    notice_id = key.partition("@")[0]
    steps.do("send", lambda: _send(at, notice_id))


def _send(at: Workplace, notice_id: str) -> str:
    """What became of it. Run again after a death half-way it finds the notice being sent, and puts
    it in doubt instead of sending it twice, or sends it again where the recipient knows it by id.
    """
    desk = _desk(at)
    with at.database.reading() as view:
        notice = view.breach_notices.get(notice_id)
        address = view.notices.address(notice.partner) if notice.partner else None
    if notice.partner and not notice.drill and _asks_by_itself(address):
        desk.wait_for_partner(notice_id, until=at.clock.now() + _LOOK_AGAIN)
        return Word.ASKED_FOR.value
    called = address is not None and address.channel is Channel.WEBHOOK
    going = desk.begin_sending(notice_id, known_by_id=called)
    if going is None:
        _alarm_if(at, notice_id)
        return "nothing"
    outcome = _carrier(at, going, address).deliver(_parcel(going, address))
    word = outcome.word
    if called and word is Word.IN_DOUBT:
        word = Word.LATER  # it has the same id then
    reference = going.id if called else Mail(at.settings.notices).reference(going.id)
    desk.end_sending(notice_id, word.value, outcome.said, reference, way=CALL if called else EMAIL)
    if word is not Word.SENT:
        at.log.warning("breach_notice_not_sent", notice=notice_id, outcome=word.value)
        _alarm_if(at, notice_id)
    return word.value


def _asks_by_itself(address: NoticeAddress | None) -> bool:
    return address is None or address.channel is Channel.PULL


def _carrier(at: Workplace, notice: BreachNotice, address: NoticeAddress | None) -> Carrier:
    if notice.partner:
        return carrier_to(at, notice.partner, address)
    return Mail(at.settings.notices)


def _parcel(notice: BreachNotice, address: NoticeAddress | None) -> Parcel:
    return Parcel(
        id=notice.id,
        to=address.target if address is not None else notice.to,
        subject=notice.subject,
        text=notice.text,
        facts={
            "type": "breach.notice",
            "timestamp": (notice.approved_at or notice.drafted_at).isoformat(),
            "notice_id": notice.id,
            "breach_id": notice.breach,
            "rule_id": notice.rule,
            "phase": notice.phase.value,
            "language": notice.language,
            "subject": notice.subject,
            "text": notice.text,
            "digest": notice.digest,
        },
    )


def _alarm_if(at: Workplace, notice_id: str) -> None:
    """Tells everybody on the list, where only a person can go on or it just does not go out."""
    with at.database.reading() as view:
        notice = view.breach_notices.get(notice_id)
    if not alarms(notice):
        return
    state = notice.state.value.replace("_", " ")
    at.log.error("breach_notice_stuck", notice=notice_id, outcome=state)
    for number, to in enumerate(at.settings.notices.alarm):
        mailed = _mailed(
            at,
            Parcel(
                id=f"{notice.id}.{notice.attempts}.{notice.state.value}.{number}",
                to=to,
                subject=f"{state}: notice {notice.id} about {notice.breach} has not gone out",
                text=f"{notice.rule} ({notice.place}), attempt {notice.attempts}: {state}.\n"
                f"See `privacy-service breach notice show {notice.id}`.\n",
            ),
        )
        if mailed.word is not Word.SENT:
            at.log.error("alarm_not_sent", notice=notice_id, outcome=mailed.word.value)


def _mailed(at: Workplace, parcel: Parcel) -> Outcome:
    if at.settings.notices.smtp_address is None:
        return Outcome(Word.REFUSED, "no mail server")
    return Mail(at.settings.notices).deliver(parcel)


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
    says="Sends approved notices about breaches, each once: by e-mail or to their partner.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
