from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.periods import Period

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("period", "begins", "ends"),
    [
        ("P1Y", "2024-02-29T10:00+00:00", "2025-02-28T10:00+00:00"),
        ("P4Y", "2024-02-29T10:00+00:00", "2028-02-29T10:00+00:00"),
        ("P1M", "2026-01-31T00:00+00:00", "2026-02-28T00:00+00:00"),
        ("P1M", "2028-01-31T00:00+00:00", "2028-02-29T00:00+00:00"),
        ("P6M", "2026-08-31T23:59+00:00", "2027-02-28T23:59+00:00"),
        ("P1M1D", "2026-01-31T00:00+00:00", "2026-03-01T00:00+00:00"),
        ("P2W", "2026-12-25T00:00+00:00", "2027-01-08T00:00+00:00"),
        ("P1DT25H", "2026-01-31T00:00+00:00", "2026-02-02T01:00+00:00"),
        ("PT36H", "2026-01-31T00:00+00:00", "2026-02-01T12:00+00:00"),
        ("P9999Y", "2026-01-31T00:00+00:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_period_is_true_to_the_calendar(period: str, begins: str, ends: str) -> None:
    assert Period.parse(period).after(at(begins)) == at(ends)


@pytest.mark.parametrize(
    ("period", "begins", "ends"),
    [
        # The clock goes forward on 29 March 2026: noon is noon, and a day of hours ends at one.
        ("P1D", "2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00"),
        ("PT24H", "2026-03-28T12:00+01:00", "2026-03-29T13:00+02:00"),
        # 02:30 is skipped.
        ("P1D", "2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00"),
        # And back on 25 October: 02:30 comes twice, the first of them counts.
        ("P1D", "2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00"),
        ("P1M", "2026-09-25T02:30+02:00", "2026-10-25T02:30+02:00"),
        # In Berlin it is the last of January already.
        ("P1M", "2026-01-30T23:30+00:00", "2026-02-27T23:30+00:00"),
    ],
)
def test_days_and_months_are_those_of_the_zone(period: str, begins: str, ends: str) -> None:
    assert Period.parse(period).after(at(begins), BERLIN) == at(ends)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P0D", "PT0S", "P1.5M", "-P1D", "P-1D", "P1H", "P1M1Y", "p1d", "P1D ", "1D"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="P90D"):
        Period.parse(text)


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 3), st.integers(0, 30), st.integers(0, 60), st.integers(0, 90),
)  # fmt: skip
def test_a_period_ends_after_it_begins_and_about_when_it_should(
    begins: datetime, years: int, months: int, days: int, hours: int
) -> None:
    if not (years or months or days or hours):
        return
    ends = Period.parse(f"P{years}Y{months}M{days}DT{hours}H").after(begins, BERLIN)
    whole = timedelta(days=years * 365 + months * 30 + days, hours=hours)
    assert ends > begins
    assert abs((ends - begins) - whole) <= timedelta(days=years + months + 3)
