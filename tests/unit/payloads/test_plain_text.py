from __future__ import annotations

from privacy_service.payloads.document import Changes, NodeKind
from tests.unit.payloads.documents import read, shape


def test_a_text_is_one_scalar() -> None:
    document = read("Jane, jane@x.com\n", "text/plain; charset=UTF-8")
    assert document.content_type == "text/plain"
    assert shape(document) == [(NodeKind.TEXT, (), "Jane, jane@x.com\n")]
    assert document.nodes[0].origin.span(6, 16) == (6, 16)
    assert document.render(Changes()) == b"Jane, jane@x.com\n"
    assert document.render(Changes(values={0: "x"})) == b"x"
    assert document.render(Changes(values={0: None})) == b""
    assert document.render(Changes(values={0: True})) == b"true"
    assert document.render(Changes(removed=frozenset({0}))) == b""


def test_an_empty_text_is_a_scalar_too() -> None:
    assert shape(read("", "text/plain")) == [(NodeKind.TEXT, (), "")]


def test_a_text_that_is_json_is_read_as_such_and_keeps_what_stands_around_it() -> None:
    document = read(' {"a": "x", "b": 1}\n', "text/plain")
    assert [node.kind for node in document.nodes[:2]] == [NodeKind.EMBEDDED, NodeKind.OBJECT]
    assert document.render(Changes()) == b' {"a": "x", "b": 1}\n'
    assert document.render(Changes(values={2: "y"})) == b' {"a": "y", "b": 1}\n'
    assert document.render(Changes(removed=frozenset({1}))) == b""
    start, _end = document.nodes[2].origin.span(0, 1)
    assert start == 8
