"""What the `contract` commands do with how a contract stands: suspend, resume, course."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.table import Table

from privacy_service.commands.client import (
    DEFAULT_ADDRESS,
    Address,
    Authority,
    Certificate,
    Connection,
    PrivateKey,
    TokenFile,
    calling,
)
from privacy_service.commands.contract import contract
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1 import governance_pb2_grpc as pb_grpc

ContractId = Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's id.")]
Reason = Annotated[str, typer.Option(help="Why. Name no person in it.")]
_SECONDS = 30.0


def asked(
    call: Callable[..., Any],
    address: str,
    ca: Path | None,
    cert: Path | None,
    key: Path | None,
    token: Path | None,
) -> Any:
    """What GovernanceService answers: `call` gets its stub, and how to call it."""
    connection = Connection(
        address=address, authority=ca, certificate=cert, private_key=key, token=token
    )
    with connection.open() as channel:
        stub = pb_grpc.GovernanceServiceStub(channel)
        return call(stub, timeout=_SECONDS, metadata=connection.metadata)


@contract.command()
@calling
def suspend(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Stops whatever a contract of either kind would decide: at once, on every replica.

    Example: privacy-service contract suspend acme-shop-to-swift-parcel --reason "Wrong address
    leaked" --token officer.jwt
    """
    request = pb.SuspendContractRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(
        lambda stub, **how: stub.SuspendContract(request, **how), address, ca, cert, key, token
    )
    show_course(done.course, done.audit, as_json=as_json)


@contract.command()
@calling
def resume(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Lets a suspended contract decide again: an officer does, other than who suspended it.

    Example: privacy-service contract resume acme-shop-to-swift-parcel --reason "Address mended"
    --token second-officer.jwt
    """
    request = pb.ResumeContractRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(
        lambda stub, **how: stub.ResumeContract(request, **how), address, ca, cert, key, token
    )
    show_course(done.course, done.audit, as_json=as_json)


@contract.command("course")
@calling
def course_of(
    contract_id: ContractId,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Says how a contract stands, and what was done with it, when, by whom and why.

    Example: privacy-service contract course acme-shop-to-swift-parcel --token officer.jwt
    """
    request = pb.GetContractCourseRequest(contract_id=contract_id)
    done = asked(
        lambda stub, **how: stub.GetContractCourse(request, **how), address, ca, cert, key, token
    )
    show_course(done.course, None, as_json=as_json)


def show_course(
    course: pb.ContractCourse, audit: answer_pb2.AuditStamp | None, *, as_json: bool
) -> None:
    """How a contract stands, for a person or as JSON."""
    if as_json:
        print_json(plain(course) | ({} if audit is None else {"audit": plain(audit)}))
        return
    shown = Table(box=None, show_header=False)
    kind = pb.ContractKind.Name(course.kind).removeprefix("CONTRACT_KIND_").lower()
    for name, value in (
        ("contract", f"{course.contract_id}, {kind}"),
        ("between", f"{course.party} and {course.other}"),
        ("in force", f"version {course.version}"),
        ("suspended", _suspended(course)),
        ("proof", audit and f"audit position {audit.position} in {audit.log_origin}"),
    ):
        if value:
            shown.add_row(name, value)
    console.print(shown)
    steps = table("when", "what", "version", "by", "why")
    for step in course.steps:
        when = f"{step.at.ToDatetime().isoformat(sep=' ', timespec='seconds')}Z"
        steps.add_row(when, step.kind, str(step.version or ""), step.by, step.reason)
    console.print(steps)


def _suspended(course: pb.ContractCourse) -> str:
    if not course.HasField("suspension"):
        return ""
    one = course.suspension
    since = f"{one.at.ToDatetime().isoformat(sep=' ', timespec='seconds')}Z"
    return f"since {since} by {one.by}: {one.reason}"


def plain(message: Message) -> dict[str, Any]:
    """A message as JSON has it."""
    shown: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return shown
