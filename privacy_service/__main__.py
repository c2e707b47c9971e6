"""The command line: `privacy-service`, or `python -m privacy_service`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

import typer

COMMANDS: Final = {
    "serve": "serving",
    "demo": "demo",
    "examples": "shipped",
    "transfer": "transferring",
    "tokens": "tokens",
    "inspect": "inspecting",
    "evaluate": "evaluating",
    "settings": "configured",
    "health": "tending",
    "migrate": "tending",
    "backup": "backing_up",
    "restore": "backing_up",
    "tombstones": "backing_up",
    "contract": "contract_desk",
    "behavior": "behavior",
    "playbooks": "playbooks",
    "failures": "failures",
    "monitors": "monitors",
    "detectors": "detectors",
    "consent": "consent",
    "reviews": "reviews",
    "holds": "holds",
    "requests": "requests",
    "notices": "notices",
    "receipt": "receipt",
    "retention": "retention",
    "bundle": "bundle",
    "keys": "keys",
    "audit": "audit",
    "evidence": "evidence",
    "law": "law",
    "gateway": "gateway",
    "breach": "breach_desk",
}
"""Every command of ours, in the order of `--help`, and the module of `commands/` that it is in."""


def application(*names: str) -> typer.Typer:
    """The command line with these of our commands; without names, with all that are installed."""
    app = typer.Typer(
        name="privacy-service",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Enforces data-sharing contracts on real payloads. "
        "Every command has --help and --json.",
    )
    app.callback()(lambda: None)  # so that one command alone still goes by its name
    for name in names or COMMANDS:
        command = getattr(import_module(f"privacy_service.commands.{COMMANDS[name]}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    if not names:
        from privacy_service.commands.companions import add_commands

        add_commands(app)
    return app


def main() -> None:
    """Runs one command. Only its own module is imported: a server is not to wait for the others."""
    try:
        application(*(name for name in sys.argv[1:2] if name in COMMANDS))()
    except OSError as error:
        if error.filename is None:
            raise
        # A file that the command line names: a sentence says more than a stack does.
        sys.stderr.write(f"{error.filename}: {error.strerror or 'cannot be used'}\n")
        sys.exit(2)


def __getattr__(name: str) -> typer.Typer:
    """`app`: all commands."""
    if name != "app":
        raise AttributeError(name)
    return application()


if __name__ == "__main__":
    main()
