"""`privacy-service evidence`: archives of evidence about one case, made and checked."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from privacy_service.commands.client import Connection, calling
from privacy_service.commands.disclosures import (
    ContractVersion,
    Since,
    Until,
    contract_version,
    set_period,
)
from privacy_service.commands.offline import (
    Checkpoints,
    LogKeys,
    PublishedAt,
    TimeStampRoots,
    Witnesses,
    checked,
)
from privacy_service.commands.screen import AsJson, console, print_json, refusing
from privacy_service.commands.subjects import subject_refs
from privacy_service.v1 import audit_pb2, audit_pb2_grpc

evidence = typer.Typer(
    no_args_is_help=True,
    help="Signed archives of evidence: about a request, a breach, a partner, a contract, a period.",
)

_SECONDS = 300.0


@evidence.command()
@calling
def export(
    out: Annotated[Path, typer.Argument(help="Where the archive goes (.zip).")],
    resource: Annotated[
        str | None,
        typer.Option(help="Acts about this id: a record, a hold, a contract, a transfer ..."),
    ] = None,
    request: Annotated[
        str | None, typer.Option(help="Everything about this subject request, by its id.")
    ] = None,
    breach: Annotated[
        str | None, typer.Option(help="Everything about this breach, by its id.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Acts that name this person, as type=value.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option(help="Acts that this partner is a side of.")
    ] = None,
    contract: ContractVersion = None,
    since: Since = None,
    until: Until = None,
    with_disclosures: Annotated[
        bool,
        typer.Option(
            "--with-disclosures",
            help="Also what was disclosed about the people whom those acts name; a request and a "
            "breach come with it.",
        ),
    ] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Exports a signed archive: entries with proofs, disclosures, contracts, an index to read.

    All that is asked must hold. Whoever has the log's public key can check it: `evidence verify`.

    Example: privacy-service evidence export case.zip --partner swift-parcel --since 2026-01-01
    --token auditor.jwt
    """
    ids = [one for one in (resource, request, breach) if one is not None]
    if len(ids) > 1:
        raise typer.BadParameter("give one of --resource, --request and --breach")
    named, version = contract_version(contract)
    asked = audit_pb2.ExportEvidenceRequest(
        resource=ids[0] if ids else "",
        partner=partner or "",
        contract_id=named,
        version=version,
        with_disclosures=with_disclosures or request is not None or breach is not None,
    )
    if subject is not None:
        asked.subject.CopyFrom(subject_refs([subject])[0])
    set_period(asked, since, until)
    write_archive(connection, asked, out, as_json=as_json)


@evidence.command()
@refusing
def verify(
    archive: Annotated[Path, typer.Argument(help="The archive.")],
    key: LogKeys,
    checkpoints: Checkpoints = None,
    published: PublishedAt = None,
    witness: Witnesses = None,
    time_stamp_roots: TimeStampRoots = None,
    as_json: AsJson = False,
) -> None:
    """Checks an archive offline, and says exactly what is wrong in which file and line.

    Ends with 0 if it is sound. `python -m privacy_service.evidence.verify` is the same without the
    rest of this service.

    Example: privacy-service evidence verify case.zip --key demo.example/audit+1a2b3c4d+AY...
    """
    checked(
        archive,
        keys=key,
        checkpoints=checkpoints,
        published=published,
        witnesses=witness,
        time_stamp_roots=time_stamp_roots,
        as_json=as_json,
    )


def write_archive(
    connection: Connection, asked: audit_pb2.ExportEvidenceRequest, out: Path, *, as_json: bool
) -> str:
    """Writes the archive of what is asked to a file, and says so. What that was before is gone. Its
    SHA-256.
    """
    with connection.open() as channel:
        pieces = audit_pb2_grpc.AuditServiceStub(channel).ExportEvidence(
            asked, timeout=_SECONDS, metadata=connection.metadata
        )
        # Whole or not at all: what the stream breaks off is no archive.
        archive = b"".join(piece.chunk for piece in pieces)
    out.write_bytes(archive)
    if as_json:
        print_json({"archive": str(out), "bytes": len(archive)})
    else:
        console.print(f"{len(archive)} bytes in {out}; open index.html in it", markup=False)
    return hashlib.sha256(archive).hexdigest()
