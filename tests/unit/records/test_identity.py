"""Which spellings name the same person, and which do not."""

from __future__ import annotations

import pytest

from privacy_service.records.identity import canonical_identifier, canonical_kind


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("email", "jane@example.com", " Jane@EXAMPLE.com\n"),
        ("email", "STRASSE@example.com", "straße@example.com"),
        ("phone", "+49 (30) 123-45", "4930 12345"),
        ("phone", "٠١٢٣", "0123"),
        ("customer-id", "A-1", " A-1 "),
        ("customer-id", "Ａ１", "A1"),
        ("name", "e\u0301", "\u00e9"),
    ],
)
def test_the_same_person(kind: str, one: str, other: str) -> None:
    assert canonical_identifier(kind, one) == canonical_identifier(kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("email", "jane@example.com", "jаne@example.com"),  # a Cyrillic а
        ("email", "jane@example.com", "j.ane@example.com"),
        ("email", "jane@example.com", "jane+x@example.com"),
        ("phone", "+4930123", "0049 30123"),
        ("customer-id", "a-1", "A-1"),
        ("customer-id", "O1", "01"),
        ("customer-id", "A1", "А1"),  # a Cyrillic А
    ],
)
def test_not_the_same_person(kind: str, one: str, other: str) -> None:
    assert canonical_identifier(kind, one) != canonical_identifier(kind, other)


@pytest.mark.parametrize(("kind", "value"), [("email", " "), ("phone", "n/a"), ("id", "\u3000")])
def test_what_identifies_nobody(kind: str, value: str) -> None:
    assert canonical_identifier(kind, value) == ""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("EMAIL_ADDRESS", "email"),
        ("E-Mail", "email"),
        ("PHONE_NUMBER", "phone"),
        ("telephone", "phone"),
        (" Customer-Id ", "customer-id"),
    ],
)
def test_a_kind_has_one_name(kind: str, name: str) -> None:
    assert canonical_kind(kind) == name
