"""Recorded cases: decided reviews whose content is kept, and those that somebody pinned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import and_, bindparam, delete, or_, select

from privacy_service.reviews.review import Review, ReviewKind
from privacy_service.store.reviews import NAMES, as_review
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import recorded_cases, reviews

_KINDS: Final = tuple(kind.value for kind in ReviewKind if kind is not ReviewKind.SAMPLE)
_BETWEEN = or_(
    and_(reviews.c.sender == bindparam("a"), reviews.c.recipient == bindparam("b")),
    and_(reviews.c.sender == bindparam("b"), reviews.c.recipient == bindparam("a")),
)
_PIN = select(recorded_cases).where(recorded_cases.c.review_id == bindparam("named"))
_CASES = (
    select(
        *(reviews.c[name] for name in NAMES),
        recorded_cases.c.pinned_at, recorded_cases.c.pinned_by, recorded_cases.c.keep_until,
        recorded_cases.c.reason.label("why"),
    )
    .outerjoin(recorded_cases, recorded_cases.c.review_id == reviews.c.id)
    .where(_BETWEEN, reviews.c.sealed.is_not(None), reviews.c.kind.in_(_KINDS))
    .order_by(recorded_cases.c.pinned_at.is_(None), reviews.c.held_at.desc(), reviews.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
_HOLDING = (
    select(*(reviews.c[name] for name in NAMES))
    .where(_BETWEEN, reviews.c.sealed.is_not(None))
    .order_by(reviews.c.id)
)
_OVER = (
    select(recorded_cases.c.review_id)
    .where(recorded_cases.c.keep_until <= bindparam("now"))
    .order_by(recorded_cases.c.keep_until)
    .limit(bindparam("most"))
)
_ADD = recorded_cases.insert()
_DROP = delete(recorded_cases).where(recorded_cases.c.review_id == bindparam("named"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """That the content of a review is kept as a recorded case, until when, and why."""

    review_id: str
    pinned_at: datetime
    pinned_by: str
    reason: str = field(repr=False)
    keep_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCase:
    """A review whose content is kept, and its pin, if somebody pinned it."""

    review: Review
    pin: Pin | None


class CaseReading:
    """Which cases there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def pin(self, review_id: str) -> Pin | None:
        """The pin of a review, if it has one."""
        row = self._reads.one(_PIN, {"named": review_id})
        return None if row is None else Pin(**row._asdict())

    def of(self, contract_id: str, a: str, b: str, *, limit: int) -> tuple[KeptCase, ...]:
        """The reviews under a contract of these two whose content is kept, also those that wait;
        the pinned ones first, then the newest.
        """
        found = []
        for row in self._reads.all(_CASES, {"a": a, "b": b, "most": limit}):
            values = row._asdict()
            at, by, why, until = (
                values.pop(name) for name in ("pinned_at", "pinned_by", "why", "keep_until")
            )
            review = as_review(values)
            if not any(ref.id == contract_id for ref in review.contracts):
                continue
            pin = None if at is None else Pin(
                review_id=review.id, pinned_at=at, pinned_by=by, reason=why, keep_until=until
            )  # fmt: skip
            found.append(KeptCase(review=review, pin=pin))
        return tuple(found)

    def all_of(self, a: str, b: str) -> tuple[Review, ...]:
        """The reviews between these two that still hold something, of every kind."""
        rows = self._reads.all(_HOLDING, {"a": a, "b": b})
        return tuple(as_review(row._asdict()) for row in rows)

    def over(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        """The reviews whose pin is over, the oldest first."""
        rows = self._reads.all(_OVER, {"now": now, "most": limit})
        return tuple(row.review_id for row in rows)


class CaseWriting(CaseReading):
    """The cases, pinned and let go."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def keep(self, pin: Pin) -> None:
        """Pins it; an earlier pin of it counts no more."""
        self._writes.change(_DROP, {"named": pin.review_id})
        values = {name: getattr(pin, name) for name in Pin.__slots__}
        self._writes.change(_ADD, values)

    def let_go(self, review_id: str) -> None:
        """Its content goes when that of reviews goes."""
        self._writes.change(_DROP, {"named": review_id})
