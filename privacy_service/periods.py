"""Periods of time as ISO 8601 writes them, true to the calendar.

`P1M` from the 31st of January ends on the last of February; `P1Y` from the 29th of February on the
28th. Days, months and years are those of a zone's calendar, so that the hour stays where clocks
change; hours, minutes and seconds elapse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

import isodate

_WRITTEN: Final = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time, as it was written: whole numbers only, and not nothing."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Raises ValueError for what is no period."""
        if not any(_parts(text)):
            raise ValueError("a period is written like P90D, P6M, P1Y or PT12H")
        return cls(text)

    def after(self, at: datetime, zone: tzinfo = UTC) -> datetime:
        """When the period that begins at an instant is over, in UTC; the end of time at most.

        A wall clock time that is skipped where clocks change counts as the one an hour later.
        """
        dated, elapsed = _lengths(self.text)
        try:
            local = at.astimezone(zone).replace(tzinfo=None, fold=0)
            moved: datetime = (local + dated).replace(tzinfo=zone).astimezone(UTC) + elapsed
        except (OverflowError, ValueError):
            return datetime.max.replace(tzinfo=UTC)
        return moved

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1024)
def _parts(text: str) -> tuple[int, ...]:
    """Years, months, weeks, days, hours, minutes and seconds; nothing for what is no period."""
    found = _WRITTEN.fullmatch(text)
    return () if found is None else tuple(int(part or 0) for part in found.groups())


@lru_cache(maxsize=1024)
def _lengths(text: str) -> tuple[isodate.Duration | timedelta, timedelta]:
    """What is counted by the calendar, and what elapses."""
    years, months, weeks, days, hours, minutes, seconds = _parts(text)
    by_day = timedelta(days=days + 7 * weeks)
    dated = isodate.Duration(years=years, months=months) + by_day if years or months else by_day
    return dated, timedelta(hours=hours, minutes=minutes, seconds=seconds)
