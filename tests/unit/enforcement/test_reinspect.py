"""What was released, looked at again."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from privacy_service.clock import SystemClock
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.reinspect import leftover
from tests.unit.enforcement.stage import LIMITS, PatternDetector, decoded, released, terms_of

BLIND = PatternDetector({})
CONTRACT = """
entities:
  EMAIL_ADDRESS: {treatment: redact}
  PERSON: {treatment: tokenize}
  DATE_TIME: {treatment: {shift_date: {days: 30}}}
  CREDIT_CARD: {treatment: {mask: {keep_last: 4}}}
  URL: {treatment: keep}
fields:
  - {path: $.note}
  - {path: $.email, type: EMAIL_ADDRESS, treatment: keep}
  - {path: $.card, treatment: {mask: {keep_last: 4}}}
"""
ORDER = {
    "note": "Maria, maria@mail.example, 4111 1111 1111 1111, on 2026-03-04, see www.shop.example",
    "email": "maria@mail.example",
    "card": "4111 1111 1111 1111",
}


def again(payload: str) -> Mapping[str, int]:
    return leftover(
        decoded("application/json", payload.encode()),
        terms_of(CONTRACT),
        detector=PatternDetector(),
        deadline=Deadline.after(None, SystemClock()),
        limits=LIMITS,
    )


def test_what_was_treated_as_agreed_is_as_agreed() -> None:
    assert again(released(json.dumps(ORDER), CONTRACT)) == {}


def test_what_a_blind_detector_let_pass_is_found() -> None:
    assert again(released(json.dumps(ORDER), CONTRACT, detector=BLIND)) == {
        "EMAIL_ADDRESS": 1,
        "PERSON": 1,
    }


@pytest.mark.parametrize("note", ["<EMAIL_ADDRESS> and tok_" + "a" * 26, "www.shop.example"])
def test_our_own_words_and_what_is_permitted_are_nothing(note: str) -> None:
    assert again(json.dumps({"note": note})) == {}


def test_a_name_that_is_a_key_is_found() -> None:
    assert again(json.dumps({"note": {"maria@mail.example": 1}})) == {"EMAIL_ADDRESS": 1}
