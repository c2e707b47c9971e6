"""`privacy-service gateway`: a configuration for an Envoy, and a look at one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml

from privacy_service.commands.client import DEFAULT_ADDRESS, Address
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, refusing

if TYPE_CHECKING:
    from privacy_service.gateway.config import Place

gateway = typer.Typer(
    no_args_is_help=True, help="Envoy as the gateway: a configuration for it, and a look at one."
)

_WAYS = "`transfer`, `check` or `pass`"


@gateway.command()
@refusing
def config(
    partner: Annotated[str, typer.Option("--from", help="Whose Envoy it is.")],
    counterparty: Annotated[str, typer.Option("--to", help="The partner on the other side.")],
    upstream: Annotated[str, typer.Option(help="host:port that what passes goes to.")],
    authority: Annotated[
        Path, typer.Option("--ca", envvar="PRIVACY_CA", help="The service's authority (PEM).")
    ],
    certificate: Annotated[
        Path, typer.Option("--cert", envvar="PRIVACY_CERT", help="The partner's certificate (PEM).")
    ],
    private_key: Annotated[
        Path, typer.Option("--key", envvar="PRIVACY_KEY", help="Its private key (PEM).")
    ],
    purpose: Annotated[str | None, typer.Option(help="Of what is transferred.")] = None,
    use_case: Annotated[str | None, typer.Option(help="Of what is checked.")] = None,
    request: Annotated[str, typer.Option(help=f"What becomes of requests: {_WAYS}.")] = "transfer",
    response: Annotated[str, typer.Option(help=f"What becomes of responses: {_WAYS}.")] = "pass",
    query: Annotated[
        str, typer.Option(help="What becomes of queries: `refuse`, `transfer` or `pass`.")
    ] = "refuse",
    listen: Annotated[str, typer.Option(help="host:port that it listens on.")] = "127.0.0.1:8080",
    address: Address = DEFAULT_ADDRESS,
    service_name: Annotated[
        str | None, typer.Option(help="The DNS name in the service's certificate; else its host.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="No TLS to the other side.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prints a configuration with which an Envoy takes what a program sends through the contracts.

    Example: privacy-service gateway config --from acme-shop --to swift-parcel
    --purpose dpv:DeliveryOfGoods --upstream swift-parcel.example:443 > envoy.yaml
    """
    from privacy_service.gateway.config import Sidecar, envoy_config
    from privacy_service.gateway.route import read_route

    said = {
        "privacy-partner": partner,
        "privacy-counterparty": counterparty,
        "privacy-request": request,
        "privacy-response": response,
        "privacy-purpose": purpose,
        "privacy-use-case": use_case,
        "privacy-query": query,
    }
    service = _place(address)
    made = envoy_config(
        Sidecar(
            route=read_route((key, value) for key, value in said.items() if value is not None),
            listen=_place(listen),
            upstream=_place(upstream),
            service=service,
            authority=authority.absolute(),
            certificate=certificate.absolute(),
            private_key=private_key.absolute(),
            service_name=service_name or service.host,
            plain=plain,
        )
    )
    if as_json:
        print_json(made)
    else:
        sys.stdout.write(yaml.safe_dump(made, sort_keys=False, width=120))


@gateway.command()
@refusing
def check(
    files: Annotated[
        list[Path], typer.Argument(help="Envoy's configuration.", exists=True, dir_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Looks where a configuration of Envoy's would let something pass unseen, or let nothing pass.

    Ends with 1 where there is one of these; what may be meant is a note.
    Example: privacy-service gateway check deploy/envoy/gateway.yaml
    """
    from privacy_service.gateway.lint import Level, faults_of

    found = {str(file): faults_of(file.read_text(encoding="utf-8")) for file in files}
    if as_json:
        print_json(
            {
                name: [
                    {"level": one.level, "line": one.line, "says": one.says, "remedy": one.remedy}
                    for one in faults
                ]
                for name, faults in found.items()
            }
        )
    else:
        for name, faults in found.items():
            for one in faults:
                console.print(f"{name}:{one.line}: {one.level}: {one.says}", markup=False)
                console.print(f"  {one.remedy}", markup=False)
            if not faults:
                console.print(f"{name}: nothing passes unseen", markup=False)
    if any(one.level is not Level.NOTE for faults in found.values() for one in faults):
        end(Exit.NO)


def _place(address: str) -> Place:
    from privacy_service.gateway.config import Place

    try:
        return Place.of(address)
    except ValueError:
        raise typer.BadParameter(f"{address} is no host:port") from None
