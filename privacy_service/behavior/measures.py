"""What of a text can be counted. Words and sentences by Unicode letters, so in any language that
parts its words.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？]+[\"'»”’)\]]*(?=\s|$)|\n\s*\n")
_ITEM: Final = re.compile(r"^\s{0,8}(?:[-*+•]|\d{1,3}[.)])\s+\S", re.MULTILINE)
_LONG: Final = 7
"""LIX counts words of more than six letters as long."""


class Measures:
    """Counts of one text, each worked out when it is asked for. `lix` of no words is 0."""

    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def characters(self) -> int:
        """Code points."""
        return len(self._text)

    @cached_property
    def words(self) -> int:
        """Words."""
        return sum(1 for _word in _WORD.finditer(self._text))

    @cached_property
    def sentences(self) -> int:
        """Sentences, by the marks that end them."""
        return sum(1 for part in _SENTENCE_END.split(self._text) if _WORD.search(part))

    @cached_property
    def items(self) -> int:
        """Items of lists."""
        return len(_ITEM.findall(self._text))

    @cached_property
    def lix(self) -> float:
        """Words for each sentence, and the share of long words in percent."""
        if not self.words or not self.sentences:
            return 0.0
        long = sum(map(_is_long, _WORD.findall(self._text)))
        return self.words / self.sentences + 100 * long / self.words


def _is_long(word: str) -> bool:
    return len(word) >= _LONG and (word.isalpha() or sum(map(str.isalpha, word)) >= _LONG)


def words_of(text: str) -> list[str]:
    """The words of a text in order, case-folded."""
    return [word.casefold() for word in _WORD.findall(text)]


def placed_words(text: str) -> list[tuple[str, int, int]]:
    """Each word, case-folded, with where it starts and ends."""
    return [(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]
