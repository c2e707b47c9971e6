"""What the `breach` commands take out: the evidence about one breach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privacy_service.commands.breach import breach
from privacy_service.commands.breach_options import BreachId, connection_of
from privacy_service.commands.client import (
    DEFAULT_ADDRESS,
    Address,
    Authority,
    Certificate,
    PrivateKey,
    TokenFile,
    calling,
)
from privacy_service.commands.evidence import write_archive
from privacy_service.commands.screen import AsJson
from privacy_service.v1 import audit_pb2


@breach.command()
@calling
def export(
    breach_id: BreachId,
    out: Annotated[Path, typer.Argument(help="Where the archive goes (.zip).")],
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Exports the evidence about a breach as one signed archive: the same as `evidence export`.

    Whoever has the log's public key can check it: `evidence verify`.

    Example: privacy-service breach export breach-3f6d12ab9c0e4477 breach.zip --token officer.jwt
    """
    asked = audit_pb2.ExportEvidenceRequest(resource=breach_id, with_disclosures=True)
    write_archive(connection_of(address, ca, cert, key, token), asked, out, as_json=as_json)
