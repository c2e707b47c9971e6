"""Counts one period from one instant, step by step, each step in words.

Two answers: `legal`, as the law counts, and `conservative`, the earliest that any careful reader
could come to, by which the alarm is set. The conservative one never moves over a weekend, and ends
at the time of day at which the clock started.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from privacy_service.law.calendars import Calendar, calendar_in, next_working
from privacy_service.law.rules import Counting, Period, Place, Roll, Shape

_LAST: Final = time(23, 59, 59)
_NOON: Final = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a calculation: what was done, what came out, and where that is said."""

    says: str
    at: datetime | None = None
    citation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where and how a period is counted."""

    place: Place
    counting: Counting | None
    rolls: bool = True

    @property
    def zone(self) -> ZoneInfo:
        """The place's time zone."""
        return ZoneInfo(self.place.time_zone)

    @property
    def calendar(self) -> Calendar:
        """The place's calendar."""
        return calendar_in(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """When a period ends, both ways, and how that was found."""

    legal: datetime
    conservative: datetime
    steps: tuple[Step, ...]


def count(period: Period, started: datetime, ground: Ground, *, stopped: timedelta) -> Ended:
    """When the period ends that started at that instant. For the time `stopped` the clock stood
    still; where days are counted, its days are counted.
    """
    if period.shape is Shape.HOURS:
        return _hours(period, started, ground, stopped)
    return _days(period, started, ground, stopped.days)


def local(at: datetime, ground: Ground) -> str:
    """The instant as the place's people read it."""
    here = at.astimezone(ground.zone)
    return f"{here:%A}, {here.day} {here:%B %Y, %H:%M} ({ground.place.time_zone})"


# -- Hours ------------------------------------------------------------------------------------


def _hours(period: Period, started: datetime, ground: Ground, stopped: timedelta) -> Ended:
    length = timedelta(hours=period.length)
    conservative = started.astimezone(UTC) + length
    end = conservative + stopped
    steps = [_step(f"{_many(period.length, 'hour')} run without a break", end, ground)]
    if stopped:
        steps.append(Step(says=f"the clock stood still for {stopped}"))
    counting = ground.counting
    if counting is not None and not counting.event_hour_counts:
        end = _next_hour(started, ground) + length + stopped
        steps.append(_step("the hour of the event is not counted", end, ground, counting.citation))
    if counting is not None:
        end = _rolled(end, counting.hours_roll, ground, steps)
    return Ended(legal=end, conservative=min(conservative, end), steps=tuple(steps))


def _next_hour(started: datetime, ground: Ground) -> datetime:
    """The first full hour of the place's clock after the instant."""
    here = started.astimezone(ground.zone)
    begun = timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
    return started.astimezone(UTC) - begun + timedelta(hours=1)


# -- Days -------------------------------------------------------------------------------------


def _days(period: Period, started: datetime, ground: Ground, stopped: int) -> Ended:
    begun = started.astimezone(ground.zone)
    last, steps = _last_day(period, begun.date(), ground)
    conservative = _at(last, begun.timetz().replace(tzinfo=None), ground)
    if stopped:
        last += timedelta(days=stopped)
        steps.append(_step(f"{_many(stopped, 'day')} stood still", _end(last, ground), ground))
    end = _end(last, ground)
    if ground.counting is not None:
        end = _rolled(end, ground.counting.days_roll, ground, steps)
    return Ended(legal=end, conservative=min(conservative, end), steps=tuple(steps))


def _last_day(period: Period, begun: date, ground: Ground) -> tuple[date, list[Step]]:
    many = period.length
    match period.shape:
        case Shape.MONTHS:
            last, clipped = _months_on(begun, many)
            says = f"{_many(many, 'month')}, to the same date"
            if clipped:
                says = f"{_many(many, 'month')}, to the month's last day: it has no {begun.day}"
        case Shape.WORKING_DAYS:
            last = begun
            for _ in range(many):
                last = next_working(last, ground.calendar)
            says = f"{_many(many, 'working day')} are counted ({ground.calendar.name})"
        case Shape.YEAR_END_DAYS:
            last = date(begun.year, 12, 31) + timedelta(days=many)
            says = f"{_many(many, 'day')} after the end of {begun.year}"
        case _:
            last = begun + timedelta(days=many)
            says = f"{_many(many, 'calendar day')}; the day of the event is day 0"
    return last, [_step(says, _end(last, ground), ground)]


def _months_on(day: date, months: int) -> tuple[date, bool]:
    """The same date so many months later, or that month's last day; and whether it was clipped."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length)), day.day > length


# -- The end ----------------------------------------------------------------------------------


def _rolled(end: datetime, roll: Roll, ground: Ground, steps: list[Step]) -> datetime:
    """The end, moved if its day is free and the law moves it."""
    day = end.astimezone(ground.zone).date()
    free = ground.calendar.free(day)
    assert ground.counting is not None
    if free is None:
        return end
    if roll is Roll.NONE:
        says = f"that day is free ({free}), and the period ends on it all the same"
        steps.append(_step(says, end, ground, ground.counting.citation))
        return end
    if not ground.rolls:
        says = f"that day is free ({free}); whoever this is does not get the next working day"
        steps.append(_step(says, end, ground, ground.counting.citation))
        return end
    following = next_working(day, ground.calendar)
    moved = _end(following, ground) if roll is Roll.WORKING_DAY else _at(following, _NOON, ground)
    says = f"that day is free ({free}), so it ends on the next working day"
    if roll is Roll.NOON:
        says = f"that day is free ({free}), so it ends at noon of the next working day"
    says = f"{says} ({ground.calendar.name})"
    steps.append(_step(says, moved, ground, ground.counting.citation))
    return moved


def _end(day: date, ground: Ground) -> datetime:
    return _at(day, _LAST, ground)


def _at(day: date, clock: time, ground: Ground) -> datetime:
    """The instant at which the place's clock shows that; the earlier one where it does so twice."""
    return datetime.combine(day, clock, ground.zone).astimezone(UTC)


def _step(says: str, at: datetime, ground: Ground, citation: str | None = None) -> Step:
    return Step(says=f"{says}: {local(at, ground)}", at=at, citation=citation)


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
