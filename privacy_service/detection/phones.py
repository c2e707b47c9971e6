"""Telephone numbers by their written form; an international one has a calling code that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.dates import is_date
from privacy_service.detection.sight import Run, Sight

_LEAST: Final = 7
"""Digits of the shortest number."""

_LEAST_ABROAD: Final = 9
"""Digits of the shortest number with a calling code, where no plus sign says that it is one."""

_TOPICS: Final = frozenset({"PHONE_NUMBER"})
_EXTENSION: Final = r"(?:[ ,]{0,2}(?:x|ext\.?|extension|#|Durchwahl|poste)[ .:]?\d{1,6})?"
_EDGE: Final = r"(?<![\w.])(?<!\w[-/])(?<!\d[,:])"
_STOP: Final = r"(?!\w)(?![-/]\w)(?!\.\d)(?!:\d)"

_INTERNATIONAL: Final = re.compile(
    rf"(?<![\w+])(?<!\w[-./])(?:\+|\(\+|00(?=[1-9]))[1-9]\d{{0,3}}\)?[ .\-/]{{0,2}}"
    rf"(?:\(0?\d{{0,4}}\)[ .\-]?)?\d(?:[ .\-/()]{{0,2}}\d){{5,13}}{_EXTENSION}(?!\w)"
)
_AREA: Final = re.compile(
    rf"(?<![\w(])(?:\+?1[ .-]?)?\(\d{{2,5}}\)[ .\-/]{{0,2}}\d{{2,5}}(?:"
    rf"[ .\-/]?\d{{2,5}}){{1,3}}{_EXTENSION}{_STOP}"
)
_NORTH_AMERICAN: Final = re.compile(
    rf"{_EDGE}(?:1[ .-])?[2-9]\d{{2}}(?P<s>[-.])\d{{3}}(?P=s)\d{{4}}{_EXTENSION}{_STOP}"
    rf"|{_EDGE}(?:1 )?[2-9]\d{{2}}[ -]\d{{3}}[ -]\d{{4}}{_EXTENSION}{_STOP}"
    rf"|{_EDGE}001-\d{{3}}-\d{{3}}-\d{{4}}{_EXTENSION}{_STOP}"
)
_NATIONAL: Final = re.compile(
    rf"{_EDGE}0[1-9]\d{{0,4}}(?:[ .\-/]{{1,3}}\d{{2,8}}){{1,5}}{_EXTENSION}{_STOP}"
)
_GROUPED: Final = re.compile(
    rf"{_EDGE}\d{{2,4}}(?:[ .-]\d{{2,4}}){{2,5}}{_EXTENSION}{_STOP}|{_EDGE}\d{{3,4}}"
    rf"[ -]\d{{4}}{_EXTENSION}{_STOP}"
    rf"|{_EDGE}\d{{3,5}}[ /-]\d{{5,8}}{_STOP}"
)
_BARE: Final = re.compile(rf"{_EDGE}(?:tel:)?\d{{7,15}}{_EXTENSION}{_STOP}")

_FORMS: Final = (
    # name, pattern, score alone, score in context
    ("international", _INTERNATIONAL, 0.85, 0.95),
    ("area", _AREA, 0.75, 0.92),
    ("north_american", _NORTH_AMERICAN, 0.65, 0.9),
    ("national", _NATIONAL, 0.5, 0.88),
    ("grouped", _GROUPED, 0.0, 0.8),
    ("bare", _BARE, 0.0, 0.78),
)
_YEARS: Final = re.compile(r"(?:19|20)\d\d[ .\-/](?:19|20)\d\d")


def find_phones(sight: Sight) -> Iterator[Candidate]:
    """Telephone numbers in the text."""
    if sight.digits < _LEAST:
        return
    for run in sight.runs:
        if run.digits >= _LEAST:
            yield from _in_run(sight, run)


def _in_run(sight: Sight, run: Run) -> Iterator[Candidate]:
    spoken = "PHONE_NUMBER" in sight.topics
    for name, pattern, alone, in_context in _FORMS:
        if not alone and not spoken:
            continue
        for found in pattern.finditer(sight.text, run.start, run.end):
            if not _plausible(found.group()):
                continue
            told = sight.told(_TOPICS, *found.span())
            score = alone if told is None else in_context - told[0] * 0.001
            if score:
                because = "form" if told is None else f"context: {told[1]}"
                yield Candidate(
                    "PHONE_NUMBER", found.start(), found.end(), score, f"phone:{name}", because
                )


def _plausible(value: str) -> bool:
    """Neither dates nor too long or short; an international one begins with a country's code."""
    digits = "".join(letter for letter in value if letter.isdecimal())
    if not _LEAST <= len(digits) <= 20 or _is_other(value):
        return False
    if value.startswith("00"):
        return len(digits) - 2 >= _LEAST_ABROAD and _has_country(digits[2:])
    return not value.startswith(("+", "(+")) or _has_country(digits)


def _is_other(value: str) -> bool:
    """Dates, years, and references such as 06/2231/24."""
    return is_date(value) or _YEARS.fullmatch(value) is not None or value.count("/") > 1


def _has_country(digits: str) -> bool:
    """Whether the digits begin with a calling code that ITU-T E.164 assigns."""
    return any(int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE for size in (1, 2, 3))
