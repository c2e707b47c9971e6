"""`privacy-service transfer`: one payload through a running service."""

from __future__ import annotations

import base64
import sys
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.json_format import MessageToDict

from privacy_service.commands.client import Connection, calling, guessed_type
from privacy_service.commands.result import print_result
from privacy_service.commands.screen import AsJson, Exit, end, print_json
from privacy_service.commands.subjects import Subjects, subject_refs
from privacy_service.v1 import answer_pb2, enforcement_pb2, enforcement_pb2_grpc

_RELEASED = (answer_pb2.EFFECT_ALLOW, answer_pb2.EFFECT_TREATED)


@calling
def transfer(
    file: Annotated[Path, typer.Argument(help="The payload; - reads the standard input.")],
    sender: Annotated[str, typer.Option("--from", help="The partner that sends: your own.")],
    recipient: Annotated[str, typer.Option("--to", help="The partner that receives.")],
    purpose: Annotated[str, typer.Option(help="The DPV purpose, as the contract names it.")],
    content_type: Annotated[
        str | None, typer.Option("--type", help="The content type; else by the file's name.")
    ] = None,
    subject: Subjects = None,
    consent: Annotated[str | None, typer.Option(help="The id of the consent record.")] = None,
    region: Annotated[str | None, typer.Option(help="Where the recipient will keep it.")] = None,
    hold: Annotated[
        str | None, typer.Option(help="The legal hold for whose matter it is sent.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option(help="A UUID; the same one gives the same answer.")
    ] = None,
    preview: Annotated[bool, typer.Option(help="Only show what would happen.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the released payload here.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to wait.")] = 30.0,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Enforces the contract in force on one payload, and shows what became of it.

    Example: privacy-service transfer order.json --from acme-shop --to swift-parcel
    --purpose dpv:DeliveryOfGoods --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    payload = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    asked: dict[str, Any] = {
        "sender": sender,
        "recipient": recipient,
        "purpose": purpose,
        "content_type": content_type or guessed_type(file),
        "payload": payload,
        "subjects": subject_refs(subject),
        "recipient_region": region or "",
    }
    if consent:
        asked["consent"] = enforcement_pb2.Consent(record_id=consent)
    with connection.open() as channel:
        stub = enforcement_pb2_grpc.EnforcementServiceStub(channel)
        result = (
            stub.Preview(
                enforcement_pb2.PreviewRequest(**asked),
                timeout=seconds,
                metadata=connection.metadata,
            ).result
            if preview
            else stub.Transfer(
                enforcement_pb2.TransferRequest(
                    request_id=request_id or str(uuid.uuid4()), hold_id=hold or "", **asked
                ),
                timeout=seconds,
                metadata=connection.metadata,
            ).result
        )
    _show(result, payload, out, as_json=as_json)


def _show(
    result: answer_pb2.TransferResult, payload: bytes, out: Path | None, *, as_json: bool
) -> None:
    if out is not None and result.decision.effect in _RELEASED:
        out.write_bytes(result.payload)
    if as_json:
        print_json(as_dict(result))
    else:
        print_result(result, payload)
    if result.decision.effect not in _RELEASED:
        end(Exit.NO)


def as_dict(result: answer_pb2.TransferResult) -> dict[str, Any]:
    """The answer as JSON; the payload as text where it is text, else in base64."""
    shown: dict[str, Any] = MessageToDict(result, preserving_proto_field_name=True)
    if result.HasField("payload"):
        try:
            shown["payload"] = result.payload.decode("utf-8")
        except UnicodeDecodeError:
            shown["payload_base64"] = base64.b64encode(result.payload).decode("ascii")
            del shown["payload"]
    return shown
