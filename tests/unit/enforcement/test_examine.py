"""What leaves, and what does not: each of these once got past, or was lost."""

from __future__ import annotations

import time

import pytest

from tests.unit.enforcement.stage import EVERYTHING, PATTERNS, PatternDetector, examined, released

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


@pytest.mark.parametrize("payload", ['"[]"', '{"order_id":"A1","x":{}}', "null"])
def test_a_payload_without_unknown_values_is_not_refused_for_one(payload: str) -> None:
    assert examined(payload, ONLY_ORDER + "unknown_fields: refuse\n").payload is not None


@pytest.mark.parametrize("empty", ["{}", "[]"])
def test_the_name_of_an_empty_container_is_inspected(empty: str) -> None:
    out = released(f'{{"maria@mail.example":{empty}}}', EVERYTHING)
    assert out == f'{{"<EMAIL_ADDRESS>":{empty}}}'


def test_a_field_that_is_not_permitted_does_not_leave_because_it_is_the_root() -> None:
    assert released('"maria"', "fields: [{path: $, permit: false}]\n") == "null"


SHIFTING = """
fields:
  - {path: $}
  - {path: "$[*].born", treatment: {shift_date: {days: 30}}}
entities: {DATE_TIME: redact}
"""


def test_a_date_that_happens_to_equal_a_shifted_one_is_still_somebodys() -> None:
    out = released('[{"born":"1985-03-14"},{"note":"1985-03-31"}]', SHIFTING)
    assert out == '[{"born":"1985-03-31"},{"note":"<DATE_TIME>"}]'


def test_dates_that_are_shifted_onto_each_other_are_each_shifted_once() -> None:
    contract = EVERYTHING + "entities: {DATE_TIME: {shift_date: {days: 30}}}\n"
    out = released('["1985-03-14","1985-03-31","on 1985-03-14"]', contract)
    assert out == '["1985-03-31","1985-04-17","on 1985-03-31"]'


def test_what_was_written_in_one_round_is_known_in_every_later_one() -> None:
    contract = (
        EVERYTHING
        + """
entities:
  DATE_TIME: {shift_date: {days: 30}}
  EMAIL_ADDRESS: remove
"""
    )
    # Without the address the text names a person: that is seen in the second round.
    out = released('"1985-03-14: Jan bob@mail.exampleNovak, 1985-03-14"', contract)
    assert out == '"1985-03-31: <PERSON>, 1985-03-31"'


@pytest.mark.parametrize(
    ("payload", "path", "left"),
    [
        ('{"a":[1,2,3,4]}', "$.a[3]", '{"a":[4]}'),
        ('{"a":[{"b":1},{"b":2,"c":3}]}', "$.a[1].c", '{"a":[{"c":3}]}'),
        ('{"a":["{\\"b\\":[1,2]}"]}', "$.a[0].b[1]", '{"a":["{\\"b\\":[2]}"]}'),
        ('{"maria@mail.example":{"b":1,"c":2}}', "$.*.b", '{"<EMAIL_ADDRESS>":{"b":1}}'),
    ],
)
def test_a_place_keeps_its_terms_when_those_before_it_go(
    payload: str, path: str, left: str
) -> None:
    assert released(payload, f'fields: [{{path: "{path}"}}]\n') == left


def test_what_shows_only_when_a_value_was_treated_has_terms_too() -> None:
    contract = """
fields: [{path: $}, {path: $.a.secret, permit: false}]
entities: {EMAIL_ADDRESS: remove}
"""
    hidden = '{"a":"{\\"secret\\":\\"x\\",\\"b\\":1}maria@mail.example"}'
    assert released(hidden, contract) == '{"a":"{\\"b\\":1}"}'


