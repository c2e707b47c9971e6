"""Desks that GovernanceService can be served from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from privacy_service.access import Caller
from privacy_service.contracts.course import Canary, ContractKind, Course, Planned
from privacy_service.contracts.governance import Governance
from privacy_service.contracts.proposal import Proposal
from privacy_service.contracts.shadow import (
    Compared,
    Difference,
    Differing,
    Sampled,
    Shadow,
    ShadowReport,
)
from privacy_service.desks.ports.cases import CaseView, PinCase, RecordCase, UnpinCase
from privacy_service.desks.ports.courses import (
    ActivateContract,
    CourseView,
    DecideProposal,
    Decommissioning,
    Given,
    ListProposals,
    MoveContract,
    PacketView,
    ProposalView,
    ProposeContract,
    RecertifyContract,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.shadows import StartShadow, StopShadow
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.reviews.review import Review, ReviewState
from tests.rpc.breach_fakes import AT, STAMP

PROPOSAL = Proposal(
    contract_id="c", number=2, digest="sha256:" + "0" * 64, party="acme", other="globex",
    authors=("ann",), reason="r", base=1, governance=Governance(), proposed_at=AT,
)  # fmt: skip


@dataclass
class FakeProposals:
    """One proposal of each contract, as it was decided."""

    proposals: dict[str, Proposal] = field(default_factory=dict)

    def propose(
        self, caller: Caller, request: ProposeContract, *, seconds: float | None
    ) -> tuple[ProposalView, AuditStamp]:
        self.proposals["c"] = replace(PROPOSAL, authors=(caller.name,), draft=request.draft)
        return self.proposal(caller, "c", 2, seconds=seconds), STAMP

    def decide(
        self, caller: Caller, request: DecideProposal, *, seconds: float | None
    ) -> tuple[ProposalView, AuditStamp]:
        one = self.proposals.get(request.contract_id, PROPOSAL)
        if request.approve:
            one = one.approved(by=f"not {caller.name}", side=one.party, at=AT)
        self.proposals[request.contract_id] = one
        return self.proposal(caller, request.contract_id, 2, seconds=seconds), STAMP

    def proposal(
        self, caller: Caller, contract_id: str, version: int, *, seconds: float | None
    ) -> ProposalView:
        one = self.proposals.get(contract_id, PROPOSAL)
        return ProposalView.of(one, Course(contract_id=contract_id, active=1), now=AT)

    def open_proposals(
        self, caller: Caller, request: ListProposals, *, seconds: float | None
    ) -> Page[ProposalView]:
        return Page(items=(self.proposal(caller, "c", 2, seconds=seconds),))


@dataclass
class FakeCourses:
    """Every contract is there, and stands as it was moved."""

    courses: dict[str, Course] = field(default_factory=dict)

    def activate(
        self, caller: Caller, request: ActivateContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        course, number = self._course(request.contract_id), request.version
        if request.share is not None:
            course = course.tried(Canary(number=number, share=request.share), at=AT)
        elif request.at is not None:
            plan = Planned(number=number, at=request.at, by=caller.name)
            course = course.planned_for(plan, at=AT)
        else:
            course = course.activated(number, at=AT)
        return self._moved(caller, course, seconds)

    def roll_back(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        course = self._course(request.contract_id).activated(2, at=AT).rolled_back(at=AT)
        return self._moved(caller, course, seconds)

    def suspend(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        course = self._course(request.contract_id)
        suspended = course.suspended(by=caller.name, reason=request.reason, at=AT)
        return self._moved(caller, suspended, seconds)

    def resume(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        return self._moved(
            caller, self._course(request.contract_id).resumed(by=caller.name), seconds
        )

    def retire(
        self, caller: Caller, request: MoveContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        stopped = self._course(request.contract_id).suspended(by="ann", reason="r", at=AT)
        retired = stopped.retired(by=caller.name, reason=request.reason, at=AT)
        return self._moved(caller, retired, seconds)

    def decommissioning(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> Decommissioning:
        given = Given(recipient="globex", disclosures=2, notice=None, state=None)
        return Decommissioning(
            contract_id=contract_id, retired_at=AT, copies=1, given=(given,), sweeps=("s",)
        )

    def end_receipt(self, caller: Caller, contract_id: str, *, seconds: float | None) -> str:
        return "{}"

    def packet(
        self, caller: Caller, contract_id: str, *, as_of: datetime | None, seconds: float | None
    ) -> PacketView:
        return PacketView(text="{}", digest="sha256:" + "0" * 64, as_of=as_of or AT)

    def recertify(
        self, caller: Caller, request: RecertifyContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        return self._moved(caller, self._course(request.contract_id).certified(at=AT), seconds)

    def course(self, caller: Caller, contract_id: str, *, seconds: float | None) -> CourseView:
        return CourseView(
            kind=ContractKind.SHARING,
            party="acme",
            other="globex",
            course=self._course(contract_id),
            due_at=AT,
            lapses_at=AT,
            proposals=(),
            steps=(),
        )

    def _moved(
        self, caller: Caller, course: Course, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        self.courses[course.contract_id] = course
        return self.course(caller, course.contract_id, seconds=seconds), STAMP

    def _course(self, contract_id: str) -> Course:
        return self.courses.get(contract_id, Course(contract_id=contract_id, active=1))


@dataclass
class FakeShadows:
    """The last shadow of each contract."""

    shadows: dict[str, Shadow] = field(default_factory=dict)

    def start(
        self, caller: Caller, request: StartShadow, *, seconds: float | None
    ) -> tuple[ShadowReport, AuditStamp]:
        self.shadows[request.contract_id] = Shadow(
            contract_id=request.contract_id, round=1, number=request.version, share=request.share,
            started_at=AT, started_by=caller.name, until=request.until, reason=request.reason,
        )  # fmt: skip
        return self.report(caller, request.contract_id, None, seconds=seconds), STAMP

    def stop(
        self, caller: Caller, request: StopShadow, *, seconds: float | None
    ) -> tuple[ShadowReport, AuditStamp]:
        one = self._shadow(request.contract_id)
        self.shadows[request.contract_id] = one.ended(by=caller.name, at=AT)
        return self.report(caller, request.contract_id, None, seconds=seconds), STAMP

    def report(
        self, caller: Caller, contract_id: str, version: int | None, *, seconds: float | None
    ) -> ShadowReport:
        said = Differing(what="failure:leaks", active="", candidate="FIRED")
        compared = Compared(active="ACCEPTED", candidate="REFUSED", differs=(said,))
        return ShadowReport(
            shadow=self._shadow(contract_id),
            sampled={Sampled.SAME: 1, Sampled.DIFFERS: 1, Sampled.FAILED: 2, Sampled.DROPPED: 3},
            outcomes={("ACCEPTED", "ACCEPTED"): 1, ("ACCEPTED", "REFUSED"): 1},
            differs={said: 1},
            failed={"INTERNAL": 2},
            dropped={"QUEUE_FULL": 3},
            newest=(Difference(reference="r", position=7, at=AT, number=1, compared=compared),),
        )

    def _shadow(self, contract_id: str) -> Shadow:
        usual = Shadow(
            contract_id=contract_id, round=1, number=2, share=500, started_at=AT,
            started_by="ann", until=AT, reason="r",
        )  # fmt: skip
        return self.shadows.get(contract_id, usual)


CASE = Review(
    id="r", sender="acme", recipient="globex", purpose="p", content_type="text/plain",
    contracts=(), reasons=(), seen="s", held_at=AT, expires_at=AT, four_eyes=False,
    state=ReviewState.APPROVED, decided_at=AT,
)  # fmt: skip


@dataclass
class FakeCases:
    """One review, pinned or not."""

    pins: dict[str, PinCase] = field(default_factory=dict)

    def pin(
        self, caller: Caller, request: PinCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]:
        self.pins[request.review_id] = request
        return self.list_cases(caller, "c", seconds=seconds)[0], STAMP

    def unpin(
        self, caller: Caller, request: UnpinCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]:
        self.pins.pop(request.review_id, None)
        return self.list_cases(caller, "c", seconds=seconds)[0], STAMP

    def record(
        self, caller: Caller, request: RecordCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]:
        return CaseView(review=replace(CASE, id=request.scenario)), STAMP

    def list_cases(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> tuple[CaseView, ...]:
        pin = self.pins.get("r")
        if pin is None:
            return (CaseView(review=CASE),)
        return (
            CaseView(review=CASE, pinned_until=pin.until, pinned_by=caller.name, reason=pin.reason),
        )
