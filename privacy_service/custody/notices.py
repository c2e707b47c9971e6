"""The notice desk: recipients ask what they have to do, and confirm that they have done it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.once import Once, by_person
from privacy_service.desks.ports.notices import (
    ConfirmNotice,
    ExcuseNotice,
    ListNotices,
    PutNoticeAddress,
    SearchNotices,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.notices import NoticeAddress, NoticeQuery
from privacy_service.store.views import Writing
from privacy_service.subjects.letters import LANGUAGES
from privacy_service.subjects.notices import UNCONFIRMED, Channel, Concerns, Notice, NoticeState

CONFIRM: Final = "NoticeService/ConfirmNotice"
EXCUSE: Final = "NoticeService/ExcuseNotice"
PUT_ADDRESS: Final = "NoticeService/PutNoticeAddress"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesDesk:
    """Answers NoticeService. A partner has its own notices, and knows of no others."""

    database: Database
    acts: Acts
    once: Once
    secret: Callable[[str, int], str]
    clock: Clock

    def list_notices(
        self, caller: Caller, request: ListNotices, *, seconds: float | None
    ) -> Page[Notice]:
        """A partner's notices by id. Whoever reads its own has been told."""
        own = Role.OFFICER not in caller.roles
        if own:
            caller.require_partner(request.partner)
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.notices.list(
                request.partner,
                settled=request.settled,
                after=request.place.after,
                limit=limit + 1,
            )
        items = rows[:limit]
        if own:
            items = self._told(items, seconds)
        return Page(items=items, next=rows[limit - 1].id if len(rows) > limit else None)

    def search_notices(
        self, caller: Caller, request: SearchNotices, *, seconds: float | None
    ) -> Page[Notice]:
        """The notices to all recipients, by deadline. What a notice is about is not in it."""
        del caller, seconds
        after, limit = request.place.after, request.place.limit
        deadline, _, notice_id = (after or "").partition(" ")
        with self.database.reading() as view:
            rows = view.notices.search(
                NoticeQuery(
                    recipient=request.recipient,
                    states=frozenset(request.states) or UNCONFIRMED,
                    kind=request.kind,
                    request_id=request.request_id,
                    before=request.before,
                ),
                after=(datetime.fromisoformat(deadline), notice_id) if after else None,
                limit=limit + 1,
            )
        items = tuple(replace(row, concerns=Concerns()) for row in rows[:limit])
        last = items[-1] if len(rows) > limit else None
        return Page(
            items=items, next=None if last is None else f"{last.deadline.isoformat()} {last.id}"
        )

    def confirm_notice(
        self, caller: Caller, request: ConfirmNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]:
        """The recipient has done what it had to; an officer may say so for it.

        Raises NOTICE_NOT_FOUND, REQUEST_ID_REUSED.
        """
        now = self.clock.now()

        def change(notice: Notice) -> Notice:
            return notice.confirmed(by=caller.name, at=now)

        asked = _Asked(CONFIRM, request.notice_id, request.request_id, "")
        return self._act(caller, asked, change, seconds)

    def excuse_notice(
        self, caller: Caller, request: ExcuseNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]:
        """The recipient need not be told, for a coded reason.

        Raises NOTICE_NOT_FOUND, JUSTIFICATION_UNKNOWN, REQUEST_STATE, REQUEST_ID_REUSED.
        """
        asked = _Asked(EXCUSE, request.notice_id, request.request_id, request.reason)
        return self._act(
            caller, asked, lambda notice: notice.excused(reason=request.reason), seconds
        )

    def put_notice_address(
        self, caller: Caller, request: PutNoticeAddress, *, seconds: float | None
    ) -> tuple[str, AuditStamp]:
        """Where a partner is told from now on; the secret that it verifies calls with, empty where
        it is not called.

        Raises REQUEST_INVALID for what is no https address, a language in which nothing is written,
        and two addresses; REQUEST_ID_REUSED.
        """
        channel, target = _told_by(request)
        now = self.clock.now()
        whose = by_person(caller.name)
        commitment = self.once.request(
            PUT_ADDRESS, request.partner, request.url, request.email, request.language,
            # Only where it is said: what earlier releases committed to stays so.
            *(("new secret",) if request.new_secret else ()),
        )  # fmt: skip
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=PUT_ADDRESS,
            at=now,
            actor=caller.name,
            counterparty=request.partner,
            request=commitment,
        )
        address = NoticeAddress(
            partner=request.partner,
            channel=channel,
            target=target,
            language=request.language,
            put_at=now,
            put_by=caller.name,
        )

        def work(tx: Writing, effect: Effect) -> tuple[int, AuditStamp]:
            before = tx.notices.address(request.partner)
            number = 0 if before is None else before.secret_number
            done = self.once.replayed(tx, whose, request.request_id, commitment)
            if done is not None:
                effect("REPLAYED")
                return number, self.once.stamp_of(tx, done)
            number += request.new_secret
            tx.notices.put_address(replace(address, secret_number=number))
            at = effect("PUT")
            self.once.remember(tx, whose, request.request_id, commitment, at)
            return number, self.once.stamp(at, effect.position)

        number, stamp = self.acts.act(attempt, work, seconds=seconds)
        called = channel is Channel.WEBHOOK
        return self.secret(request.partner, number) if called else "", stamp

    # -- Parts --------------------------------------------------------------------------------

    def _told(self, notices: tuple[Notice, ...], seconds: float | None) -> tuple[Notice, ...]:
        fresh = [one.id for one in notices if one.state is NoticeState.WAITING]
        if not fresh:
            return notices
        now = self.clock.now()

        def work(tx: Writing) -> dict[str, Notice]:
            told = {notice_id: tx.notices.get(notice_id).told(now) for notice_id in fresh}
            for notice in told.values():
                tx.notices.keep(notice)
            return told

        told = self.database.commit(work, seconds=seconds)
        return tuple(told.get(one.id, one) for one in notices)

    def _act(
        self,
        caller: Caller,
        asked: _Asked,
        change: Callable[[Notice], Notice],
        seconds: float | None,
    ) -> tuple[Notice, AuditStamp]:
        whose = by_person(caller.name)
        commitment = self.once.request(asked.action, asked.notice_id, asked.reason)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=asked.action,
            at=self.clock.now(),
            actor=caller.name,
            partner=caller.partner,
            request=commitment,
            resource=asked.notice_id,
            reason=asked.reason or None,
        )

        def work(tx: Writing, effect: Effect) -> tuple[Notice, AuditStamp]:
            before = tx.notices.get(asked.notice_id)
            if Role.OFFICER not in caller.roles and caller.partner != before.recipient:
                raise PrivacyError(errors.NOTICE_NOT_FOUND, notice=asked.notice_id)
            done = self.once.replayed(tx, whose, asked.request_id, commitment)
            if done is not None:
                effect("REPLAYED")
                return before, self.once.stamp_of(tx, done)
            after = change(before)
            tx.notices.keep(after)
            at = effect(after.state.value.upper())
            self.once.remember(tx, whose, asked.request_id, commitment, at)
            return after, self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)


