"""How a contract stands over time, a sharing contract and a behavior contract alike.

The versions of a contract say what was agreed; its course says what was done with them, by whom
and why. Whoever decides by a contract asks its course first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from privacy_service import errors
from privacy_service.errors import PrivacyError


class ContractKind(StrEnum):
    """Which of the two kinds a contract is. An id belongs to one contract of one kind."""

    SHARING = "sharing"
    BEHAVIOR = "behavior"


class StepKind(StrEnum):
    """What was done with a contract."""

    PUT = "put"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done with a contract. `version` is the one that it was done with;
    `reason` names no person.
    """

    kind: StepKind
    at: datetime
    by: str
    version: int | None = None
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """That nothing is decided by a contract, since when, by whom and why."""

    by: str
    at: datetime
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one contract stands. A contract of which nothing is said has the course that says
    nothing: its newest version decides.
    """

    contract_id: str
    suspension: Suspension | None = None

    def suspended(self, *, by: str, reason: str, at: datetime) -> Course:
        """Suspended. It stays with the first who did, so that nobody takes over to resume it."""
        if self.suspension is not None:
            return self
        return replace(self, suspension=Suspension(by=by, at=at, reason=reason))

    def resumed(self, *, by: str) -> Course:
        """Not suspended any more. Raises CONTRACT_NOT_SUSPENDED, and SECOND_PERSON_NEEDED for who
        suspended it.
        """
        if self.suspension is None:
            raise PrivacyError(errors.CONTRACT_NOT_SUSPENDED, contract=self.contract_id)
        if by == self.suspension.by:
            raise PrivacyError(errors.SECOND_PERSON_NEEDED, contract=self.contract_id)
        return replace(self, suspension=None)
