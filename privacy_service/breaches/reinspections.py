"""Releases of a period, a partner or a contract, looked at again one after another by a job.

    running ──every release was looked at──▶ ended
       └──▶ cancelled

What is meant is what was released until the reinspection was begun. Whatever cannot be looked at is
counted by why not: no sealed copy, use restricted, a key that was shredded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.queries import DisclosureQuery

MOST_BREACHES: Final = 100
"""Ids of breaches that a reinspection lists."""


class ReinspectionState(StrEnum):
    """Where it stands."""

    RUNNING = "running"
    CANCELLED = "cancelled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one release was found to be: what should not have left, by entity, and the breach that
    is open about it; or why it was skipped, as the reason's code.
    """

    found: Mapping[str, int] = field(default_factory=dict)
    breach: str = ""
    skipped: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinspection:
    """One of them. `place` is the audit position of the last release that was looked at, `until`
    the first one that it does not mean any more.
    """

    id: str
    query: DisclosureQuery
    state: ReinspectionState = ReinspectionState.RUNNING
    total: int
    place: int = -1
    until: int
    looked: int = 0
    wrong: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)
    breaches: tuple[str, ...] = ()
    begun_by: str
    begun_at: datetime
    ended_at: datetime | None = None

    def and_looked(self, at: Iterable[Looked], *, place: int) -> Reinspection:
        """With what some more releases were found to be."""
        some = list(at)
        skipped, found = Counter(self.skipped), Counter(self.found)
        skipped.update(one.skipped for one in some if one.skipped)
        for one in some:
            found.update(one.found)
        known = dict.fromkeys((*self.breaches, *(one.breach for one in some if one.breach)))
        return replace(
            self,
            place=place,
            looked=self.looked + len(some),
            wrong=self.wrong + sum(bool(one.found) for one in some),
            skipped=dict(sorted(skipped.items())),
            found=dict(sorted(found.items())),
            breaches=tuple(known)[:MOST_BREACHES],
        )

    def ended(self, at: datetime) -> Reinspection:
        """Everything was looked at."""
        return replace(self, state=ReinspectionState.ENDED, ended_at=at)

    def cancelled(self, at: datetime) -> Reinspection:
        """Nothing more is looked at. Raises REINSPECTION_OVER."""
        if self.state is not ReinspectionState.RUNNING:
            raise PrivacyError(
                errors.REINSPECTION_OVER, reinspection=self.id, state=self.state.value
            )
        return replace(self, state=ReinspectionState.CANCELLED, ended_at=at)
