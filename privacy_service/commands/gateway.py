"""`privacy-service gateway`: what operators of an Envoy need for the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, refusing

gateway = typer.Typer(no_args_is_help=True, help="Envoy as the gateway: its configuration.")


@gateway.callback()
def _gateway() -> None:
    """A group, so that `check` goes by its name."""


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
