"""What the `test` commands print: examples that stand in contracts, and how they came out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from privacy_service.commands.screen import Exit, console, end, print_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One example that was run: whether it is as it states, and how it is shown."""

    as_expected: bool
    plain: dict[str, Any]
    show: Callable[[], None]


def show_examples(tried: Sequence[Tried], *, as_json: bool) -> None:
    """The examples. Ends the command with 1 if any is not as it states."""
    if as_json:
        print_json([one.plain for one in tried])
    else:
        for one in tried:
            one.show()
        console.print(f"{len(tried)} examples", markup=False)
    if not all(one.as_expected for one in tried):
        end(Exit.NO)
