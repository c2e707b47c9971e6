"""A value under a telling name: judged by the shape that the name asks for."""

from __future__ import annotations

from typing import Final

from privacy_service.detection.candidates import NOTHING, Candidate
from privacy_service.detection.fields import Sense
from privacy_service.detection.shapes import SHAPES

_STRONG: Final = 0.9
_WEAK: Final = 0.55
_WEAK_FIT: Final = 0.8
"""A weak name (`name`, `state`) takes a value only if it fits so well."""

_IN_LINES: Final = frozenset({"street", "house_number", "street_name"})
"""Shapes of what may be written in several lines, where it is a field's whole value."""


def typed(sense: Sense, text: str, offset: int, detector: str, *, whole: bool) -> Candidate | None:
    """The value at the beginning of `text` as what `sense` says, if it looks the part.

    `offset` is where `text` stands in the passage. `whole`: the value must be all of the text.
    """
    if sense.entity is None:
        return _nothing(sense, text, offset, detector)
    if whole:
        text = in_one_line(sense, text)
    read = SHAPES[sense.shape].read(text)
    if read is None:
        return None
    start, end, fit = read
    if whole and end < len(text.rstrip()):
        return None
    if sense.weak and fit < _WEAK_FIT:
        return None
    score = (_WEAK if sense.weak else _STRONG) * (0.55 + 0.45 * fit)
    return Candidate(
        sense.entity, offset + start, offset + end, score, detector, f"name: {sense.phrase}"
    )


def in_one_line(sense: Sense, value: str) -> str:
    """A whole value, in one line if it is of a kind that is written in several."""
    return value.replace("\r", " ").replace("\n", " ") if sense.shape in _IN_LINES else value


def _nothing(sense: Sense, text: str, offset: int, detector: str) -> Candidate | None:
    """The value up to its first blank, as nobody's."""
    bare = text.strip().split(" ", 1)[0]
    if not bare:
        return None
    start = offset + text.index(bare)
    because = f"name: {sense.phrase}"
    return Candidate(NOTHING, start, start + len(bare), 1.0, detector, because)
