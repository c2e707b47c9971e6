from __future__ import annotations

import pytest

from privacy_service import errors
from privacy_service.payloads.document import Changes
from tests.unit.payloads.documents import at, read, refusal, scalars

NDJSON = "application/x-ndjson"
LINES = '{"a":1}\r\n\n[2,"x"]\n"y"\n'


def test_lines_are_elements_of_one_array_and_blank_lines_do_not_count() -> None:
    document = read(LINES, NDJSON)
    assert scalars(document) == {(0, "a"): "1", (1, 0): "2", (1, 1): "x", (2,): "y"}
    assert document.render(Changes()) == LINES.encode()


@pytest.mark.parametrize(
    ("removed", "expected"),
    [
        ({0}, '[2,"x"]\n"y"\n'),
        ({1}, '{"a":1}\n"y"\n'),
        ({2}, '{"a":1}\r\n\n[2,"x"]\n'),
        ({0, 2}, '[2,"x"]\n'),
        ({0, 1, 2}, "\n"),
    ],
)
def test_removed_lines_vanish(removed: set[int], expected: str) -> None:
    document = read(LINES, NDJSON)
    indexes = frozenset(at(document, number).index for number in removed)
    assert document.render(Changes(removed=indexes)).decode() == expected


def test_without_its_root_it_is_empty() -> None:
    assert read(LINES, NDJSON).render(Changes(removed=frozenset({0}))) == b""
    assert read("", NDJSON).render(Changes()) == b""


@pytest.mark.parametrize(
    ("payload", "line", "column"),
    [('{"a":\n1}', 1, 6), ("1\n2 3", 2, 3), ("1\n\u00a0\n", 2, 1), ("[]\n{", 2, 2)],
)
def test_each_line_holds_one_value(payload: str, line: int, column: int) -> None:
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload, NDJSON))
    assert details == {"line": line, "column": column}


def test_a_line_that_is_a_string_may_hold_a_document() -> None:
    document = read('"[1]"\n2', NDJSON)
    assert document.render(Changes(values={at(document, 0, 0).index: "x"})) == (
        rb'"[\"x\"]"' + b"\n2"
    )
