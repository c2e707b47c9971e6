"""What leaves, and what does not: each of these once got past, or was lost."""

from __future__ import annotations

import pytest

from tests.unit.enforcement.stage import EVERYTHING, examined, released

ONLY_ORDER = "fields: [{path: $.order_id, type: identifier, treatment: keep}]\n"


@pytest.mark.parametrize(
    ("content_type", "payload", "left"),
    [
        ("text/plain", "maria@mail.example, card 4111 1111 1111 1111", ""),
        ("application/json", '"maria@mail.example"', "null"),
        ("application/json", "4111111111111111", "null"),
        ("application/json", "true", "null"),
        ("application/json", "null", "null"),
        ("application/json", '"{\\"a\\":\\"maria@mail.example\\"}"', "null"),
        ("text/plain", "", ""),
    ],
)
def test_a_payload_that_is_one_value_needs_a_term_like_any_field(
    content_type: str, payload: str, left: str
) -> None:
    assert released(payload, ONLY_ORDER, content_type=content_type) == left


def test_a_payload_that_is_one_value_is_refused_where_unknown_fields_are() -> None:
    strict = ONLY_ORDER + "unknown_fields: refuse\n"
    done = examined('"maria@mail.example"', strict)
    assert [reason.code for reason in done.decision.reasons] == ["UNKNOWN_FIELD"]


@pytest.mark.parametrize("empty", ["{}", "[]"])
def test_the_name_of_an_empty_container_is_inspected(empty: str) -> None:
    out = released(f'{{"maria@mail.example":{empty}}}', EVERYTHING)
    assert out == f'{{"<EMAIL_ADDRESS>":{empty}}}'


def test_a_field_that_is_not_permitted_does_not_leave_because_it_is_the_root() -> None:
    assert released('"maria"', "fields: [{path: $, permit: false}]\n") == "null"