def test_many_findings_in_one_text_take_time_in_proportion() -> None:
    text = " ".join(f"u{number}@mail.example" for number in range(20_000))
    started = time.process_time()
    released(text, content_type="text/plain")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("email", "url", "left"),
    [
        # The address ends in a host name: both findings are treated as one, by the stricter term.
        ("keep", "redact", "<URL>"),
        ("redact", "keep", "<EMAIL_ADDRESS>"),
        ("{mask: {keep_last: 8}}", "{mask: {keep_last: 2}}", "*****@****.*****le"),
        ("{mask: {keep_last: 2}}", "{mask: {keep_last: 8}}", "*****@****.*****le"),
        # A year and the last letters are no part of each other: neither may stay.
        ("{mask: {keep_last: 2}}", "{generalize: {to: year}}", "<EMAIL_ADDRESS>"),
        ("keep", "keep", "maria@mail.example"),
    ],
)
def test_overlapping_findings_are_treated_by_the_strictest_of_their_terms(
    email: str, url: str, left: str
) -> None:
    contract = EVERYTHING + f"entities: {{EMAIL_ADDRESS: {email}, URL: {url}}}\n"
    found = {"EMAIL_ADDRESS": PATTERNS["EMAIL_ADDRESS"], "URL": r"mail\.example"}
    assert (
        released('"maria@mail.example"', contract, detector=PatternDetector(found)) == f'"{left}"'
    )


def test_a_number_with_two_findings_is_treated_by_the_strictest_of_their_terms() -> None:
    terms = "{US_SSN: {mask: {keep_last: 8}}, URL: {mask: {keep_last: 2}}}"
    found = PatternDetector({"US_SSN": "^.{8}", "URL": ".{8}$"})
    out = released("4111111111111111", EVERYTHING + f"entities: {terms}\n", detector=found)
    assert out == '"**************11"'


def test_fields_that_showed_late_and_were_removed_are_told() -> None:
    contract = """
fields: [{path: $}, {path: $.a.secret, permit: false}]
entities: {EMAIL_ADDRESS: remove}
"""
    hidden = '{"a":"{\\"secret\\":\\"x\\",\\"b\\":1}maria@mail.example"}'
    reasons = {reason.code for reason in examined(hidden, contract).decision.reasons}
    assert reasons == {"FIELDS_REMOVED", "VALUES_TREATED"}


@pytest.mark.parametrize(
    ("xml", "left"),
    [
        ("<p>to maria@<b>mail.example</b> now</p>", "<p>to {}<b>{}</b> now</p>"),
        (
            "<p>to <i>maria</i>@mail<b>.<u>com</u></b></p>",
            "<p>to <i>{}</i>{}<b>{}<u>{}</u></b></p>",
        ),
        ("<p>maria@<x a='y'/>mail.example</p>", "<p>{}<x a='y'/>{}</p>"),
        ("<a><p>maria@</p><p>mail.example</p></a>", "<a><p>maria@</p><p>mail.example</p></a>"),
        ("<p>a<b>b</b>c</p>", "<p>a<b>b</b>c</p>"),
    ],
)
def test_a_value_that_elements_part_is_found(xml: str, left: str) -> None:
    only = PatternDetector({"EMAIL_ADDRESS": PATTERNS["EMAIL_ADDRESS"]})
    placeholder = "&lt;EMAIL_ADDRESS&gt;"
    out = released(xml, content_type="application/xml", detector=only)
    assert out == left.replace("{}", placeholder)


def test_what_was_removed_from_between_two_texts_does_not_part_them() -> None:
    contract = "fields: [{path: $}, {path: $.p.secret, permit: false}]\n"
    out = released(
        "<p>maria@<secret>x</secret>mail.example</p>", contract, content_type="application/xml"
    )
    assert "maria" not in out
    assert "secret" not in out


@pytest.mark.parametrize(
    "number",
    ["4111111111111111.0", "4.111111111111111e15", "4111111111111111E0", "41111111111111110e-1"],
)
@pytest.mark.parametrize("form", ["{}", '"{}"', "-{}"])
def test_a_number_is_found_however_it_is_written(number: str, form: str) -> None:
    assert released(form.format(number)) == '"<CREDIT_CARD>"'


@pytest.mark.parametrize(
    "number", ["1e400", "-0.0", "1.5e3", "12345678901234567890.25", "0e999999"]
)
def test_a_number_that_is_none_of_our_business_keeps_its_letters(number: str) -> None:
    found = PatternDetector({"CREDIT_CARD": r"(?<!\d)\d{16}(?!\d)"})
    assert released(number, detector=found) == number
