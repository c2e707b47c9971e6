"""What the `breach` commands do to contain: partners, contracts and certificates are stopped, and
released.
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from rich.table import Table

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import BreachDesk, zone_of
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.contract_course import show_course
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2, governance_pb2, governance_pb2_grpc
from privacy_service.v1 import breaches_pb2 as pb

_SECONDS = 30.0


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
    suspend_contract: Annotated[
        str | None, typer.Option(metavar="CONTRACT", help="Stops whatever passes under it.")
    ] = None,
    revoke_certificate: Annotated[
        str | None,
        typer.Option(
            metavar="PARTNER", help="Lets in none of its certificates that are valid by now."
        ),
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|SHA256", help="Revokes this one alone: its PEM file or fingerprint."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also a partner that no contract names yet.")
    ] = False,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Stops a partner, a contract or certificates: at once, on every replica, until two lift it.

    Example: privacy-service breach contain breach-3f6d12ab9c0e4477 --quarantine swift-parcel
    --reason "Their mailbox was taken over" --token officer.jwt
    """
    stopped = {
        pb.STOPPED_EVERYTHING: quarantine,
        pb.STOPPED_REVEALS: stop_reveals,
        pb.STOPPED_CERTIFICATE: revoke_certificate,
        pb.STOPPED_UNSPECIFIED: suspend_contract,
    }
    given = [(kind, named) for kind, named in stopped.items() if named is not None]
    if len(given) != 1:
        raise typer.BadParameter(
            "give one of --quarantine, --stop-reveals, --suspend-contract, --revoke-certificate"
        )
    if certificate is not None and revoke_certificate is None:
        raise typer.BadParameter("--certificate goes with --revoke-certificate PARTNER")
    kind, named = given[0]
    chosen = request_id or str(uuid.uuid4())
    if suspend_contract is not None:
        _suspend(connection, suspend_contract, breach_id, reason, chosen, as_json=as_json)
        return
    request = pb.QuarantineRequest(
        partner=named,
        certificate_sha256="" if certificate is None else _fingerprint(certificate),
        stopped=kind,
        breach_id=breach_id,
        reason=reason,
        not_known_yet=force,
        request_id=chosen,
    )
    desk = BreachDesk(connection, zone_of("UTC"), as_json)
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
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Proposes to lift a quarantine (--reason), or lifts it (--confirm): two steps by two people.

    Example: privacy-service breach release quarantine-3f6d12ab9c0e4477 --reason "Mailbox is theirs"
    --token officer.jwt
    """
    if (reason is None) is not confirm:
        raise typer.BadParameter("give --reason to propose, or --confirm to lift")
    chosen = request_id or str(uuid.uuid4())
    desk = BreachDesk(connection, zone_of("UTC"), as_json)
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
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists what is stopped: partners and certificates.

    Example: privacy-service breach quarantines --token officer.jwt
    """
    request = pb.ListQuarantinesRequest(lifted=everything, page_size=1000)
    desk = BreachDesk(connection, zone_of("UTC"), as_json)
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
        stops = " ".join(filter(None, (_stopped(one), one.certificate_sha256[:16])))
        rows.add_row(one.quarantine_id, one.partner, stops, _state(one), one.breach_id)
    console.print(rows)


def _suspend(
    connection: Connection,
    contract: str,
    breach_id: str,
    reason: str,
    request_id: str,
    *,
    as_json: bool,
) -> None:
    """Suspends a contract for a breach: it stands in the timeline, too."""
    request = governance_pb2.SuspendContractRequest(
        contract_id=contract, reason=reason, breach_id=breach_id, request_id=request_id
    )
    with connection.open() as channel:
        done = governance_pb2_grpc.GovernanceServiceStub(channel).SuspendContract(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    show_course(done.course, done.audit, as_json=as_json)


def _show(one: pb.PartnerQuarantine, audit: answer_pb2.AuditStamp, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one) | {"audit": plain(audit)})
        return
    shown = Table(box=None, show_header=False)
    placed = one.place_time.ToDatetime().isoformat(timespec="seconds")
    for name, value in (
        ("quarantine", one.quarantine_id),
        ("partner", one.partner),
        ("stops", " ".join(filter(None, (_stopped(one), one.certificate_sha256)))),
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


def _fingerprint(written: str) -> str:
    """The SHA-256 of a certificate, given as that or as the PEM file. Raises BadParameter."""
    plain = written.rpartition("=")[2].replace(":", "").lower()
    if re.fullmatch(r"[0-9a-f]{64}", plain):
        return plain
    try:
        shown = x509.load_pem_x509_certificate(Path(written).read_bytes())
    except (OSError, ValueError):
        says = "it is neither a certificate's PEM file nor a SHA-256 fingerprint"
        raise typer.BadParameter(says, param_hint="--certificate") from None
    return shown.fingerprint(SHA256()).hex()


def _state(one: pb.PartnerQuarantine) -> str:
    return pb.QuarantineState.Name(one.state).removeprefix("QUARANTINE_STATE_").lower()
