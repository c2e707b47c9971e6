"""What other packages add to the command line and run beside a server, by entry points.

`retention` imports this package, so this one cannot import it. It is found by name instead, in the
entry points of what is installed: docs/decisions/0008-jobs-on-a-durable-engine.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from privacy_service.app.running import Running

COMMANDS: Final = "privacy_service.commands"
"""Each is a command's function, or a typer application of several."""
COMPANIONS: Final = "privacy_service.companions"
"""Each is a function of the running service: what runs as long as the block that it opens."""

Companion = Callable[["Running"], AbstractContextManager[None]]


def add_commands(app: typer.Typer) -> None:
    """Adds what is installed, under the entry point's name."""
    for point in sorted(entry_points(group=COMMANDS), key=lambda point: point.name):
        added = point.load()
        if isinstance(added, typer.Typer):
            app.add_typer(added, name=point.name)
        else:
            app.command(point.name)(added)


@contextmanager
def accompanied(service: Running) -> Iterator[None]:
    """Runs every companion that is installed until the block ends."""
    found = sorted(entry_points(group=COMPANIONS), key=lambda point: point.name)
    if not found:
        service.log.warning("no_companions_installed")
    with ExitStack() as opened:
        for point in found:
            companion: Companion = point.load()
            opened.enter_context(companion(service))
        yield
