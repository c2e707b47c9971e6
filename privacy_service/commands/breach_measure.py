"""How acts of other services name the breach that they contain."""

from __future__ import annotations

from typing import Annotated

import typer

ForBreach = Annotated[
    str,
    typer.Option("--breach", metavar="BREACH", help="It stands in this breach's timeline, too."),
]
