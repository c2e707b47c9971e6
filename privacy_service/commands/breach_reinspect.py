"""`privacy-service breach reinspect`: releases, looked at again."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

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
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.v1 import breaches_pb2 as pb


@breach.command()
@calling
def reinspect(
    disclosures: Annotated[
        list[str], typer.Argument(metavar="DISCLOSURE…", help="As `audit disclosures` has them.")
    ],
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    token: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Looks again at what was released, with the detector as it is now; a breach where it is wrong.

    Example: privacy-service breach reinspect ffa6eb87500f4d03b619b663026e0ac1 --token officer.jwt
    """
    desk = BreachDesk(connection_of(address, ca, cert, key, token), zone_of("UTC"), as_json)
    found = []
    for disclosure in disclosures:
        request = pb.ReinspectReleaseRequest(disclosure_id=disclosure, request_id=str(uuid.uuid4()))
        answer = desk.call(
            lambda stub, request=request, **how: stub.ReinspectRelease(request, **how)
        )
        found.append({"disclosure_id": disclosure} | plain(answer))
        if not as_json:
            listed = ", ".join(f"{entity}: {many}" for entity, many in sorted(answer.found.items()))
            breach_id = f"  {answer.breach_id}" if answer.breach_id else ""
            console.print(f"{disclosure}  {listed or 'as agreed'}{breach_id}", markup=False)
    if as_json:
        print_json(found)
