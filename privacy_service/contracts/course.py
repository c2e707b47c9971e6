"""How a contract stands over time, a sharing contract and a behavior contract alike.

The versions of a contract say what was agreed; its course says what was done with them, by whom
and why. Whoever decides by a contract asks its course first: which version it is, and whether any.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.contracts.governance import Governance
from privacy_service.errors import PrivacyError

WHOLE: Final = 10_000
"""All requests: a share is counted in ten-thousandths."""


class ContractKind(StrEnum):
    """Which of the two kinds a contract is. An id belongs to one contract of one kind."""

    SHARING = "sharing"
    BEHAVIOR = "behavior"


class StepKind(StrEnum):
    """What was done with a contract."""

    PUT = "put"
    DRAFTED = "drafted"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    PLANNED = "planned"
    CANARY = "canary"
    ACTIVATED = "activated"
    ROLLED_BACK = "rolled_back"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RECERTIFIED = "recertified"
    RETIRED = "retired"
    SHADOWED = "shadowed"
    SHADOW_ENDED = "shadow_ended"


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


class Halt(StrEnum):
    """Why nothing is decided by a contract."""

    SUSPENDED = "suspended"
    RETIRED = "retired"
    NOT_RECERTIFIED = "not_recertified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """That a version is in force from an instant on."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """That a version decides a share of the requests, in ten-thousandths."""

    number: int
    share: int

    @property
    def percent(self) -> float:
        """Its share in percent."""
        return self.share * 100 / WHOLE

    def takes(self, contract_id: str, draw: str) -> bool:
        """Whether it decides the request that this was drawn for: the same for the same draw, and
        still so when the share grows.
        """
        drawn = hashlib.sha256(f"{draw}|{contract_id}|{self.number}".encode()).digest()
        return int.from_bytes(drawn[:8], "big") % WHOLE < self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one contract stands. A contract of which nothing is said has no course: its newest
    version decides.

    `active` is the version in force (0: none yet) and `back_to` the one before it, to which a
    rollback leads. `certified_at` is when an officer last said that it still is right, or when it
    was first in force. `retirement` ends it, for good. `as_of` is when the course last moved: for
    it no time before that comes again, whatever a clock says.
    """

    contract_id: str
    active: int = 0
    back_to: int | None = None
    planned: Planned | None = None
    canary: Canary | None = None
    suspension: Suspension | None = None
    retirement: Suspension | None = None
    certified_at: datetime | None = None
    as_of: datetime | None = None

    # -- Asking -------------------------------------------------------------------------------

    def deciding(self, at: datetime, draw: str | None) -> int:
        """The version that decides a request, 0 for none. `draw` is a keyed word for what the
        request is about; without one no canary takes it.
        """
        now = self.turned(at)
        if now.canary and draw is not None and now.canary.takes(self.contract_id, draw):
            return now.canary.number
        return now.active

    def deciders(self, at: datetime) -> tuple[int, ...]:
        """The versions that may decide at an instant: the one in force, and a canary."""
        now = self.turned(at)
        numbers = (now.active, 0 if now.canary is None else now.canary.number)
        return tuple(number for number in numbers if number)

    def halt(self, governance: Governance, put_at: datetime, at: datetime) -> Halt | None:
        """Why nothing is decided by it at an instant, by what its version in force says; None where
        something is. `put_at` is when that version was put.
        """
        if self.retirement is not None:
            return Halt.RETIRED
        if self.suspension is not None:
            return Halt.SUSPENDED
        lapses = governance.lapses(self.certified_at or put_at)
        overdue = lapses is not None and self._not_before(at) >= lapses
        return Halt.NOT_RECERTIFIED if overdue else None

    @property
    def moves_by_itself(self) -> bool:
        """Whether what decides depends on the request or on the time to come."""
        return self.canary is not None or self.planned is not None

    # -- Moving -------------------------------------------------------------------------------

    def turned(self, at: datetime) -> Course:
        """As it stands at an instant: what was planned until then has happened."""
        if self.planned is None or self.planned.at > self._not_before(at):
            return self
        return self.activated(self.planned.number, at=self.planned.at)

    def activated(self, number: int, *, at: datetime) -> Course:
        """In force with this version, for every request; the one before can be gone back to."""
        stays = number == self.active
        return replace(
            self,
            active=number,
            back_to=self.back_to if stays else self.active or None,
            planned=None,
            canary=None,
            certified_at=self.certified_at or at,
            as_of=self._not_before(at),
        )

    def held_at(self, number: int) -> Course:
        """With this version for every request, as long as something else says so."""
        return replace(self, active=number, planned=None, canary=None)

    def without_canary(self) -> Course:
        """With the version in force for every request, as long as something else says so."""
        return replace(self, canary=None)

    def planned_for(self, planned: Planned, *, at: datetime) -> Course:
        """In force as it is until the planned instant. An earlier plan is dropped."""
        return replace(self, planned=planned, as_of=self._not_before(at))

    def tried(self, canary: Canary, *, at: datetime) -> Course:
        """In force as it is, but for the canary's share."""
        return replace(self, canary=canary, planned=None, as_of=self._not_before(at))

    def rolled_back(self, *, at: datetime) -> Course:
        """Without its canary or its plan; without either, with the version before the one that is
        in force. Raises NOTHING_TO_ROLL_BACK.
        """
        as_of = self._not_before(at)
        if self.canary or self.planned:
            return replace(self, canary=None, planned=None, as_of=as_of)
        if self.back_to is None:
            raise PrivacyError(errors.NOTHING_TO_ROLL_BACK, contract=self.contract_id)
        return replace(self, active=self.back_to, back_to=None, as_of=as_of)

    def certified(self, *, at: datetime) -> Course:
        """Looked at again, and still right."""
        return replace(self, certified_at=at, as_of=self._not_before(at))

    def retired(self, *, by: str, reason: str, at: datetime) -> Course:
        """At its end: nothing is decided by it any more, and what was planned will not be.

        Raises CONTRACT_NOT_SUSPENDED, because somebody stops it first, and SECOND_PERSON_NEEDED
        for who did.
        """
        if self.retirement is not None:
            return self
        if self.suspension is None:
            raise PrivacyError(errors.CONTRACT_NOT_SUSPENDED, contract=self.contract_id)
        if by == self.suspension.by:
            raise PrivacyError(errors.SECOND_PERSON_NEEDED, contract=self.contract_id)
        return replace(
            self,
            retirement=Suspension(by=by, at=at, reason=reason),
            planned=None,
            canary=None,
            as_of=self._not_before(at),
        )

    def require_going(self) -> None:
        """Raises CONTRACT_RETIRED for one that is at its end."""
        if self.retirement is not None:
            raise PrivacyError(errors.CONTRACT_RETIRED, contract=self.contract_id)

    def suspended(self, *, by: str, reason: str, at: datetime) -> Course:
        """Suspended. It stays with the first who did, so that nobody takes over to resume it."""
        if self.suspension is not None:
            return self
        return replace(self, suspension=Suspension(by=by, at=at, reason=reason))

    def resumed(self, *, by: str) -> Course:
        """Not suspended any more. Raises CONTRACT_NOT_SUSPENDED, and SECOND_PERSON_NEEDED for who
        suspended it.
        """
        self.require_going()
        if self.suspension is None:
            raise PrivacyError(errors.CONTRACT_NOT_SUSPENDED, contract=self.contract_id)
        if by == self.suspension.by:
            raise PrivacyError(errors.SECOND_PERSON_NEEDED, contract=self.contract_id)
        return replace(self, suspension=None)

    def _not_before(self, at: datetime) -> datetime:
        return at if self.as_of is None else max(at, self.as_of)
