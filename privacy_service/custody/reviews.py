"""The review desk: what waits for a person, looked at, edited and decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.held import (
    as_of,
    from_bytes,
    sealed_content,
    slot_of,
    why_held,
)
from privacy_service.custody.ledger import Prepared, SealedLedger
from privacy_service.custody.once import Once, by_person
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.reviews import (
    AssignReview,
    DecideReview,
    EditReview,
    ListReviews,
    OpenedReview,
    OpenReview,
)
from privacy_service.enforcement.answer import Answer, AuditStamp
from privacy_service.enforcement.gate import quotas_again
from privacy_service.enforcement.ports import Release
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.reviews.review import Review, ReviewState
from privacy_service.store.views import Writing

OPEN: Final = "ReviewService/OpenReview"
ASSIGN: Final = "ReviewService/AssignReview"
EDIT: Final = "ReviewService/EditReview"
APPROVE: Final = "ReviewService/ApproveReview"
REJECT: Final = "ReviewService/RejectReview"
COLLECT: Final = "ReviewService/CollectReview"
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})

Moved = tuple[Review, AuditStamp]


class Reexamine(Protocol):
    """What the contract in force makes of an edited payload: the release as it would be now.

    Raises REVIEW_EDIT_REFUSED where the contract refuses it, and what reading it raises.
    """

    def __call__(self, waiting: Release, payload: bytes, *, seconds: float | None) -> Release: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsDesk:
    """Answers ReviewService. Officers decide; a partner sees and collects what it is a side of."""

    ledger: SealedLedger
    acts: Acts
    once: Once
    reexamine: Reexamine
    require_unnamed: Callable[..., None]
    clock: Clock

    def list_reviews(
        self, caller: Caller, request: ListReviews, *, seconds: float | None
    ) -> Page[Review]:
        """The reviews, those whose time is over first. Raises NOT_YOUR_PARTNER."""
        del seconds
        partner, limit, now = request.partner, request.place.limit, self.clock.now()
        if not caller.roles & _READS_ALL:
            if partner not in (None, caller.partner):
                raise PrivacyError(errors.NOT_YOUR_PARTNER)
            partner = caller.partner
        with self.ledger.database.reading() as view:
            rows = view.reviews.list(
                partner=partner,
                waiting=not request.decided,
                after=None if request.place.after is None else _place(request.place.after),
                limit=limit + 1,
            )
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=tuple(row.at(now) for row in rows[:limit]),
            next=None if last is None else json.dumps([last.expires_at.isoformat(), last.id]),
        )

    def get_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Review:
        """One review, without what waits. Raises REVIEW_NOT_FOUND."""
        del seconds
        with self.ledger.database.reading() as view:
            return _seen_by(caller, view.reviews.get(review_id)).at(self.clock.now())

    def open_review(
        self, caller: Caller, request: OpenReview, *, seconds: float | None
    ) -> OpenedReview:
        """What waits, to look at. Audited, with its reason.

        Raises REVIEW_NOT_FOUND, REVIEW_DECIDED, RECORD_UNREADABLE where the people it is about were
        erased, and REQUEST_INVALID where the reason holds personal data.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        review = self._get(request.review_id)
        attempt = replace(self._attempt(caller, OPEN, review, ""), reason=request.reason)

        def work(tx: Writing, effect: Effect) -> tuple[Review, AuditStamp]:
            found = tx.reviews.get(review.id).at(self.clock.now())
            if found.state is not ReviewState.WAITING:
                raise PrivacyError(errors.REVIEW_DECIDED, review=found.id, state=found.state)
            return found, self.once.stamp(effect("OPENED"), effect.position)

        found, audit = self.acts.act(attempt, work, seconds=seconds)
        answer = self._content(found).answer
        return OpenedReview(
            review=found,
            payload=answer.payload or b"",
            answer=answer,
            audit=audit,
        )

    def assign_review(
        self, caller: Caller, request: AssignReview, *, seconds: float | None
    ) -> Moved:
        """Gives it to somebody to decide; empty: to nobody in particular."""

        def move(_tx: Writing, review: Review, now: datetime) -> tuple[Review, str]:
            return review.assigned(request.to, now=now), "ASSIGNED"

        return self._move(
            caller, ASSIGN, request.review_id, request.request_id, (request.to,), move, seconds
        )

    def reject_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> Moved:
        """Refuses it for good; what waited is no longer kept."""
        self.require_unnamed("note", request.note, seconds=seconds)

        def move(tx: Writing, review: Review, now: datetime) -> tuple[Review, str]:
            rejected = review.rejected(
                by=caller.name, seen=request.seen, note=request.note, now=now
            )
            tx.reviews.empty(review.id)
            return rejected, "REJECTED"

        said = (request.seen, request.note)
        return self._move(
            caller, REJECT, request.review_id, request.request_id, said, move, seconds
        )

    def approve_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> Moved:
        """Approves exactly what was seen, and releases it where that is enough.

        Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_SAME_PERSON, and what `Ledger.release`
        raises: a contract that was changed meanwhile, a quota, a hold or a consent stand against it
        now as they would against a transfer.
        """
        self.require_unnamed("note", request.note, seconds=seconds)
        now = self.clock.now()
        review = self._get(request.review_id)
        prepared = None
        if _releases(review, caller, request, now):
            prepared = self._prepared(review, now, seconds=seconds)
        commitment = self._commitment(APPROVE, review.id, request.seen, request.note)
        attempt = self._attempt(caller, APPROVE, review, commitment)

        def work(tx: Writing, effect: Effect) -> Moved:
            replay = self.once.replayed(tx, by_person(caller.name), request.request_id, commitment)
            if replay is not None:
                effect("REPLAYED")
                return tx.reviews.get(review.id), self.once.stamp_of(tx, replay)
            done, at = self._approve(tx, effect, caller, request, prepared, now)
            self.once.remember(tx, by_person(caller.name), request.request_id, commitment, at)
            return done, self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)

    def edit_review(self, caller: Caller, request: EditReview, *, seconds: float | None) -> Moved:
        """Has another payload wait in its place: it passes through the contract in force first.

        Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_EDIT_REFUSED, and what reading it raises.
        """
        review = self._get(request.review_id)
        release = self.reexamine(self._content(review), request.payload, seconds=seconds)
        prepared = self.ledger.prepared(release, seconds=seconds)
        content = sealed_content(review.id, release, self.ledger.sealer, prepared.keys)
        now_seen = release.entry.payload_out or ""

        def move(tx: Writing, before: Review, now: datetime) -> tuple[Review, str]:
            edited = replace(
                before.edited(seen=request.seen, now_seen=now_seen, now=now),
                contracts=release.entry.contracts,
                reasons=why_held(release.answer.decision.reasons) or before.reasons,
            )
            self.ledger.keys.require_live(tx, prepared.keys)
            tx.reviews.replace(edited, content)
            return edited, "EDITED"

        said = (request.seen, now_seen)
        return self._move(caller, EDIT, review.id, request.request_id, said, move, seconds)

    def collect_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Answer:
        """What was approved, for whoever sent it or was to have it; as often as asked.

        Raises REVIEW_NOT_FOUND, REVIEW_WAITS, REVIEW_REFUSED, PARTNER_QUARANTINED, and
        RECORD_UNREADABLE once it is no longer kept.
        """
        del seconds
        review = _seen_by(caller, self._get(review_id)).at(self.clock.now())
        if review.state is ReviewState.WAITING:
            raise PrivacyError(errors.REVIEW_WAITS, review=review.id)
        if review.state is not ReviewState.APPROVED or review.position is None:
            raise PrivacyError(errors.REVIEW_REFUSED, review=review.id, state=review.state)
        release = self._content(review)
        with self.ledger.database.reading() as view:
            view.quarantines.active().require_free(review.sender, review.recipient)
            attempt = AuditEntry.from_bytes(view.audit.leaf(review.position)).attempt
        disclosed = release.disclosure
        return replace(
            release.answer,
            review_id=review.id,
            disclosure_id=disclosed.id if disclosed else None,
            record_id=disclosed.id if disclosed and release.keep_copy else None,
            audit=self.once.stamp(review.position, attempt or 0),
        )

    # -- The steps ----------------------------------------------------------------------------

    def _get(self, review_id: str) -> Review:
        with self.ledger.database.reading() as view:
            return view.reviews.get(review_id)

    def _content(self, review: Review) -> Release:
        """What waits, opened. Raises RECORD_UNREADABLE."""
        with self.ledger.database.reading() as view:
            content = view.reviews.content(review.id)
            keys = view.data_keys.by_id(content.data_keys)
        if content.sealed is None:
            raise PrivacyError(errors.RECORD_UNREADABLE)
        slot = slot_of(review.id, review.sender)
        return from_bytes(
            self.ledger.sealer.open(content.sealed, slot=slot, keys=tuple(keys.values()))
        )

    def _prepared(self, review: Review, now: datetime, *, seconds: float | None) -> Prepared:
        release = as_of(self._content(review), now)
        release = replace(release, quotas=quotas_again(release.quotas, now))
        return self.ledger.prepared(release, seconds=seconds)

    def _approve(
        self,
        tx: Writing,
        effect: Effect,
        caller: Caller,
        request: DecideReview,
        prepared: Prepared | None,
        now: datetime,
    ) -> tuple[Review, int]:
        review = tx.reviews.get(request.review_id)
        moved = review.approved(by=caller.name, seen=request.seen, note=request.note, now=now)
        if moved.state is not ReviewState.APPROVED:
            at = effect("APPROVED_ONCE", contracts=review.contracts)
            tx.reviews.move(moved)
            return moved, at
        if prepared is None:  # another person approved it in between
            raise PrivacyError(errors.REVIEW_SEEN_DIFFERS, review=review.id)
        self.ledger.require(tx, prepared)
        release = prepared.release
        at = effect(
            release.answer.decision.effect.value,
            subjects=release.subjects,
            contracts=release.entry.contracts,
            categories=release.entry.categories,
        )
        self.ledger.make_true(tx, prepared, position=at)
        moved = replace(moved, position=at)
        tx.reviews.move(moved)
        return moved, at

    def _move(
        self,
        caller: Caller,
        action: str,
        review_id: str,
        request_id: str,
        said: tuple[str, ...],
        move: Callable[[Writing, Review, datetime], tuple[Review, str]],
        seconds: float | None,
    ) -> Moved:
        now = self.clock.now()
        commitment = self._commitment(action, review_id, *said)
        attempt = self._attempt(caller, action, self._get(review_id), commitment)

        def work(tx: Writing, effect: Effect) -> Moved:
            whose = by_person(caller.name)
            replay = self.once.replayed(tx, whose, request_id, commitment)
            if replay is not None:
                effect("REPLAYED")
                return tx.reviews.get(review_id), self.once.stamp_of(tx, replay)
            moved, outcome = move(tx, tx.reviews.get(review_id), now)
            tx.reviews.move(moved)
            at = effect(outcome, contracts=moved.contracts)
            self.once.remember(tx, whose, request_id, commitment, at)
            return moved, self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)

    def _commitment(self, action: str, *said: str) -> str:
        return self.once.request(action, *said)

    def _attempt(self, caller: Caller, action: str, review: Review, commitment: str) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            partner=review.sender,
            counterparty=review.recipient,
            purpose=review.purpose,
            request=commitment or None,
            payload_out=review.seen,
            resource=review.id,
        )


def _releases(review: Review, caller: Caller, request: DecideReview, now: datetime) -> bool:
    """Whether this approval would be the last one. What stands against it is said later."""
    try:
        moved = review.approved(by=caller.name, seen=request.seen, note=request.note, now=now)
    except PrivacyError:
        return False
    return moved.state is ReviewState.APPROVED


def _seen_by(caller: Caller, review: Review) -> Review:
    """The review, if the caller may know of it; what it may not know is not there."""
    if caller.roles & _READS_ALL or caller.partner in (review.sender, review.recipient):
        return review
    raise PrivacyError(errors.REVIEW_NOT_FOUND, review=review.id)


def _place(after: str) -> tuple[datetime, str]:
    at, name = json.loads(after)
    return datetime.fromisoformat(at), name
