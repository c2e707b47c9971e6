"""The mailing desk: an approved notice goes to the people that the breach's scope names.

Addresses are opened from sealed records for the sending alone, and kept nowhere; `posting.py`
sends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.breaches.mailings import (
    Contacts,
    Mailing,
    MailingAct,
    MailingPlan,
    MailingState,
    letter_named,
    planned,
)
from privacy_service.breaches.notices import BreachNotice, NoticeState
from privacy_service.breaches.scope import ScopeQuestion, question_of
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.addresses import Addresses
from privacy_service.custody.once import Once, by_person
from privacy_service.custody.returned import ReturnedMail
from privacy_service.custody.scoping import concerned, how_many
from privacy_service.desks.ports.mailings import (
    ControlMailing,
    MailingView,
    PlanMailing,
    RecordBounce,
    StartMailing,
)
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.law.book import Law
from privacy_service.law.rules import Recipient
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

PLAN: Final = "MailingService/PlanMailing"
START: Final = "MailingService/StartMailing"
CONTROL: Final = "MailingService/ControlMailing"
BOUNCE: Final = "MailingService/RecordBounce"
_SAMPLE: Final = 200
"""How many people a plan looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingsDesk:
    """Answers MailingService."""

    database: Database
    acts: Acts
    once: Once
    law: Law
    addresses: Addresses
    returned: ReturnedMail
    clock: Clock

    def plan_mailing(
        self, caller: Caller, request: PlanMailing, *, seconds: float | None
    ) -> tuple[MailingPlan, AuditStamp]:
        """To how many the notice would go, and in how many batches. Opens records; sends nothing.

        Raises BREACH_NOTICE_NOT_FOUND, MAILING_NOT_READY.
        """
        with self.database.reading() as view:
            notice = view.breach_notices.get(request.notice_id)
            question = self._question(view, notice)
            people = how_many(view, question)
            sample = concerned(view, question, after="", limit=_SAMPLE)
        attempt = self._attempt(caller, PLAN, notice.id, self.once.request(PLAN, notice.id))
        found = [self.addresses.of(person, request.contacts) for person in sample]

        def work(_tx: Writing, effect: Effect) -> AuditStamp:
            opened = sum(one.opened for one in found)
            at = effect("PLANNED", subjects=sample, reason=f"{opened} records opened")
            return self.once.stamp(at, effect.position)

        stamp = self.acts.act(attempt, work, seconds=seconds)
        return planned(people, Counter(one.reach for one in found), request.batch), stamp

    def start_mailing(
        self, caller: Caller, request: StartMailing, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]:
        """Has an approved notice mailed. One that was cancelled goes on with who was not written
        to.

        Raises BREACH_NOTICE_NOT_FOUND, NOTICE_CHANGED, MAILING_NOT_READY, MAILING_STATE.
        """
        now = self.clock.now()
        with self.database.reading() as view:
            question = self._question(view, view.breach_notices.get(request.notice_id))
            people = how_many(view, question)

        def change(tx: Writing) -> str:
            notice = tx.breach_notices.get(request.notice_id)
            self._require_ready(notice, request.digest)
            before = tx.mailings.find(notice.id)
            if before is not None and before.state is not MailingState.CANCELLED:
                raise PrivacyError(errors.MAILING_STATE, notice=notice.id, state=before.state.value)
            tx.mailings.keep(_begun(request, question, people, caller.name, now))
            tx.breach_notices.move(replace(notice, state=NoticeState.SENDING, not_before=None))
            return notice.id

        said = (
            request.notice_id, request.digest, *_words(request.contacts), str(request.batch),
        )  # fmt: skip
        act = _Act(START, "STARTED", request.notice_id, said)
        return self._act(caller, act, request.request_id, change, seconds)

    def control_mailing(
        self, caller: Caller, request: ControlMailing, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]:
        """Pauses, resumes or cancels a mailing: from the answer on no other letter is begun.

        Raises MAILING_NOT_FOUND, MAILING_STATE.
        """
        now = self.clock.now()

        def change(tx: Writing) -> str:
            done = tx.mailings.get(request.notice_id).done(request.act, now=now)
            tx.mailings.keep(done)
            if request.act is MailingAct.CANCEL:
                notice = tx.breach_notices.get(request.notice_id)
                tx.breach_notices.move(replace(notice, state=NoticeState.APPROVED))
            return done.notice

        act = _Act(
            CONTROL, request.act.value.upper(), request.notice_id,
            (request.notice_id, request.act.value),
        )  # fmt: skip
        return self._act(caller, act, request.request_id, change, seconds)

    def get_mailing(self, caller: Caller, notice_id: str, *, seconds: float | None) -> MailingView:
        """A mailing and how far it is. Raises MAILING_NOT_FOUND."""
        del caller, seconds
        with self.database.reading() as view:
            return _view(view, notice_id)

    def record_bounce(
        self, caller: Caller, request: RecordBounce, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]:
        """A letter came back. Raises MAILING_NOT_FOUND."""
        notice_id, begins = letter_named(request.reference)

        def change(tx: Writing) -> str:
            if not self.returned.letter(tx, notice_id, begins, ""):
                raise PrivacyError(errors.MAILING_NOT_FOUND)
            return notice_id

        act = _Act(BOUNCE, "BOUNCED", notice_id, (notice_id, begins))
        return self._act(caller, act, request.request_id, change, seconds)

    # -- Parts --------------------------------------------------------------------------------

    def _question(self, view: View, notice: BreachNotice) -> ScopeQuestion:
        """Who is concerned. Raises MAILING_NOT_READY for a notice that is not for people, and where
        no scope was kept.
        """
        if self.law.rule(notice.rule).recipient is not Recipient.SUBJECTS:
            raise PrivacyError(errors.MAILING_NOT_READY, notice=notice.id, what="rule")
        if notice.to or notice.partner:
            raise PrivacyError(errors.MAILING_NOT_READY, notice=notice.id, what="to")
        scope = view.breaches.get(notice.breach).scope
        if scope is None:
            raise PrivacyError(errors.MAILING_NOT_READY, notice=notice.id, what="scope")
        return question_of(scope.question)

    def _require_ready(self, notice: BreachNotice, digest: str) -> None:
        if digest != notice.digest:
            raise PrivacyError(errors.NOTICE_CHANGED, notice=notice.id)
        if notice.state is not NoticeState.APPROVED or notice.approved_digest != digest:
            raise PrivacyError(errors.MAILING_NOT_READY, notice=notice.id, what="approval")

    def _attempt(self, caller: Caller, action: str, notice: str, request: str) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            request=request,
            resource=notice,
        )

    def _act(
        self,
        caller: Caller,
        act: _Act,
        request_id: str,
        change: Callable[[Writing], str],
        seconds: float | None,
    ) -> tuple[MailingView, AuditStamp]:
        """Makes a change once, with its entries in the log."""
        whose, request = by_person(caller.name), self.once.request(act.action, *act.said)

        def work(tx: Writing, effect: Effect) -> tuple[MailingView, AuditStamp]:
            done = self.once.replayed(tx, whose, request_id, request)
            if done is not None:
                effect("REPLAYED")
                return _view(tx, act.notice), self.once.stamp_of(tx, done)
            notice_id = change(tx)
            at = effect(act.outcome)
            self.once.remember(tx, whose, request_id, request, at)
            return _view(tx, notice_id), self.once.stamp(at, effect.position)

        attempt = self._attempt(caller, act.action, act.notice, request)
        return self.acts.act(attempt, work, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done to a mailing, and what of the request makes it that request."""

    action: str
    outcome: str
    notice: str
    said: tuple[str, ...]


def _begun(
    request: StartMailing, question: ScopeQuestion, people: int, by: str, now: datetime
) -> Mailing:
    return Mailing(
        notice=request.notice_id,
        state=MailingState.RUNNING,
        question=question,
        contacts=request.contacts,
        batch=request.batch,
        people=people,
        not_before=now,
        begun_by=by,
        begun_at=now,
    )


def _words(contacts: Contacts) -> tuple[str, ...]:
    return (contacts.partner, *contacts.fields)


def _view(view: View | Writing, notice_id: str) -> MailingView:
    return MailingView(
        mailing=view.mailings.get(notice_id), progress=view.mailings.progress(notice_id)
    )
