"""What of a text can be counted. Words and sentences by Unicode letters, so in any language that
parts its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？]+[\"'»”’)\]]*(?=\s|$)|\n\s*\n")
_ITEM: Final = re.compile(r"^\s{0,8}(?:[-*+•]|\d{1,3}[.)])\s+\S", re.MULTILINE)
_LONG: Final = 7
"""LIX counts words of more than six letters as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Counts of one text. `lix` is 0 for a text without words."""

    characters: int
    words: int
    sentences: int
    items: int
    lix: float


def measured(text: str) -> Measures:
    """Every count of `text`, in one pass over its words."""
    words = _WORD.findall(text)
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    long = sum(1 for word in words if sum(map(str.isalpha, word)) >= _LONG)
    return Measures(
        characters=len(text),
        words=len(words),
        sentences=sentences,
        items=len(_ITEM.findall(text)),
        lix=len(words) / sentences + 100 * long / len(words) if words and sentences else 0.0,
    )


def words_of(text: str) -> list[str]:
    """The words of a text in order, case-folded."""
    return [word.casefold() for word in _WORD.findall(text)]


def placed_words(text: str) -> list[tuple[str, int, int]]:
    """Each word, case-folded, with where it starts and ends."""
    return [(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]
