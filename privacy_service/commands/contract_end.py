"""What the `contract` commands do in the long run: packet, recertify, retire, receipts."""

from __future__ import annotations

import json
import uuid
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, StrictUndefined

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.contract import contract
from privacy_service.commands.contract_course import ContractId, Reason, asked, show_course, when
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import governance_pb2 as pb


@contract.command()
@calling
def packet(
    contract_id: ContractId,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it: FILE.html for a page, else JSON.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Makes what an officer looks at before recertifying: what fired, changed, was overridden.

    Example: privacy-service contract packet acme-shop-to-swift-parcel --out packet.html
    --token officer.jwt
    """
    request = pb.GetRecertificationPacketRequest(contract_id=contract_id)
    done = asked(
        lambda stub, **how: stub.GetRecertificationPacket(request, **how),
        connection,
    )  # fmt: skip
    told = json.loads(done.packet_json)
    if out is not None:
        page = _page(told, done.digest) if out.suffix == ".html" else done.packet_json
        out.write_text(page, encoding="utf-8")
    if as_json:
        print_json({"packet": told, "digest": done.digest, "as_of": done.as_of.ToJsonString()})
        return
    for name in ("outcomes", "fired", "overridden", "incidents"):
        console.print(f"{name}: {json.dumps(told[name])}", markup=False)
    console.print(f"{len(told['changed'])} steps since {told['since']}", markup=False)
    console.print("to recertify, once it was looked at:", markup=False)
    console.print(
        f"  contract recertify {contract_id} --as-of {done.as_of.ToJsonString()} "
        f"--digest {done.digest}",
        markup=False,
    )


@contract.command()
@calling
def recertify(
    contract_id: ContractId,
    as_of: Annotated[str, typer.Option(help="The packet's instant, as `packet` printed it.")],
    digest: Annotated[str, typer.Option(help="The packet's digest, as `packet` printed it.")],
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that a contract still is right, by the packet that was looked at; its time begins anew.

    Example: privacy-service contract recertify acme-shop-to-swift-parcel
    --as-of 2026-11-26T14:00:00Z --digest sha256:9c41f0… --reason "Still as agreed"
    --token second-officer.jwt
    """
    instant = Timestamp()
    try:
        instant.FromJsonString(as_of)
    except ValueError:
        raise typer.BadParameter(f"{as_of!r} is no instant", param_hint="--as-of") from None
    request = pb.RecertifyContractRequest(
        contract_id=contract_id,
        as_of=instant,
        digest=digest,
        reason=reason,
        request_id=request_id or str(uuid.uuid4()),
    )
    done = asked(lambda stub, **how: stub.RecertifyContract(request, **how), connection)
    show_course(done.course, done.audit, as_json=as_json)


@contract.command()
@calling
def retire(
    contract_id: ContractId,
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Ends a contract that somebody else has suspended, for good; what passed under it is to go.

    Example: privacy-service contract retire acme-shop-to-swift-parcel --reason "We have parted"
    --token second-officer.jwt
    """
    request = pb.RetireContractRequest(
        contract_id=contract_id, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    done = asked(lambda stub, **how: stub.RetireContract(request, **how), connection)
    show_course(done.course, done.audit, as_json=as_json)


@contract.command()
@calling
def receipts(
    contract_id: ContractId,
    out: Annotated[
        Path | None, typer.Option(help="Write the signed receipt here, once nothing is left.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says what is left of what passed under a contract, and what proves that the rest is gone.

    Ends with 1 as long as something is left.

    Example: privacy-service contract receipts acme-shop-to-swift-parcel --out receipt.json
    --token officer.jwt
    """
    request = pb.GetDecommissioningRequest(contract_id=contract_id)
    done = asked(lambda stub, **how: stub.GetDecommissioning(request, **how), connection)
    if as_json:
        print_json(plain(done))
    else:
        _show_end(done)
    if out is not None and done.HasField("end_time"):
        wanted = pb.GetDecommissioningReceiptRequest(contract_id=contract_id)
        found = asked(
            lambda stub, **how: stub.GetDecommissioningReceipt(wanted, **how),
            connection,
        )  # fmt: skip
        out.write_text(found.receipt_json, encoding="utf-8")
    if not done.complete:
        end(Exit.NO)


def _show_end(done: pb.GetDecommissioningResponse) -> None:
    retired = f"retired {when(done.retire_time)}" if done.HasField("retire_time") else "not retired"
    state = "complete" if done.complete else "not complete"
    console.print(f"{retired}: {state}", markup=False)
    left = (
        (done.copies, "sealed copies"), (done.tokens, "tokens"),
        (done.reviews, "reviews that hold something"), (done.answers, "remembered answers"),
    )  # fmt: skip
    here = ", ".join(f"{count} {what}" for count, what in left if count)
    console.print(f"still here: {here or 'nothing'}", markup=False)
    rows = table("recipient", "disclosures", "asked to", "notice", "state")
    for one in done.given:
        state = one.notice_state or "not asked yet"
        rows.add_row(one.recipient, str(one.disclosures), one.asked_to, one.notice_id, state)
    if done.given:
        console.print(rows)
    for sweep in done.sweep_ids:
        says = f"proof: privacy-service retention certificate {sweep} --out {sweep}.json"
        console.print(says, markup=False)
    if done.HasField("end_time"):
        says = f"at its end since {when(done.end_time)}: the receipt is written with --out FILE"
        console.print(says, markup=False)


def _page(told: dict[str, Any], digest: str) -> str:
    """The packet as a page of its own, without anything from elsewhere."""
    source = files("privacy_service.commands").joinpath("packet.html.j2").read_text("utf-8")
    made = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    return made.render(told=told, digest=digest)
