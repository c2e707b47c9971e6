"""The desk of recorded cases: reviews are pinned, so that what was decided is replayed later."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.ports import HeldCheck
from privacy_service.clock import Clock
from privacy_service.contracts.model import SharingContract
from privacy_service.custody.acts import Acts
from privacy_service.custody.courses import seen_by
from privacy_service.custody.held_checks import held_keys, sealed_check, version_of
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.on_course import either_of, head_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.regressing import JudgingCases
from privacy_service.desks.ports.cases import CaseView, PinCase, RecordCase, UnpinCase
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.records.seal import Sealer
from privacy_service.reviews.review import Priority, Review, ReviewKind, ReviewState
from privacy_service.store.cases import Pin
from privacy_service.store.database import Database
from privacy_service.store.reviews import HeldContent
from privacy_service.store.views import View, Writing

PIN: Final = "GovernanceService/PinCase"
UNPIN: Final = "GovernanceService/UnpinCase"
RECORD: Final = "GovernanceService/RecordCase"
VALIDATION: Final = "VALIDATION"
"""Why a case of a validation is kept."""
LONGEST: Final = timedelta(days=366)
MOST_CASES: Final = 500

Pinned = tuple[CaseView, AuditStamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesDesk:
    """Answers GovernanceService on recorded cases, for officers."""

    database: Database
    acts: Acts
    once: Once
    require_unnamed: RequireUnnamed
    keys: SubjectKeys
    sealer: Sealer
    checks: JudgingCases
    clock: Clock

    def pin(self, caller: Caller, request: PinCase, *, seconds: float | None) -> Pinned:
        """Keeps what a review holds as a recorded case, until an instant: decided already, or to be
        decided. Erasure takes it all the same.

        Raises REVIEW_NOT_FOUND, REVIEW_OTHER_KIND for a sample, RECORD_UNREADABLE where it is no
        longer kept, REQUEST_INVALID for an end that is past, too far away, or later than the
        sharing contracts let copies be kept, and for a reason with personal data;
        REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        if not now < request.until <= now + LONGEST:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="until",
                says=f"it must come, and within {LONGEST.days} days",
            )
        self.require_unnamed("reason", request.reason, seconds=seconds)

        def change(tx: Writing, review: Review) -> Done[CaseView]:
            if review.kind is ReviewKind.SAMPLE:
                raise PrivacyError(errors.REVIEW_OTHER_KIND, review=review.id, kind=review.kind)
            if tx.reviews.content(review.id).sealed is None:
                raise PrivacyError(errors.RECORD_UNREADABLE)
            most = _kept_at_most(tx, review)
            if most is not None and request.until > most:
                raise PrivacyError(errors.REQUEST_INVALID, field="until", latest=most.isoformat())
            pin = Pin(
                review_id=review.id, pinned_at=now, pinned_by=caller.name, reason=request.reason,
                keep_until=request.until,
            )  # fmt: skip
            tx.cases.keep(pin)
            return Done(value=_view(review, pin), outcome="PINNED", contracts=review.contracts)

        said = (request.until.isoformat(), request.reason)
        return self._act(caller, PIN, request, said, change, seconds)

    def unpin(self, caller: Caller, request: UnpinCase, *, seconds: float | None) -> Pinned:
        """Lets a case go: what was decided is no longer kept from now on, but for what was approved
        and may still be collected.

        Raises REVIEW_NOT_FOUND, REQUEST_INVALID, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)

        def change(tx: Writing, review: Review) -> Done[CaseView]:
            tx.cases.let_go(review.id)
            recorded = review.kind is ReviewKind.CASE
            if recorded or review.state not in (ReviewState.WAITING, ReviewState.APPROVED):
                tx.reviews.empty(review.id)
            return Done(value=_view(review, None), outcome="UNPINNED", contracts=review.contracts)

        return self._act(caller, UNPIN, request, (request.reason,), change, seconds)

    def record(self, caller: Caller, request: RecordCase, *, seconds: float | None) -> Pinned:
        """Keeps a prompt or an output of a validation as a recorded case, until an instant: what
        the version in force makes of it counts as decided. It is sealed under the key of the two.

        Raises CONTRACT_NOT_FOUND, NOT_YOUR_PARTNER, CASE_UNDECIDED, REQUEST_INVALID for a check of
        other partners or about somebody, for an end that is past or too far away, and for a
        scenario with personal data; CONTRACT_SUPERSEDED, REQUEST_ID_REUSED, and what reading it
        raises.
        """
        now = self.clock.now()
        if not now < request.until <= now + LONGEST:
            raise PrivacyError(errors.REQUEST_INVALID, field="until")
        self.require_unnamed("scenario", request.scenario, seconds=seconds)
        with self.database.reading() as view:
            head = seen_by(caller, view.courses.head(request.contract_id))
            version = version_of(view, request.contract_id)
        if Role.OFFICER not in caller.roles:
            caller.require_partner(head.party)
        case, review = self._judged(caller, request, version, now)
        keys = held_keys(self.keys, case, review, seconds=seconds)
        content = sealed_check(case, review, self.sealer, keys)

        def change(tx: Writing) -> Done[CaseView]:
            self.keys.require_live(tx, keys)
            if tx.behavior.newest(version.contract.id).number != version.number:
                raise PrivacyError(errors.CONTRACT_SUPERSEDED, contract=version.contract.id)
            kept = _kept(tx, review, content)
            return Done(value=_view(review, kept), outcome="RECORDED", contracts=review.contracts)

        said = (request.until.isoformat(), review.seen)
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=RECORD,
                at=now,
                actor=caller.name,
                partner=review.sender,
                counterparty=review.recipient,
                request=self.once.request(RECORD, review.id, *said),
                resource=review.id,
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, _first: _view(tx.reviews.get(review.id), tx.cases.pin(review.id)),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)

    def _judged(
        self, caller: Caller, request: RecordCase, version: BehaviorVersion, now: datetime
    ) -> tuple[HeldCheck, Review]:
        """The case, and the review that it is kept as, decided by the version in force."""
        check, contract = request.check, version.contract
        if (check.party, check.provider) != (contract.party, contract.provider):
            raise PrivacyError(errors.REQUEST_INVALID, field="party")
        if check.subjects:
            raise PrivacyError(errors.REQUEST_INVALID, field="subjects")
        ref = ContractRef(id=contract.id, number=version.number, digest=version.digest)
        seen = self.once.commitment(check.content)
        name = f"{request.scenario}, step {request.step}, {check.side}"
        known_as = self.once.request(RECORD, contract.id, name, seen)
        answer = CheckAnswer(
            outcome=Outcome.ACCEPTED, content=check.content, content_type=check.content_type,
            verdicts=(), failures=(), ask=(), contract=ref,
            review_id=f"case-{hashlib.sha256(known_as.encode()).hexdigest()[:32]}",
        )  # fmt: skip
        case = HeldCheck(
            review_id=answer.review_id or "", request=check, answer=answer, release=None
        )
        verdict = self.checks.verdict(compiled(contract), case)
        if verdict.waits:
            raise PrivacyError(errors.CASE_UNDECIDED, contract=contract.id)
        outward = check.side is Side.PROMPT
        review = Review(
            id=case.review_id,
            sender=check.party if outward else check.provider,
            recipient=check.provider if outward else check.party,
            purpose="",
            content_type=check.content_type,
            contracts=(ref,),
            reasons=(VALIDATION,),
            seen=seen,
            held_at=now,
            expires_at=request.until,
            four_eyes=False,
            kind=ReviewKind.CASE,
            party=check.party,
            priority=Priority.LOW,
            state=ReviewState.APPROVED if verdict.releases else ReviewState.REJECTED,
            decided_by=caller.name,
            decided_at=now,
            note=name,
        )
        return case, review

    def list_cases(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> tuple[CaseView, ...]:
        """The reviews under a contract whose content is kept, the pinned ones first, at most 500.
        Raises CONTRACT_NOT_FOUND.
        """
        del seconds
        with self.database.reading() as view:
            head = seen_by(caller, view.courses.head(contract_id))
            found = view.cases.of(contract_id, head.party, head.other, limit=MOST_CASES)
        return tuple(_view(one.review, one.pin) for one in found)

    def _act(
        self,
        caller: Caller,
        action: str,
        request: PinCase | UnpinCase,
        said: tuple[str, ...],
        change: Callable[[Writing, Review], Done[CaseView]],
        seconds: float | None,
    ) -> Pinned:
        with self.database.reading() as view:
            review = view.reviews.get(request.review_id)
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=action,
                at=self.clock.now(),
                actor=caller.name,
                partner=review.sender,
                counterparty=review.recipient,
                request=self.once.request(action, review.id, *said),
                resource=review.id,
                reason=request.reason,
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=lambda tx: change(tx, tx.reviews.get(review.id)),
            again=lambda tx, _first: _view(tx.reviews.get(review.id), tx.cases.pin(review.id)),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)


def _kept(tx: Writing, review: Review, content: HeldContent) -> Pin:
    """Keeps a case of a validation, in place of the same one that was kept before."""
    before = tx.cases.pin(review.id)
    try:
        tx.reviews.get(review.id)
    except PrivacyError as error:
        if error.reason is not errors.REVIEW_NOT_FOUND:
            raise
        tx.reviews.add(review, content)
    else:
        tx.reviews.replace(review, content)
    until = review.expires_at if before is None else max(review.expires_at, before.keep_until)
    pin = Pin(
        review_id=review.id, pinned_at=review.held_at, pinned_by=review.decided_by or "",
        reason="recorded by a validation", keep_until=until,
    )  # fmt: skip
    tx.cases.keep(pin)
    return pin


def _view(review: Review, pin: Pin | None) -> CaseView:
    if pin is None:
        return CaseView(review=review)
    return CaseView(
        review=review, pinned_until=pin.keep_until, pinned_by=pin.pinned_by, reason=pin.reason
    )


def _kept_at_most(view: View | Writing, review: Review) -> datetime | None:
    """Until when the sharing contracts that it is under let us keep copies; None: they say
    nothing.
    """
    ends = []
    for ref in review.contracts:
        head = head_of(view, ref.id)
        found = None if head is None else either_of(view, head, ref.number)
        if found is None or not isinstance(found.contract, SharingContract):
            continue
        ours = found.contract.retention.ours
        if ours is not None:
            ends.append(review.held_at + ours)
    return min(ends, default=None)
