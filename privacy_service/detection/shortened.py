"""A text with what is known already cut short, for a reader whose time goes by the length.

An e-mail address, a card number or a date takes as many steps to read as half a sentence, and a
reader of names has nothing to say of it; numbers rather mislead it. One letter stands in for each.
Names, places and the parts of addresses stay: they explain what stands beside them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from privacy_service.detection.candidates import NOTHING, Candidate

_STANDS_IN: Final = "x"
_SHORTEST: Final = 7
"""Code points from which on it is worth it."""

_KNOWN: Final = 0.6
_EXPLAIN: Final = frozenset({
    "PERSON", "LOCATION", "NRP", "USERNAME", "STREET_ADDRESS", "POSTCODE", "UK_POSTCODE",
    "US_ZIP_CODE", "DE_PLZ", "CA_POSTAL_CODE",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shortened:
    """The text that is read, and where its code points stand in the whole one."""

    text: str
    _starts: Sequence[int]
    _shifts: Sequence[int]

    def place(self, at: int) -> int:
        """Where the border before code point `at` is in the whole text."""
        return at + self._shifts[bisect_left(self._starts, at)]


def shortened(text: str, claims: Sequence[Candidate], offset: int = 0) -> Shortened:
    """`text`, which begins at `offset` of what is claimed on, with its surest claims cut short."""
    parts: list[str] = []
    starts: list[int] = []
    shifts = [0]
    at = 0
    for one in sorted(claims, key=lambda claim: (claim.start, -claim.end)):
        start, end = one.start - offset, one.end - offset
        if start < at or end > len(text) or end - start < _SHORTEST or not _cut(one):
            continue
        parts += (text[at:start], _STANDS_IN)
        starts.append(start - shifts[-1])
        shifts.append(shifts[-1] + end - start - len(_STANDS_IN))
        at = end
    return Shortened("".join((*parts, text[at:])), starts, shifts)


def _cut(claim: Candidate) -> bool:
    return claim.score >= _KNOWN and claim.entity not in _EXPLAIN and claim.entity != NOTHING
