"""`privacy-service settings`."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, table
from privacy_service.errors import PrivacyError
from privacy_service.settings import AllSettings, by_name, faults, in_force, load_without_server


def settings(
    every: Annotated[bool, typer.Option("--all", help="Those at their default, too.")] = False,
    worker: Annotated[
        bool, typer.Option(help="As a worker or a command needs them: no certificates.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Says whether the settings of the environment hold up, and which differ from their defaults.

    Nothing is started and nothing is opened. Ends with 1 if `serve` would not start on them, and
    names every one that is wrong, also those that are only misspelt. Secrets are never settings:
    those that name a file are shown as its path.

    Example: privacy-service settings --all
    """
    wrong = faults(os.environ, serves=not worker)
    rows = [] if wrong else _rows(load_without_server(), every=every)
    if as_json:
        print_json({"faults": [_fault(fault) for fault in wrong], "settings": rows})
    else:
        _show(wrong, rows)
    end(Exit.NO if wrong else Exit.DONE)


def _rows(settings: AllSettings, *, every: bool) -> list[dict[str, object]]:
    values, defaults = in_force(settings), in_force(AllSettings.model_construct())
    return [
        {
            "name": name,
            "value": _printable(name, values[name]),
            "set": name in os.environ,
            "says": field.description,
        }
        for name, field in by_name().items()
        if every or values[name] != defaults[name] or name in os.environ
    ]


def _printable(name: str, value: object) -> object:
    """The value; without the password, if someone wrote one into the address of a database."""
    if value and name in ("PRIVACY_DATABASE__URL", "PRIVACY_JOBS__URL"):
        return make_url(str(value)).render_as_string(hide_password=True)
    return value


def _fault(fault: PrivacyError) -> dict[str, str]:
    name = str(fault.details["setting"])
    variable = f"PRIVACY_{name.replace('.', '__').upper()}"
    return {
        "reason": fault.reason.code,
        "setting": variable if variable in by_name() else name,
        "says": str(fault.details["says"]),
    }


def _show(wrong: tuple[PrivacyError, ...], rows: list[dict[str, object]]) -> None:
    for fault in map(_fault, wrong):
        console.print(f"{fault['setting']}: {fault['says']}", markup=False)
    if wrong:
        return
    if not rows:
        console.print("Every setting is at its default.")
        return
    shown = table("setting", "value", "what it is")
    for row in rows:
        shown.add_row(str(row["name"]), _words(row["value"]), str(row["says"]))
    console.print(shown)


def _words(value: object) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
