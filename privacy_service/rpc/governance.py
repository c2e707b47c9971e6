"""GovernanceService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.contracts.course import ContractKind, Step, Suspension
from privacy_service.desks.ports.courses import (
    CourseDesk,
    CourseView,
    ResumeContract,
    SuspendContract,
)
from privacy_service.rpc.answers import numbers, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1 import governance_pb2_grpc as pb_grpc

KINDS: Final = numbers(ContractKind, pb.ContractKind)


class GovernanceServicer(pb_grpc.GovernanceServiceServicer):
    """Answers GovernanceService; every rule is behind the desk."""

    def __init__(self, desk: CourseDesk) -> None:
        self._desk = desk

    def SuspendContract(
        self, request: pb.SuspendContractRequest, context: object
    ) -> pb.SuspendContractResponse:
        call = admitted(context)
        asked = SuspendContract(
            contract_id=request.contract_id,
            reason=request.reason,
            request_id=request.request_id.lower(),
        )
        view, audit = self._desk.suspend(call.caller, asked, seconds=call.seconds())
        return pb.SuspendContractResponse(course=render_course(view), audit=render_audit(audit))

    def ResumeContract(
        self, request: pb.ResumeContractRequest, context: object
    ) -> pb.ResumeContractResponse:
        call = admitted(context)
        asked = ResumeContract(
            contract_id=request.contract_id,
            reason=request.reason,
            request_id=request.request_id.lower(),
        )
        view, audit = self._desk.resume(call.caller, asked, seconds=call.seconds())
        return pb.ResumeContractResponse(course=render_course(view), audit=render_audit(audit))

    def GetContractCourse(
        self, request: pb.GetContractCourseRequest, context: object
    ) -> pb.GetContractCourseResponse:
        call = admitted(context)
        view = self._desk.course(call.caller, request.contract_id, seconds=call.seconds())
        return pb.GetContractCourseResponse(course=render_course(view))


def render_course(view: CourseView) -> pb.ContractCourse:
    """How a contract stands."""
    course = view.course
    suspension = course.suspension
    return pb.ContractCourse(
        contract_id=course.contract_id,
        kind=KINDS[view.kind],
        party=view.party,
        other=view.other,
        version=view.number,
        suspension=None if suspension is None else _suspension(suspension),
        steps=[_step(step) for step in view.steps],
    )


def _suspension(one: Suspension) -> pb.ContractSuspension:
    return pb.ContractSuspension(by=one.by, at=render_instant(one.at), reason=one.reason)


def _step(step: Step) -> pb.ContractStep:
    return pb.ContractStep(
        kind=step.kind.value,
        at=render_instant(step.at),
        by=step.by,
        version=step.version or 0,
        reason=step.reason,
    )
