"""What is due, as a calendar that any program reads."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from privacy_service.commands.breach_today import Due, as_calendar

AT = datetime(2026, 6, 8, 14, tzinfo=UTC)


def due(title: str, breach: str) -> Due:
    return Due(
        at=AT, what="eu-gdpr.33-1.DE", of="eu-gdpr.33-1 (DE)", title=title, breach_id="breach-1",
        breach=breach, drill=True, sure=False, by_law="By law 2026-06-08 15:00 UTC.",
    )  # fmt: skip


@given(title=st.text(max_size=200), breach=st.text(max_size=200))
def test_whatever_a_title_holds_is_text_in_lines_that_are_short_enough(
    title: str, breach: str
) -> None:
    written = as_calendar([due(title, breach)], AT)
    assert written.endswith("END:VCALENDAR\r\n")
    lines = written.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert not any("\n" in line or "\r" in line for line in lines)
    whole = re.sub("\r\n ", "", written).split("\r\n")
    names = [line.partition(":")[0] for line in whole if line]
    assert names.count("SUMMARY") == names.count("UID") == 1
    assert set(names) <= {
        "BEGIN", "END", "VERSION", "PRODID", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY",
        "DESCRIPTION", "ACTION", "TRIGGER",
    }  # fmt: skip


def test_an_entry_ends_at_the_safe_time_and_is_the_same_one_each_time() -> None:
    first, again = (as_calendar([due("Tell; the, authority", "A list")], AT) for _ in range(2))
    assert first == again
    assert "DTEND:20260608T140000Z" in first
    assert "SUMMARY:DRILL: Tell\\; the\\, authority (to decide)" in first
