"""What the `breach` commands do to contain: partners put under quarantine, and released."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer
from rich.table import Table

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import BreachDesk, connection_of, zone_of
from privacy_service.commands.breach_screen import plain
from privacy_service.commands.client import (
    DEFAULT_ADDRESS,
    Address,
    Authority,
    Certificate,
    PrivateKey,
    TokenFile,
    calling,
)
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2
from privacy_service.v1 import breaches_pb2 as pb


@breach.command()
@calling
def contain(
    reason: Annotated[str, typer.Option(help="Why. Name no person in it.")],
    breach_id: Annotated[
        str, typer.Argument(metavar="[BREACH]", help="What it is for; none: for no breach.")
    ] = "",
    quarantine: Annotated[
        str | None, typer.Option(metavar="PARTNER", help="Stops whatever passes to or from it.")
    ] = None,
    stop_reveals: Annotated[
        str | None, typer.Option(metavar="PARTNER", help="Stops reveals and restores alone.")
    ] = None,
    request_id: RequestId = None,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Puts a partner under quarantine: at once, on every replica, until two people lift it.

    Example: privacy-service breach contain breach-3f6d12ab9c0e4477 --quarantine swift-parcel
    --reason "Their mailbox was taken over" --token officer.jwt
    """
    if (quarantine is None) is (stop_reveals is None):
        raise typer.BadParameter("give --quarantine PARTNER or --stop-reveals PARTNER")
    request = pb.QuarantineRequest(
        partner=quarantine or stop_reveals or "",
        stopped=pb.STOPPED_REVEALS if quarantine is None else pb.STOPPED_EVERYTHING,
        breach_id=breach_id,
        reason=reason,
        request_id=request_id or str(uuid.uuid4()),
    )
    desk = BreachDesk(connection_of(address, ca, cert, key, token), zone_of("UTC"), as_json)
    answer = desk.call(lambda stub, **how: stub.Quarantine(request, **how))
    _show(answer.quarantine, answer.audit, as_json=as_json)


@breach.command()
@calling
def release(
    quarantine: Annotated[str, typer.Argument(metavar="QUARANTINE", help="The quarantine's id.")],
    reason: Annotated[
        str | None, typer.Option(help="Proposes to lift it, for this reason.")
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Lifts it, after another person proposed it.")
    ] = False,
    request_id: RequestId = None,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Proposes to lift a quarantine (--reason), or lifts it (--confirm): two steps by two people.

    Example: privacy-service breach release quarantine-3f6d12ab9c0e4477 --reason "Mailbox is theirs"
    --token officer.jwt
    """
    if (reason is None) is not confirm:
        raise typer.BadParameter("give --reason to propose, or --confirm to lift")
    chosen = request_id or str(uuid.uuid4())
    desk = BreachDesk(connection_of(address, ca, cert, key, token), zone_of("UTC"), as_json)
    if confirm:
        lifted = pb.ConfirmReleaseRequest(quarantine_id=quarantine, request_id=chosen)
        answer = desk.call(lambda stub, **how: stub.ConfirmRelease(lifted, **how))
    else:
        proposed = pb.ProposeReleaseRequest(
            quarantine_id=quarantine, reason=reason or "", request_id=chosen
        )
        answer = desk.call(lambda stub, **how: stub.ProposeRelease(proposed, **how))
    _show(answer.quarantine, answer.audit, as_json=as_json)


@breach.command()
@calling
def quarantines(
    everything: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Lists the partners that are under quarantine.

    Example: privacy-service breach quarantines --token officer.jwt
    """
    request = pb.ListQuarantinesRequest(lifted=everything, page_size=1000)
    desk = BreachDesk(connection_of(address, ca, cert, key, token), zone_of("UTC"), as_json)
    found: list[pb.PartnerQuarantine] = []
    while True:
        page = desk.call(lambda stub, **how: stub.ListQuarantines(request, **how))
        found.extend(page.quarantines)
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    if as_json:
        print_json([plain(one) for one in found])
        return
    rows = table("quarantine", "partner", "stops", "state", "breach")
    for one in found:
        rows.add_row(one.quarantine_id, one.partner, _stopped(one), _state(one), one.breach_id)
    console.print(rows)


def _show(one: pb.PartnerQuarantine, audit: answer_pb2.AuditStamp, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one) | {"audit": plain(audit)})
        return
    shown = Table(box=None, show_header=False)
    placed = one.place_time.ToDatetime().isoformat(timespec="seconds")
    for name, value in (
        ("quarantine", one.quarantine_id),
        ("partner", one.partner),
        ("stops", _stopped(one)),
        ("state", _state(one)),
        ("breach", one.breach_id),
        ("reason", one.reason),
        ("placed", f"{placed}Z by {one.placed_by}"),
        ("lift proposed by", one.lift_proposed_by),
        ("lift reason", one.lift_reason),
        ("lifted by", one.lifted_by),
        ("proof", f"audit position {audit.position} in {audit.log_origin}"),
    ):
        if value:
            shown.add_row(name, value)
    console.print(shown)


def _stopped(one: pb.PartnerQuarantine) -> str:
    return pb.Stopped.Name(one.stopped).removeprefix("STOPPED_").lower()


def _state(one: pb.PartnerQuarantine) -> str:
    return pb.QuarantineState.Name(one.state).removeprefix("QUARANTINE_STATE_").lower()
