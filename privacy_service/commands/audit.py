"""`privacy-service audit`: the audit log for auditors: head, export, proofs, offline check."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import grpc
import typer

from privacy_service.app.keys import open_keyring
from privacy_service.app.publishing import open_publisher
from privacy_service.app.storage import open_database
from privacy_service.clock import SystemClock
from privacy_service.commands.client import Connection, calling
from privacy_service.commands.disclosures import disclosures
from privacy_service.commands.offline import (
    Checkpoints,
    LogKeys,
    PublishedAt,
    TimeStampRoots,
    Witnesses,
    checked,
)
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
)
from privacy_service.evidence.checkpoint import Checkpoint, claimed, open_checkpoint
from privacy_service.evidence.export import ExportHeader, LoggedEntry, export_lines
from privacy_service.evidence.merkle import ProofInvalid, verify_consistency
from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.evidence.tlog_proof import LogProof
from privacy_service.settings import load_without_server
from privacy_service.v1 import audit_pb2, audit_pb2_grpc

audit = typer.Typer(
    no_args_is_help=True,
    help="The audit log: its signed head, publication, exports, proofs, offline checks.",
)

audit.command()(disclosures)

_PAGE = 1000


@audit.command()
@calling
def checkpoint(
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Prints the log's signed head. Keep it: it shows later that nothing before it was changed.

    Example: privacy-service audit checkpoint --ca ca.pem --token auditor.jwt > 2026-11-23.note
    """
    with connection.open() as channel:
        note = _checkpoint(channel, connection)
    if as_json:
        print_json({"checkpoint": note})
    else:
        typer.echo(note, nl=False)


@audit.command()
@refusing
def publish(as_json: AsJson = False) -> None:
    """Publishes the log's head where the settings say, unless it is there already.

    Settings are those of the service, from the environment: database, keys, evidence. It may be run
    at any time, on any machine; what is published is never replaced. Ends with 1 if the log does
    not continue what was published, and signs nothing then.

    Example: privacy-service audit publish --json
    """
    settings, clock = load_without_server(), SystemClock()
    with open_database(settings.database, settings.evidence.origin, clock) as database:
        keyring = open_keyring(settings.keys, clock, database)
        done = open_publisher(settings.evidence, keyring, database, clock).publish()
    if as_json:
        print_json(
            {
                "file": done.file,
                "size": done.checkpoint.size,
                "new": done.new,
                "cosigned": list(done.cosigned),
                "stamped": done.stamped,
                "missing": list(done.missing),
            }
        )
        return
    state = "published" if done.new else "was published already"
    console.print(f"{done.file}: {done.checkpoint.size} entries, {state}", markup=False)
    for name in done.cosigned:
        console.print(f"cosigned by {name}", markup=False)
    if done.stamped:
        console.print("time-stamped")
    for why in done.missing:
        errors_console.print(f"missing: {why}", markup=False)


