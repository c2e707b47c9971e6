"""Which days are free, per jurisdiction: weekends, and holidays as the `holidays` library has them.

Where a calendar is not named, weekends alone are free. That errs on the early side: a day that is
not known to be free is counted as a working day.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Final, Protocol

import holidays

from privacy_service.law.rules import Place

_FINANCIAL: Final = {"NYSE": "XNYS", "ECB": "XECB"}
_WEEKEND: Final = frozenset({5, 6})


class Calendar(Protocol):
    """Which days are free, and why."""

    @property
    def name(self) -> str:
        """For a person: which calendar, in which version."""
        ...

    def free(self, day: date) -> str | None:
        """Why the day is no working day; None if it is one."""
        ...


class WeekendsOnly:
    """Saturdays and Sundays, and nothing else."""

    name: Final = "weekends only: no calendar of holidays is named for this jurisdiction"

    def free(self, day: date) -> str | None:
        """Why the day is no working day; None if it is one."""
        return f"{day:%A}" if day.weekday() in _WEEKEND else None


class Published:
    """The holidays of a country, a part of it, or a financial market."""

    def __init__(self, code: str) -> None:
        self._code = code
        self.name = f"{code}, holidays {version('holidays')}"

    def free(self, day: date) -> str | None:
        """Why the day is no working day; None if it is one."""
        year = _year(self._code, day.year)
        if day.weekday() in year.weekend:
            return f"{day:%A}"
        named = year.get(day)
        return None if named is None else str(named)


@lru_cache(maxsize=512)
def _year(code: str, year: int) -> holidays.HolidayBase:
    """The holidays of one year; nothing is added to it later."""
    if code in _FINANCIAL:
        return holidays.financial_holidays(_FINANCIAL[code], years=year, expand=False)
    country, _, part = code.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, years=year, expand=False)


def is_known(code: str) -> bool:
    """Whether the library has a calendar of that name."""
    try:
        _year(code, 2026)
    except (KeyError, NotImplementedError):
        return False
    return True


def calendar_in(place: Place) -> Calendar:
    """The place's calendar."""
    return WeekendsOnly() if place.calendar is None else Published(place.calendar)


def next_working(day: date, calendar: Calendar) -> date:
    """The first working day after `day`."""
    following = day + timedelta(days=1)
    while calendar.free(following) is not None:
        following += timedelta(days=1)
    return following
