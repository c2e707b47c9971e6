"""`privacy-service health` and `migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc

from privacy_service.app.storage import open_database
from privacy_service.clock import SystemClock
from privacy_service.commands.client import (
    DEFAULT_ADDRESS,
    Authority,
    Certificate,
    Connection,
    PrivateKey,
    calling,
)
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, refusing
from privacy_service.settings import DatabaseSettings, EvidenceSettings


@calling
def health(
    address: Annotated[
        str,
        typer.Option(
            envvar=["PRIVACY_ADDRESS", "PRIVACY_SERVER__HEALTH_ADDRESS"],
            help="host:port of the service.",
        ),
    ] = DEFAULT_ADDRESS,
    ca: Authority = None,
    cert: Certificate = None,
    key: PrivateKey = None,
    seconds: Annotated[float, typer.Option(help="How long to wait.")] = 3.0,
    as_json: AsJson = False,
) -> None:
    """Asks a running service for its health (grpc.health.v1); ends with 0 if it is SERVING.

    Example: privacy-service health --address 127.0.0.1:8443 --ca ca.pem
    """
    connection = Connection(address=address, authority=ca, certificate=cert, private_key=key)
    with connection.open() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=seconds)
    status = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    if as_json:
        print_json({"status": status})
    else:
        console.print(status)
    if status != "SERVING":
        end(Exit.UNREACHABLE)


@refusing
def migrate(
    database: Annotated[
        str, typer.Option(envvar="PRIVACY_DATABASE__URL", help="The database's URL.")
    ] = DatabaseSettings().url,
    password_file: Annotated[
        Path | None,
        typer.Option(
            envvar="PRIVACY_DATABASE__PASSWORD_FILE", help="A file whose content is its password."
        ),
    ] = None,
    origin: Annotated[
        str, typer.Option(envvar="PRIVACY_EVIDENCE__ORIGIN", help="The audit log's name.")
    ] = EvidenceSettings().origin,
    as_json: AsJson = False,
) -> None:
    """Brings a database to this release's schema, all of it or nothing.

    Example: privacy-service migrate --database postgresql+psycopg://privacy@db/privacy
    """
    where = DatabaseSettings(url=database, password_file=password_file, migrate=True)
    with open_database(where, origin, SystemClock()):
        pass
    if as_json:
        print_json({"migrated": True})
    else:
        console.print("the database is at this release's schema")
