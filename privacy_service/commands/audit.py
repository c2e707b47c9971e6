"""`privacy-service audit`: the audit log for auditors: head, export, proofs, offline check."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import grpc
import typer

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
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
)
from privacy_service.evidence.checkpoint import Checkpoint
from privacy_service.evidence.export import ExportHeader, LoggedEntry, export_lines
from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.evidence.verify import verify_export
from privacy_service.v1 import audit_pb2, audit_pb2_grpc

audit = typer.Typer(
    no_args_is_help=True, help="The audit log: its signed head, exports, proofs, offline checks."
)

_PAGE = 1000


@audit.command()
@calling
def checkpoint(
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Prints the log's signed head. Keep it: it shows later that nothing before it was changed.

    Example: privacy-service audit checkpoint --ca ca.pem --token auditor.jwt > 2026-11-23.note
    """
    connection = _connection(address, ca, cert, key, token)
    with connection.open() as channel:
        note = _checkpoint(channel, connection)
    if as_json:
        print_json({"checkpoint": note})
    else:
        typer.echo(note, nl=False)


@audit.command()
@calling
def export(
    out: Annotated[Path, typer.Argument(help="Where the export goes, as JSON lines.")],
    verifier_key: Annotated[
        str, typer.Option(help="The log's verifier key, as `serve` and the operator state it.")
    ],
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Exports every entry up to the log's head, for `audit verify`.

    Example: privacy-service audit export audit.jsonl --verifier-key KEY --token auditor.jwt
    """
    connection = _connection(address, ca, cert, key, token)
    with connection.open() as channel:
        note = _checkpoint(channel, connection)
        head = Checkpoint.parse(note.split("\n\n", 1)[0] + "\n")
        header = ExportHeader(origin=head.origin, verifier_key=verifier_key, checkpoint=note)
        with out.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(export_lines(header, _entries(channel, connection, head.size)))
    if as_json:
        print_json({"export": str(out), "entries": head.size, "checkpoint": note})
    else:
        console.print(f"{head.size} entries of {head.origin} in {out}", markup=False)


@audit.command()
def verify(
    export_file: Annotated[Path, typer.Argument(metavar="EXPORT", help="The export.")],
    key: Annotated[
        list[str], typer.Option(help="The verifier key, from a source that you trust; repeatable.")
    ],
    checkpoints: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint that you kept; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Checks an export offline, and says exactly what is wrong where. Ends with 0 if it is sound.

    Example: privacy-service audit verify audit.jsonl --key demo.example/audit+1a2b3c4d+AY...
    """
    try:
        first, *retired = [VerifierKey.parse(text) for text in key]
        kept = [path.read_text(encoding="utf-8") for path in checkpoints or ()]
        with export_file.open("rb") as stream:
            report = verify_export(
                stream, verifier_key=first, retired_keys=retired, earlier_checkpoints=kept
            )
    except (OSError, NoteInvalid) as unusable:
        errors_console.print(f"cannot verify: {unusable}", markup=False)
        end(Exit.USAGE)
    if as_json:
        print_json(_plain(dataclasses.asdict(report) | {"sound": not report.faults}))
    else:
        for line in report.lines():
            console.print(line, markup=False)
    if report.faults:
        end(Exit.NO)


@audit.command()
@calling
def prove(
    position: Annotated[int, typer.Argument(help="The audit position that an answer carried.")],
    size: Annotated[
        int | None, typer.Option(help="The tree size to prove it for; else the newest.")
    ] = None,
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Prints the proof (RFC 9162) that an entry is in the log, with the checkpoint it is for.

    Example: privacy-service audit prove 42 --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    connection = _connection(address, ca, cert, key, token)
    with connection.open() as channel:
        note = _checkpoint(channel, connection)
        tree = size or Checkpoint.parse(note.split("\n\n", 1)[0] + "\n").size
        proof = audit_pb2_grpc.AuditServiceStub(channel).GetInclusionProof(
            audit_pb2.GetInclusionProofRequest(position=position, tree_size=tree),
            timeout=30,
            metadata=connection.metadata,
        )
    hashes = [base64.b64encode(one).decode() for one in proof.hashes]
    if as_json:
        print_json(
            {
                "position": position,
                "tree_size": tree,
                "leaf_hash": base64.b64encode(proof.leaf_hash).decode(),
                "hashes": hashes,
                "checkpoint": note,
            }
        )
        return
    console.print(f"entry {position} of {tree}", markup=False)
    console.print(f"leaf {base64.b64encode(proof.leaf_hash).decode()}", markup=False)
    for one in hashes:
        console.print(f"     {one}", markup=False)
    console.print(note, markup=False)


def _connection(
    address: str, ca: Path | None, cert: Path | None, key: Path | None, token: Path | None
) -> Connection:
    return Connection(address=address, authority=ca, certificate=cert, private_key=key, token=token)


def _checkpoint(channel: grpc.Channel, connection: Connection) -> str:
    stub = audit_pb2_grpc.AuditServiceStub(channel)
    return stub.GetCheckpoint(
        audit_pb2.GetCheckpointRequest(), timeout=30, metadata=connection.metadata
    ).signed_note


def _entries(channel: grpc.Channel, connection: Connection, size: int) -> Iterator[LoggedEntry]:
    """The entries below `size`, page by page. The log may grow meanwhile; the export does not."""
    stub = audit_pb2_grpc.AuditServiceStub(channel)
    page_token = ""
    while True:
        page = stub.ListEntries(
            audit_pb2.ListEntriesRequest(page_size=_PAGE, page_token=page_token),
            timeout=60,
            metadata=connection.metadata,
        )
        for entry in page.entries:
            if entry.position >= size:
                return
            yield LoggedEntry(
                position=entry.position, leaf=entry.leaf.encode(), digest=entry.leaf_hash
            )
        page_token = page.next_page_token
        if not page_token:
            return


def _plain(value: object) -> object:
    """The value with bytes in hex, as JSON can have it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
