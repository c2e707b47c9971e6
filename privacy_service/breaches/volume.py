"""What is unusually much for a partner: by its own days before.

The usual is the median, over the days before on which there was anything, of each day's busiest
hour: a nightly batch is usual, and one bad day does not make the next one usual. Too few days say
nothing; then the least alone holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median_high
from typing import Final

LEAST_DAYS: Final = 3
"""Days with anything that it takes to know what is usual."""
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRule:
    """From how much on it is unusual: `least` in an hour, and `factor` times the usual."""

    least: int
    factor: float
    days: int

    def threshold(self, hours: Mapping[datetime, int], hour: datetime) -> tuple[int, int]:
        """How much it takes in that hour, and what is usual (0: not known)."""
        usual = usual_peak(hours, before=hour.date(), days=self.days)
        return max(self.least, round(self.factor * usual)), usual


def usual_peak(hours: Mapping[datetime, int], *, before: date, days: int) -> int:
    """The median of the busiest hours of the days before; 0 where they are too few."""
    peaks: dict[date, int] = defaultdict(int)
    for hour, count in hours.items():
        day = hour.date()
        if before - timedelta(days=days) <= day < before:
            peaks[day] = max(peaks[day], count)
    if len(peaks) < LEAST_DAYS:
        return 0
    return median_high(peaks.values())


def hour_of(at: datetime) -> datetime:
    """The hour, UTC, that an instant is in."""
    return at.replace(minute=0, second=0, microsecond=0)
