"""Recorded cases under a candidate: what people decided, and what it would make of the same.

A case is a review that was decided and whose content is still kept. Somebody approved it: a
candidate that lets nothing of it pass contradicts that. Somebody rejected it: one that releases it
does. One that has a person look contradicts neither. What a validation recorded was decided by the
version that was in force then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class Decided(StrEnum):
    """What a person decided about a case."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a version makes of a case: its outcome, whether it releases it, and whether it has a
    person look.
    """

    outcome: str
    releases: bool
    waits: bool

    def contradicts(self, decided: Decided) -> bool:
        """Whether it is another than the person's."""
        if decided is Decided.REJECTED:
            return self.releases
        return not self.releases and not self.waits


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """A case of which the candidate makes something else than was decided. `case` is the review;
    `name` says which scenario and step of a validation it is, empty for what people decided.
    """

    case: str
    decided: Decided
    outcome: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """That somebody accepts what comes out otherwise. `reason` names no person."""

    by: str
    at: datetime
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """What the replay of recorded cases came to.

    `ran` cases were replayed; `changed` come out otherwise than was decided. `known` contradict
    their decision under the version in force already, and so are no change. `unread` could not be
    opened or judged, `truncated` says that there were more than were read.
    """

    ran: int = 0
    changed: tuple[CaseChange, ...] = ()
    known: int = 0
    unread: int = 0
    truncated: bool = False
    accepted: Acceptance | None = None

    @property
    def stands_against(self) -> bool:
        """Whether cases come out otherwise that nobody has accepted."""
        return bool(self.changed) and self.accepted is None

    def with_acceptance(self, *, by: str, at: datetime, reason: str) -> Regression:
        """Accepted by somebody; who did first stays."""
        if not self.stands_against:
            return self
        return replace(self, accepted=Acceptance(by=by, at=at, reason=reason))
