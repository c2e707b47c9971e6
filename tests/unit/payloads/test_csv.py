from __future__ import annotations

import csv
import io

import pytest

from privacy_service import errors
from privacy_service.payloads.document import Changes, NodeKind
from tests.unit.payloads.documents import at, read, refusal, scalars, shape

CSV = "text/csv"
PEOPLE = 'name,mail,note\r\nJane,jane@x.com,"a ""b"", c"\r\nBob,,"two\nlines"\r\n'


def rows(payload: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(payload.decode(), newline="")))


def test_rows_are_objects_named_by_the_header() -> None:
    document = read(PEOPLE, CSV)
    assert [node.kind for node in document.nodes[:3]] == [
        NodeKind.ARRAY,
        NodeKind.OBJECT,
        NodeKind.TEXT,
    ]
    assert scalars(document) == {
        (0, "name"): "Jane",
        (0, "mail"): "jane@x.com",
        (0, "note"): 'a "b", c',
        (1, "name"): "Bob",
        (1, "mail"): "",
        (1, "note"): "two\nlines",
    }
    assert document.render(Changes()) == PEOPLE.encode()


def test_places_are_places_of_the_payload() -> None:
    document = read(PEOPLE, CSV)
    note = at(document, 0, "note")
    start, end = note.origin.span(2, 5)
    assert (note.text[2:5], PEOPLE[start:end]) == ('"b"', '""b""')
    key = at(document, 1, "mail").key
    assert key is not None
    assert key.origin.span(0, 4) == (5, 9)


def test_without_a_header_rows_are_arrays() -> None:
    document = read("1;2\n3;4", 'text/csv; header=absent; delimiter=";"')
    assert scalars(document) == {(0, 0): "1", (0, 1): "2", (1, 0): "3", (1, 1): "4"}
    removed = Changes(removed=frozenset({at(document, 0, 0).index, at(document, 1, 0).index}))
    assert document.render(removed) == b"2\n4"


@pytest.mark.parametrize("name", ["tab", '"\t"'])
def test_the_delimiter_may_be_a_tab(name: str) -> None:
    assert scalars(read("a\tb\n1\t,", f"text/csv; delimiter={name}")) == {
        (0, "a"): "1",
        (0, "b"): ",",
    }


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    document = read("\ufeffa,b\n1,2", CSV)
    assert scalars(document) == {(0, "a"): "1", (0, "b"): "2"}
    index = at(document, 0, "b").index
    assert document.render(Changes(values={index: 3})) == "\ufeffa,b\n1,3".encode()


@pytest.mark.parametrize(
    ("payload", "line", "column"),
    [
        ("a,b\n1\n", 2, 1),
        ("a,b\n1,2,3\n", 2, 5),
        ("a,b\n1,2\n\n", 3, 1),
        ('a\nx"y\n', 2, 2),
        ('a\n"x"y\n', 2, 4),
        ('a\n"x\n', 2, 1),
        ("a\nx\ry\n", 2, 2),
        ("a\n1,2", 2, 3),
    ],
)
def test_what_is_not_csv_is_refused_with_its_place(payload: str, line: int, column: int) -> None:
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload, CSV))
    assert details == {"line": line, "column": column}


def test_a_name_twice_is_refused() -> None:
    details = refusal(errors.DUPLICATE_KEY, lambda: read('a,b,"a"\n', CSV))
    assert details == {"line": 1, "column": 5}


@pytest.mark.parametrize("content_type", ["text/csv; delimiter=x", "text/csv; header=maybe"])
def test_other_parameters_are_refused(content_type: str) -> None:
    refusal(errors.CONTENT_TYPE_UNKNOWN, lambda: read("a", content_type))


def test_new_values_are_quoted_where_they_must_be() -> None:
    document = read("a,b,c\n1,2,3", CSV)
    values = {2: '"x", y', 3: None, 4: "l\r\nm"}
    changed = document.render(Changes(values=values))
    assert changed == b'a,b,c\n"""x"", y",,"l\r\nm"'
    assert rows(changed)[1] == ['"x", y', "", "l\r\nm"]


