"""`privacy-service serve` and `health`."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc

from privacy_service import logs
from privacy_service.app.running import Running, running
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
from privacy_service.commands.companions import accompanied
from privacy_service.commands.examples import partners_of, put_examples
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    print_json,
    refusing,
)
from privacy_service.commands.stopping import until_told
from privacy_service.commands.trial import Trial, set_up
from privacy_service.settings import DatabaseSettings, EvidenceSettings, load


@refusing
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="A trial set-up with its own certificates and contracts.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the trial set-up is kept.")] = Path(
        "var/demo"
    ),
    contracts: Annotated[Path, typer.Option(help="The trial's contracts.")] = Path(
        "examples/contracts"
    ),
    address: Annotated[
        str | None, typer.Option(help="host:port to listen on; else as the settings say.")
    ] = None,
) -> None:
    """Serves until it is told to stop (SIGINT, SIGTERM); running calls are finished first.

    Settings come from the environment: docs/operating.md lists them.
    Example: privacy-service serve --demo
    """
    logs.silence_libraries()
    logs.hide_tracebacks()
    if not demo:
        settings = load()
        if address is not None:
            settings = load(server=settings.server.model_copy(update={"address": address}))
        with running(settings) as service, accompanied(service):
            _spare_collector()
            until_told()
        return
    trial = set_up(
        folder,
        partners_of(contracts),
        address=address or DEFAULT_ADDRESS,
        people="127.0.0.1:8444" if address is None else "127.0.0.1:0",
        log_level="info",
    )
    with running(trial.settings) as service, accompanied(service):
        put_examples(trial, service.port, contracts)
        _spare_collector()
        _explain(trial, service, contracts)
        until_told()


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
    origin: Annotated[
        str, typer.Option(envvar="PRIVACY_EVIDENCE__ORIGIN", help="The audit log's name.")
    ] = EvidenceSettings().origin,
    as_json: AsJson = False,
) -> None:
    """Brings a database to this release's schema, all of it or nothing.

    Example: privacy-service migrate --database postgresql+psycopg://privacy@db/privacy
    """
    with open_database(DatabaseSettings(url=database, migrate=True), origin, SystemClock()):
        pass
    if as_json:
        print_json({"migrated": True})
    else:
        console.print("the database is at this release's schema")


def _spare_collector() -> None:
    """Makes the garbage collector look less often, and never at what was loaded for good.

    A large payload is hundreds of thousands of small values, none of them in a cycle: reading one
    took twice as long with the collector's own thresholds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)


def _explain(trial: Trial, service: Running, contracts: Path) -> None:
    sender = "acme-shop" if "acme-shop" in trial.partners else min(trial.partners)
    files = trial.partners[sender]
    at = f"127.0.0.1:{service.port}"
    console.print(
        f"""Serving on {at} over mTLS, with the contracts of {contracts}.
Stop with Ctrl-C.

Call it with grpcurl, as {sender}:

  grpcurl -cacert {files.authority} -cert {files.certificate} -key {files.private_key} \\
    -d '{{"sender": "{sender}", "recipient": "swift-parcel", "purpose": "dpv:DeliveryOfGoods",
         "content_type": "application/json", "request_id": "'$(cat /proc/sys/kernel/random/uuid)'",
         "payload": "'$(base64 -w0 examples/payloads/order.json)'"}}' \\
    {at} privacy_service.v1.EnforcementService/Transfer

or with our own command line:

  privacy-service transfer examples/payloads/order.json --from {sender} --to swift-parcel \\
    --purpose dpv:DeliveryOfGoods --address {at} \\
    --ca {files.authority} --cert {files.certificate} --key {files.private_key}

People come with a token, on a port that asks for no certificate. The auditor's way:

  privacy-service audit export audit.jsonl --address 127.0.0.1:{service.token_port} \
    --ca {trial.authority} --token {trial.auditor_token} \
    --verifier-key {service.verifier_key}
  privacy-service audit verify audit.jsonl --key {service.verifier_key}
""",
        markup=False,
    )
