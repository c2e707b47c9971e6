"""Every text type: what is read stands in the payload, and is written again as it was."""

from __future__ import annotations

import csv
import html
import io
import json
from itertools import pairwise
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.payloads.document import Changes, Document, Node, NodeKind, Origin
from tests.properties.payload_samples import (
    CSV,
    FORM,
    JSON,
    NDJSON,
    PAYLOADS,
    XML,
    changes_to,
    elements,
    grown,
    new_scalar,
    read,
)


def decoded(content_type: str, raw: str, levels: int) -> str:
    """What the letters of a payload stand for, `levels` documents deep."""
    if content_type in (JSON, NDJSON):
        raw = json.loads(f'"{raw}"')
    elif content_type == CSV:
        raw = raw.replace('""', '"')
    elif content_type == FORM:
        raw = unquote_plus(raw, errors="strict")
    elif content_type == XML:
        raw = html.unescape(raw)
    for _ in range(levels):
        raw = json.loads(f'"{raw}"')
    return raw


def levels(document: Document, node: Node) -> int:
    count = 0
    while node.parent is not None:
        node = document.nodes[node.parent]
        count += node.kind is NodeKind.EMBEDDED
    return count


@pytest.mark.parametrize("content_type", PAYLOADS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_without_changes_it_is_the_same_document(content_type: str, data: st.DataObject) -> None:
    document = read(content_type, data.draw(PAYLOADS[content_type]))
    again = read(content_type, document.render(Changes()))
    assert grown(again) == grown(document)
    assert again.render(Changes()) == document.render(Changes())


@pytest.mark.parametrize("content_type", PAYLOADS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_every_text_stands_where_it_says(content_type: str, data: st.DataObject) -> None:
    # A text that goes on behind a comment has the comment between its letters.
    payload = data.draw(elements(markup=False) if content_type == XML else PAYLOADS[content_type])
    document = read(content_type, payload)
    for node in document.nodes:
        depth = levels(document, node)
        places = [(node.key.text, node.key.origin)] if node.key else []
        places += [(node.text, node.origin)] if node.kind is NodeKind.TEXT else []
        for text, origin in places:
            assert_stands(content_type, payload, text, origin, depth)
        if node.kind in (NodeKind.NUMBER, NodeKind.BOOLEAN, NodeKind.NULL):
            start, end = node.origin.span(0, len(node.text))
            assert decoded(content_type, payload[start:end], depth) == node.text


def assert_stands(content_type: str, payload: str, text: str, origin: Origin, depth: int) -> None:
    spans = [origin.span(at, at + 1) for at in range(len(text))]
    assert all(a <= b <= c <= d for (a, b), (c, d) in pairwise(spans))
    for char, (start, end) in zip(text, spans, strict=True):
        assert decoded(content_type, payload[start:end], depth) == char
    if text:
        start, end = origin.span(0, len(text))
        assert (start, end) == (spans[0][0], spans[-1][1])
        assert decoded(content_type, payload[start:end], depth) == text


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_form_is_changed_as_told(data: st.DataObject) -> None:
    document = read(FORM, data.draw(PAYLOADS[FORM]))
    changes = data.draw(changes_to(document))
    rendered = document.render(changes)
    expected, result = grown(document, changes), grown(read(FORM, rendered))
    assert result is not None
    assert rendered == b"" if expected is None else expected.like(result)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_table_is_changed_as_told(data: st.DataObject) -> None:
    """Rows that stay have the columns that stay: those with a cell that is not removed."""
    payload = data.draw(PAYLOADS[CSV])
    document = read(CSV, payload)
    hollow = len(list(csv.reader(io.StringIO(payload, newline="")))) == 1
    changes = data.draw(changes_to(document))
    gone = changes.removed
    rows = [
        [cell for cell in document.nodes if cell.parent == row.index]
        for row in document.nodes
        if row.parent == 0 and not {0, row.index} & gone
    ]
    width = len(rows[0]) if rows else 0
    stays = [at for at in range(width) if any(row[at].index not in gone for row in rows)]
    expected = [["" if hollow else told(row[at], changes) for at in stays] for row in rows if stays]
    result = read(CSV, document.render(changes))
    cells = [
        [cell for cell in result.nodes if cell.parent == row.index]
        for row in result.nodes
        if row.parent == 0
    ]
    assert [[cell.text for cell in row] for row in cells] == expected
    names = [cell.key.text for cell in cells[0] if cell.key] if cells else []
    for at, name in zip(stays, names, strict=bool(expected)):
        old = rows[0][at].key
        wish = next((changes.keys[r[at].index] for r in rows if r[at].index in changes.keys), None)
        assert old is not None
        assert name.startswith(wish) if wish is not None else name == old.text


def told(cell: Node, changes: Changes) -> str:
    if cell.index in changes.removed:
        return ""
    if cell.index in changes.values:
        return new_scalar(changes.values[cell.index], typed=False)[1]
    return cell.text


@given(PAYLOADS[XML])
@settings(max_examples=40, deadline=None)
def test_xml_says_what_any_reader_reads(payload: str) -> None:
    seen: dict[str, str] = {}

    def walk(element: ET.Element, above: str) -> None:
        place = f"{above}/{element.tag}"
        for name, text in element.attrib.items():
            seen[f"{place}/@{name}"] = seen.get(f"{place}/@{name}", "") + "".join(text.split())
        own = (element.text or "") + "".join(child.tail or "" for child in element)
        seen[place] = seen.get(place, "") + "".join(own.split())
        for child in element:
            walk(child, place)

    walk(ET.fromstring(payload), "")
    assert {k: v for k, v in seen.items() if v} == {
        k: v for k, v in outline(read(XML, payload)) if v
    }


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_xml_is_changed_as_told(data: st.DataObject) -> None:
    """Elements, attributes and texts, in order; texts that come to stand together are one."""
    document = read(XML, data.draw(PAYLOADS[XML]))
    changes = data.draw(changes_to(document))
    rendered = document.render(changes)
    if 0 in changes.removed or 1 in changes.removed:
        assert rendered == b"<removed/>"
        return
    assert outline(read(XML, rendered)) == outline(document, changes)


def outline(document: Document, changes: Changes | None = None) -> list[tuple[str, str]]:
    """(place, text without blanks) of each place that stays; renamed places as their wish."""
    changes = changes or Changes()
    names: dict[int, str | None] = {0: ""}
    lines: list[tuple[str, str]] = []
    for node in document.nodes[1:]:
        above = names.get(node.parent or 0)
        if above is None or node.index in changes.removed:
            continue
        attribute = node.key is not None and str(node.path[-1]).startswith("@")
        name = changes.keys.get(node.index, node.key.text if node.key else "")
        own = f"{above}/{'@' * attribute}{name.strip('<>').rstrip('_23456789')}"
        place = names[node.index] = own if node.key else above
        text = node.text
        if node.index in changes.values:
            text = new_scalar(changes.values[node.index], typed=False)[1]
        if node.key or text.strip():
            lines.append((place, "".join(text.split())))
    return merged(lines)


def merged(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """All texts at one place as one: where they part depends on what stands between them."""
    texts: dict[str, str] = {}
    for place, text in lines:
        texts[place] = texts.get(place, "") + text
    return list(texts.items())
