"""The notice desk of breaches: drafts, decisions, and what a job sends of them.

A notice that was sent is a filing of its breach, made in the transaction that writes down that it
was sent; one that bounced takes that filing back. So what is due follows by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.drafting import Sender, Templates, draft
from privacy_service.breaches.notices import (
    FOR_PARTNER,
    BreachNotice,
    Decision,
    NoticeState,
    next_attempt,
)
from privacy_service.breaches.obligations import obligations, with_obligations
from privacy_service.breaches.paper import Page, as_html, page_of
from privacy_service.breaches.statements import Filed, FilingFailed, Statement
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.breaches import OURSELVES
from privacy_service.custody.once import Once, by_person
from privacy_service.desks.ports.breach_notices import (
    ConfirmBreachNotice,
    DecideBreachNotice,
    DraftBreachNotice,
    ListPartnerBreachNotices,
    PrintedNotice,
    PrintForm,
    SendBreachNotice,
)
from privacy_service.desks.ports.pages import Page as PageOf
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.law.book import Law
from privacy_service.law.rules import Rule
from privacy_service.store.database import Database
from privacy_service.store.views import Writing

DRAFT: Final = "BreachNoticeService/DraftBreachNotice"
DECIDE: Final = "BreachNoticeService/DecideBreachNotice"
SEND: Final = "BreachNoticeService/SendBreachNotice"
DELIVER: Final = "breach-notices/send"
"""How the log calls what the job does."""
CONFIRM: Final = "BreachNoticeService/ConfirmBreachNotice"
FETCH: Final = "BreachNoticeService/ListPartnerBreachNotices"
EMAIL: Final = "e-mail"
CALL: Final = "webhook"
ASKED: Final = "API"
"""By which way a notice reached its recipient, as its filing says."""
SENDING_TAKES: Final = timedelta(minutes=5)
"""Whoever has begun to send and has not written down the end by then has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachNoticesDesk:
    """Answers BreachNoticeService."""

    database: Database
    acts: Acts
    once: Once
    law: Law
    sender: Sender
    templates: Templates
    pdf: Callable[[Page, datetime], bytes]
    clock: Clock

    def draft_notice(
        self, caller: Caller, request: DraftBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        """Drafts a notice. Raises BREACH_NOT_FOUND, RULE_NOT_FOUND, DELAY_NOT_EXPLAINED, and what
        `draft` raises.
        """
        if request.to and request.partner:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="partner",
                says="a notice goes to an address or to a partner, not to both",
            )
        rule, now = self.law.rule(request.rule_id), self.clock.now()
        notice_id = f"notice-{self.once.request(DRAFT, caller.name, request.request_id)[:16]}"

        def change(tx: Writing) -> BreachNotice:
            breach = tx.breaches.get(request.breach_id)
            self._require_explained(breach, request, now)
            place = request.place or self._place(breach, rule, now)
            self.law.place_for(rule, place)
            made = draft(
                breach,
                rule,
                phase=request.phase,
                language=request.language,
                given=request.contents,
                sender=self.sender,
                now=now,
                templates=self.templates,
                reasons_for_delay=request.reasons_for_delay,
            )
            notice = BreachNotice(
                id=notice_id,
                breach=breach.id,
                rule=rule.id,
                place=place,
                phase=request.phase,
                language=request.language,
                subject=made.subject,
                text=made.text,
                missing=made.missing,
                to=request.to,
                partner=request.partner,
                drill=breach.opening.drill,
                drafted_by=caller.name,
                drafted_at=now,
            )
            tx.breach_notices.draft(notice)
            return notice

        said = (
            request.breach_id, request.rule_id, request.place or "", request.phase.value,
            request.language,
            json.dumps(dict(request.contents), sort_keys=True), request.to,
            request.reasons_for_delay, request.partner,
        )  # fmt: skip
        act = _Act(DRAFT, "DRAFTED", notice_id, said)
        return self._act(caller, act, request.request_id, change, seconds)

    def get_notice(self, caller: Caller, notice_id: str, *, seconds: float | None) -> BreachNotice:
        """One notice. Raises BREACH_NOTICE_NOT_FOUND."""
        del caller, seconds
        with self.database.reading() as view:
            return view.breach_notices.get(notice_id)

    def list_notices(
        self, caller: Caller, breach_id: str, *, seconds: float | None
    ) -> tuple[BreachNotice, ...]:
        """The notices of a breach. Raises BREACH_NOT_FOUND."""
        del caller, seconds
        with self.database.reading() as view:
            return view.breach_notices.of(view.breaches.get(breach_id).id)

    def print_notice(
        self, caller: Caller, notice_id: str, form: PrintForm, *, seconds: float | None
    ) -> PrintedNotice:
        """A notice to hand in: marked as a draft until it is approved.

        Raises BREACH_NOTICE_NOT_FOUND, FONT_MISSING.
        """
        notice = self.get_notice(caller, notice_id, seconds=seconds)
        page = page_of(notice)
        if form is PrintForm.HTML:
            kind, content = "text/html; charset=utf-8", as_html(page).encode()
        else:
            made_at = notice.approved_at or notice.drafted_at
            kind, content = "application/pdf", self.pdf(page, made_at)
        return PrintedNotice(content_type=kind, content=content, digest=notice.digest)

    def decide_notice(
        self, caller: Caller, request: DecideBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        """Says that a notice was reviewed, approved, withdrawn, received, or that it bounced.

        Raises BREACH_NOTICE_NOT_FOUND, NOTICE_CHANGED, NOTICE_NOT_READY, NOTICE_INCOMPLETE.
        """
        now, decision = self.clock.now(), request.decision

        def change(tx: Writing) -> BreachNotice:
            before = tx.breach_notices.get(request.notice_id)
            notice = before.decided(
                decision, digest=request.digest, by=caller.name, at=now, says=request.says
            )
            doubted = before.state is NoticeState.IN_DOUBT
            if decision is Decision.RECEIVED and doubted:
                notice = replace(notice, sent_at=now)
                self._say(tx, notice, _filed(notice, now, EMAIL if notice.to else CALL))
            if decision is Decision.BOUNCED and not doubted:
                self._say_failed(tx, notice, request.says)
            tx.breach_notices.move(notice)
            return notice

        said = (request.notice_id, request.digest, decision.value, request.says)
        act = _Act(DECIDE, decision.value.upper(), request.notice_id, said)
        return self._act(caller, act, request.request_id, change, seconds)

    def send_notice(
        self, caller: Caller, request: SendBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        """Has an approved notice sent: from the answer on it is not lost, and it is sent once.

        Raises BREACH_NOTICE_NOT_FOUND, NOTICE_CHANGED, NOTICE_NOT_READY.
        """
        now = self.clock.now()

        def change(tx: Writing) -> BreachNotice:
            notice = tx.breach_notices.get(request.notice_id)
            queued = notice.queued(digest=request.digest, at=now)
            tx.breach_notices.move(queued)
            return queued

        act = _Act(SEND, "QUEUED", request.notice_id, (request.notice_id, request.digest))
        return self._act(caller, act, request.request_id, change, seconds)

    # -- What a partner does ------------------------------------------------------------------

    def list_partner_notices(
        self, caller: Caller, request: ListPartnerBreachNotices, *, seconds: float | None
    ) -> PageOf[BreachNotice]:
        """The notices about breaches that are for the caller, by id. What it reads it has: that is
        a filing. Of a drill it sees none.
        """
        caller.require_partner(request.partner)
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.breach_notices.for_partner(
                request.partner, after=request.place.after, limit=limit + 1
            )
        items = rows[:limit]
        fresh = [one.id for one in items if one.fetched(self.clock.now()) != one]
        if fresh:
            fetched = self.database.commit(lambda tx: self._fetch(tx, fresh), seconds=seconds)
            items = tuple(fetched.get(one.id, one) for one in items)
        return PageOf(items=items, next=rows[limit - 1].id if len(rows) > limit else None)

    def _fetch(self, tx: Writing, ids: list[str]) -> dict[str, BreachNotice]:
        now, found = self.clock.now(), {}
        for notice_id in ids:
            before = tx.breach_notices.get(notice_id)
            notice = before.fetched(now)
            if notice != before:
                self._say(tx, notice, _filed(notice, now, ASKED))
                self._end(tx, notice, "FETCHED")
            found[notice_id] = notice
        return found

    def confirm_notice(
        self, caller: Caller, request: ConfirmBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]:
        """The partner says that it has the notice. What is not for it is not there.

        Raises BREACH_NOTICE_NOT_FOUND, NOTICE_CHANGED, REQUEST_ID_REUSED.
        """
        now = self.clock.now()

        def change(tx: Writing) -> BreachNotice:
            notice = tx.breach_notices.get(request.notice_id)
            if notice.partner != caller.partner or notice.drill or notice.state not in FOR_PARTNER:
                raise PrivacyError(errors.BREACH_NOTICE_NOT_FOUND, notice=request.notice_id)
            if notice.state is NoticeState.RECEIVED:
                return notice
            fetched = notice.fetched(now)
            if fetched != notice:
                self._say(tx, fetched, _filed(fetched, now, ASKED))
            received = fetched.decided(
                Decision.RECEIVED, digest=request.digest, by=caller.name, at=now, says=""
            )
            tx.breach_notices.move(received)
            return received

        act = _Act(CONFIRM, "RECEIVED", request.notice_id, (request.notice_id, request.digest))
        return self._act(caller, act, request.request_id, change, seconds)

    # -- What the job does --------------------------------------------------------------------

    def begin_sending(self, notice_id: str, *, known_by_id: bool = False) -> BreachNotice | None:
        """The notice to send now, marked as being sent. None where nothing is to be sent: it is not
        its time, it is of a drill, or an earlier sending died half-way, which puts it in doubt
        (unless the recipient takes what has its id once: `known_by_id`).
        """

        def work(tx: Writing) -> BreachNotice | None:
            notice = tx.breach_notices.get(notice_id)
            now = self.clock.now()
            if notice.not_before is None or notice.not_before > now:
                return None  # it is not its time, or somebody is at it
            if notice.state is NoticeState.SENDING and not known_by_id:
                self._end(tx, replace(notice, state=NoticeState.IN_DOUBT), "IN_DOUBT")
                return None
            if notice.state not in (NoticeState.QUEUED, NoticeState.SENDING):
                return None
            if notice.drill:
                sent = replace(notice, state=NoticeState.SENT, sent_at=now, said="drill")
                self._end(tx, sent, "DRILL")
                return None
            going = replace(
                notice,
                state=NoticeState.SENDING,
                attempts=notice.attempts + 1,
                not_before=now + SENDING_TAKES,
            )
            tx.breach_notices.move(going)
            tx.audit.append(self._entry(going, EntryKind.ATTEMPT, ""))
            return going

        return self.database.commit(work)

    def wait_for_partner(self, notice_id: str, *, until: datetime) -> None:
        """Nothing is sent: the partner asks by itself, and it is looked at again then."""

        def work(tx: Writing) -> None:
            notice = tx.breach_notices.get(notice_id)
            if notice.state is NoticeState.QUEUED and not notice.drill:
                tx.breach_notices.move(replace(notice, not_before=until))

        self.database.commit(work)

    def end_sending(
        self, notice_id: str, outcome: str, said: str, reference: str, *, way: str = EMAIL
    ) -> BreachNotice:
        """Writes down what came of it: `sent`, `later`, `refused` or `in_doubt`. The notice."""

        def work(tx: Writing) -> BreachNotice:
            notice = tx.breach_notices.get(notice_id)
            if notice.state is not NoticeState.SENDING:
                return notice
            now = self.clock.now()
            ended = replace(notice, said=said, reference=reference)
            match outcome:
                case "sent":
                    ended = replace(ended, state=NoticeState.SENT, sent_at=now)
                    self._say(tx, ended, _filed(ended, now, way))
                case "later":
                    again = next_attempt(notice.attempts, now=now, due=self.due(tx, notice, now))
                    ended = replace(ended, state=NoticeState.QUEUED, not_before=again)
                case "refused":
                    ended = replace(ended, state=NoticeState.REFUSED)
                case _:
                    ended = replace(ended, state=NoticeState.IN_DOUBT)
            self._end(tx, ended, outcome.upper())
            return ended

        return self.database.commit(work)

    def mailed(self, tx: Writing, notice_id: str, *, to_anybody: bool) -> None:
        """The mailing of a notice to people has ended: that is a filing, unless it reached none."""
        now, notice = self.clock.now(), tx.breach_notices.get(notice_id)
        if notice.drill:
            ended = replace(notice, state=NoticeState.SENT, sent_at=now, said="drill")
        elif to_anybody:
            ended = replace(notice, state=NoticeState.SENT, sent_at=now, reference=notice.id)
            self._say(tx, ended, _filed(ended, now, EMAIL))
        else:
            ended = replace(notice, state=NoticeState.REFUSED, said="nobody was reached")
        tx.breach_notices.move(ended)

    def bounced(self, tx: Writing, notice_id: str, says: str) -> None:
        """It came back, whatever is known of its sending: what was filed with it is open again."""
        notice = tx.breach_notices.get(notice_id)
        if notice.state is NoticeState.SENT:
            self._say_failed(tx, notice, says)
        tx.breach_notices.move(replace(notice, state=NoticeState.BOUNCED, said=says))

    def due(self, tx: Writing, notice: BreachNotice, now: datetime) -> datetime | None:
        """When the notice has to be there, to be safe; None where no clock runs."""
        for one in obligations(tx.breaches.get(notice.breach), self.law, now=now):
            if (one.rule, one.place) == (notice.rule, notice.place):
                return one.conservative or one.legal
        return None

    def _end(self, tx: Writing, notice: BreachNotice, outcome: str) -> None:
        tx.breach_notices.move(notice)
        tx.audit.append(self._entry(notice, EntryKind.EFFECT, outcome))

    def _say(self, tx: Writing, notice: BreachNotice, statement: Statement) -> None:
        """Says something of the notice's breach, with what that brings."""
        now = self.clock.now()
        before = tx.breaches.get(notice.breach)
        said = before.with_statement(statement, by=OURSELVES, at=now)
        grown = with_obligations(said, self.law, by=OURSELVES, now=now)
        tx.breaches.extend(grown, after=before.newest)

    def _say_failed(self, tx: Writing, notice: BreachNotice, says: str) -> None:
        if not notice.drill:
            failed = FilingFailed(rule=notice.rule, reference=notice.reference, says=says)
            self._say(tx, notice, failed)

    def _entry(self, notice: BreachNotice, kind: EntryKind, outcome: str) -> AuditEntry:
        return AuditEntry(
            kind=kind,
            action=DELIVER,
            at=self.clock.now(),
            actor=OURSELVES,
            outcome=outcome,
            request=self.once.request(DELIVER, notice.digest),
            resource=notice.id,
        )

    def _place(self, breach: Breach, rule: Rule, now: datetime) -> str:
        """Where the rule asks for it, of this breach. Raises REQUEST_INVALID where that is in
        several places: each is told by itself.
        """
        asked = {one.place for one in obligations(breach, self.law, now=now) if one.rule == rule.id}
        if len(asked) > 1:
            raise PrivacyError(
                errors.REQUEST_INVALID, field="place", one_of=", ".join(sorted(asked))
            )
        return next(iter(asked), rule.jurisdiction)

    # -- One change ---------------------------------------------------------------------------

    def _require_explained(self, breach: Breach, request: DraftBreachNotice, now: datetime) -> None:
        rule = self.law.rule(request.rule_id)
        late = any(
            one.legal is not None and now > one.legal
            for one in obligations(breach, self.law, now=now)
            if one.rule == rule.id and one.filed is None
        )
        if late and rule.late is not None and not request.reasons_for_delay.strip():
            raise PrivacyError(errors.DELAY_NOT_EXPLAINED, rule=rule.id, asks=rule.late)

    def _act(
        self,
        caller: Caller,
        act: _Act,
        request_id: str,
        change: Callable[[Writing], BreachNotice],
        seconds: float | None,
    ) -> tuple[BreachNotice, AuditStamp]:
        """Makes a change once, with its entries in the log."""
        whose, request = by_person(caller.name), self.once.request(act.action, *act.said)
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=act.action,
            at=self.clock.now(),
            actor=caller.name,
            request=request,
            resource=act.notice,
        )

        def work(tx: Writing, effect: Effect) -> tuple[BreachNotice, AuditStamp]:
            done = self.once.replayed(tx, whose, request_id, request)
            if done is not None:
                effect("REPLAYED")
                return tx.breach_notices.get(act.notice), self.once.stamp_of(tx, done)
            notice = change(tx)
            at = effect(act.outcome)
            self.once.remember(tx, whose, request_id, request, at)
            return notice, self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done to a notice, and what of the request makes it that request."""

    action: str
    outcome: str
    notice: str
    said: tuple[str, ...]


def _filed(notice: BreachNotice, at: datetime, way: str) -> Filed:
    return Filed(
        rule=notice.rule,
        at=at,
        channel=way,
        reference=notice.reference,
        place=notice.place,
        reasons_for_delay=f"see {notice.id}",
    )
