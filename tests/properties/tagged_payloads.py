"""Random payloads in which every value is one of a kind, so that it is known again wherever it is.

A leaf's text starts with its tag (`v17z`), and what is personal in it has a number of its own. So
whether a value left can be asked of the output alone, whatever became of its place.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from privacy_service.payloads.document import NodeKind, Path

FOUND: Final = {
    "EMAIL_ADDRESS": r"[a-z0-9]+@mail\.example",
    "PERSON": r"Zo[a-z]+x",
    "DATE_OF_BIRTH": r"(?<!\d)\d{4}-\d\d-\d\d(?!\d)",
    "CREDIT_CARD": r"(?<!\d)4111(?: ?\d{4}){3}(?!\d)",
}
OFFSET: Final = 17
"""By how many days a date is shifted: no drawn date is that far from another."""


def personal(entity: str, number: int) -> str:
    """The one value of this entity and number."""
    match entity:
        case "EMAIL_ADDRESS":
            return f"u{number}@mail.example"
        case "PERSON":
            return "Zo" + "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "x"
        case "DATE_OF_BIRTH":
            return (date(1900, 1, 1) + timedelta(days=40 * number)).isoformat()
        case _:
            return f"4111 1111 {number // 10_000:04} {number % 10_000:04}"


@dataclass(frozen=True)
class Leaf:
    """A value that was drawn: what it is made of, before it is written."""

    kind: NodeKind
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """A value of a payload: where it is, its text, and what is personal in it, by entity."""

    path: Path
    kind: NodeKind
    tag: str
    text: str
    personal: tuple[tuple[str, str], ...] = ()


@dataclass
class Payload:
    """A payload, and all that is in it. `names` are the names of members that are personal."""

    content_type: str
    content: str = ""
    values: list[Written] = field(default_factory=list)
    names: list[tuple[Path, str, str]] = field(default_factory=list)


# Text that looks like what treatments write must neither pass for it nor shield what is beside it.
_FAKES = ("<EMAIL_ADDRESS>", "<REDACTED>", "tok_abcdef", "****", "1985", "hpke:v1:x", "{}", "[1]")
_parts = st.lists(st.sampled_from([*FOUND, *_FAKES, "word", "größe", ""]), max_size=4).map(tuple)
_texts = st.builds(Leaf, kind=st.just(NodeKind.TEXT), parts=_parts)
_others = st.sampled_from(
    [
        Leaf(NodeKind.NUMBER, ("plain",)),
        Leaf(NodeKind.NUMBER, ("decimal",)),
        Leaf(NodeKind.NUMBER, ("huge",)),
        Leaf(NodeKind.NUMBER, ("CREDIT_CARD",)),
        Leaf(NodeKind.BOOLEAN),
        Leaf(NodeKind.NULL),
    ]
)
_keys = st.sampled_from(["a", "b", "c", "x", "!EMAIL_ADDRESS", "!PERSON"])


@dataclass(frozen=True)
class Nested:
    """A document that stands in a text."""

    inner: Any


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=4))


trees = st.recursive(
    st.one_of(_texts, _texts, _others),
    lambda inner: st.one_of(_containers(inner), _containers(inner), _containers(inner).map(Nested)),
    max_leaves=10,
)


class _Writer:
    """Writes a tree, numbering what it meets."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload
        self._numbers = itertools.count(1)

    def value(self, leaf: Leaf, path: Path) -> str:
        """The text of a leaf, which is remembered."""
        number = next(self._numbers)
        tag, text, found = f"v{number}z", "", []
        match leaf.kind:
            case NodeKind.TEXT:
                pieces = [tag]
                for place, part in enumerate(leaf.parts):
                    one = personal(part, number * 10 + place) if part in FOUND else part
                    pieces.append(one)
                    found += [(part, one)] if part in FOUND else []
                text = " ".join([*pieces, "and so on, for a while"])
            case NodeKind.NUMBER:
                text = tag = self._number(leaf.parts[0], number)
                if leaf.parts[0] in FOUND:
                    found = [(leaf.parts[0], text)]
            case NodeKind.BOOLEAN:
                text, tag = "true", ""
            case _:
                text, tag = "null", ""
        self.payload.values.append(Written(path, leaf.kind, tag, text, tuple(found)))
        return text

    def _number(self, what: str, number: int) -> str:
        match what:
            case "plain":
                return f"7{number:07}"
            case "decimal":
                return f"-{number}.50"
            case "huge":
                return f"9{number:030}"
            case _:
                return personal(what, number).replace(" ", "")

    def name(self, drawn: str, path: Path) -> str:
        """The name of a member, which is remembered where it is personal."""
        if not drawn.startswith("!"):
            return drawn
        entity = drawn[1:]
        name = personal(entity, 7000 + next(self._numbers))
        self.payload.names.append(((*path, name), entity, name))
        return name

    def json(self, tree: Any, path: Path) -> str:
        match tree:
            case Leaf():
                text = self.value(tree, path)
                return json.dumps(text) if tree.kind is NodeKind.TEXT else text
            case Nested():
                return json.dumps(self.json(tree.inner, path))
            case dict():
                named = [(self.name(key, path), inner) for key, inner in tree.items()]
                members = (f"{json.dumps(k)}:{self.json(v, (*path, k))}" for k, v in named)
                return "{" + ",".join(members) + "}"
            case _:
                return "[" + ",".join(self.json(v, (*path, i)) for i, v in enumerate(tree)) + "]"

    def cell(self, leaf: Leaf, path: Path) -> str:
        return self.value(Leaf(NodeKind.TEXT, leaf.parts), path)


