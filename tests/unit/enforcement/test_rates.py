"""How often something may be done, as one instant per caller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.enforcement.rates import Rate
from privacy_service.errors import PrivacyError

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def limited(rate: Rate, paid_at: datetime | None, many: int, now: datetime) -> PrivacyError:
    with pytest.raises(PrivacyError) as caught:
        rate.taken(paid_at, many, now=now)
    assert caught.value.reason is errors.REVEAL_LIMITED
    return caught.value


def test_a_whole_period_may_be_used_at_once_and_comes_back_with_time() -> None:
    rate, paid_at = Rate(most=60), None
    for _ in range(60):
        paid_at = rate.taken(paid_at, 1, now=NOW)
    assert limited(rate, paid_at, 1, NOW).details["retry_seconds"] == 60
    later = NOW + timedelta(seconds=60)
    paid_at = rate.taken(paid_at, 1, now=later)
    assert limited(rate, paid_at, 2, later).details["retry_seconds"] == 120
    fresh = later + timedelta(hours=1)
    assert rate.taken(paid_at, 60, now=fresh) == fresh + timedelta(hours=1)


def test_more_than_there_ever_is_has_no_time_to_wait_for() -> None:
    assert "retry_seconds" not in limited(Rate(most=5), None, 6, NOW).details


@given(
    st.integers(1, 50), st.lists(st.tuples(st.integers(0, 900), st.integers(1, 20)), max_size=60)
)
def test_no_two_periods_hold_more_than_two_periods_worth(
    most: int, tries: list[tuple[int, int]]
) -> None:
    rate, paid_at, now = Rate(most=most), None, NOW
    done: list[tuple[datetime, int]] = []
    for pause, many in tries:
        now += timedelta(seconds=pause)
        try:
            paid_at = rate.taken(paid_at, many, now=now)
            done.append((now, many))
        except PrivacyError as error:
            wait = error.details.get("retry_seconds")
            if wait is not None:  # and not a second less is needed than is said, nor more
                rate.taken(paid_at, many, now=now + timedelta(seconds=int(wait)))
    for start, _ in done:
        end = start + rate.per
        assert sum(many for at, many in done if start <= at < end) <= 2 * most
