"""What the `contract shadow` commands do: a version judges beside the one in force, and is read."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer
from rich.table import Table

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.contract import contract
from privacy_service.commands.contract_change import Version
from privacy_service.commands.contract_course import ContractId, Reason, asked, when
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.commands.shadow_seen import show_seen
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import governance_pb2 as pb

shadow = typer.Typer(
    no_args_is_help=True,
    help="A version that judges live requests beside the one in force, with no effect.",
)
contract.add_typer(shadow, name="shadow")

_SPAN: Final = re.compile(r"(\d{1,4})([hd])")


@shadow.command()
@calling
def start(
    contract_id: ContractId,
    version: Version,
    until: Annotated[
        str, typer.Option(help="Until when: 2026-12-08T08:00+01:00, or for how long: 36h, 7d.")
    ],
    reason: Reason,
    percent: Annotated[
        float, typer.Option(min=0.01, max=100, help="The share of the requests, in percent.")
    ] = 100.0,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Has a drafted or proposed version judge live requests too, and compares; nothing else.

    Example: privacy-service contract shadow start acme-shop-to-swift-parcel 2 --until 7d
    --percent 10 --reason "Before the notes are sent" --token officer.jwt
    """
    request = pb.StartShadowRequest(
        contract_id=contract_id, version=version, percent=percent, reason=reason,
        request_id=request_id or str(uuid.uuid4()),
    )  # fmt: skip
    request.until.FromDatetime(instant_of(until, datetime.now(UTC)))
    done = asked(lambda stub, **how: stub.StartShadow(request, **how), connection)
    show_shadow(done.shadow, done.audit, as_json=as_json)


@shadow.command()
@calling
def stop(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Ends the shadow that runs; what it saw stays to be read.

    Example: privacy-service contract shadow stop acme-shop-to-swift-parcel --reason "Seen enough"
    --token officer.jwt
    """
    request = pb.StopShadowRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(lambda stub, **how: stub.StopShadow(request, **how), connection)
    show_shadow(done.shadow, done.audit, as_json=as_json)


@shadow.command()
@calling
def report(
    contract_id: ContractId,
    version: Annotated[
        int | None, typer.Option(min=1, help="The version that judged; else whichever did last.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what the candidate would have decided otherwise, how often, and for which requests.

    Example: privacy-service contract shadow report acme-shop-to-swift-parcel --token officer.jwt
    """
    request = pb.GetShadowRequest(contract_id=contract_id)
    if version is not None:
        request.version = version
    done = asked(lambda stub, **how: stub.GetShadow(request, **how), connection)
    show_shadow(done.shadow, None, as_json=as_json)


def show_shadow(
    one: pb.ContractShadow, audit: answer_pb2.AuditStamp | None, *, as_json: bool
) -> None:
    """What a shadow saw, for a person or as JSON."""
    if as_json:
        print_json(plain(one) | ({} if audit is None else {"audit": plain(audit)}))
        return
    shown = Table(box=None, show_header=False)
    shown.add_column()
    shown.add_column(overflow="fold")
    for name, value in (
        ("shadow", f"version {one.version} of {one.contract_id}, {one.percent:g} % of requests"),
        ("begun", f"{when(one.start_time)} by {one.started_by}: {one.reason}"),
        ("runs" if one.running else "ran", f"until {when(one.until)}"),
        ("ended", one.ended_by and f"{when(one.end_time)} by {one.ended_by}"),
        ("proof", audit and f"audit position {audit.position} in {audit.log_origin}"),
    ):
        if value:
            shown.add_row(name, value)
    console.print(shown)
    show_seen(one)


def instant_of(text: str, now: datetime) -> datetime:
    """The instant in UTC that a time or a span (36h, 7d) says. Raises BadParameter."""
    span = _SPAN.fullmatch(text)
    if span is not None:
        count = int(span[1])
        return now + (timedelta(hours=count) if span[2] == "h" else timedelta(days=count))
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        says = f"{text!r} is no time with its offset and no span; write 2026-12-08T08:00+01:00, 7d"
        raise typer.BadParameter(says, param_hint="--until")
    return at.astimezone(UTC)
