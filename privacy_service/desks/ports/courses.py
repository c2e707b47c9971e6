"""What is asked of the course desk: how contracts of both kinds stand, and moving them on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.contracts.course import ContractKind, Course, Step
from privacy_service.contracts.proposal import Proposal, VersionState
from privacy_service.contracts.shadow import ShadowReport
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeContract:
    """`draft`: it is kept and not proposed yet. `impact_days` are how many days of decisions are
    replayed. `expected_version` is the version in force that it
    was built on, None for whatever there is. `reason` names no person.
    """

    source: str = field(repr=False)
    reason: str = field(repr=False)
    draft: bool = False
    impact_days: int = 30
    expected_version: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListProposals:
    """`partner` None: of every contract that the caller may see."""

    partner: str | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideProposal:
    """`digest` is that of what was looked at. `accept_changed_cases`: what recorded cases come to
    otherwise is accepted, for this reason. `reason` names no person.
    """

    contract_id: str
    version: int
    digest: str
    approve: bool
    reason: str = field(repr=False)
    request_id: str
    accept_changed_cases: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateContract:
    """`at` None: now. `share` is how much of the requests it decides, in ten-thousandths; None for
    all of them.
    """

    contract_id: str
    version: int
    at: datetime | None = None
    share: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveContract:
    """A rollback, a suspension, or a resumption. `reason` names no person; `breach_id` is the
    breach that a suspension contains.
    """

    contract_id: str
    reason: str = field(repr=False)
    breach_id: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """A proposal, where its version stands, what it lacks to be in force now, and what its last
    shadow saw, if it had one.
    """

    proposal: Proposal
    state: VersionState
    lacks: tuple[str, ...]
    shadow: ShadowReport | None = None

    @classmethod
    def of(
        cls,
        proposal: Proposal,
        course: Course,
        *,
        now: datetime,
        shadow: ShadowReport | None = None,
    ) -> ProposalView:
        """The proposal beside how its contract stands."""
        state = proposal.stands(course)
        over = state in (VersionState.ACTIVE, VersionState.SUSPENDED, VersionState.SUPERSEDED)
        lacks = () if over else proposal.lacks(active=course.active, at=now)
        return cls(proposal=proposal, state=state, lacks=lacks, shadow=shadow)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    """How a contract stands: when it is due to be looked at again, and from when on nothing passes
    if nobody has. `proposals` come by version, `steps` by time, both newest first.
    """

    kind: ContractKind
    party: str
    other: str
    course: Course
    due_at: datetime | None
    lapses_at: datetime | None
    proposals: tuple[ProposalView, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecertifyContract:
    """`digest` is that of the packet of `as_of`, which was looked at. `reason` names no person."""

    contract_id: str
    as_of: datetime
    digest: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketView:
    """What an officer looks at before a contract is recertified: JSON, with its digest."""

    text: str
    digest: str
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """So many disclosures to a recipient, the notice that asks it to delete or return them (None:
    not yet), and how far that is.
    """

    recipient: str
    disclosures: int
    notice: str | None
    state: str | None
    asked_to: str = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decommissioning:
    """What there still is of what passed under a contract: sealed copies, tokens, reviews that hold
    something, answers that request ids are remembered with. `sweeps` are those that ended since it
    was retired, with their certificates. `ended_at`: since when there is a receipt that nothing is
    left.
    """

    contract_id: str
    retired_at: datetime | None
    copies: int
    tokens: int = 0
    reviews: int = 0
    answers: int = 0
    ended_at: datetime | None = None
    given: tuple[Given, ...]
    sweeps: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left here, and every recipient has confirmed or is excused."""
        settled = all(one.state in ("confirmed", "excused") for one in self.given)
        left = self.copies or self.tokens or self.reviews or self.answers
        return self.retired_at is not None and not left and settled


class CourseDesk(Protocol):
    """GovernanceService on courses. What changes one answers with its proof."""

    def activate(
        self, caller: Caller, request: ActivateContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def roll_back(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def suspend(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def resume(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def course(self, caller: Caller, contract_id: str, *, seconds: float | None) -> CourseView: ...

    def retire(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def decommissioning(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> Decommissioning: ...

    def end_receipt(self, caller: Caller, contract_id: str, *, seconds: float | None) -> str: ...

    def packet(
        self, caller: Caller, contract_id: str, *, as_of: datetime | None, seconds: float | None
    ) -> PacketView: ...

    def recertify(
        self, caller: Caller, request: RecertifyContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...


class ProposalDesk(Protocol):
    """GovernanceService on what is proposed."""

    def propose(
        self, caller: Caller, request: ProposeContract, *, seconds: float | None
    ) -> tuple[ProposalView, AuditStamp]: ...

    def decide(
        self, caller: Caller, request: DecideProposal, *, seconds: float | None
    ) -> tuple[ProposalView, AuditStamp]: ...

    def proposal(
        self, caller: Caller, contract_id: str, version: int, *, seconds: float | None
    ) -> ProposalView: ...

    def open_proposals(
        self, caller: Caller, request: ListProposals, *, seconds: float | None
    ) -> Page[ProposalView]: ...
