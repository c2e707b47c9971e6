"""Random payloads of each text type, random changes to them, and what must come out."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Changes, Document, Limits, NewValue, NodeKind

LIMITS = Limits()
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(10**20, 10**30),
    st.decimals(allow_nan=False, allow_infinity=False),
)

# -- Payloads -----------------------------------------------------------------------------------


def written(value: Any) -> str:
    """The value as JSON: decimals with all their digits, text now escaped and now not."""
    match value:
        case dict():
            members = (f"{json.dumps(key)}: {written(inner)}" for key, inner in value.items())
            return "{" + ", ".join(members) + " }"
        case list():
            return "[ " + ",".join(map(written, value)) + "]"
        case Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=len(str(value)) % 2 == 0)


def documents(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4))


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(TEXTS, NUMBERS, st.booleans(), st.none()),
    lambda inner: st.one_of(documents(inner), documents(inner).map(written)),
    max_leaves=12,
)


def tables(width: int) -> st.SearchStrategy[list[list[str]]]:
    row = st.lists(TEXTS, min_size=width, max_size=width)
    names = st.lists(TEXTS, min_size=width, max_size=width, unique=True)
    return st.tuples(names, st.lists(row, max_size=4)).map(lambda pair: [pair[0], *pair[1]])


def table_written(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL if len(rows) % 2 else csv.QUOTE_MINIMAL).writerows(rows)
    return out.getvalue()


XML_TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")),
        st.sampled_from("<>&\"' \n"),
    ),
    max_size=8,
)
XML_NAMES = st.sampled_from(["a", "b", "c", "long-name", "é"])


@st.composite
def elements(draw: st.DrawFn, depth: int = 3, markup: bool = True) -> str:
    name = draw(XML_NAMES)
    attributes = draw(st.dictionaries(XML_NAMES, XML_TEXTS, max_size=2))
    opening = name + "".join(f" {key}={quoteattr(text)}" for key, text in attributes.items())
    inner = [XML_TEXTS.map(escape)]
    if markup:
        inner.append(XML_TEXTS.map(lambda text: f"<![CDATA[{text}]]>"))
        inner += [st.just("<!-- x -->"), st.just("<?p x?>")]
    if depth:
        inner.append(elements(depth=depth - 1, markup=markup))
    content = "".join(draw(st.lists(st.one_of(inner), max_size=4)))
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


JSON, NDJSON = "application/json", "application/x-ndjson"
CSV, FORM, XML = "text/csv", "application/x-www-form-urlencoded", "application/xml"
CELLS = st.one_of(TEXTS, documents(st.one_of(TEXTS, st.integers())).map(written))

PAYLOADS: dict[str, st.SearchStrategy[str]] = {
    JSON: VALUES.map(written),
    NDJSON: st.lists(VALUES.map(written), max_size=4).map("\n".join),
    CSV: st.integers(1, 4).flatmap(tables).map(table_written),
    FORM: st.lists(st.tuples(TEXTS, CELLS), max_size=5).map(urlencode),
    XML: elements(),
    "text/plain": CELLS,
}


def read(content_type: str, payload: str | bytes) -> Document:
    raw = payload.encode() if isinstance(payload, str) else payload
    return decode(content_type, raw, limits=LIMITS)


# -- Changes ------------------------------------------------------------------------------------

# No text that is JSON, which would be read as such; none that XML cannot write.
NEW_TEXTS = st.text(st.sampled_from("xyé&<>\"'\\, \n%+=;"), max_size=5)
NEW_VALUES = st.one_of(NEW_TEXTS, st.integers(), st.decimals("-9", "9"), st.booleans(), st.none())
WISHES = st.sampled_from(["x", "y", "<E>"])


@st.composite
def changes_to(draw: st.DrawFn, document: Document) -> Changes:
    """Changes of a few nodes. A container gets a new value in JSON only."""
    whole = document.content_type in (JSON, NDJSON)
    values: dict[int, NewValue] = {}
    keys: dict[int, str] = {}
    removed: set[int] = set()
    for node in document.nodes:
        action = draw(st.sampled_from(["", "", "", "remove", "value", "rename"]))
        if action == "remove":
            removed.add(node.index)
        elif action == "value" and (node.kind.scalar or (whole and node.index)):
            values[node.index] = draw(NEW_VALUES)
        elif action == "rename" and node.key is not None:
            keys[node.index] = draw(WISHES)
    if draw(st.booleans()):
        removed.discard(0)
    return Changes(removed=frozenset(removed), values=values, keys=keys)


# -- What must come out -------------------------------------------------------------------------


@dataclass(frozen=True)
class Grown:
    """A node with what is below it. `wished`: its key is a new one, and may have a number."""

    kind: NodeKind
    text: str
    key: str | None
    wished: bool
    children: tuple[Grown, ...]

    def like(self, other: Grown) -> bool:
        """Whether `other` is what this should be."""
        return (
            (self.kind, self.text) == (other.kind, other.text)
            and self._names(other.key)
            and len(self.children) == len(other.children)
            and all(mine.like(its) for mine, its in zip(self.children, other.children, strict=True))
        )

    def _names(self, key: str | None) -> bool:
        if not self.wished or self.key is None or key is None:
            return self.key == key
        return re.fullmatch(re.escape(self.key) + r"(_\d+)?", key) is not None


def grown(document: Document, changes: Changes | None = None) -> Grown | None:
    """The document as a tree, changed as JSON would be; None where nothing is left."""
    below: dict[int, list[int]] = {}
    for node in document.nodes[1:]:
        below.setdefault(node.parent or 0, []).append(node.index)
    return _grown(document, changes or Changes(), below, 0)


def _grown(
    document: Document, changes: Changes, below: dict[int, list[int]], at: int
) -> Grown | None:
    node = document.nodes[at]
    # What is done to the root of an embedded document is done to the text that holds it.
    held = [at, *below[at]] if node.kind is NodeKind.EMBEDDED else [at]
    if changes.removed.intersection(held):
        return None
    wished = at in changes.keys and node.key is not None
    name = changes.keys[at] if wished else node.key.text if node.key else None
    replaced = [index for index in held if index in changes.values]
    if replaced:
        scalar = new_scalar(changes.values[replaced[-1]], typed=in_json(document, at))
        return Grown(*scalar, name, wished, ())
    children = [_grown(document, changes, below, child) for child in below.get(at, ())]
    kept = tuple(child for child in children if child is not None)
    return Grown(node.kind, node.text, name, wished, kept)


def in_json(document: Document, at: int) -> bool:
    """Whether a node stands in JSON, so that its value has a type."""
    parent = document.nodes[at].parent
    while parent is not None and document.nodes[parent].kind is not NodeKind.EMBEDDED:
        parent = document.nodes[parent].parent
    return parent is not None or document.content_type in (JSON, NDJSON)


def new_scalar(new: NewValue, *, typed: bool) -> tuple[NodeKind, str]:
    if isinstance(new, str):
        return NodeKind.TEXT, new
    text = {True: "true", False: "false"}[new] if isinstance(new, bool) else str(new)
    if not typed:
        return NodeKind.TEXT, "" if new is None else text
    if new is None:
        return NodeKind.NULL, "null"
    return (NodeKind.BOOLEAN if isinstance(new, bool) else NodeKind.NUMBER), text
