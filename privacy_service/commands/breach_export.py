"""What the `breach` commands take out: the evidence about one breach."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import (
    BreachDesk,
    BreachId,
    zone_of,
)
from privacy_service.commands.client import Connection, calling
from privacy_service.commands.evidence import write_archive
from privacy_service.commands.screen import AsJson
from privacy_service.v1 import audit_pb2
from privacy_service.v1 import breaches_pb2 as pb


@breach.command()
@calling
def export(
    breach_id: BreachId,
    out: Annotated[Path, typer.Argument(help="Where the archive goes (.zip).")],
    to: Annotated[str, typer.Option(help="Who gets it; with --reason, the custody record.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is taken out.")] = "",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Exports the evidence about a breach as one signed archive: the same as `evidence export`.

    Whoever has the log's public key can check it: `evidence verify`.

    Example: privacy-service breach export breach-3f6d12ab9c0e4477 breach.zip
    --to "State police, 12/345" --reason "handed over" --token officer.jwt
    """
    if bool(to) is not bool(reason):
        raise typer.BadParameter("give both --to and --reason, or neither")
    asked = audit_pb2.ExportEvidenceRequest(resource=breach_id, with_disclosures=True)
    sha256 = write_archive(connection, asked, out, as_json=as_json)
    if to:
        taken = pb.CustodyStatement(sha256=sha256, to=to, reason=reason)
        request = pb.RecordStatementRequest(
            breach_id=breach_id,
            statement=pb.BreachStatement(custody=taken),
            request_id=str(uuid.uuid4()),
        )
        desk = BreachDesk(connection, zone_of("UTC"), as_json)
        desk.call(lambda stub, **how: stub.RecordStatement(request, **how))
