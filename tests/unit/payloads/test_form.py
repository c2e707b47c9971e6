from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from privacy_service import errors
from privacy_service.payloads.document import Changes
from tests.unit.payloads.documents import at, read, refusal, scalars

FORM = "application/x-www-form-urlencoded"
PAYLOAD = "name=Jane+Doe&e%2Dmail=jane%40x.com&tag=a&tag=b&flag&empty=&=x&&m%C3%BC=%F0%9F%98%80"


def test_pairs_are_members_and_a_name_may_come_again() -> None:
    document = read(PAYLOAD, FORM)
    assert [(node.path, node.text) for node in document.nodes[1:]] == [
        (("name",), "Jane Doe"),
        (("e-mail",), "jane@x.com"),
        (("tag",), "a"),
        (("tag",), "b"),
        (("flag",), ""),
        (("empty",), ""),
        (("",), "x"),
        (("mü",), "😀"),
    ]
    assert document.render(Changes()) == PAYLOAD.encode()


def test_places_are_places_of_the_payload() -> None:
    document = read(PAYLOAD, FORM)
    node = at(document, "e-mail")
    start, end = node.origin.span(4, 6)
    assert PAYLOAD[start:end] == "%40x"
    assert node.key is not None
    start, end = node.key.origin.span(1, 2)
    assert PAYLOAD[start:end] == "%2D"
    start, end = at(document, "mü").origin.span(0, 1)
    assert PAYLOAD[start:end] == "%F0%9F%98%80"


def test_changes_are_percent_encoded() -> None:
    document = read("a=1&b=2&c&d=4", FORM)
    changes = Changes(
        values={1: "x&y=z +é", 3: True, 4: None}, keys={2: "b c", 4: "&"}, removed=frozenset()
    )
    changed = document.render(changes)
    assert changed == b"a=x%26y%3Dz+%2B%C3%A9&b+c=2&c=true&%26="
    assert parse_qsl(changed.decode(), keep_blank_values=True)[0] == ("a", "x&y=z +é")


@pytest.mark.parametrize(
    ("removed", "expected"),
    [({1}, "b=2&c&d=4"), ({2, 3}, "a=1&d=4"), ({4}, "a=1&b=2&c"), ({1, 2, 3, 4}, ""), ({0}, "")],
)
def test_removed_pairs_vanish(removed: set[int], expected: str) -> None:
    document = read("a=1&b=2&c&d=4", FORM)
    assert document.render(Changes(removed=frozenset(removed))) == expected.encode()


def test_a_name_that_came_twice_still_does_and_others_stay_distinct() -> None:
    document = read("a=1&a=2&b=3&k=4", FORM)
    keys = {1: "k", 2: "k", 3: "k"}
    assert document.render(Changes(keys=keys)) == b"k_2=1&k_2=2&k_3=3&k=4"
    assert scalars(read(document.render(Changes(keys={4: ""})), FORM))[("",)] == "4"
    assert read("a&b", FORM).render(Changes(keys={1: ""})) == b"=&b"


@pytest.mark.parametrize(("payload", "column"), [("a=%4", 3), ("a=b%zz", 4), ("%=1", 1)])
def test_a_stray_percent_sign_is_refused(payload: str, column: int) -> None:
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload, FORM))
    assert details == {"line": 1, "column": column}


def test_octets_that_are_not_utf8_are_refused() -> None:
    details = refusal(errors.PAYLOAD_NOT_UTF8, lambda: read("a=x%41%FF", FORM))
    assert details == {"line": 1, "column": 7}


def test_json_in_a_value_is_read_and_written_as_a_value() -> None:
    document = read("x=%7B%22a%22%3A+%22b%22%7D", FORM)
    changed = document.render(Changes(values={at(document, "x", "a").index: "c&d"}))
    assert changed == b"x=%7B%22a%22%3A+%22c%26d%22%7D"


def test_a_form_as_a_whole_has_no_new_value() -> None:
    document = read("a=1", FORM)
    refusal(errors.TREATMENT_FAILED, lambda: document.render(Changes(values={0: "x"})))
