"""Unicode that looks like plain text, as that text: for detection only.

NFKC (UAX #15) per character with its marks, without what is invisible, with one kind of blank,
one kind of hyphen and ASCII digits; and letters of other scripts that look Latin (UTS #39), in
words that are otherwise Latin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from privacy_service.payloads.trace import Piece

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties: soft hyphen, zero-width
# characters, bidirectional controls, fillers, variation selectors, tags.
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# General category Pd without the ASCII hyphen, and the minus signs and bullets drawn as one.
_HYPHENS: Final = (
    "\u058a\u05be\u1400\u1806\u2010-\u2015\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030"
    "\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010ead\u02d7\u2043\u2212"
)
_BLANKS: Final = r"\s\u2800"
# Combining marks that strike a letter through or ring it, and leave it as readable as before.
_OVERLAYS: Final = "\u0334-\u0338\u0488\u0489\u20d2\u20d3\u20d8-\u20da\u20dd-\u20e0\u20e2-\u20eb"

_invisible: Final = re.compile(f"[{_INVISIBLE}{_OVERLAYS}]").sub
_hyphen: Final = re.compile(f"[{_HYPHENS}]").sub
_blank: Final = re.compile(f"[{_BLANKS}]").sub
_digit: Final = re.compile(r"(?![0-9])\d").sub

# Letters in signs that NFKC leaves alone (negative circled and squared, regional indicators), and
# the full stop that host names are written with in East Asia (UTS #46).
_SIGNS: Final = str.maketrans(
    "".join(chr(first + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)) + "。",
    3 * "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + ".",
)

_MOST_MARKS: Final = 30
"""Marks on one character that are looked at together, as in UAX #15, section 13: putting them in
order takes the square of their number.
"""


def folded(text: str) -> Iterator[Piece]:
    """What to put in the place of characters that are not written as plain text would be."""
    if text.isascii():
        return
    letters = {char for char in set(text) if not char.isascii()}
    marks = {char for char in letters if unicodedata.combining(char)}
    odd = marks | {char for char in letters if _plain(char) != char}
    for start, end in _clusters(text, odd, marks):
        new = _plain(text[start:end])
        if new != text[start:end]:
            yield Piece(start, end, new)


def only_blanks(text: str, pieces: list[Piece]) -> bool:
    """Whether the pieces only put blanks in the place of blanks."""
    return all(piece.new == " " and text[piece.start : piece.end].isspace() for piece in pieces)


def _clusters(text: str, odd: set[str], marks: set[str]) -> Iterator[tuple[int, int]]:
    """Where the odd characters stand, each with the marks on it; a mark with what it stands on."""
    if not odd:
        return
    start = end = -1
    for at in [at for at, char in enumerate(text) if char in odd]:
        marked = text[at] in marks
        if not (marked and at == end and end - start <= _MOST_MARKS):
            if start >= 0:
                yield start, end
            start = max(at - 1, end, 0) if marked else at
        end = at + 1
    yield start, end


@lru_cache(maxsize=4_096)
def _plain(cluster: str) -> str:
    seen = unicodedata.normalize("NFKC", _invisible("", cluster)).translate(_SIGNS)
    seen = _blank(" ", _hyphen("-", _invisible("", seen)))
    return _digit(lambda digit: str(unicodedata.decimal(digit[0])), seen)


# Cyrillic and Greek letters and the Latin ones that UTS #39 (confusables.txt) says they look like.
_LOOKALIKES: Final = dict(
    zip(
        "аеорсухіјѕһԁӏԛԝѵАВЕІКМНОРСТХУЅЈԌѴαγινορσυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxijshdlqwvABEIKMHOPCTXYSJGVayivopouABEZHIKMNOPTYX",
        strict=True,
    )
)
_word: Final = re.compile(r"[\w.@%+-]+").finditer
_lookalike: Final = re.compile(f"[{''.join(_LOOKALIKES)}]").finditer
_any_lookalike: Final = re.compile(f"[{''.join(_LOOKALIKES)}]").search
_latin: Final = re.compile("[A-Za-z]").search
_foreign: Final = re.compile(f"(?![{''.join(_LOOKALIKES)}])[\u0370-\u052f]").search


def latinized(text: str) -> Iterator[Piece]:
    """Look-alike letters, in words whose other letters are Latin, as Latin letters."""
    if text.isascii() or not _any_lookalike(text):
        return
    for word in _word(text):
        written = word[0]
        if written.isascii() or not _latin(written) or _foreign(written):
            continue
        for letter in _lookalike(written):
            at = word.start() + letter.start()
            yield Piece(at, at + 1, _LOOKALIKES[letter[0]])
