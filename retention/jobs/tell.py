"""Recipients are told: addresses are called until they answer, then until the recipient confirms.

Each attempt is its own piece of work, and leaves when the next one is due. At the deadline of a
notice the officer is told instead: it is escalated, in the log and in the request's history.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from privacy_service.app.incidents import incidents
from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.custody.notices import webhook_secret
from privacy_service.records.keyring import SecretName
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import Writing
from privacy_service.subjects.notices import Channel, Notice, NoticeKind, NoticeState
from retention.job import Job, Steps
from retention.webhook import call
from retention.workplace import Workplace

_TOLD, _UNHEARD, _ASKS, _LATE = "told", "unheard", "asks by itself", "late"
_SERVICE: Final = "privacy-service"
_DELETING: Final = (NoticeKind.ERASURE, NoticeKind.RETENTION_ENDED, NoticeKind.CONSENT_WITHDRAWN)
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
    if notice.channel is Channel.PULL or address is None:
        return _ASKS
    took = call(
        address.target,
        {
            "type": f"notice.{notice.kind.value}",
            "timestamp": notice.made_at.isoformat(),
            "notice_id": notice.id,
            "deadline": notice.deadline.isoformat(),
        },
        id_=notice.id,
        at=at.clock.now(),
        secrets=_secrets(at, notice.recipient),
        authorities=at.settings.subjects.webhook_ca,
    )
    return _TOLD if took else _UNHEARD


def _secrets(at: Workplace, partner: str) -> list[str]:
    """Under every version of the key, so that a recipient need not change its own at once."""
    words = Pseudonyms(at.keyring)
    versions = at.keyring.secret_versions(SecretName.COMMITMENT)
    return [
        webhook_secret(partial(words.commitment, version=version), partner) for version in versions
    ]


def _record(at: Workplace, notice_id: str, outcome: str) -> str:
    now, opens = at.clock.now(), incidents(at.settings)

    def work(tx: Writing) -> str:
        before = tx.notices.get(notice_id)
        if before.settled:
            return before.state.value
        after = _after(before)
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
        if outcome == _LATE:
            return notice.escalated()
        if outcome == _TOLD:
            return notice.told(now).by_deadline()
        if outcome == _UNHEARD:
            return notice.unheard(now).by_deadline()
        return notice.at_deadline()

    state = at.database.commit(work)
    if outcome == _LATE and state == "escalated":
        at.log.error("notice_escalated", work=notice_id)
    elif outcome == _UNHEARD:
        at.log.warning("notice_unheard", work=notice_id)
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
