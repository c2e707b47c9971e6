"""GovernanceService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.contracts.change import Way
from privacy_service.contracts.course import Canary, ContractKind, Planned, Step, Suspension
from privacy_service.contracts.impact import Impact
from privacy_service.contracts.proposal import VersionState
from privacy_service.contracts.regression import Regression
from privacy_service.contracts.shadow import Difference, Differing, Sampled, ShadowReport
from privacy_service.desks.ports.cases import CaseDesk, CaseView, PinCase, RecordCase, UnpinCase
from privacy_service.desks.ports.courses import (
    ActivateContract,
    CourseDesk,
    CourseView,
    DecideProposal,
    Decommissioning,
    ListProposals,
    MoveContract,
    ProposalDesk,
    ProposalView,
    ProposeContract,
    RecertifyContract,
)
from privacy_service.desks.ports.shadows import ShadowDesk, StartShadow, StopShadow
from privacy_service.rpc.answers import numbers, parse_instant, render_audit, render_instant
from privacy_service.rpc.behavior import parse_output, parse_prompt
from privacy_service.rpc.call import admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1 import governance_pb2_grpc as pb_grpc

KINDS: Final = numbers(ContractKind, pb.ContractKind)
WAYS: Final = numbers(Way, pb.ChangeWay)
STATES: Final = numbers(VersionState, pb.ContractVersionState)
_HUNDREDTHS: Final = 100
"""Shares of a percent that are counted."""


class GovernanceServicer(pb_grpc.GovernanceServiceServicer):
    """Answers GovernanceService; every rule is behind the desks."""

    def __init__(
        self,
        desk: CourseDesk,
        proposals: ProposalDesk,
        shadows: ShadowDesk,
        cases: CaseDesk,
        pages: PageTokens,
    ) -> None:
        self._desk = desk
        self._proposals = proposals
        self._shadows = shadows
        self._cases = cases
        self._pages = pages

    def ProposeContract(
        self, request: pb.ProposeContractRequest, context: object
    ) -> pb.ProposeContractResponse:
        call = admitted(context)
        view, audit = self._proposals.propose(
            call.caller, parse_propose(request), seconds=call.seconds()
        )
        return pb.ProposeContractResponse(proposal=render_proposal(view), audit=render_audit(audit))

    def GetProposal(
        self, request: pb.GetProposalRequest, context: object
    ) -> pb.GetProposalResponse:
        call = admitted(context)
        view = self._proposals.proposal(
            call.caller, request.contract_id, request.version, seconds=call.seconds()
        )
        return pb.GetProposalResponse(proposal=render_proposal(view))

    def ListProposals(
        self, request: pb.ListProposalsRequest, context: object
    ) -> pb.ListProposalsResponse:
        call = admitted(context)
        asked = ListProposals(
            partner=request.partner or None, place=self._pages.place(call, request)
        )
        page = self._proposals.open_proposals(call.caller, asked, seconds=call.seconds())
        return pb.ListProposalsResponse(
            proposals=[render_proposal(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def DecideProposal(
        self, request: pb.DecideProposalRequest, context: object
    ) -> pb.DecideProposalResponse:
        call = admitted(context)
        view, audit = self._proposals.decide(
            call.caller, parse_decide(request), seconds=call.seconds()
        )
        return pb.DecideProposalResponse(proposal=render_proposal(view), audit=render_audit(audit))

    def ActivateContract(
        self, request: pb.ActivateContractRequest, context: object
    ) -> pb.ActivateContractResponse:
        call = admitted(context)
        view, audit = self._desk.activate(
            call.caller, parse_activate(request), seconds=call.seconds()
        )
        return pb.ActivateContractResponse(course=render_course(view), audit=render_audit(audit))

    def RollBackContract(
        self, request: pb.RollBackContractRequest, context: object
    ) -> pb.RollBackContractResponse:
        call = admitted(context)
        view, audit = self._desk.roll_back(call.caller, parse_move(request), seconds=call.seconds())
        return pb.RollBackContractResponse(course=render_course(view), audit=render_audit(audit))

    def SuspendContract(
        self, request: pb.SuspendContractRequest, context: object
    ) -> pb.SuspendContractResponse:
        call = admitted(context)
        view, audit = self._desk.suspend(call.caller, parse_move(request), seconds=call.seconds())
        return pb.SuspendContractResponse(course=render_course(view), audit=render_audit(audit))

    def ResumeContract(
        self, request: pb.ResumeContractRequest, context: object
    ) -> pb.ResumeContractResponse:
        call = admitted(context)
        view, audit = self._desk.resume(call.caller, parse_move(request), seconds=call.seconds())
        return pb.ResumeContractResponse(course=render_course(view), audit=render_audit(audit))

    def RetireContract(
        self, request: pb.RetireContractRequest, context: object
    ) -> pb.RetireContractResponse:
        call = admitted(context)
        view, audit = self._desk.retire(call.caller, parse_move(request), seconds=call.seconds())
        return pb.RetireContractResponse(course=render_course(view), audit=render_audit(audit))

    def GetDecommissioning(
        self, request: pb.GetDecommissioningRequest, context: object
    ) -> pb.GetDecommissioningResponse:
        call = admitted(context)
        return render_end(
            self._desk.decommissioning(call.caller, request.contract_id, seconds=call.seconds())
        )

    def GetDecommissioningReceipt(
        self, request: pb.GetDecommissioningReceiptRequest, context: object
    ) -> pb.GetDecommissioningReceiptResponse:
        call = admitted(context)
        text = self._desk.end_receipt(call.caller, request.contract_id, seconds=call.seconds())
        return pb.GetDecommissioningReceiptResponse(receipt_json=text)

    def GetRecertificationPacket(
        self, request: pb.GetRecertificationPacketRequest, context: object
    ) -> pb.GetRecertificationPacketResponse:
        call = admitted(context)
        as_of = parse_instant(request.as_of) if request.HasField("as_of") else None
        packet = self._desk.packet(
            call.caller, request.contract_id, as_of=as_of, seconds=call.seconds()
        )
        return pb.GetRecertificationPacketResponse(
            packet_json=packet.text, digest=packet.digest, as_of=render_instant(packet.as_of)
        )

    def RecertifyContract(
        self, request: pb.RecertifyContractRequest, context: object
    ) -> pb.RecertifyContractResponse:
        call = admitted(context)
        view, audit = self._desk.recertify(
            call.caller, parse_recertify(request), seconds=call.seconds()
        )
        return pb.RecertifyContractResponse(course=render_course(view), audit=render_audit(audit))

    def GetContractCourse(
        self, request: pb.GetContractCourseRequest, context: object
    ) -> pb.GetContractCourseResponse:
        call = admitted(context)
        view = self._desk.course(call.caller, request.contract_id, seconds=call.seconds())
        return pb.GetContractCourseResponse(course=render_course(view))

    def StartShadow(
        self, request: pb.StartShadowRequest, context: object
    ) -> pb.StartShadowResponse:
        call = admitted(context)
        view, audit = self._shadows.start(
            call.caller, parse_start_shadow(request), seconds=call.seconds()
        )
        return pb.StartShadowResponse(shadow=render_shadow(view), audit=render_audit(audit))

    def StopShadow(self, request: pb.StopShadowRequest, context: object) -> pb.StopShadowResponse:
        call = admitted(context)
        view, audit = self._shadows.stop(
            call.caller, parse_stop_shadow(request), seconds=call.seconds()
        )
        return pb.StopShadowResponse(shadow=render_shadow(view), audit=render_audit(audit))

    def GetShadow(self, request: pb.GetShadowRequest, context: object) -> pb.GetShadowResponse:
        call = admitted(context)
        version = request.version if request.HasField("version") else None
        view = self._shadows.report(
            call.caller, request.contract_id, version, seconds=call.seconds()
        )
        return pb.GetShadowResponse(shadow=render_shadow(view))

    def PinCase(self, request: pb.PinCaseRequest, context: object) -> pb.PinCaseResponse:
        call = admitted(context)
        asked = PinCase(
            review_id=request.review_id,
            until=parse_instant(request.until),
            reason=request.reason,
            request_id=request.request_id.lower(),
        )
        view, audit = self._cases.pin(call.caller, asked, seconds=call.seconds())
        return pb.PinCaseResponse(recorded_case=render_case(view), audit=render_audit(audit))

    def UnpinCase(self, request: pb.UnpinCaseRequest, context: object) -> pb.UnpinCaseResponse:
        call = admitted(context)
        asked = UnpinCase(
            review_id=request.review_id,
            reason=request.reason,
            request_id=request.request_id.lower(),
        )
        view, audit = self._cases.unpin(call.caller, asked, seconds=call.seconds())
        return pb.UnpinCaseResponse(recorded_case=render_case(view), audit=render_audit(audit))

    def RecordCase(self, request: pb.RecordCaseRequest, context: object) -> pb.RecordCaseResponse:
        call = admitted(context)
        view, audit = self._cases.record(call.caller, parse_record(request), seconds=call.seconds())
        return pb.RecordCaseResponse(recorded_case=render_case(view), audit=render_audit(audit))

    def ListCases(self, request: pb.ListCasesRequest, context: object) -> pb.ListCasesResponse:
        call = admitted(context)
        found = self._cases.list_cases(call.caller, request.contract_id, seconds=call.seconds())
        return pb.ListCasesResponse(cases=[render_case(one) for one in found])


# -- In ---------------------------------------------------------------------------------------


def parse_propose(request: pb.ProposeContractRequest) -> ProposeContract:
    expected = request.expected_version if request.HasField("expected_version") else None
    return ProposeContract(
        source=request.source,
        reason=request.reason,
        draft=request.draft,
        impact_days=request.impact_days or 30,
        expected_version=expected,
        request_id=request.request_id.lower(),
    )


def parse_decide(request: pb.DecideProposalRequest) -> DecideProposal:
    return DecideProposal(
        contract_id=request.contract_id,
        version=request.version,
        digest=request.digest,
        approve=request.decision == pb.PROPOSAL_DECISION_APPROVE,
        reason=request.reason,
        request_id=request.request_id.lower(),
        accept_changed_cases=request.accept_changed_cases,
    )


def parse_activate(request: pb.ActivateContractRequest) -> ActivateContract:
    share = None
    if request.HasField("canary_percent"):
        share = max(1, round(request.canary_percent * _HUNDREDTHS))
    return ActivateContract(
        contract_id=request.contract_id,
        version=request.version,
        at=parse_instant(request.at) if request.HasField("at") else None,
        share=share,
        request_id=request.request_id.lower(),
    )


def parse_move(
    request: pb.RollBackContractRequest
    | pb.SuspendContractRequest
    | pb.ResumeContractRequest
    | pb.RetireContractRequest,
) -> MoveContract:
    for_breach = request.breach_id if isinstance(request, pb.SuspendContractRequest) else ""
    return MoveContract(
        contract_id=request.contract_id,
        reason=request.reason,
        breach_id=for_breach or None,
        request_id=request.request_id.lower(),
    )


def parse_recertify(request: pb.RecertifyContractRequest) -> RecertifyContract:
    return RecertifyContract(
        contract_id=request.contract_id,
        as_of=parse_instant(request.as_of),
        digest=request.digest,
        reason=request.reason,
        request_id=request.request_id.lower(),
    )


def parse_start_shadow(request: pb.StartShadowRequest) -> StartShadow:
    percent = request.percent if request.HasField("percent") else 100.0
    return StartShadow(
        contract_id=request.contract_id,
        version=request.version,
        share=max(1, round(percent * _HUNDREDTHS)),
        until=parse_instant(request.until),
        reason=request.reason,
        request_id=request.request_id.lower(),
    )


def parse_stop_shadow(request: pb.StopShadowRequest) -> StopShadow:
    return StopShadow(
        contract_id=request.contract_id,
        reason=request.reason,
        request_id=request.request_id.lower(),
    )


def parse_record(request: pb.RecordCaseRequest) -> RecordCase:
    of_model = request.WhichOneof("check") == "output"
    return RecordCase(
        contract_id=request.contract_id,
        check=parse_output(request.output) if of_model else parse_prompt(request.prompt),
        scenario=request.scenario,
        step=request.step,
        until=parse_instant(request.until),
        request_id=request.request_id.lower(),
    )


# -- Out --------------------------------------------------------------------------------------


def render_course(view: CourseView) -> pb.ContractCourse:
    """How a contract stands."""
    course = view.course
    return pb.ContractCourse(
        contract_id=course.contract_id,
        kind=KINDS[view.kind],
        party=view.party,
        other=view.other,
        version=course.active,
        suspension=None if course.suspension is None else _suspension(course.suspension),
        steps=[_step(step) for step in view.steps],
        rollback_version=course.back_to or 0,
        plan=None if course.planned is None else _plan(course.planned),
        canary=None if course.canary is None else _canary(course.canary),
        proposals=[render_proposal(one) for one in view.proposals],
        due_time=render_instant(view.due_at),
        lapse_time=render_instant(view.lapses_at),
        retirement=None if course.retirement is None else _suspension(course.retirement),
    )


def render_proposal(view: ProposalView) -> pb.ContractProposal:
    """What is proposed."""
    one = view.proposal
    return pb.ContractProposal(
        contract_id=one.contract_id,
        version=one.number,
        digest=one.digest,
        state=STATES[view.state],
        authors=one.authors,
        reason=one.reason,
        base_version=one.base,
        changes=[
            pb.ContractChange(path=each.path, way=WAYS[each.way], why=each.why)
            for each in one.changes
        ],
        propose_time=render_instant(one.proposed_at),
        examples=one.trials.ran,
        failed_examples=one.trials.failed,
        regressed_examples=one.trials.regressed,
        approvals=[
            pb.ContractApproval(by=each.by, side=each.side, at=render_instant(each.at))
            for each in one.approvals
        ],
        waits_for=one.waits_for,
        not_before=render_instant(one.not_before),
        rejected_by=one.rejected_by or "",
        lacks=view.lacks,
        impact=None if one.impact is None else _impact(one.impact),
        shadow=None if view.shadow is None else render_shadow(view.shadow),
        regression=None if one.regression is None else _regression(one.regression),
    )


def render_case(view: CaseView) -> pb.RecordedCase:
    """A review whose content is kept."""
    review = view.review
    side = "prompt" if review.sender == review.party else "output"
    return pb.RecordedCase(
        review_id=review.id,
        kind=side if view.recorded else review.kind.value,
        state=review.state.value,
        hold_time=render_instant(review.held_at),
        decide_time=render_instant(review.decided_at),
        pinned_until=render_instant(view.pinned_until),
        pinned_by=view.pinned_by or "",
        reason=view.reason,
        origin="validation" if view.recorded else "review",
        name=view.name,
    )


def _regression(one: Regression) -> pb.ContractRegression:
    accepted = one.accepted
    return pb.ContractRegression(
        cases=one.ran,
        changed=[
            pb.ChangedCase(
                review_id=each.case,
                decided=each.decided.value,
                outcome=each.outcome,
                name=each.name,
            )
            for each in one.changed
        ],
        known=one.known,
        unread=one.unread,
        truncated=one.truncated,
        accepted_by="" if accepted is None else accepted.by,
        accept_time=render_instant(None if accepted is None else accepted.at),
        accept_reason="" if accepted is None else accepted.reason,
    )


def render_shadow(report: ShadowReport) -> pb.ContractShadow:
    """What a version that judges beside the one in force saw."""
    shadow, sampled = report.shadow, report.sampled
    return pb.ContractShadow(
        contract_id=shadow.contract_id,
        version=shadow.number,
        percent=shadow.share / _HUNDREDTHS,
        start_time=render_instant(shadow.started_at),
        started_by=shadow.started_by,
        reason=shadow.reason,
        until=render_instant(shadow.until),
        end_time=render_instant(shadow.ended_at),
        ended_by=shadow.ended_by or "",
        running=report.running,
        same=sampled.get(Sampled.SAME, 0),
        differing=sampled.get(Sampled.DIFFERS, 0),
        failed=sampled.get(Sampled.FAILED, 0),
        dropped=sampled.get(Sampled.DROPPED, 0),
        outcomes=[
            pb.ShadowOutcomes(active=active, candidate=candidate, count=count)
            for (active, candidate), count in sorted(report.outcomes.items())
        ],
        differs=[
            _differing(one, count)
            for one, count in sorted(report.differs.items(), key=lambda each: (-each[1], each[0]))
        ],
        failed_by=report.failed,
        dropped_by=report.dropped,
        newest=[_difference(one) for one in report.newest],
    )


def _difference(one: Difference) -> pb.ShadowDifference:
    return pb.ShadowDifference(
        request_id=one.reference,
        audit_position=one.position,
        at=render_instant(one.at),
        version=one.number,
        active=one.compared.active,
        candidate=one.compared.candidate,
        differs=[_differing(each, 0) for each in one.compared.differs],
    )


def _differing(one: Differing, count: int) -> pb.ShadowDiffering:
    return pb.ShadowDiffering(
        what=one.what, active=one.active, candidate=one.candidate, count=count
    )


def render_end(end: Decommissioning) -> pb.GetDecommissioningResponse:
    """What there still is of what passed under a contract."""
    return pb.GetDecommissioningResponse(
        retire_time=render_instant(end.retired_at),
        copies=end.copies,
        given=[
            pb.GivenUnderContract(
                recipient=one.recipient,
                disclosures=one.disclosures,
                notice_id=one.notice or "",
                notice_state=one.state or "",
                asked_to=one.asked_to,
            )
            for one in end.given
        ],
        sweep_ids=end.sweeps,
        complete=end.complete,
        tokens=end.tokens,
        reviews=end.reviews,
        answers=end.answers,
        end_time=render_instant(end.ended_at),
    )


def _impact(impact: Impact) -> pb.ContractImpact:
    return pb.ContractImpact(
        since=render_instant(impact.since),
        until=render_instant(impact.until),
        decisions=impact.decisions,
        truncated=impact.truncated,
        shifts=[
            pb.ImpactShift(before=one.before, after=one.after, count=one.count)
            for one in impact.shifts
        ],
        unjudged=[pb.ImpactUnjudged(why=one.why, count=one.count) for one in impact.unjudged],
    )


def _suspension(one: Suspension) -> pb.ContractSuspension:
    return pb.ContractSuspension(by=one.by, at=render_instant(one.at), reason=one.reason)


def _plan(one: Planned) -> pb.ContractPlan:
    return pb.ContractPlan(version=one.number, at=render_instant(one.at), by=one.by)


def _canary(one: Canary) -> pb.ContractCanary:
    return pb.ContractCanary(version=one.number, percent=one.share / _HUNDREDTHS)


def _step(step: Step) -> pb.ContractStep:
    return pb.ContractStep(
        kind=step.kind.value,
        at=render_instant(step.at),
        by=step.by,
        version=step.version or 0,
        reason=step.reason,
    )
