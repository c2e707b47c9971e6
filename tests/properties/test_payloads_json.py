"""JSON is read as any reader reads it, and changed exactly where it is to be changed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes, Document, NodeKind
from tests.properties.payload_samples import (
    JSON,
    NDJSON,
    PAYLOADS,
    VALUES,
    changes_to,
    grown,
    read,
    written,
)


def value_of(document: Document, at: int = 0) -> Any:
    """What the document says, as Python values; an embedded document as its text's."""
    node = document.nodes[at]
    below = [child for child in document.nodes if child.parent == at]
    match node.kind:
        case NodeKind.OBJECT:
            return {child.key.text: value_of(document, child.index) for child in below if child.key}
        case NodeKind.ARRAY:
            return [value_of(document, child.index) for child in below]
        case NodeKind.EMBEDDED:
            return value_of(document, below[0].index)
        case NodeKind.NUMBER:
            return Decimal(node.text)
        case NodeKind.TEXT:
            return node.text
        case _:
            return {"true": True, "false": False, "null": None}[node.text]


def seen_through(value: Any) -> Any:
    """The value with the JSON in its strings read."""
    match value:
        case dict():
            return {key: seen_through(inner) for key, inner in value.items()}
        case list():
            return [seen_through(inner) for inner in value]
        case str() if value.strip(" \t\r\n")[:1] in ("{", "["):
            try:
                return seen_through(json.loads(value, parse_int=Decimal, parse_float=Decimal))
            except ValueError:
                return value
        case _:
            return value


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_it_says_what_any_reader_reads(value: Any) -> None:
    payload = written(value)
    reference = json.loads(payload, parse_int=Decimal, parse_float=Decimal)
    assert value_of(read(JSON, payload)) == seen_through(reference)


@given(st.text(st.sampled_from('[]{}:,"\\ u01.eE-ntd8/\nfalsr'), max_size=14))
@settings(max_examples=200, deadline=None)
def test_it_reads_what_is_json_and_nothing_else(payload: str) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    try:
        value = json.loads(payload, parse_constant=refuse, object_pairs_hook=once)
        json.dumps(value, ensure_ascii=False).encode()
    except ValueError:
        with pytest.raises(PrivacyError):
            read(JSON, payload)
    else:
        read(JSON, payload)


@pytest.mark.parametrize("content_type", [JSON, NDJSON])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_changed_is_changed_and_nothing_else(
    content_type: str, data: st.DataObject
) -> None:
    document = read(content_type, data.draw(PAYLOADS[content_type]))
    changes = data.draw(changes_to(document))
    rendered = document.render(changes)
    expected, result = grown(document, changes), grown(read(content_type, rendered))
    assert result is not None
    if expected is None:
        assert rendered == (b"null" if content_type == JSON else b"")
    else:
        assert expected.like(result)


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_changes_of_nothing_change_nothing(value: Any) -> None:
    payload = written(value)
    assert read(JSON, payload).render(Changes()) == payload.encode()
