"""Dates as payloads write them: read one, and write another in the same form.

Only whole dates are read. A numeric date whose day and month could be swapped (03/04/1990) is
ambiguous: its year is known, its day is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH_NUMBER = {name.casefold(): i for i, name in enumerate(_MONTHS, 1)} | {
    name[:3].casefold(): i for i, name in enumerate(_MONTHS, 1)
}
_WORD = "|".join(sorted((*_MONTHS, *(m[:3] for m in _MONTHS)), key=len, reverse=True))

# What may follow a date and is kept as it is: a time of day, and nothing else.
_ZONE = r"[+-](?:0\d|1[0-4])"
_TIME = (
    r"(?P<rest>(?:T|,? )(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?"
    rf"(?: ?[AaPp][Mm]|Z|{_ZONE}:?[0-5]\d)?)?"
)
_ISO = re.compile(
    rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TIME}", re.ASCII
)
_COMPACT = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)"
    r"(?P<rest>(?:(?:[01]\d|2[0-4])(?:[0-5]\d(?:[0-6]\d(?:\.\d{1,6})?)?)?"
    rf"(?:{_ZONE}[0-5]\d)?)?)",
    re.ASCII,
)
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}){_TIME}", re.ASCII
)
_DAY_FIRST = re.compile(
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<s>[ -])(?P<m>{_WORD})\.?,?(?P=s)(?P<y>\d{{4}})",
    re.IGNORECASE | re.ASCII,
)
_MONTH_FIRST = re.compile(
    rf"(?P<m>{_WORD})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})",
    re.IGNORECASE | re.ASCII,
)
_PARTIAL = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d{2}))?", re.ASCII)
_ANY_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d|2100)(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDate:
    """A date, and how to write another in its place. `day` is None where it is ambiguous."""

    day: date | None
    year: int
    month: int | None
    write: Callable[[date], str]
    numeric: bool = False


def read_date(text: str) -> WrittenDate | None:
    """The date that the whole text is (blanks at the ends aside), or None if it is not one."""
    stripped = text.strip()
    for reader in (_read_iso, _read_compact, _read_numeric, _read_worded, _read_partial):
        found = reader(stripped)
        if found is not None:
            return found
    return None


def year_in(text: str) -> int | None:
    """The only year that stands in a text (1800 to 2100); None if there is none, or several."""
    years = {int(year) for year in _ANY_YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def shifted(written: WrittenDate, days: int) -> str | None:
    """The date `days` later in the same form; None where the day is ambiguous or leaves the era."""
    if written.day is None:
        return None
    try:
        return written.write(written.day + timedelta(days=days))
    except OverflowError:
        return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _whole(day: date | None, write: Callable[[date], str]) -> WrittenDate | None:
    if day is None:
        return None
    return WrittenDate(day=day, year=day.year, month=day.month, write=write)


def _read_iso(text: str) -> WrittenDate | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    sep, rest = found["s"], found["rest"] or ""
    return _whole(
        _day(int(found["y"]), int(found["m"]), int(found["d"])),
        lambda to: f"{to.year:04}{sep}{to.month:02}{sep}{to.day:02}{rest}",
    )


def _read_compact(text: str) -> WrittenDate | None:
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    rest = found["rest"]
    return _whole(
        _day(int(found["y"]), int(found["m"]), int(found["d"])),
        lambda to: f"{to.year:04}{to.month:02}{to.day:02}{rest}",
    )


def _read_numeric(text: str) -> WrittenDate | None:
    found = _NUMERIC.fullmatch(text)
    if not found:
        return None
    a, b, year = int(found["a"]), int(found["b"]), int(found["y"])
    sep, rest = found["s"], found["rest"] or ""

    def day_first(to: date) -> str:
        return f"{to.day:02}{sep}{to.month:02}{sep}{to.year:04}{rest}"

    def month_first(to: date) -> str:
        return f"{to.month:02}{sep}{to.day:02}{sep}{to.year:04}{rest}"

    as_day_first, as_month_first = _day(year, b, a), _day(year, a, b)
    if sep == "." or as_month_first is None:  # dots are written day first wherever they are used
        return _whole(as_day_first, day_first)
    if as_day_first is None or as_day_first == as_month_first:
        return _whole(as_month_first, month_first)
    return WrittenDate(day=None, year=year, month=None, write=month_first)


def _read_worded(text: str) -> WrittenDate | None:
    if found := _DAY_FIRST.fullmatch(text):
        sep = found["s"]
        short = len(found["m"]) == 3  # "May" is its own short form
        return _whole(
            _day(int(found["y"]), _MONTH_NUMBER[found["m"].casefold()], int(found["d"])),
            lambda to: f"{to.day}{sep}{_month_name(to, short=short)}{sep}{to.year}",
        )
    if found := _MONTH_FIRST.fullmatch(text):
        short = len(found["m"]) == 3
        comma = "," if "," in text else ""
        return _whole(
            _day(int(found["y"]), _MONTH_NUMBER[found["m"].casefold()], int(found["d"])),
            lambda to: f"{_month_name(to, short=short)} {to.day}{comma} {to.year}",
        )
    return None


def _read_partial(text: str) -> WrittenDate | None:
    """FHIR's partial dates: `1970` and `1970-04` say no day, so there is none to shift."""
    found = _PARTIAL.fullmatch(text)
    if not found:
        return None
    month = int(found["m"]) if found["m"] else None
    return WrittenDate(day=None, year=int(found["y"]), month=month, write=date.isoformat)


def _month_name(of: date, *, short: bool) -> str:
    name = _MONTHS[of.month - 1]
    return name[:3] if short else name
