"""The dates of a contract that come near: what whoever uses it is told before it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from privacy_service.contracts.course import Course
from privacy_service.contracts.governance import Governance

WARN_BEFORE: Final = timedelta(days=30)
"""So long before a date it is called to mind; a quarter of `recertify`, where that is less."""


class DateKind(StrEnum):
    """Which date of a contract."""

    RECERTIFY = "recertify"
    """An officer looks at it again until then; nothing passes once its grace is over, too."""
    ENDS = "ends"
    """It is no longer in force from then on."""
    REVIEW_BY = "review_by"
    """Its party wanted to look at it until then. Nothing is refused for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWarning:
    """That a date of a contract comes near or is past. `refused_from` is when nothing passes under
    it any more, if nobody does anything; None: that does not come of it.
    """

    contract_id: str
    kind: DateKind
    due: datetime
    refused_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """The dates that a version of a contract has, and since when it counts."""

    contract_id: str
    governance: Governance
    put_at: datetime
    effective_until: datetime | None
    review_by: date | None


def dates_of(one: Dated, course: Course | None) -> Iterator[DateWarning]:
    """Every date that it has, near or not. `course` None: of which nothing is said."""
    since = (None if course is None else course.certified_at) or one.put_at
    due, lapses = one.governance.due(since), one.governance.lapses(since)
    if due is not None:
        yield DateWarning(
            contract_id=one.contract_id, kind=DateKind.RECERTIFY, due=due, refused_from=lapses
        )
    if one.effective_until is not None:
        end = one.effective_until
        yield DateWarning(
            contract_id=one.contract_id, kind=DateKind.ENDS, due=end, refused_from=end
        )
    if one.review_by is not None:
        yield DateWarning(
            contract_id=one.contract_id,
            kind=DateKind.REVIEW_BY,
            due=datetime.combine(one.review_by, time(), tzinfo=UTC),
            refused_from=None,
        )


def warnings_of(one: Dated, course: Course | None, *, now: datetime) -> tuple[DateWarning, ...]:
    """The dates that come near or are past, the first one first."""
    near = (each for each in dates_of(one, course) if now >= each.due - _before(one, each.kind))
    return tuple(sorted(near, key=lambda each: each.due))


def _before(one: Dated, kind: DateKind) -> timedelta:
    """So long before its date a contract is called to mind."""
    recertify = one.governance.recertify
    if kind is not DateKind.RECERTIFY or recertify is None:
        return WARN_BEFORE
    return min(WARN_BEFORE, recertify / 4)