@st.composite
def json_payloads(draw: st.DrawFn) -> Payload:
    payload = Payload("application/json")
    payload.content = _Writer(payload).json(draw(trees), ())
    return payload


@st.composite
def ndjson_payloads(draw: st.DrawFn) -> Payload:
    payload = Payload("application/x-ndjson")
    writer = _Writer(payload)
    lines = draw(st.lists(trees, max_size=4))
    payload.content = "\n".join(writer.json(line, (at,)) for at, line in enumerate(lines))
    return payload


@st.composite
def csv_payloads(draw: st.DrawFn) -> Payload:
    payload = Payload("text/csv")
    writer = _Writer(payload)
    columns = [writer.name(one, ()) for one in draw(st.lists(_keys, min_size=1, unique=True))]
    rows = draw(
        st.lists(st.lists(_texts, min_size=len(columns), max_size=len(columns)), max_size=4)
    )
    # A name stands once, and is a member of every row.
    payload.names = [((0, name), entity, name) for _path, entity, name in payload.names]
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(columns)
    for at, row in enumerate(rows):
        cells = zip(row, columns, strict=True)
        table.writerow([writer.cell(leaf, (at, column)) for leaf, column in cells])
    payload.content = out.getvalue()
    return payload


@st.composite
def form_payloads(draw: st.DrawFn) -> Payload:
    payload = Payload("application/x-www-form-urlencoded")
    writer = _Writer(payload)
    fields = draw(st.lists(st.tuples(_keys, _texts), max_size=5))
    named = [(writer.name(key, ()), leaf) for key, leaf in fields]
    payload.content = urlencode([(name, writer.cell(leaf, (name,))) for name, leaf in named])
    return payload


@st.composite
def xml_payloads(draw: st.DrawFn) -> Payload:
    payload = Payload("application/xml")
    writer = _Writer(payload)

    def element(name: str, path: Path, depth: int) -> str:
        inner = draw(st.integers(0, 3)) if depth else 0
        pieces = list(_mixed(draw, writer, path, inner, depth, element))
        return f"<{name}>{''.join(pieces)}</{name}>"

    payload.content = element("a", ("a",), 2)
    return payload


def _mixed(
    draw: st.DrawFn, writer: _Writer, path: Path, count: int, depth: int, element: Any
) -> Iterator[str]:
    yield escape(writer.cell(draw(_texts), path))
    for _ in range(count):
        name = draw(st.sampled_from(["a", "b", "x"]))
        yield element(name, (*path, name), depth - 1)
        if draw(st.booleans()):
            yield escape(writer.cell(draw(_texts), path))


payloads = st.one_of(
    json_payloads(),
    json_payloads(),
    ndjson_payloads(),
    csv_payloads(),
    form_payloads(),
    xml_payloads(),
)
