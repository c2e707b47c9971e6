"""`privacy-service serve`.

What is not needed to start the workers is imported while they load.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privacy_service.app.detector import open_pool
from privacy_service.clock import SystemClock
from privacy_service.commands.screen import console, refusing
from privacy_service.commands.shipped import nearest
from privacy_service.commands.stopping import until_told
from privacy_service.settings import Settings, load

if TYPE_CHECKING:
    from privacy_service.app.running import Running
    from privacy_service.commands.trial import Trial


@refusing
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="A trial set-up with its own certificates and contracts.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the trial set-up is kept.")] = Path(
        "var/demo"
    ),
    contracts: Annotated[
        Path | None,
        typer.Option(help="The trial's contracts; else examples/contracts, or those that ship."),
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="host:port to listen on; else as the settings say.")
    ] = None,
) -> None:
    """Serves until it is told to stop (SIGINT, SIGTERM); running calls are finished first.

    Settings come from the environment: docs/operating.md lists them.
    Example: privacy-service serve --demo
    """
    if demo:
        _serve_trial(folder, contracts or nearest() / "contracts", address)
        return
    settings = load()
    if address is not None:
        settings = load(server=settings.server.model_copy(update={"address": address}))
    with _serving(settings):
        spare_collector()
        until_told()


def _serve_trial(folder: Path, contracts: Path, address: str | None) -> None:
    from privacy_service.commands.client import DEFAULT_ADDRESS
    from privacy_service.commands.examples import partners_of, put_examples
    from privacy_service.commands.trial import set_up

    trial = set_up(
        folder,
        partners_of(contracts),
        address=address or DEFAULT_ADDRESS,
        people="127.0.0.1:8444" if address is None else "127.0.0.1:0",
        log_level="info",
    )
    with _serving(trial.settings) as service:
        put_examples(trial, service.port, contracts)
        spare_collector()
        _explain(trial, service, contracts)
        until_told()


@contextmanager
def _serving(settings: Settings) -> Iterator[Running]:
    """A service of the settings, whose workers load while the rest of it is imported."""
    with open_pool(settings.detection, SystemClock()) as pool:
        from privacy_service import logs
        from privacy_service.app.running import running
        from privacy_service.commands.companions import accompanied

        logs.silence_libraries()
        logs.hide_tracebacks()
        with running(settings, pool=pool) as service, accompanied(service):
            yield service


def spare_collector() -> None:
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
    payload = nearest() / "payloads" / "order.json"
    console.print(
        f"""Serving on {at} over mTLS, with the contracts of {contracts}.
Stop with Ctrl-C.

Call it with grpcurl, as {sender}:

  grpcurl -cacert {files.authority} -cert {files.certificate} -key {files.private_key} \\
    -d '{{"sender": "{sender}", "recipient": "swift-parcel", "purpose": "dpv:DeliveryOfGoods",
         "content_type": "application/json", "request_id": "'$(cat /proc/sys/kernel/random/uuid)'",
         "payload": "'$(base64 -w0 {payload})'"}}' \\
    {at} privacy_service.v1.EnforcementService/Transfer

or with our own command line:

  privacy-service transfer {payload} --from {sender} --to swift-parcel \\
    --purpose dpv:DeliveryOfGoods --address {at} \\
    --ca {files.authority} --cert {files.certificate} --key {files.private_key}

People come with a token, on a port that asks for no certificate. The auditor's way:

  privacy-service audit export audit.jsonl --address 127.0.0.1:{service.token_port} \\
    --ca {trial.authority} --token {trial.auditor_token} \\
    --verifier-key {service.verifier_key}
  privacy-service audit verify audit.jsonl --key {service.verifier_key}

and `evidence export case.zip --partner {sender}` for an archive to read: docs/evidence.md.
The officer's way, in a browser:

  privacy-service console --address 127.0.0.1:{service.token_port} \\
    --ca {trial.authority} --token {trial.officer_token}
""",
        markup=False,
    )
