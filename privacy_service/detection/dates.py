"""Calendar dates in the written forms of eight languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from privacy_service.detection.words import folded

_MONTHS: Final = {
    1: "january jan januar janner january janvier janv enero ene gennaio genn januari janeiro "
    "stycznia styczen",
    2: "february feb februar fevrier fevr febrero febbraio febb februari fevereiro fev lutego luty",
    3: "march mar marz maerz mars marzo maart mrt marco marca marzec",
    4: "april apr avril avr abril abr aprile kwietnia kwiecien",
    5: "may mai mayo maggio magg mei maio maja maj",
    6: "june jun juni juin junio giugno giu junho czerwca czerwiec",
    7: "july jul juli juillet juil julio luglio lug julho lipca lipiec",
    8: "august aug aout agosto ago augustus sierpnia sierpien",
    9: "september sep sept septembre septiembre setiembre settembre sett setembro set wrzesnia "
    "wrzesien",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika pazdziernik",
    11: "november nov novembre noviembre novembro listopada listopad",
    12: "december dec dezember dez decembre diciembre dic dicembre dezembro grudnia grudzien",
}
MONTHS: Final = {name: number for number, names in _MONTHS.items() for name in names.split()}

_MONTH = r"[^\W\d_]{3,13}\.?"
_TIME = (
    r"(?:[T ,]{1,3}(?:at |um |à |las )?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?"
    r"[Mm]\b\.?)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?)?"
)
_OF = r"(?: de | del | do | of |[ ]|[-/.])"
_YEAR = r"(?:1[89]|20)\d{2}"

_YMD: Final = re.compile(
    rf"(?<![\w.])(?<!\d[-/:])(?P<y>{_YEAR})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})"
    rf"(?P<t>{_TIME})(?![\w])(?![-/.:]\d)"
)
_DMY: Final = re.compile(
    r"(?<![\w.,$€£#])(?<!\d[-/:])(?P<d>\d{1,2})(?P<s>[-/.]|\. )(?P<m>\d{1,2})(?P=s)"
    rf"(?P<y>{_YEAR}|\d{{2}})(?P<t>{_TIME})(?!\w)(?![-/:]\d)(?!\.\d)"
)
_DAY_MONTH: Final = re.compile(
    r"(?<![\w.,$€£])(?<!\d[-/:])(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|°|ª|\.)?"
    rf"{_OF}(?:the )?(?P<m>{_MONTH})(?:{_OF}|, ?)(?P<y>{_YEAR}|['’]?\d{{2}}(?![\d:]))(?P<t>{_TIME})"
    r"(?![\w:])"
)
_MONTH_DAY: Final = re.compile(
    rf"(?<!\w)(?P<m>{_MONTH})[ -]{{1,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? |-)"
    rf"(?P<y>{_YEAR})(?P<t>{_TIME})(?!\w)"
)
_DAY_MONTH_ONLY: Final = re.compile(
    r"(?<![\w.,$€£/-])(?P<d>\d{1,2})(?:st|nd|rd|th|er|º|\.)?(?: of| de)? (?P<m>[^\W\d_]{3,13})"
    r"(?!\w)"
)
_MONTH_DAY_ONLY: Final = re.compile(
    r"(?<!\w)(?P<m>[^\W\d_]{3,13})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?(?![\w:/%]|[.,]\d)"
)
_MONTH_YEAR: Final = re.compile(
    rf"(?<!\w)(?P<m>[^\W\d_]{{3,13}})\.?,?(?: de| del| of)? (?P<y>{_YEAR})(?!\w)"
)
_COMPACT: Final = re.compile(rf"(?P<y>{_YEAR})(?P<m>\d{{2}})(?P<d>\d{{2}})")

_NUMERIC: Final = (_YMD, _DMY)
_FULL: Final = (_YMD, _DMY, _DAY_MONTH, _MONTH_DAY)
_PARTIAL: Final = (_DAY_MONTH_ONLY, _MONTH_DAY_ONLY, _MONTH_YEAR)


_MONTH_NAMED: Final = re.compile(
    r"(?<![^\W\d_])(?:jan|f[eé]|ene|gen|mar|mär|maa|mrt|a[pvb]r|ma[giyj]|mei|ju[nil]|gi[ue]|lu[gt]|a[ug][uo]|aoû|"
    r"ag|s[eé]t|se|wrz|o[ckut]|paź|no[vw]|lis|d[eéi][czcs]|sty|kwi|cze|lip|sie|gru)",
    re.IGNORECASE,
)
"""How the names of months begin."""


def full_dates(text: str) -> Iterator[tuple[int, int, bool]]:
    """Days in a year: start, end, and whether a time of day is written with it."""
    named = _MONTH_NAMED.search(text) is not None
    for pattern in _FULL if named else _NUMERIC:
        for found in pattern.finditer(text):
            if _exists(found) and not _version_like(found):
                yield found.start(), found.end(), bool(found["t"])


def partial_dates(text: str) -> Iterator[tuple[int, int]]:
    """A day and month without a year, or a month and year, with the month by name."""
    for pattern in _PARTIAL if _MONTH_NAMED.search(text) else ():
        for found in pattern.finditer(text):
            if _exists(found):
                yield found.span()


_RELEASE: Final = re.compile(
    r"(?:version|release|build|rev|upgrade|from|to|v)\.? ?$", re.IGNORECASE
)


def _version_like(found: re.Match[str]) -> bool:
    """`7.16.29`, or `release 12.10.24`: parts between dots, as in a version."""
    written = found.groupdict()
    if written.get("s") != "." or len(written["y"]) > 2:
        return False
    before = found.string[max(0, found.start() - 10) : found.start()]
    return len(found.group()) < 8 or _RELEASE.search(before) is not None


def is_date(value: str) -> bool:
    """Whether the whole value is one date, in any of the forms or as YYYYMMDD."""
    stripped = value.strip()
    if any(start == 0 and end == len(stripped) for start, end, _ in full_dates(stripped)):
        return True
    compact = _COMPACT.fullmatch(stripped)
    return compact is not None and _exists(compact)


def _exists(found: re.Match[str]) -> bool:
    """Whether the calendar has the day; where day and month may be swapped, either order."""
    parts = found.groupdict()
    written = parts["m"]
    month = int(written) if written.isdigit() else MONTHS.get(folded(written.rstrip(".")), 0)
    year = int((parts.get("y") or "2000").lstrip("'’"))
    year += 2000 if year < 100 else 0
    day = int(parts.get("d") or 1)
    return _is_day(year, month, day) or (written.isdigit() and _is_day(year, day, month))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
