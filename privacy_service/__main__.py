"""The command line: `privacy-service`, or `python -m privacy_service`."""

from __future__ import annotations

import typer

from privacy_service.commands.audit import audit
from privacy_service.commands.behavior import behavior
from privacy_service.commands.companions import add_commands
from privacy_service.commands.contract import contract
from privacy_service.commands.demo import demo
from privacy_service.commands.detectors import detectors
from privacy_service.commands.evaluating import evaluate
from privacy_service.commands.holds import holds
from privacy_service.commands.inspecting import inspect
from privacy_service.commands.keys import keys
from privacy_service.commands.law import law
from privacy_service.commands.serving import health, migrate, serve
from privacy_service.commands.transferring import transfer

app = typer.Typer(
    name="privacy-service",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Enforces data-sharing contracts on real payloads. Every command has --help and --json.",
)
app.command()(serve)
app.command()(demo)
app.command()(transfer)
app.command()(inspect)
app.command()(evaluate)
app.command()(health)
app.command()(migrate)
app.add_typer(contract, name="contract")
app.add_typer(behavior, name="behavior")
app.add_typer(detectors, name="detectors")
app.add_typer(holds, name="holds")
app.add_typer(keys, name="keys")
app.add_typer(audit, name="audit")
add_commands(app)
app.add_typer(law, name="law")


def main() -> None:
    """Runs one command."""
    app()


if __name__ == "__main__":
    main()
