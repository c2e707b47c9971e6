"""Where in an English text a model could find anything that is not known already.

Models cost several times what everything else does. Of a sentence that is made of ordinary words,
and of what was found without a model, they have nothing to say: there they are not asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from privacy_service.detection.candidates import NOTHING, Candidate
from privacy_service.detection.gazetteer import named_words, ordinary
from privacy_service.detection.words import folded

_END: Final = re.compile(r"[.!?](?=\s)|\n")
_LONGEST: Final = 240
"""Code points before and after a word beyond which nothing says more of it."""

_ENOUGH: Final = 80
"""Code points of a sentence that explains itself, as one does that is a text of its own."""

_SHORT: Final = 400
_WORD: Final = re.compile(r"[^\W\d_]{2,}+(?!['’]t\b)")
"""A word; none that is denied (`wasn't`)."""

_CAPITALIZED: Final = re.compile(r"\s[^\W\d_a-z][a-z]")

_KNOWN: Final = 0.6
"""What is claimed so surely needs no reader."""


def in_doubt(text: str, claims: Sequence[Candidate]) -> list[tuple[int, int]]:
    """The stretches of `text`, in order, in which a word is neither ordinary nor claimed, with what
    stands around it. A short text is read as a whole or not at all.
    """
    known = _known(text, claims)
    capitals = _CAPITALIZED.search(text) is not None
    places = [
        word.start()
        for word in _WORD.finditer(text)
        if not known[word.start()] and _open(word.group(), capitals=capitals)
    ]
    if not places:
        return []
    if len(text) <= _SHORT:
        return [(0, len(text))]
    stretches: list[tuple[int, int]] = []
    for place in places:
        start, end = _around(text, place)
        if stretches and start <= stretches[-1][1]:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return stretches


def _around(text: str, place: int) -> tuple[int, int]:
    """The sentence or line that `place` stands in; of a short one those before and after too."""
    start, end = _back(text, place), _on(text, place)
    if end - start >= _ENOUGH:
        return start, end
    return _back(text, start), _on(text, end)


def _back(text: str, place: int) -> int:
    """Where the sentence begins that ends before `place` or holds it."""
    before = [*_END.finditer(text, max(0, place - _LONGEST), max(0, place - 1))]
    return before[-1].end() if before else max(0, place - _LONGEST)


def _on(text: str, place: int) -> int:
    """Where the sentence ends that begins at `place` or holds it."""
    after = _END.search(text, place + 1, place + _LONGEST)
    return after.end() if after else min(len(text), place + _LONGEST)


def _known(text: str, claims: Sequence[Candidate]) -> bytearray:
    """One for each code point that is claimed already."""
    known = bytearray(len(text))
    for one in claims:
        if one.score >= _KNOWN and one.entity != NOTHING:
            known[one.start : one.end] = b"\x01" * (one.end - one.start)
    return known


def _open(word: str, *, capitals: bool) -> bool:
    """Whether a word may be a name: no ordinary one, nor, in a text that has capitals where names
    have them, one that is written small.
    """
    plain = word if word.isascii() and word.islower() else folded(word)
    if ordinary(plain):
        return False
    return not (capitals and word.islower() and plain in named_words())
