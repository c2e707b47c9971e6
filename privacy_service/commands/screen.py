"""What a command prints, and how it ends.

Every command prints for a person, or one JSON value with `--json`. It ends with 0 (done), 1 (the
answer is no: faults found, refused), 2 (wrong use) or 3 (the service could not be reached).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import Annotated, Final, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console, ConsoleDimensions
from rich.table import Table
from rich.text import Text

from privacy_service.errors import Kind, PrivacyError

P = ParamSpec("P")
T = TypeVar("T")
_PAGE: Final = 100
"""Columns of a heading at the most."""

_UNBOUNDED: Final = ConsoleDimensions(10_000, 25)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON value instead of text.")]


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    NO = 1
    USAGE = 2
    UNREACHABLE = 3


class Screen(Console):
    """As wide as the terminal or COLUMNS says. Where there is neither, nothing is cut or folded:
    whoever reads it next (grep, a file, a pipe) looks for whole names.
    """

    @property
    def size(self) -> ConsoleDimensions:
        if self.is_terminal or "COLUMNS" in os.environ:
            return super().size
        return _UNBOUNDED

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        raise AttributeError(f"the size {new_size} is the terminal's to say")

    def heading(self, title: str) -> None:
        """A title with a line behind it, as wide as a page where there is no terminal."""
        wide = min(self.width, _PAGE)
        line = Text.from_markup(f"[bold]{title}[/bold] ")
        line.append("─" * max(3, wide - line.cell_len), style="green")
        self.print(line)


console = Screen(soft_wrap=True, highlight=False)
errors_console = Screen(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: object) -> None:
    """One JSON value on the standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def table(*names: str) -> Table:
    """A table for a list. What does not fit goes on in the next line: ids are to be copied."""
    made = Table(box=None, header_style="dim")
    for name in names:
        made.add_column(name, overflow="fold")
    return made


def end(code: Exit) -> NoReturn:
    """Ends the command."""
    raise typer.Exit(code)


def refusing(command: Callable[P, T]) -> Callable[P, T]:
    """Prints a PrivacyError as its sentences, and ends the command with the code for its kind."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except PrivacyError as error:
            print_error(error, as_json=bool(kwargs.get("as_json")))
            end(exit_for(error))

    return guarded


def print_error(error: PrivacyError, *, as_json: bool) -> None:
    """The error on the standard error, or as JSON on the standard output."""
    if as_json:
        print_json(
            {
                "error": {
                    "reason": error.reason.code,
                    "message": error.reason.says,
                    "remedy": error.reason.remedy,
                    "details": error.details,
                }
            }
        )
        return
    errors_console.print(f"[bold red]{error.reason.code}[/] {error.reason.says}")
    for name, value in error.details.items():
        errors_console.print(f"  {name}: {value}", markup=False)
    errors_console.print(f"  {error.reason.remedy}", markup=False)


def exit_for(error: PrivacyError) -> Exit:
    """How a command ends that met this error."""
    unreachable = (Kind.UNAVAILABLE, Kind.DEADLINE)
    return Exit.UNREACHABLE if error.reason.kind in unreachable else Exit.NO