@audit.command()
@calling
def export(
    out: Annotated[Path, typer.Argument(help="Where the export goes, as JSON lines.")],
    verifier_key: Annotated[
        str, typer.Option(help="The log's verifier key, as `serve` and the operator state it.")
    ],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Exports every entry up to the log's head, for `audit verify`.

    Example: privacy-service audit export audit.jsonl --verifier-key KEY --token auditor.jwt
    """
    with connection.open() as channel:
        note = _checkpoint(channel, connection)
        head = claimed(note)
        header = ExportHeader(origin=head.origin, verifier_key=verifier_key, checkpoint=note)
        with out.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(export_lines(header, _entries(channel, connection, head.size)))
    if as_json:
        print_json({"export": str(out), "entries": head.size, "checkpoint": note})
    else:
        console.print(f"{head.size} entries of {head.origin} in {out}", markup=False)


@audit.command()
@refusing
def verify(
    file: Annotated[Path, typer.Argument(help="An export, or a proof of an entry.")],
    key: LogKeys,
    checkpoints: Checkpoints = None,
    published: PublishedAt = None,
    witness: Witnesses = None,
    time_stamp_roots: TimeStampRoots = None,
    entry: Annotated[
        Path | None, typer.Option(help="The entry, for a proof that carries none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Checks an export or a proof offline, and says exactly what is wrong where.

    Ends with 0 if it is sound. `python -m privacy_service.evidence.verify` is the same without the
    rest of this service.

    Example: privacy-service audit verify audit.jsonl --key demo.example/audit+1a2b3c4d+AY...
    --published /mnt/published
    """
    checked(
        file,
        keys=key,
        checkpoints=checkpoints,
        published=published,
        witnesses=witness,
        time_stamp_roots=time_stamp_roots,
        entry=entry,
        as_json=as_json,
    )


@audit.command()
@calling
def prove(
    position: Annotated[int, typer.Argument(help="The audit position that an answer carried.")],
    checkpoint_file: Annotated[
        Path | None,
        typer.Option("--checkpoint", help="The checkpoint to prove it under; else the newest."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the proof goes (.tlog-proof); else the screen.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Proves that an entry is in the log: a C2SP tlog-proof file that `audit verify` checks.

    Example: privacy-service audit prove 42 --out 42.tlog-proof --cert acme.pem --key acme-key.pem
    """
    with connection.open() as channel:
        note = (
            checkpoint_file.read_text(encoding="utf-8")
            if checkpoint_file
            else _checkpoint(channel, connection)
        )
        answer = audit_pb2_grpc.AuditServiceStub(channel).GetInclusionProof(
            audit_pb2.GetInclusionProofRequest(position=position, tree_size=claimed(note).size),
            timeout=30,
            metadata=connection.metadata,
        )
    proof = LogProof(index=position, hashes=tuple(answer.hashes), note=note, leaf=answer.leaf)
    if out is not None:
        out.write_text(str(proof), encoding="utf-8", newline="\n")
    if as_json:
        print_json(
            {
                "position": position,
                "tree_size": claimed(note).size,
                "leaf_hash": base64.b64encode(answer.leaf_hash).decode(),
                "hashes": [base64.b64encode(one).decode() for one in answer.hashes],
                "checkpoint": note,
            }
        )
    elif out is None:
        typer.echo(str(proof), nl=False)
    else:
        console.print(f"entry {position} of {claimed(note).size}, in {out}", markup=False)


@audit.command()
@calling
def consistency(
    older: Annotated[Path, typer.Argument(help="A checkpoint that you kept.")],
    verifier_key: Annotated[
        list[str],
        typer.Option(
            "--verifier-key", help="The log's verifier key, from a source that you trust."
        ),
    ],
    newer: Annotated[
        Path | None, typer.Argument(help="A newer checkpoint; else the newest there is.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Asks the log to prove that it only grew since a checkpoint, and checks the proof here.

    Ends with 0 if it did, with 1 if it could not prove it.

    Example: privacy-service audit consistency kept.note --verifier-key KEY --token auditor.jwt
    """
    with connection.open() as channel:
        note = newer.read_text(encoding="utf-8") if newer else _checkpoint(channel, connection)
        first, second = (
            _opened(older.read_text(encoding="utf-8"), verifier_key),
            _opened(note, verifier_key),
        )
        answer = audit_pb2_grpc.AuditServiceStub(channel).GetConsistencyProof(
            audit_pb2.GetConsistencyProofRequest(
                first_tree_size=first.size, second_tree_size=second.size
            ),
            timeout=30,
            metadata=connection.metadata,
        )
    fault = _inconsistent(first, second, tuple(answer.hashes))
    if as_json:
        hashes = [base64.b64encode(one).decode() for one in answer.hashes]
        sizes = {"first": first.size, "second": second.size}
        print_json({"consistent": fault is None, "fault": fault, **sizes, "hashes": hashes})
    elif fault is None:
        console.print(
            f"the log of {second.size} entries begins with the {first.size} of {older}",
            markup=False,
        )
    else:
        errors_console.print(f"NOT CONSISTENT: {fault}", markup=False)
    if fault is not None:
        end(Exit.NO)


def _inconsistent(first: Checkpoint, second: Checkpoint, hashes: tuple[bytes, ...]) -> str | None:
    try:
        verify_consistency(
            first=first.size,
            first_root=first.root,
            second=second.size,
            second_root=second.root,
            proof=hashes,
        )
    except ProofInvalid as fault:
        return str(fault)
    return None


def _opened(note: str, keys: list[str]) -> Checkpoint:
    try:
        return open_checkpoint(note, *(VerifierKey.parse(key) for key in keys))
    except NoteInvalid as invalid:
        errors_console.print(f"cannot verify: {invalid}", markup=False)
        end(Exit.USAGE)


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
