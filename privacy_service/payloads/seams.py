"""Numbers that a detector's word boundary misses: for detection only.

A boundary lies between a blank and a digit, but not between a letter or an underscore and a digit,
and no card is written over two lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.payloads.trace import Piece

# A long run of digits, or digits in the groups of a card or of a social security number.
_number: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{9,19}|[0-9]{4}(?P<by>[ -])[0-9]{4}(?P=by)[0-9]{4}(?P=by)[0-9]{1,7}"
    r"|[0-9]{3}-[0-9]{2}-[0-9]{4})(?![0-9])"
).finditer
_before: Final = re.compile(r"(?:_|(?<=[A-Za-z]{2})-|[A-Za-z])\Z").search
_LONGEST_GLUE: Final = 3

_BREAK = r"(-?)[ \t]*\r?\n[ \t]*"
_broken: Final = re.compile(
    rf"(?<=[0-9]{{4}}[ -][0-9]{{4}}){_BREAK}(?=[0-9]{{1,7}}(?![0-9]))"
    rf"|(?<=[0-9]{{4}}){_BREAK}(?=[0-9]{{4}}[ -][0-9]{{4}})"
)


def seams(text: str) -> Iterator[Piece]:
    """Blanks between numbers and the letters, underscores and hyphens that they are glued to."""
    at = 0
    for number in _number(text):
        start, end = number.span()
        before, behind = text[max(0, start - 1) : start], text[end : end + 1]
        if _before(text, max(0, start - _LONGEST_GLUE), start) and start - 1 >= at:
            yield Piece(start - 1, start, before + " " if before.isalpha() else " ")
        if behind == "_" or (behind.isascii() and behind.isalpha()):
            yield Piece(end, end + 1, " " if behind == "_" else " " + behind)
            end += 1
        at = end


def lines(text: str) -> Iterator[Piece]:
    """Numbers in groups that go on in the next line, in one line."""
    if "\n" not in text:
        return
    for broken in _broken.finditer(text):
        yield Piece(broken.start(), broken.end(), broken[1] or broken[2] or " ")


def breaks_number(text: str) -> bool:
    """Whether a number goes on in the next line."""
    return "\n" in text and _broken.search(text) is not None
