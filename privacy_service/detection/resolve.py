"""Overlapping claims settled: the better founded one wins, never merely the longer one."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from privacy_service.detection.candidates import Candidate

_PLACES: Final = frozenset({"STREET_ADDRESS", "LOCATION", "POSTCODE", "UK_POSTCODE"})
_KINDS: Final = (
    _PLACES,
    frozenset({"SECRET", "API_KEY", "TOKEN", "PASSWORD"}),
    frozenset({"PERSON"}),
)
"""Entities of which one claim may hold several parts: what a better founded claim leaves of it is
still that.
"""

_SCRAP: Final = 2
"""What is left of a claim counts from so many code points on."""


def resolve(candidates: Iterable[Candidate], text: str) -> list[Candidate]:
    """Candidates on `text` that do not overlap, in order.

    The higher score wins; among equals the longer, then the earlier. Of a losing claim those parts
    are kept that the winners leave, where the claim is of a kind that has parts: an address loses
    its postcode to a surer claim, and stays an address. n log n in their number.
    """
    kept: list[Candidate] = []
    ranked = sorted(candidates, key=lambda c: (-c.score, c.start - c.end, c.start, c.entity))
    for candidate in ranked:
        for part in _left_of(candidate, kept, text):
            insort(kept, part, key=lambda one: one.start)
    return kept


def _left_of(candidate: Candidate, kept: list[Candidate], text: str) -> Iterator[Candidate]:
    """The parts of `candidate` that none of `kept` covers; all of it or nothing for most kinds."""
    over = list(_overlapping(candidate, kept))
    if not over:
        yield candidate
        return
    kind = next((kind for kind in _KINDS if candidate.entity in kind), None)
    if kind is None or not (kind is _PLACES or any(one.entity in kind for one in over)):
        return
    at = candidate.start
    for one in (*over, None):
        start, end = _bare(text, at, candidate.end if one is None else one.start)
        if end - start >= _SCRAP:
            yield replace(candidate, start=start, end=end)
        at = at if one is None else max(at, one.end)


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without what is neither letter nor digit at its ends."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def _overlapping(candidate: Candidate, kept: list[Candidate]) -> Iterator[Candidate]:
    at = bisect_left(kept, candidate.start, key=lambda one: one.end)
    while at < len(kept) and kept[at].start < candidate.end:
        if kept[at].end > candidate.start:
            yield kept[at]
        at += 1