def _told_by(request: PutNoticeAddress) -> tuple[Channel, str]:
    if request.language and request.language not in LANGUAGES:
        raise PrivacyError(
            errors.REQUEST_INVALID,
            field="language",
            says=f"write one of {', '.join(sorted(LANGUAGES))}",
        )
    if request.url and request.email:
        raise PrivacyError(
            errors.REQUEST_INVALID, field="email", says="give a URL or an e-mail address, not both"
        )
    if request.email:
        return Channel.EMAIL, request.email
    if not request.url:
        return Channel.PULL, ""
    where = urlsplit(request.url)
    if where.scheme != "https" or not where.hostname or where.username or where.fragment:
        raise PrivacyError(
            errors.REQUEST_INVALID, field="url", says="write an https URL without user or fragment"
        )
    return Channel.WEBHOOK, request.url


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is done to which notice, and why."""

    action: str
    notice_id: str
    request_id: str
    reason: str


def webhook_secret(commitment: Callable[[bytes], str], partner: str, number: int = 0) -> str:
    """The secret of a partner's webhook, as Standard Webhooks write it. It is stored nowhere: it
    follows from the keyring, by one of its `commitment` versions, and from how often it was made
    anew.
    """
    anew = f" made anew {number}" if number else ""
    key = bytes.fromhex(commitment(f"webhook secret of {partner}{anew}".encode()))
    return "whsec_" + base64.b64encode(key).decode()
