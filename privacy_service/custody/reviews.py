"""The review desk: what waits for a person, looked at, edited and decided."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Semaphore
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.ports import HeldCheck
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.checks import require_judging
from privacy_service.custody.containing import require_open
from privacy_service.custody.held import (
    as_of,
    from_bytes,
    sealed_content,
    slot_of,
    why_held,
)
from privacy_service.custody.held_checks import (
    contracts_of,
    forgotten_at,
    held_keys,
    require_code,
    require_trained,
    sealed_check,
    unreleased,
)
from privacy_service.custody.held_checks import from_bytes as check_from_bytes
from privacy_service.custody.ledger import Prepared, SealedLedger, require_given_again
from privacy_service.custody.once import Once, by_person
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.reviews import (
    AssignReview,
    CollectCheck,
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
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.reviews.review import Review, ReviewKind, ReviewState
from privacy_service.store.reviews import HeldContent
from privacy_service.store.rows import StoredDataKey
from privacy_service.store.views import Writing

OPEN: Final = "ReviewService/OpenReview"
ASSIGN: Final = "ReviewService/AssignReview"
EDIT: Final = "ReviewService/EditReview"
APPROVE: Final = "ReviewService/ApproveReview"
REJECT: Final = "ReviewService/RejectReview"
COLLECT: Final = "ReviewService/CollectReview"
_LOOK_SECONDS: Final = 0.2
"""How often a caller that waits looks again."""
_SPARE_SECONDS: Final = 1.0
"""So long before its deadline a caller that waits is answered."""
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})

Moved = tuple[Review, AuditStamp]


class Reexamine(Protocol):
    """What the contract in force makes of an edited payload: the release as it would be now.

    Raises REVIEW_EDIT_REFUSED where the contract refuses it, and what reading it raises.
    """

    def __call__(self, waiting: Release, payload: bytes, *, seconds: float | None) -> Release: ...


class Recheck(Protocol):
    """What the contracts in force make of an edited prompt or output. Raises as `Reexamine`."""

    def __call__(self, held: HeldCheck, content: bytes, *, seconds: float | None) -> HeldCheck: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaving:
    """What an approval releases: the check, if it is one, and what the sharing contract makes true
    with it, sealed.
    """

    check: HeldCheck | None
    prepared: Prepared | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """What waits after an edit, sealed, and its digest."""

    seen: str
    contracts: tuple[ContractRef, ...]
    reasons: tuple[str, ...]
    keys: tuple[StoredDataKey, ...]
    content: HeldContent


@dataclass(frozen=True, slots=True)
class _Move:
    """Where a review stands after a move, and what the log says of it."""

    review: Review
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsDesk:
    """Answers ReviewService. Officers decide; a partner sees and collects what it is a side of.

    So many callers at a time as `waiters` has wait for a decision within one call; others are told
    at once how it stands. `pause` sleeps.
    """

    ledger: SealedLedger
    acts: Acts
    once: Once
    reexamine: Reexamine
    recheck: Recheck
    require_unnamed: Callable[..., None]
    clock: Clock
    waiters: Semaphore
    pause: Callable[[float], None]

    def list_reviews(
        self, caller: Caller, request: ListReviews, *, seconds: float | None
    ) -> Page[Review]:
        """The reviews, the most urgent and then those due first. Raises NOT_YOUR_PARTNER."""
        del seconds
        limit, now = request.place.limit, self.clock.now()
        own = None if caller.roles & _READS_ALL else caller.partner
        if own is not None and request.partner not in (None, own):
            raise PrivacyError(errors.NOT_YOUR_PARTNER)
        with self.ledger.database.reading() as view:
            rows = view.reviews.list(
                partner=request.partner,
                seen_by=own,
                waiting=not request.decided,
                kind=request.kind,
                assigned_to=request.assigned_to,
                after=None if request.place.after is None else _place(request.place.after),
                limit=limit + 1,
            )
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=tuple(row.at(now) for row in rows[:limit]),
            next=None if last is None else _after(last),
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
        waits = self._content(found)
        if isinstance(waits, HeldCheck):
            payload, answer = waits.answer.content or b"", waits.answer.personal_data
            return OpenedReview(
                review=found, payload=payload, answer=answer, check=waits, audit=audit
            )
        payload = waits.answer.payload or b""
        return OpenedReview(review=found, payload=payload, answer=waits.answer, audit=audit)

    def assign_review(
        self, caller: Caller, request: AssignReview, *, seconds: float | None
    ) -> Moved:
        """Gives it to somebody to decide; empty: to nobody in particular. From then on nobody else
        does, but anybody may take it over from them: that is an outcome of its own in the log.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)

        def move(_tx: Writing, review: Review, now: datetime) -> _Move:
            return _assigned(review, request, caller, now)

        said = (request.to, *((request.reason,) if request.reason else ()))
        return self._move(
            caller, ASSIGN, request.review_id, request.request_id, said, move, seconds
        )

    def reject_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> Moved:
        """Refuses it for good; what waited is no longer kept."""
        self.require_unnamed("note", request.note, seconds=seconds)

        def move(tx: Writing, review: Review, now: datetime) -> _Move:
            require_trained(tx, review, caller.name, now)
            require_code(tx, review, request.code)
            rejected = review.rejected(
                by=caller.name, seen=request.seen, note=request.note, now=now, code=request.code
            )
            tx.reviews.empty(review.id)
            return _Move(rejected, "REJECTED", rejected.reason_code)

        said = _said(request)
        return self._move(
            caller, REJECT, request.review_id, request.request_id, said, move, seconds
        )

    def approve_review(
        self, caller: Caller, request: DecideReview, *, seconds: float | None
    ) -> Moved:
        """Approves exactly what was seen, and releases it where that is enough.

        Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_OUTDATED, REVIEW_SAME_PERSON, and what
        `Ledger.release`
        raises: a contract that was changed meanwhile, a quota, a hold or a consent stand against it
        now as they would against a transfer.
        """
        self.require_unnamed("note", request.note, seconds=seconds)
        now = self.clock.now()
        review = self._get(request.review_id)
        leaving = None
        if _releases(review, caller, request, now):
            leaving = self._leaving(review, now, seconds=seconds)
        commitment = self._commitment(APPROVE, review.id, *_said(request))
        attempt = self._attempt(caller, APPROVE, review, commitment)

        def work(tx: Writing, effect: Effect) -> Moved:
            replay = self.once.replayed(tx, by_person(caller.name), request.request_id, commitment)
            if replay is not None:
                effect("REPLAYED")
                return tx.reviews.get(review.id), self.once.stamp_of(tx, replay)
            done, at = self._approve(tx, effect, caller, request, leaving, now)
            self.once.remember(tx, by_person(caller.name), request.request_id, commitment, at)
            return done, self.once.stamp(at, effect.position)

        return self.acts.act(attempt, work, seconds=seconds)

    def edit_review(self, caller: Caller, request: EditReview, *, seconds: float | None) -> Moved:
        """Has another payload wait in its place: it passes through the contract in force first.

        Raises REVIEW_DECIDED, REVIEW_SEEN_DIFFERS, REVIEW_EDIT_REFUSED, and what reading it raises.
        """
        review = self._get(request.review_id)
        edit = self._edit(review, self._content(review), request.payload, seconds=seconds)

        def move(tx: Writing, before: Review, now: datetime) -> _Move:
            require_trained(tx, before, caller.name, now)
            edited = before.edited(by=caller.name, seen=request.seen, now_seen=edit.seen, now=now)
            reasons = edit.reasons or edited.reasons
            edited = replace(edited, contracts=edit.contracts, reasons=reasons)
            self.ledger.keys.require_live(tx, edit.keys)
            tx.reviews.replace(edited, edit.content)
            return _Move(edited, "EDITED", edited.reason_code)

        said = (request.seen, edit.seen)
        return self._move(caller, EDIT, review.id, request.request_id, said, move, seconds)

    def collect_review(self, caller: Caller, review_id: str, *, seconds: float | None) -> Answer:
        """What was approved, for whoever sent it or was to have it; as often as asked.

        Raises REVIEW_NOT_FOUND, REVIEW_WAITS, REVIEW_REFUSED, PARTNER_QUARANTINED, what the people
        have said against it since, and RECORD_UNREADABLE once it is no longer kept.
        """
        del seconds
        review = _seen_by(caller, self._get(review_id)).at(self.clock.now())
        if review.kind is not ReviewKind.TRANSFER:
            raise PrivacyError(errors.REVIEW_OTHER_KIND, review=review.id, kind=review.kind)
        if review.state is ReviewState.WAITING:
            raise PrivacyError(errors.REVIEW_WAITS, review=review.id)
        if review.state is not ReviewState.APPROVED:
            raise PrivacyError(errors.REVIEW_REFUSED, review=review.id, state=review.state)
        release = self._content(review)
        assert isinstance(release, Release)
        with self.ledger.database.reading() as view:
            now = self.clock.now()
            require_given_again(view, review.position or 0, claim=release.claim, at=now)
        return _disclosed(release, review.id, self._released_at(review))

    def collect_check(
        self, caller: Caller, request: CollectCheck, *, seconds: float | None
    ) -> CheckAnswer:
        """What became of a prompt or an output that was held, for its party, as often as asked.

        HELD where nobody has decided yet, after `wait` or sooner. What was rejected is REFUSED, and
        for what nobody decided in time the contract says. Raises REVIEW_NOT_FOUND,
        PARTNER_QUARANTINED, and RECORD_UNREADABLE once it is no longer kept.
        """
        review = self._decided(caller, request, seconds)
        if review.state is not ReviewState.APPROVED:
            with self.ledger.database.reading() as view:
                return unreleased(view, review)
        audit = self._released_at(review)
        held = self._content(review)
        assert isinstance(held, HeldCheck)
        shared = None if held.release is None else _disclosed(held.release, review.id, audit)
        return replace(held.answer, personal_data=shared, audit=audit)

    # -- The steps ----------------------------------------------------------------------------

    def _get(self, review_id: str) -> Review:
        with self.ledger.database.reading() as view:
            return view.reviews.get(review_id)

    def _decided(self, caller: Caller, request: CollectCheck, seconds: float | None) -> Review:
        """The review once it is decided, or as it stands when that has taken too long."""
        wait = request.wait if seconds is None else min(request.wait, seconds - _SPARE_SECONDS)
        until = self.clock.monotonic() + wait
        patient = wait > 0 and self.waiters.acquire(blocking=False)
        try:
            while True:
                review = _seen_by(caller, self._get(request.review_id)).at(self.clock.now())
                if not review.kind.is_check:
                    raise PrivacyError(errors.REVIEW_OTHER_KIND, review=review.id, kind=review.kind)
                decided = review.state is not ReviewState.WAITING
                if decided or not patient or self.clock.monotonic() >= until:
                    return review
                self.pause(_LOOK_SECONDS)
        finally:
            if patient:
                self.waiters.release()

    def _released_at(self, review: Review) -> AuditStamp:
        """Where its release stands. Raises PARTNER_QUARANTINED."""
        position = review.position or 0
        with self.ledger.database.reading() as view:
            view.quarantines.active().require_free(review.sender, review.recipient)
            attempt = AuditEntry.from_bytes(view.audit.leaf(position)).attempt
        return self.once.stamp(position, attempt or 0)

    def _content(self, review: Review) -> Release | HeldCheck:
        """What waits, opened. Raises RECORD_UNREADABLE, and REVIEW_DECIDED where somebody has
        refused it since `review` was read.
        """
        with self.ledger.database.reading() as view:
            content = view.reviews.content(review.id)
            keys = view.data_keys.by_id(content.data_keys)
            state = view.reviews.get(review.id).state
        if content.sealed is None:
            if state is not review.state:
                raise PrivacyError(errors.REVIEW_DECIDED, review=review.id, state=state)
            raise PrivacyError(errors.RECORD_UNREADABLE)
        slot = slot_of(review.id, review.sender)
        opened = self.ledger.sealer.open(content.sealed, slot=slot, keys=tuple(keys.values()))
        held = review.kind is not ReviewKind.TRANSFER
        return check_from_bytes(opened) if held else from_bytes(opened)

    def _leaving(self, review: Review, now: datetime, *, seconds: float | None) -> _Leaving:
        waits = self._content(review)
        check = waits if isinstance(waits, HeldCheck) else None
        release = check.release if check is not None else waits
        if not isinstance(release, Release):
            return _Leaving(check=check, prepared=None)
        release = as_of(release, now)
        release = replace(release, quotas=quotas_again(release.quotas, now))
        return _Leaving(check=check, prepared=self.ledger.prepared(release, seconds=seconds))

    def _edit(
        self, review: Review, waits: Release | HeldCheck, payload: bytes, *, seconds: float | None
    ) -> _Edit:
        if isinstance(waits, HeldCheck):
            check = self.recheck(waits, payload, seconds=seconds)
            keys = held_keys(self.ledger.keys, check, review, seconds=seconds)
            return _Edit(
                seen=self.once.commitment(check.answer.content or b""),
                contracts=contracts_of(check),
                reasons=(),
                keys=keys,
                content=sealed_check(check, review, self.ledger.sealer, keys),
            )
        release = self.reexamine(waits, payload, seconds=seconds)
        prepared = self.ledger.prepared(release, seconds=seconds)
        return _Edit(
            seen=release.entry.payload_out or "",
            contracts=release.entry.contracts,
            reasons=why_held(release.answer.decision.reasons),
            keys=prepared.keys,
            content=sealed_content(review.id, release, self.ledger.sealer, prepared.keys),
        )

    def _approve(
        self,
        tx: Writing,
        effect: Effect,
        caller: Caller,
        request: DecideReview,
        leaving: _Leaving | None,
        now: datetime,
    ) -> tuple[Review, int]:
        review = tx.reviews.get(request.review_id)
        moved = review.approved(
            by=caller.name, seen=request.seen, note=request.note, now=now, code=request.code
        )
        require_trained(tx, review, caller.name, now)
        require_code(tx, review, request.code)
        if moved.state is not ReviewState.APPROVED:
            at = effect("APPROVED_ONCE", contracts=review.contracts, reason=request.code)
            tx.reviews.move(moved)
            return moved, at
        if leaving is None:  # another person approved it in between
            raise PrivacyError(errors.REVIEW_SEEN_DIFFERS, review=review.id)
        at = self._leave(tx, effect, review, leaving, request.code, now)
        moved = replace(moved, position=at, forget_at=forgotten_at(tx, review, now))
        tx.reviews.move(moved)
        return moved, at

    def _leave(
        self,
        tx: Writing,
        effect: Effect,
        review: Review,
        leaving: _Leaving,
        code: str | None,
        now: datetime,
    ) -> int:
        """Releases it, unless something stands against that in this transaction."""
        check, prepared = leaving.check, leaving.prepared
        if check is not None:
            tx.quarantines.active().require_free(review.sender, review.recipient)
            version = require_judging(
                tx,
                check.answer.contract,
                party=check.request.party,
                provider=check.request.provider,
                use_case=check.request.company.use_case,
                at=now,
                draw=check.request.draw,
            )
            require_open(tx, version, check.request.side, (), well=True, at=now)
        if prepared is None:
            assert check is not None
            return effect(check.answer.outcome.value, contracts=review.contracts, reason=code)
        self.ledger.require(tx, prepared)
        release = prepared.release
        at = effect(
            release.answer.decision.effect.value if check is None else check.answer.outcome.value,
            subjects=release.subjects,
            # What a disclosure is made under, as the ledger has it: the two are compared. The
            # behavior contract stands in the entry of the check itself.
            contracts=release.entry.contracts,
            categories=release.entry.categories,
            reason=code,
        )
        self.ledger.make_true(tx, prepared, position=at)
        return at

    def _move(
        self,
        caller: Caller,
        action: str,
        review_id: str,
        request_id: str,
        said: tuple[str, ...],
        move: Callable[[Writing, Review, datetime], _Move],
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
            moved = move(tx, tx.reviews.get(review_id), now)
            tx.reviews.move(moved.review)
            at = effect(moved.outcome, contracts=moved.review.contracts, reason=moved.reason)
            self.once.remember(tx, whose, request_id, commitment, at)
            return moved.review, self.once.stamp(at, effect.position)

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


def _assigned(review: Review, request: AssignReview, caller: Caller, now: datetime) -> _Move:
    """A move to somebody; out of the hands of another than the caller, it is taken over."""
    moved = review.assigned(request.to, now=now)
    taken = review.assigned_to not in (None, caller.name, moved.assigned_to)
    said = f"to {moved.assigned_to or 'anybody'}"
    said += f", from {review.assigned_to}" if review.assigned_to else ""
    said += f": {request.reason}" if request.reason else ""
    return _Move(moved, "TAKEN_OVER" if taken else "ASSIGNED", said)


def _releases(review: Review, caller: Caller, request: DecideReview, now: datetime) -> bool:
    """Whether this approval would be the last one. What stands against it is said later."""
    try:
        moved = review.approved(by=caller.name, seen=request.seen, note=request.note, now=now)
    except PrivacyError:
        return False
    return moved.state is ReviewState.APPROVED


def _seen_by(caller: Caller, review: Review) -> Review:
    """The review, if the caller may know of it; what it may not know is not there."""
    if caller.roles & _READS_ALL or review.concerns(caller.partner):
        return review
    raise PrivacyError(errors.REVIEW_NOT_FOUND, review=review.id)


def _disclosed(release: Release, review_id: str, audit: AuditStamp) -> Answer:
    """What a release that was approved came to."""
    disclosed = release.disclosure
    return replace(
        release.answer,
        review_id=review_id,
        disclosure_id=disclosed.id if disclosed else None,
        record_id=disclosed.id if disclosed and release.keep_copy else None,
        audit=audit,
    )


def _said(request: DecideReview) -> tuple[str, ...]:
    """What a decision says, but for its id. The code only where there is one: what earlier releases
    committed to stays so.
    """
    code = () if request.code is None else (request.code,)
    return (request.seen, request.note, *code)


def _after(last: Review) -> str:
    return json.dumps([int(last.priority), last.due.isoformat(), last.id])


def _place(after: str) -> tuple[int, datetime, str]:
    priority, at, name = json.loads(after)
    return priority, datetime.fromisoformat(at), name
