"""Reviews, found by state, partner and subject. What is held is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, func, or_, select, update

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.reviews.review import Priority, Review, ReviewKind, ReviewState
from privacy_service.store.records import refs_from_columns, refs_to_columns
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import (
    acknowledgements,
    recorded_cases,
    review_subjects,
    reviews,
    sample_judgements,
)

NAMES: Final = [one.name for one in fields(Review)]
"""The columns of a review itself."""
_REVIEW = select(*(reviews.c[name] for name in NAMES))
_GET = _REVIEW.where(reviews.c.id == bindparam("named"))
_CONTENT = select(reviews.c.subjects, reviews.c.data_keys, reviews.c.sealed).where(
    reviews.c.id == bindparam("named")
)
_MOVED: Final = (
    "seen", "state", "assigned_to", "approvals", "decided_by", "decided_at", "note", "position",
    "reason_code", "escalated", "forget_at",
)  # fmt: skip
_CHANGED: Final = ("contracts", "content_type", "reasons", "subjects", "data_keys", "sealed")
_ADD = reviews.insert()
_JUDGE = sample_judgements.insert()
_ADD_SUBJECT = review_subjects.insert()
_MOVE = (
    update(reviews)
    .where(reviews.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in _MOVED})
)
_REPLACE = (
    update(reviews)
    .where(reviews.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in _CHANGED})
)
_OUTDATED: Final = ("reasons", "approvals")
_OUTDATE = (
    update(reviews)
    .where(reviews.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in _OUTDATED})
)
_UNPINNED = reviews.c.id.not_in(select(recorded_cases.c.review_id))
_EMPTY = update(reviews).where(reviews.c.id == bindparam("of"), _UNPINNED).values(sealed=None)
_due: ColumnElement[datetime] = func.coalesce(
    reviews.c.due_at, reviews.c.expires_at, type_=reviews.c.expires_at.type
)
_FORGET_SUBJECTS = delete(review_subjects).where(review_subjects.c.review_id == bindparam("of"))
_FORGET_EMPTY = _FORGET_SUBJECTS.where(
    review_subjects.c.review_id.not_in(select(recorded_cases.c.review_id))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldContent:
    """What waits, sealed, and about whom. `sealed` is None once it is no longer kept."""

    subjects: tuple[str, ...]
    data_keys: tuple[str, ...]
    sealed: bytes | None = field(repr=False)


class ReviewReading:
    """Which reviews there are, and how they stand."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, review_id: str) -> Review:
        """Raises REVIEW_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": review_id})
        if row is None:
            raise PrivacyError(errors.REVIEW_NOT_FOUND, review=review_id)
        return _review(row)

    def content(self, review_id: str) -> HeldContent:
        """Raises REVIEW_NOT_FOUND."""
        row = self._reads.one(_CONTENT, {"named": review_id})
        if row is None:
            raise PrivacyError(errors.REVIEW_NOT_FOUND, review=review_id)
        return HeldContent(
            subjects=tuple(row.subjects), data_keys=tuple(row.data_keys), sealed=row.sealed
        )

    def list(
        self,
        *,
        partner: str | None = None,
        seen_by: str | None = None,
        waiting: bool = True,
        kind: ReviewKind | None = None,
        assigned_to: str | None = None,
        after: tuple[int, datetime, str] | None = None,
        limit: int = 100,
    ) -> tuple[Review, ...]:
        """The reviews (of one partner, on either side), the most urgent and then those that are due
        first.

        With `seen_by`, only those that this partner may know of; with `waiting`, only those that
        were not decided. `after` is priority, due time and id of the last one of the page before.
        """
        page = _REVIEW
        if waiting:
            page = page.where(reviews.c.state == ReviewState.WAITING.value)
        if kind is None:
            page = page.where(reviews.c.kind != ReviewKind.CASE.value)
        else:
            page = page.where(reviews.c.kind == kind.value)
        if assigned_to is not None:
            page = page.where(reviews.c.assigned_to == assigned_to)
        if partner is not None:
            page = page.where(or_(reviews.c.sender == partner, reviews.c.recipient == partner))
        if seen_by is not None:
            sides = or_(reviews.c.sender == seen_by, reviews.c.recipient == seen_by)
            page = page.where(
                or_(reviews.c.party == seen_by, and_(reviews.c.party.is_(None), sides))
            )
        if after is not None:
            priority, at, name = after
            later = or_(_due > at, and_(_due == at, reviews.c.id > name))
            page = page.where(
                or_(
                    reviews.c.priority < priority,
                    and_(reviews.c.priority == priority, later),
                )
            )
        order = (reviews.c.priority.desc(), _due, reviews.c.id)
        rows = self._reads.all(page.order_by(*order).limit(limit))
        return tuple(_review(row) for row in rows)

    def overdue(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        """The ids of reviews that wait and whose time is over, the oldest first."""
        page = (
            select(reviews.c.id)
            .where(reviews.c.state == ReviewState.WAITING.value, reviews.c.expires_at <= now)
            .order_by(reviews.c.expires_at, reviews.c.id)
            .limit(limit)
        )
        return tuple(row.id for row in self._reads.all(page))

    def outlived(self, now: datetime, *, before: datetime, limit: int) -> tuple[str, ...]:
        """The ids of decided reviews whose content is still kept, and not as a recorded case,
        although they were decided before an instant, or their contracts keep it no longer than now.
        """
        over = or_(reviews.c.decided_at < before, reviews.c.forget_at <= now)
        page = (
            select(reviews.c.id)
            .where(over, reviews.c.sealed.is_not(None), _UNPINNED)
            .order_by(reviews.c.decided_at, reviews.c.id)
            .limit(limit)
        )
        return tuple(row.id for row in self._reads.all(page))

    def late(self, now: datetime, *, limit: int) -> tuple[Review, ...]:
        """Checks that wait and should have been decided, those that are due for longest first."""
        page = _REVIEW.where(
            reviews.c.state == ReviewState.WAITING.value,
            reviews.c.due_at <= now,
            reviews.c.expires_at > now,
        )
        rows = self._reads.all(page.order_by(reviews.c.due_at, reviews.c.id).limit(limit))
        return tuple(_review(row) for row in rows)

    def acknowledged(self, person: str, contract_id: str) -> dict[str, datetime]:
        """When somebody acknowledged each training that a contract asks for."""
        c = acknowledgements.c
        page = select(c.training, c.at).where(c.person == person, c.contract_id == contract_id)
        return {row.training: row.at for row in self._reads.all(page)}

    def judgements(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[tuple[str, ...], ...]:
        """The labels that each sample under a contract got in a span of time."""
        c = sample_judgements.c
        page = (
            select(c.review_id, c.label)
            .where(c.contract_id == contract_id, c.at >= since, c.at < until)
            .order_by(c.review_id, c.at, c.by)
        )
        labels: dict[str, list[str]] = {}
        for row in self._reads.all(page):
            labels.setdefault(row.review_id, []).append(row.label)
        return tuple(map(tuple, labels.values()))

    def about(self, subject: str, *, limit: int) -> tuple[str, ...]:
        """The ids of reviews about a subject whose content is kept."""
        page = (
            select(review_subjects.c.review_id)
            .where(review_subjects.c.subject == subject)
            .order_by(review_subjects.c.review_id)
            .limit(limit)
        )
        return tuple(row.review_id for row in self._reads.all(page))


class ReviewWriting(ReviewReading):
    """The reviews, with new ones and with moves."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def add(self, review: Review, content: HeldContent) -> None:
        """A payload begins to wait."""
        self._writes.change(_ADD, {**_values(review), **_content(content)})
        self._index(review.id, content.subjects)

    def move(self, review: Review) -> None:
        """The review as it stands now."""
        values = _values(review)
        self._writes.change(_MOVE, {"of": review.id, **{name: values[name] for name in _MOVED}})

    def replace(self, review: Review, content: HeldContent) -> None:
        """Another payload waits in its place."""
        values = {**_values(review), **_content(content)}
        self._writes.change(_REPLACE, {"of": review.id, **{n: values[n] for n in _CHANGED}})
        self._writes.change(_FORGET_SUBJECTS, {"of": review.id})
        self._index(review.id, content.subjects)
        self.move(review)

    def outdate(self, review: Review) -> None:
        """It waits for another reason as well, and nobody has approved it."""
        values = _values(review)
        self._writes.change(_OUTDATE, {"of": review.id, **{n: values[n] for n in _OUTDATED}})

    def judge(self, review: Review, *, by: str, label: str, at: datetime) -> None:
        """Keeps what somebody said of a sample."""
        values = {
            "review_id": review.id, "by": by, "contract_id": review.contracts[0].id, "at": at,
            "label": label,
        }  # fmt: skip
        self._writes.change(_JUDGE, values)

    def acknowledge(self, person: str, contract_id: str, training: str, at: datetime) -> None:
        """Keeps that somebody acknowledged a training, in the place of when they did before."""
        values = {"person": person, "contract_id": contract_id, "training": training}
        c = acknowledgements.c
        named = and_(
            c.person == bindparam("of_person"),
            c.contract_id == bindparam("of_contract"),
            c.training == bindparam("of_training"),
        )
        asked = {"of_person": person, "of_contract": contract_id, "of_training": training}
        self._writes.change(delete(acknowledgements).where(named), asked)
        self._writes.change(acknowledgements.insert(), {**values, "at": at})

    def empty(self, review_id: str) -> None:
        """What waited is no longer kept, unless it is pinned as a recorded case; that it waited
        stays known.
        """
        self._writes.change(_EMPTY, {"of": review_id})
        self._writes.change(_FORGET_EMPTY, {"of": review_id})

    def _index(self, review_id: str, subjects: Sequence[str]) -> None:
        rows = [{"subject": subject, "review_id": review_id} for subject in subjects]
        self._writes.change_each(_ADD_SUBJECT, rows)


def _values(review: Review) -> dict[str, Any]:
    values = asdict(review)
    values["contracts"] = refs_to_columns(review.contracts)
    values["reasons"], values["approvals"] = list(review.reasons), list(review.approvals)
    values["state"], values["kind"] = review.state.value, review.kind.value
    values["priority"] = int(review.priority)
    return values


def _content(content: HeldContent) -> dict[str, Any]:
    return {
        "subjects": list(content.subjects),
        "data_keys": list(content.data_keys),
        "sealed": content.sealed,
    }


def _review(row: Row[Any]) -> Review:
    return as_review(row._asdict())


def as_review(values: dict[str, Any]) -> Review:
    """The review of a row with all its columns."""
    values["contracts"] = refs_from_columns(values["contracts"])
    values["reasons"], values["approvals"] = tuple(values["reasons"]), tuple(values["approvals"])
    values["state"], values["kind"] = ReviewState(values["state"]), ReviewKind(values["kind"])
    values["priority"] = Priority(values["priority"])
    return Review(**values)
