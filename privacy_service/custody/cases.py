"""The desk of recorded cases: reviews are pinned, so that what was decided is replayed later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.clock import Clock
from privacy_service.contracts.model import SharingContract
from privacy_service.custody.acts import Acts
from privacy_service.custody.courses import seen_by
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.on_course import either_of, head_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.cases import CaseView, PinCase, UnpinCase
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.reviews.review import Review, ReviewKind, ReviewState
from privacy_service.store.cases import Pin
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

PIN: Final = "GovernanceService/PinCase"
UNPIN: Final = "GovernanceService/UnpinCase"
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
            if review.state not in (ReviewState.WAITING, ReviewState.APPROVED):
                tx.reviews.empty(review.id)
            return Done(value=_view(review, None), outcome="UNPINNED", contracts=review.contracts)

        return self._act(caller, UNPIN, request, (request.reason,), change, seconds)

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
