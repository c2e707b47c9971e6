"""Names that were found once are looked for again: "Maria Gonzales … Gonzales"."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import given_names, ordinary, places
from privacy_service.detection.namelike import PARTICLES
from privacy_service.detection.words import folded

_WORD: Final = re.compile(r"(?<![\w@./-])[^\W\d_]{3,}(?![\w@])")
_SURE: Final = 0.7
"""A name of this score is looked for again."""

_ECHO: Final = 0.6


def echoes(text: str, kept: Sequence[Candidate]) -> Iterator[Candidate]:
    """Words of the names in `kept` (in order, not overlapping) that stand elsewhere in `text`.

    In capitals, or the name was found in lower case; never a word that is a place or ordinary.
    """
    names = _names(text, kept)
    if not names:
        return
    starts = [one.start for one in kept]
    for found in _WORD.finditer(text):
        if found.group() in names and not _taken(kept, starts, found.start()):
            yield Candidate("PERSON", *found.span(), _ECHO, "name:again", "found elsewhere")


def _names(text: str, kept: Sequence[Candidate]) -> frozenset[str]:
    """The words of the surer names, as they are written."""
    return frozenset(
        word.group()
        for one in kept
        if one.entity == "PERSON" and one.score >= _SURE
        for word in _WORD.finditer(text, one.start, one.end)
        if not _ordinary(folded(word.group()), small=word.group()[0].islower())
    )


def _ordinary(word: str, *, small: bool) -> bool:
    """Whether a word of a name is too much of a word to be looked for; in small letters, unless it
    is a given name and little else.
    """
    if word in PARTICLES or ordinary(word) or any(word in known for known in places()):
        return True
    given, ambiguous = given_names()
    return small and (word not in given or word in ambiguous)


def _taken(kept: Sequence[Candidate], starts: Sequence[int], at: int) -> bool:
    before = bisect_right(starts, at) - 1
    return before >= 0 and kept[before].end > at
