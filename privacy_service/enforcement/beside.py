"""What a document calls a value in another place than the value's own key.

Two forms are common in what programs exchange:

- a pair of members: `{"label": "Date of birth", "value": "1962-04-11"}` (forms, FHIR, metadata);
- rows under names that stand once: `{"columns": ["name", "town"], "rows": [["…", "…"]]}`, or an
  array of rows whose first one holds the names (spreadsheets, answers of databases).

The name is context as a key is: it tells what the value may be, and decides nothing by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from privacy_service.payloads.document import Node, NodeKind

_VALUES: Final = frozenset(
    {"value", "values", "val", "v", "answer", "answers", "stringvalue", "fieldvalue"}
)
_NAMES: Final = (
    "label", "name", "key", "field", "fieldname", "fieldlabel", "question", "title", "property",
    "attribute", "column", "header", "caption", "k", "system", "type", "id",
)  # fmt: skip
"""Keys whose value names the one beside it, the most telling first."""

_HEADS: Final = frozenset(
    {"columns", "columnnames", "cols", "header", "headers", "heading", "headings", "fields",
     "fieldnames", "names", "keys", "labels", "schema", "attributes"}
)  # fmt: skip
"""Keys whose value names the columns of the rows beside it."""

_ADDRESS: Final = re.compile(r"(?:urn:|https?://)\S*?([^/:#]+)/?", re.IGNORECASE)
_NO_LETTER: Final = re.compile(r"[\W_]+")
_LONGEST: Final = 60
"""Code points of a name; longer ones are sentences."""

_FEWEST: Final = 2
"""Columns of a table: one alone is a list."""


def names_beside(nodes: Sequence[Node]) -> Mapping[int, str]:
    """By the index of each scalar that is named elsewhere, its name there."""
    below: dict[int, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.parent is not None and (node.kind.scalar or _holds(node)):
            below[node.parent].append(node)
    found: dict[int, str] = {}
    for index, children in below.items():
        holder = nodes[index]
        if holder.kind is NodeKind.OBJECT:
            found.update(_pair(children, below))
            found.update(_columns(children, below))
        elif holder.kind is NodeKind.ARRAY:
            # Rows whose columns are named have no heading of their own.
            for at, name in _headed(children, below):
                found.setdefault(at, name)
    return found


def _holds(node: Node) -> bool:
    return node.kind in (NodeKind.OBJECT, NodeKind.ARRAY)


def _plain(key: str) -> str:
    lower = key.lower()
    return lower if lower.isalnum() else _NO_LETTER.sub("", lower)


def _keyed(children: Sequence[Node]) -> dict[str, Node]:
    return {_plain(child.key.text): child for child in children if child.key is not None}


def _pair(children: Sequence[Node], below: Mapping[int, list[Node]]) -> Iterator[tuple[int, str]]:
    """The values of an object that a member beside them names."""
    keyed = _keyed(children)
    values = [keyed[key] for key in keyed.keys() & _VALUES]
    if not values:
        return
    name = next((name for key in _NAMES if (name := _name(keyed.get(key)))), None)
    if name is None:
        return
    for value in values:
        inside = below.get(value.index, ())
        for node in (value, *inside):
            # Several values, or one that its type's name wraps: `{"stringValue": "…"}`.
            if node.kind.scalar and (
                node is value or value.kind is NodeKind.ARRAY or len(inside) == 1
            ):
                yield node.index, name


def _name(node: Node | None) -> str | None:
    """The text of a scalar as a name: of an address its last part."""
    if node is None or node.kind is not NodeKind.TEXT:
        return None
    text = node.text.strip()
    address = _ADDRESS.fullmatch(text)
    text = address[1] if address else text
    return text if 0 < len(text) <= _LONGEST else None


def _columns(
    children: Sequence[Node], below: Mapping[int, list[Node]]
) -> Iterator[tuple[int, str]]:
    """The cells of every array of rows beside an array that names columns."""
    heads = [
        names
        for child in children
        if child.key is not None
        and _plain(child.key.text) in _HEADS
        and len(names := _all_names(below.get(child.index, ()), below)) >= _FEWEST
    ]
    if len(heads) != 1:
        return
    for child in children:
        if child.kind is NodeKind.ARRAY:
            for row in below.get(child.index, ()):
                yield from _row(below.get(row.index, ()), heads[0], row)


def _headed(rows: Sequence[Node], below: Mapping[int, list[Node]]) -> Iterator[tuple[int, str]]:
    """The cells of rows under a first row of names."""
    if len(rows) < _FEWEST or any(row.kind is not NodeKind.ARRAY for row in rows):
        return
    names = _all_names(below.get(rows[0].index, ()), below)
    if len(names) < _FEWEST or len(set(names)) < len(names):
        return
    for row in rows[1:]:
        yield from _row(below.get(row.index, ()), names, row)


def _all_names(cells: Sequence[Node], below: Mapping[int, list[Node]]) -> list[str]:
    """The names of columns: texts, or objects that have a name each; none if one has not."""
    names = [
        _name(cell)
        if cell.kind.scalar
        else next(
            (name for key in _NAMES if (name := _name(_keyed(below[cell.index]).get(key)))), None
        )
        if cell.kind is NodeKind.OBJECT and cell.index in below
        else None
        for cell in cells
    ]
    return [name for name in names if name] if all(names) else []


def _row(cells: Sequence[Node], names: Sequence[str], row: Node) -> Iterator[tuple[int, str]]:
    if row.kind is NodeKind.ARRAY and len(cells) == len(names):
        for cell, name in zip(cells, names, strict=True):
            if cell.kind.scalar:
                yield cell.index, name
