"""What the `contract` commands do with how a contract stands: suspend, resume, course."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.contract import contract
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1 import governance_pb2_grpc as pb_grpc

ContractId = Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's id.")]
Reason = Annotated[str, typer.Option(help="Why. Name no person in it.")]
_SECONDS = 30.0


def asked(call: Callable[..., Any], connection: Connection) -> Any:
    """What GovernanceService answers: `call` gets its stub, and how to call it."""
    with connection.open() as channel:
        stub = pb_grpc.GovernanceServiceStub(channel)
        return call(stub, timeout=_SECONDS, metadata=connection.metadata)


@contract.command()
@calling
def suspend(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Stops whatever a contract of either kind would decide: at once, on every replica.

    Example: privacy-service contract suspend acme-shop-to-swift-parcel --reason "Wrong address
    leaked" --token officer.jwt
    """
    request = pb.SuspendContractRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(lambda stub, **how: stub.SuspendContract(request, **how), connection)
    show_course(done.course, done.audit, as_json=as_json)


@contract.command()
@calling
def resume(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lets a suspended contract decide again: an officer does, other than who suspended it.

    Example: privacy-service contract resume acme-shop-to-swift-parcel --reason "Address mended"
    --token second-officer.jwt
    """
    request = pb.ResumeContractRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(lambda stub, **how: stub.ResumeContract(request, **how), connection)
    show_course(done.course, done.audit, as_json=as_json)


@contract.command("course")
@calling
def course_of(
    contract_id: ContractId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says how a contract stands, and what was done with it, when, by whom and why.

    Example: privacy-service contract course acme-shop-to-swift-parcel --token officer.jwt
    """
    request = pb.GetContractCourseRequest(contract_id=contract_id)
    done = asked(lambda stub, **how: stub.GetContractCourse(request, **how), connection)
    show_course(done.course, None, as_json=as_json)


def show_course(
    course: pb.ContractCourse, audit: answer_pb2.AuditStamp | None, *, as_json: bool
) -> None:
    """How a contract stands, for a person or as JSON."""
    if as_json:
        print_json(plain(course) | ({} if audit is None else {"audit": plain(audit)}))
        return
    shown = Table(box=None, show_header=False)
    shown.add_column()
    shown.add_column(overflow="fold")
    kind = pb.ContractKind.Name(course.kind).removeprefix("CONTRACT_KIND_").lower()
    for name, value in (
        ("contract", f"{course.contract_id}, {kind}"),
        ("between", f"{course.party} and {course.other}"),
        ("in force", f"version {course.version}" if course.version else "no version yet"),
        ("rollback to", f"version {course.rollback_version}" if course.rollback_version else ""),
        ("planned", _planned(course)),
        ("canary", _canary(course)),
        ("shadow", _shadow(course)),
        ("suspended", _suspended(course)),
        ("retired", _retired(course)),
        ("to be recertified", _due(course)),
        ("proof", audit and f"audit position {audit.position} in {audit.log_origin}"),
    ):
        if value:
            shown.add_row(name, value)
    console.print(shown)
    proposals = table("version", "state", "changes", "lacks")
    for one in course.proposals:
        state = pb.ContractVersionState.Name(one.state).removeprefix("CONTRACT_VERSION_STATE_")
        lacks = "; ".join(one.lacks)
        proposals.add_row(str(one.version), state.lower(), str(len(one.changes)), lacks)
    if course.proposals:
        console.print(proposals)
    steps = table("when", "what", "version", "by", "why")
    for step in course.steps:
        version = str(step.version or "")
        steps.add_row(when(step.at), step.kind, version, step.by, step.reason)
    console.print(steps)


def _suspended(course: pb.ContractCourse) -> str:
    if not course.HasField("suspension"):
        return ""
    one = course.suspension
    return f"since {when(one.at)} by {one.by}: {one.reason}"


def _retired(course: pb.ContractCourse) -> str:
    if not course.HasField("retirement"):
        return ""
    one = course.retirement
    return f"{when(one.at)} by {one.by}: {one.reason}"


def _due(course: pb.ContractCourse) -> str:
    if not course.HasField("due_time"):
        return ""
    return f"by {when(course.due_time)}; nothing passes from {when(course.lapse_time)} on"


def _planned(course: pb.ContractCourse) -> str:
    if not course.HasField("plan"):
        return ""
    plan = course.plan
    return f"version {plan.version} from {when(plan.at)}, by {plan.by}"


def _canary(course: pb.ContractCourse) -> str:
    if not course.HasField("canary"):
        return ""
    return f"version {course.canary.version} for {course.canary.percent:g} % of the requests"


def in_short(one: pb.ContractShadow) -> str:
    """How many requests a shadow took, by what became of them."""
    return (
        f"{one.same} the same, {one.differing} different, {one.failed} failed, "
        f"{one.dropped} dropped"
    )


def _shadow(course: pb.ContractCourse) -> str:
    """The shadow of a version that is proposed, in one line; empty where there is none."""
    for one in course.proposals:
        if one.HasField("shadow"):
            shadow = one.shadow
            word = "judges" if shadow.running else "judged"
            return f"version {one.version} {word} {shadow.percent:g} % beside: {in_short(shadow)}"
    return ""


def when(at: Timestamp) -> str:
    """An instant, in UTC."""
    return f"{at.ToDatetime().isoformat(sep=' ', timespec='seconds')}Z"