def test_a_removed_cell_is_empty_and_a_removed_column_gone() -> None:
    document = read("a,b,c\n1,2,3\n4,5,6\n", CSV)
    one = at(document, 0, "b").index
    other = at(document, 1, "b").index
    assert document.render(Changes(removed=frozenset({one}))) == b"a,b,c\n1,,3\n4,5,6\n"
    assert document.render(Changes(removed=frozenset({one, other}))) == b"a,c\n1,3\n4,6\n"
    row = at(document, 1).index
    assert document.render(Changes(removed=frozenset({one, row}))) == b"a,c\n1,3\n"
    firsts = frozenset(at(document, row, name).index for row in (0, 1) for name in "ab")
    assert document.render(Changes(removed=firsts)) == b"c\n3\n6\n"


def test_removed_rows_vanish_and_without_rows_nothing_is_left() -> None:
    document = read(PEOPLE, CSV)
    first, second = at(document, 0).index, at(document, 1).index
    assert rows(document.render(Changes(removed=frozenset({first}))))[1][0] == "Bob"
    assert (
        rows(document.render(Changes(removed=frozenset({second}))))[1:]
        == rows(PEOPLE.encode())[1:2]
    )
    assert document.render(Changes(removed=frozenset({first, second}))) == b""
    assert document.render(Changes(removed=frozenset({0}))) == b""
    cells = frozenset(node.index for node in document.nodes if node.kind.scalar)
    assert document.render(Changes(removed=cells)) == b""
    assert read("", CSV).render(Changes()) == b""


def test_renamed_columns_stay_distinct() -> None:
    document = read("a,b,c,d\n1,2,3,4\n5,6,7,8\n", CSV)
    keys = {at(document, 1, "a").index: "d", at(document, 0, "b").index: "x,y"}
    keys[at(document, 0, "c").index] = "x,y"
    assert document.render(Changes(keys=keys)).splitlines()[0] == b'd_2,"x,y","x,y_2",d'


def test_the_names_of_a_table_without_rows_are_places_too() -> None:
    document = read("name,jane@x.com,ssn\n", CSV)
    assert [node.key.text for node in document.nodes if node.key] == ["name", "jane@x.com", "ssn"]
    assert set(scalars(document).values()) == {""}
    assert document.render(Changes()) == b"name,jane@x.com,ssn\n"
    changes = Changes(
        keys={at(document, 0, "jane@x.com").index: "<EMAIL_ADDRESS>"},
        removed=frozenset({at(document, 0, "ssn").index}),
    )
    assert document.render(changes) == b"name,<EMAIL_ADDRESS>\n"


def test_an_empty_cell_alone_in_its_row_is_still_a_row() -> None:
    document = read("a,b\n,1\n,2", CSV)
    gone = frozenset(at(document, row, "b").index for row in (0, 1))
    changed = document.render(Changes(removed=gone))
    assert changed == b'a\n""\n""'
    assert scalars(read(changed, CSV)) == {(0, "a"): "", (1, "a"): ""}


def test_json_in_a_cell_is_read_and_written_as_a_cell() -> None:
    document = read('id,meta\n1,"{""a"":""x"",""b"":2}"\n', CSV)
    node = at(document, 0, "meta", "a")
    start, end = node.origin.span(0, 1)
    assert ('id,meta\n1,"{""a"":""x"",""b"":2}"\n')[start:end] == "x"
    changed = document.render(Changes(values={node.index: "y"}))
    assert changed == b'id,meta\n1,"{""a"":""y"",""b"":2}"\n'


def test_a_row_as_a_whole_has_no_new_value() -> None:
    document = read("a\n1\n", CSV)
    for index, path in ((0, ""), (1, "/0")):
        changes = Changes(values={index: "x"})
        details = refusal(errors.TREATMENT_FAILED, lambda: document.render(changes))  # noqa: B023
        assert details == {"path": path}


def test_limits_hold() -> None:
    refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read("a\n1\n2\n", CSV, values=4))
    assert len(shape(read("a\n1\n2\n", CSV, values=5))) == 5
