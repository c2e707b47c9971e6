"""A version that is proposed: what it changes, who approves it, and what it still lacks.

draft ──▶ proposed ──▶ approved ──▶ activated; or rejected, on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from privacy_service import errors
from privacy_service.contracts.change import Way
from privacy_service.contracts.course import Course
from privacy_service.contracts.governance import Governance
from privacy_service.contracts.impact import Impact
from privacy_service.contracts.regression import Regression
from privacy_service.errors import PrivacyError


class ProposalState(StrEnum):
    """How far a proposal is."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class VersionState(StrEnum):
    """Where a version stands in its contract's life."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One changed term, without its values: the versions themselves have those."""

    path: str
    way: Way
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What came of the examples: how many were run, and which did not come out as they should.

    `failed` are the version's own examples; `regressed` are those of the version in force, which
    the new version does not state anew.
    """

    ran: int = 0
    failed: tuple[str, ...] = ()
    regressed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Somebody's approval, for one of the two sides."""

    by: str
    side: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A version that may take the place of the one in force.

    `base` is the version in force that it was compared with (0: there was none), `changes` what
    the comparison gave, `impact` what it would have done to the decisions of a span of time, and
    `regression` what it makes of recorded cases (None: they were not replayed).
    `governance` is the base's, or its own where there is no base. `authors` drafted or proposed it;
    none of them approves it.
    """

    contract_id: str
    number: int
    digest: str
    party: str
    other: str
    authors: tuple[str, ...]
    reason: str = field(repr=False)
    base: int
    changes: tuple[Changed, ...] = ()
    governance: Governance
    draft: bool = False
    proposed_at: datetime
    trials: Trials = Trials()
    impact: Impact | None = None
    regression: Regression | None = None
    approvals: tuple[Approved, ...] = ()
    rejected_by: str | None = None
    activated_at: datetime | None = None

    @property
    def weakens(self) -> bool:
        """Whether a change weakens. A contract that was not there permits what nothing did."""
        return not self.base or any(change.way is Way.WEAKENS for change in self.changes)

    @property
    def state(self) -> ProposalState:
        if self.rejected_by is not None:
            return ProposalState.REJECTED
        if self.draft:
            return ProposalState.DRAFT
        return ProposalState.PROPOSED if self.waits_for else ProposalState.APPROVED

    def stands(self, course: Course) -> VersionState:
        """Where its version stands."""
        if self.number == course.active:
            if course.retirement is not None:
                return VersionState.RETIRED
            return VersionState.SUSPENDED if course.suspension else VersionState.ACTIVE
        if self.activated_at is not None:
            return VersionState.SUPERSEDED
        return VersionState(self.state.value)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The sides whose approval it lacks. What weakens is always approved by somebody else."""
        if not self.weakens and not self.governance.asks_approval(weakens=False):
            return ()
        given = {approval.side for approval in self.approvals}
        return tuple(
            side for side in self.governance.sides(self.party, self.other) if side not in given
        )

    @property
    def not_before(self) -> datetime:
        """The instant before which its notice is not over."""
        notice = self.governance.notice
        return self.proposed_at if notice is None else self.proposed_at + notice

    def approved(self, *, by: str, side: str, at: datetime) -> Proposal:
        """With an approval; the same person's again is the first. Raises PROPOSAL_NOT_OPEN, and
        SECOND_PERSON_NEEDED for an author.
        """
        self._require_open()
        if by in self.authors:
            raise PrivacyError(errors.SECOND_PERSON_NEEDED, contract=self.contract_id)
        if any((one.by, one.side) == (by, side) for one in self.approvals):
            return self
        return replace(self, approvals=(*self.approvals, Approved(by=by, side=side, at=at)))

    def accepted(self, *, by: str, at: datetime, reason: str) -> Proposal:
        """With what recorded cases come to otherwise accepted. Raises PROPOSAL_NOT_OPEN, and
        SECOND_PERSON_NEEDED for an author.
        """
        self._require_open()
        if by in self.authors:
            raise PrivacyError(errors.SECOND_PERSON_NEEDED, contract=self.contract_id)
        if self.regression is None:
            return self
        accepted = self.regression.with_acceptance(by=by, at=at, reason=reason)
        return replace(self, regression=accepted)

    def rejected(self, *, by: str) -> Proposal:
        """Rejected, for good. Raises PROPOSAL_NOT_OPEN."""
        if self.rejected_by is not None:
            return self
        self._require_open()
        return replace(self, rejected_by=by)

    def lacks(self, *, active: int, at: datetime) -> tuple[str, ...]:
        """What has to be so before the version is in force at an instant, and is not."""
        if self.rejected_by is not None:
            return ("it was rejected: propose another version",)
        if self.draft:
            return ("it is a draft: propose it",)
        return tuple(self._missing(active, at))

    def _missing(self, active: int, at: datetime) -> list[str]:
        missing = []
        if self.base != active:
            says = f"it was compared with version {self.base}, and version {active} is in force: "
            missing.append(f"{says}propose it again")
        if self.trials.failed:
            missing.append(f"examples that come out otherwise: {', '.join(self.trials.failed)}")
        if self.trials.regressed:
            names = ", ".join(self.trials.regressed)
            missing.append(f"examples of the version in force, to be stated anew: {names}")
        if self.regression is not None and self.regression.stands_against:
            count = len(self.regression.changed)
            missing.append(
                f"{count} recorded cases come out otherwise than was decided: "
                "an approver accepts them, or propose another version"
            )
        missing += [f"approval for {side}" for side in self.waits_for]
        if at < self.not_before:
            missing.append(f"notice, which is over on {self.not_before.isoformat()}")
        return missing

    def _require_open(self) -> None:
        if self.draft or self.rejected_by is not None or self.activated_at is not None:
            raise PrivacyError(
                errors.PROPOSAL_NOT_OPEN, contract=self.contract_id, version=self.number
            )
