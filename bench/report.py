"""Tables on the terminal, and the same rows in bench/results/NAME.json with the machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"

Row = dict[str, object]


class Report:
    """Collects tables of one run, shows each when it is done, and writes them together."""

    def __init__(self, name: str, machine: dict[str, object]) -> None:
        self._name = name
        self._machine = machine
        self._tables: dict[str, Sequence[Row]] = {}
        self._console = Console(width=140)

    def table(self, title: str, rows: Sequence[Row]) -> None:
        """Shows a table; the first row names the columns."""
        self._tables[title] = rows
        table = Table(title=title, title_justify="left", title_style="bold")
        for name in rows[0]:
            numeric = isinstance(rows[0][name], int | float)
            table.add_column(name, justify="right" if numeric else "left")
        for row in rows:
            table.add_row(*(_shown(value) for value in row.values()))
        self._console.print(table)

    def write(self) -> Path:
        """Writes the run; a later run of the same name replaces it."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self._name}.json"
        run = {"machine": self._machine, "tables": self._tables}
        path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return path


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return "–" if value is None else str(value)
