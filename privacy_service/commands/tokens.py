"""`privacy-service tokens`: tokens turned back into values, one by one or in a whole text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from privacy_service.commands.client import Connection, calling, guessed_type
from privacy_service.commands.screen import AsJson, console, errors_console, print_json
from privacy_service.commands.subjects import subject_refs
from privacy_service.v1 import enforcement_pb2, enforcement_pb2_grpc

tokens = typer.Typer(no_args_is_help=True, help="Tokens, turned back into values.")

_SECONDS = 30.0
Sender = Annotated[str, typer.Option("--from", help="The partner that sent the values out.")]
Recipient = Annotated[str, typer.Option("--to", help="The partner that they went to.")]
Purpose = Annotated[str, typer.Option(help="The DPV purpose that they went for.")]
Whose = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        help="Whose value is meant, as type=value, where several share it; repeatable.",
    ),
]
Reason = Annotated[str, typer.Option(help="Why; name a case, not a person.")]


@tokens.command()
@calling
def reveal(
    word: Annotated[str, typer.Argument(metavar="TOKEN", help="The token, tok_...")],
    sender: Sender,
    recipient: Recipient,
    purpose: Purpose,
    reason: Reason,
    hold: Annotated[
        str | None, typer.Option(help="The legal hold for whose matter it is needed.")
    ] = None,
    subject: Whose = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Prints the value that a token stands for. Limited, and audited with the reason.

    Example: privacy-service tokens reveal tok_... --from acme-shop --to swift-parcel
    --purpose dpv:DeliveryOfGoods --reason "case 4711" --ca ca.pem --cert me.pem --key me-key.pem
    """
    request = enforcement_pb2.RevealRequest(
        sender=sender,
        recipient=recipient,
        purpose=purpose,
        token=word,
        reason=reason,
        hold_id=hold or "",
        subjects=subject_refs(subject),
    )
    with connection.open() as channel:
        answer = enforcement_pb2_grpc.EnforcementServiceStub(channel).Reveal(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json({"value": answer.value, "audit_position": answer.audit.position})
    else:
        console.print(answer.value, markup=False)


@tokens.command()
@calling
def restore(
    file: Annotated[Path, typer.Argument(help="What came back; - reads the standard input.")],
    sender: Sender,
    recipient: Recipient,
    purpose: Purpose,
    reason: Reason,
    content_type: Annotated[
        str | None, typer.Option("--type", help="The content type; else by the file's name.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write it here instead of the standard output.")
    ] = None,
    subject: Whose = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Turns the tokens in a text that came back into their values, for the partner that sent them.

    Example: privacy-service tokens restore answer.txt --from acme-shop --to helpdesk-ai
    --purpose dpv:CommunicationForCustomerCare --reason "ticket 4711"
    --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    request = enforcement_pb2.RestoreRequest(
        sender=sender,
        recipient=recipient,
        purpose=purpose,
        content_type=content_type or guessed_type(file),
        content=content,
        reason=reason,
        subjects=subject_refs(subject),
    )
    with connection.open() as channel:
        answer = enforcement_pb2_grpc.EnforcementServiceStub(channel).Restore(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if out is not None:
        out.write_bytes(answer.content)
    _show(answer, written=out is not None, as_json=as_json)


def _show(answer: enforcement_pb2.RestoreResponse, *, written: bool, as_json: bool) -> None:
    counts = {one.entity: one.count for one in answer.restored}
    if as_json:
        told: dict[str, Any] = {
            "restored": counts,
            "left": answer.left,
            "audit_position": answer.audit.position,
        }
        if not written:
            told["content"] = answer.content.decode("utf-8", "replace")
        print_json(told)
        return
    if not written:
        sys.stdout.buffer.write(answer.content)
        sys.stdout.buffer.flush()
        if sys.stdout.isatty() and not answer.content.endswith(b"\n"):
            errors_console.print()  # else what follows stands in the content's last line
    said = ", ".join(f"{count} {entity}" for entity, count in counts.items()) or "nothing"
    errors_console.print(f"restored {said}; {answer.left} words stayed", markup=False)
