from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.subjects.kept import RecordFacts
from privacy_service.subjects.record_query import FIELDS, RecordQuery

RECORD = RecordFacts(
    partner="acme-shop",
    id="case-7-a",
    content_type="application/json; charset=utf-8",
    size=1200,
    contracts=("orders", "returns"),
    created_at=datetime(2026, 2, 28, 23, 30, tzinfo=UTC),
    keep_until=None,
)


@pytest.mark.parametrize(
    "query",
    [
        "partner = acme-shop",
        'partner = "acme-shop"',
        "content_type = application/json",
        'id = "case-7-*"',
        "id != case-8",
        "contract = orders",
        "contract = returns AND NOT contract = refunds",
        "size > 1000 AND size <= 1200",
        "created_at >= 2026-02-28 AND created_at < 2026-03-01",
        "created_at < 2026-03-01T00:00:00+00:00",
        "created_at > 2026-03-01T00:00:00+01:00",  # 23:00 the day before, in UTC
        "keep_until != 2026-01-01",
        "NOT keep_until < 9999-01-01",
        "partner = globex OR partner = acme-shop AND size = 1200",
        "(partner = globex OR partner = acme-shop) AND NOT (size < 5 OR size > 5000)",
        "NOT NOT partner=acme-shop",
    ],
)
def test_what_is_meant_is_found(query: str) -> None:
    assert RecordQuery.parse(query).matches(RECORD)


@pytest.mark.parametrize(
    "query",
    [
        "partner = acme",
        "partner = globex AND partner = acme-shop OR size = 1",
        "id = case-7",
        "content_type != application/json",
        "contract != orders",
        "keep_until < 9999-01-01",
        "keep_until > 0001-01-01",
        "created_at >= 2026-03-01",
    ],
)
def test_what_is_not_meant_is_not(query: str) -> None:
    assert not RecordQuery.parse(query).matches(RECORD)


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("", 1),
        ("subject = maria", 1),
        ("partner", 8),
        ("partner =", 10),
        ("partner > acme", 9),
        ("partner = acme size = 1", 16),
        ("size = many", 8),
        ("size = -1", 8),
        ("created_at = soon", 14),
        ("created_at = 2026-02-30", 14),
        ("(partner = acme", 16),
        ("partner = acme)", 15),
        ('partner = "acme', 11),
        ("AND partner = acme", 1),
        ("partner = acme AND", 19),
        ("NOT", 4),
        ("(" * 30 + "size = 1" + ")" * 30, 22),
    ],
)
def test_what_does_not_hold_up_is_told_with_its_column(query: str, column: int) -> None:
    with pytest.raises(PrivacyError) as caught:
        RecordQuery.parse(query)
    assert caught.value.reason is errors.RECORD_QUERY_INVALID
    assert caught.value.details["column"] == column
    assert caught.value.details["says"]


def test_every_field_is_a_fact_of_a_record() -> None:
    for name in FIELDS:
        assert hasattr(RECORD, name) or name == "contract"


@settings(max_examples=60, deadline=None)
@given(st.text('()ANDORT=<>!" size01-partner*', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(PrivacyError):
        query = RecordQuery.parse(text)
        negated = RecordQuery.parse(f"NOT ({text})")
        for record in (RECORD, replace(RECORD, size=0, partner="part")):
            assert query.matches(record) is not negated.matches(record)
