"""CSV (RFC 4180): rows of cells, named by a header where there is one.

A table of a header and no rows is read as one row of empty cells, so that its names are inspected
and minimized like any others; it is written without that row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from privacy_service import errors
from privacy_service.payloads.document import Key, Limits, NodeKind, Origin, Place
from privacy_service.payloads.json_scan import leaf
from privacy_service.payloads.offsets import Marks, pairs
from privacy_service.payloads.plain_text import plain
from privacy_service.payloads.splice import (
    Edit,
    Names,
    Plan,
    children,
    cuts,
    require_scalars,
    taken_out,
)
from privacy_service.payloads.tree import Fault, Slot, Tree

DELIMITERS: Final = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}


class Cell(NamedTuple):
    """A cell: its text, where that stands, and the span of what is written for it."""

    text: str
    place: Place
    start: int
    end: int


def read_csv(text: str, limits: Limits, *, delimiter: str, header: bool) -> tuple[Tree, CsvWriter]:
    """Raises Fault: where a row is not as long as the first one, too."""
    rows = _rows(text, delimiter)
    columns = next(rows, []) if header else []
    keys = _keys(columns)
    tree = Tree(limits)
    tree.add(Slot(), NodeKind.ARRAY, "", 0, 0, len(text))
    width = len(columns) if header else None
    count = 0
    for row in rows:
        width = len(row) if width is None else width
        if len(row) != width:
            raise Fault(errors.PAYLOAD_MALFORMED, row[min(len(row), width + 1) - 1].start)
        _add_row(tree, count, row, keys)
        count += 1
    if columns and not count:
        _add_row(tree, 0, [Cell("", len(text), len(text), len(text)) for _ in columns], keys)
    tree.close(0, len(text))
    return tree, CsvWriter(delimiter, columns, hollow=not count)


def _rows(text: str, delimiter: str) -> Iterator[list[Cell]]:
    """The rows. The line end behind the last row may be there or not."""
    cell = rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"\r\n{re.escape(delimiter)}]*+))'
    read = re.compile(rf"{cell}({re.escape(delimiter)}|\r?\n|\Z)").match
    at = 1 if text.startswith("\ufeff") else 0
    row: list[Cell] = []
    while at < len(text) or row:
        match = read(text, at)
        if match is None:
            fits = re.compile(cell).match(text, at)
            raise Fault(errors.PAYLOAD_MALFORMED, fits.end() if fits else at)
        quoted, bare, behind = match.groups()
        start, end, at = match.start(), match.start(3), match.end()
        if bare is not None:
            row.append(Cell(bare, start, start, end))
        else:
            row.append(_quoted(quoted, start, end))
        if behind != delimiter:
            yield row
            row = []


def _quoted(raw: str, start: int, end: int) -> Cell:
    if '"' not in raw:
        return Cell(raw, start + 1, start, end)
    text = raw.replace('""', '"')
    marks = Marks(len(text), partial(pairs, raw, '""', start + 1))
    return Cell(text, Origin(start + 1, marks), start, end)


def _keys(columns: list[Cell]) -> list[Key]:
    names: set[str] = set()
    for cell in columns:
        if cell.text in names:
            raise Fault(errors.DUPLICATE_KEY, cell.start)
        names.add(cell.text)
    return [Key(cell.text, cell.place) for cell in columns]


def _add_row(tree: Tree, number: int, row: list[Cell], keys: list[Key]) -> None:
    kind = NodeKind.OBJECT if keys else NodeKind.ARRAY
    start, end = row[0].start, row[-1].end
    parent = tree.add(Slot((number,), 0, None, 1), kind, "", start, start, end)
    for column, cell in enumerate(row):
        key = keys[column] if keys else None
        slot = Slot((number, key.text if key else column), parent, key, 2)
        leaf(tree, slot, cell.text, cell.place, cell.start, cell.end)
    tree.close(parent, end)


class _Table:
    """What changes in a table, by rows and columns."""

    __slots__ = ("changed", "dropped", "gone", "names", "removed", "rows")

    def __init__(self, tree: Tree, plan: Plan) -> None:
        removed = set(plan.removed)
        self.gone = [row for row in children(tree, 0) if row in removed]
        self.rows = [row for row in children(tree, 0) if row not in removed]
        self.removed = removed.difference(self.gone)
        touched = (*self.removed, *plan.values, *plan.keys)
        self.changed = sorted({tree.nodes[cell].parent or 0 for cell in touched})
        self.names: dict[int, str] = {}
        emptied: Counter[int] = Counter()
        for row in self.changed:
            for column, cell in enumerate(children(tree, row)):
                emptied[column] += cell in self.removed
                if cell in plan.keys:
                    self.names.setdefault(column, plan.keys[cell])
        self.dropped = {column for column, cells in emptied.items() if cells == len(self.rows)}


@dataclass(frozen=True, slots=True)
class CsvWriter:
    """Writes changes into a table. `hollow`: its one row does not stand in the text.

    A cell that is removed is left empty. A column goes, with its name, when its cells are removed
    from every row that stays; a name changes when any of its cells is renamed.
    """

    delimiter: str
    columns: list[Cell]
    hollow: bool

    @property
    def empty(self) -> str:
        """A table without rows has no header either: nothing says what of it may stay."""
        return ""

    def edits(self, tree: Tree, text: str, plan: Plan) -> Iterator[Edit]:
        """See `Writer.edits`. A row as a whole has no new value."""
        if plan.empty:
            return
        require_scalars(tree, plan)
        width = sum(1 for _ in children(tree, 1)) if len(tree.nodes) > 1 else 0
        table = _Table(tree, plan)
        if len(table.dropped) == width or not table.rows:
            yield Edit(0, len(text))
            return
        alone = width - len(table.dropped) == 1
        yield from self._header_edits(table, alone=alone)
        if not self.hollow:
            yield from cuts(tree, table.gone)
            for row in table.rows if table.dropped or alone else table.changed:
                yield from self._row_edits(tree, plan, table, row, alone=alone)

    def _header_edits(self, table: _Table, *, alone: bool) -> Iterator[Edit]:
        stays = [
            (column, cell)
            for column, cell in enumerate(self.columns)
            if column not in table.dropped
        ]
        names = Names(cell.text for column, cell in stays if column not in table.names)
        for column, cell in stays:
            if column in table.names:
                name = names.give(cell.text, table.names[column])
                yield Edit(cell.start, cell.end, self._written(name, alone=alone))
        yield from taken_out(
            (column in table.dropped, cell.start, cell.end)
            for column, cell in enumerate(self.columns)
        )

    def _row_edits(
        self, tree: Tree, plan: Plan, table: _Table, row: int, *, alone: bool
    ) -> Iterator[Edit]:
        spans: list[tuple[bool, int, int]] = []
        for column, cell in enumerate(children(tree, row)):
            start, end = tree.starts[cell], tree.ends[cell]
            spans.append((column in table.dropped, start, end))
            if column in table.dropped:
                continue
            if cell in plan.values:
                yield Edit(start, end, self._written(plain(plan.values[cell]), alone=alone))
            elif cell in table.removed or start == end:
                yield Edit(start, end, self._written("", alone=alone))
        yield from taken_out(spans)

    def _written(self, text: str, *, alone: bool) -> str:
        """The text as a cell. Alone in its row, an empty one would be taken for no row."""
        if (alone and not text) or any(char in text for char in f'"\r\n{self.delimiter}'):
            return '"' + text.replace('"', '""') + '"'
        return text
