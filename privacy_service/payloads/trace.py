"""Rewriting a text piece by piece, with every character's way back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple


class Piece(NamedTuple):
    """`new` stands for what the text has from `start` to `end`."""

    start: int
    end: int
    new: str


class Trace:
    """The way from a rewritten text back to the text that it was made of."""

    __slots__ = ("_ends", "_new_ends", "_new_starts", "_starts")

    def __init__(
        self, starts: list[int], ends: list[int], new_starts: list[int], new_ends: list[int]
    ) -> None:
        self._starts, self._ends = starts, ends
        self._new_starts, self._new_ends = new_starts, new_ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the text before that made the characters `start` to `end`."""
        first, _ = self._source(start)
        return (first, self._source(end - 1)[1]) if end > start else (first, first)

    def _source(self, at: int) -> tuple[int, int]:
        """What made the character at `at`. Of pieces that left nothing, none made any."""
        piece = bisect_right(self._new_starts, at) - 1
        if piece < 0:
            return at, at + 1
        if at < self._new_ends[piece]:
            return self._starts[piece], self._ends[piece]
        same = self._ends[piece] + at - self._new_ends[piece]
        return same, same + 1


def rewritten(text: str, pieces: Iterable[Piece]) -> tuple[str, Trace] | None:
    """The text with the pieces, which rise and do not overlap; None where there are none."""
    rising = iter(pieces)
    first = next(rising, None)
    if first is None:
        return None
    starts: list[int] = []
    ends: list[int] = []
    new_starts: list[int] = []
    new_ends: list[int] = []
    parts: list[str] = []
    at = shift = 0
    for start, end, new in chain((first,), rising):
        starts.append(start)
        ends.append(end)
        new_starts.append(start + shift)
        shift += len(new) - (end - start)
        new_ends.append(end + shift)
        parts += (text[at:start], new)
        at = end
    parts.append(text[at:])
    return "".join(parts), Trace(starts, ends, new_starts, new_ends)
