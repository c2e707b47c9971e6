"""What the recognizers see of one passage: its text, what it speaks of, and what its path says."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from privacy_service.detection.candidates import NOTHING
from privacy_service.detection.fields import NEUTRAL, FieldTable, Sense
from privacy_service.detection.marks import Mark, marks
from privacy_service.detection.phrases import Lexicon, Mention, Mentions
from privacy_service.detection.tables import Tables, read_tables
from privacy_service.detection.words import Words, name_words, words
from privacy_service.enforcement.findings import Passage, Place

_DIGITS: Final = re.compile(r"\d")
_BLANK: Final = re.compile(r"\s")
_BOUND: Final = 5
"""Code points between a label and the value that it names: a colon, a blank, a number sign."""

_MOST: Final = 24
"""More digits than any rule asks for need not be counted."""


_ENDS: Final = ",.;:!?)]}\"'"
"""What may follow a word without a blank, and ends the number that it is of: `AB 12 34 56 C, or`.
"""

_TOKEN: Final = re.compile(r"\S+")
_SHORT_WORD: Final = 4
"""Letters of a word that may stand among the groups of a number: `GB82 WEST 1234`."""


@dataclass(frozen=True, slots=True)
class Run:
    """Code points `start` to `end`, with so many digits."""

    start: int
    end: int
    digits: int


class Sight:
    """One passage, looked at. What is costly is worked out once, when it is first asked for.

    `digits` counts the digits, up to more than any rule needs. `one_word` says that the text has
    no blank, `a_word` that it is letters and nothing else.
    """

    __slots__ = (
        "_fences", "_lexicon", "_marks", "_mentions", "_path_topics", "_runs", "_tables",
        "_vocabulary", "_words", "a_word", "digits", "one_word", "passage", "table", "text",
    )  # fmt: skip

    def __init__(self, passage: Passage, lexicon: Lexicon, table: FieldTable) -> None:
        self.passage = passage
        self.text = passage.text
        self.table = table
        self.a_word = passage.text.isalpha()
        self.digits = 0 if self.a_word else _counted(passage.text)
        self.one_word = self.a_word or _BLANK.search(passage.text) is None
        self._lexicon = lexicon
        self._mentions: Mentions | None = None
        self._path_topics: dict[str, str] | None = None
        self._words: Words | None = None
        self._vocabulary: frozenset[str] | None = None
        self._runs: list[Run] | None = None
        self._marks: list[Mark] | None = None
        self._fences: list[int] | None = None
        self._tables: Tables | None = None

    @property
    def words(self) -> Words:
        """The words and numbers of the text."""
        if self._words is None:
            self._words = words(self.text)
        return self._words

    @property
    def vocabulary(self) -> frozenset[str]:
        """The words of the text, each once."""
        if self._vocabulary is None:
            self._vocabulary = frozenset(word for _start, _end, word in self.words)
        return self._vocabulary

    @property
    def marks(self) -> list[Mark]:
        """The marks of the text that bind labels to values."""
        if self._marks is None:
            self._marks = marks(self.text)
        return self._marks

    @property
    def tables(self) -> Tables:
        """The tables of the text."""
        if self._tables is None:
            self._tables = read_tables(self.text, self.table)
        return self._tables

    @property
    def runs(self) -> list[Run]:
        """The stretches of the text in which a number can stand."""
        if self._runs is None:
            self._runs = list(_number_runs(self.text)) if self.digits else []
        return self._runs

    @property
    def has_digit(self) -> bool:
        """Whether the text has a digit."""
        return self.digits > 0

    @property
    def mentions(self) -> Mentions:
        """The telling phrases of the text itself."""
        if self._mentions is None:
            self._mentions = self._lexicon.read(self.text, self.words)
        return self._mentions

    @property
    def path_topics(self) -> dict[str, str]:
        """The topics that the names on the path speak of, with the phrase that does."""
        if self._path_topics is None:
            names = self.passage.path
            if self.passage.named is not None:
                names = (*names, self.passage.named)
            self._path_topics = self._lexicon.of_path(names)
        return self._path_topics

    @property
    def sense(self) -> Sense | None:
        """What the field's name says of the value, or what names it elsewhere; None for a key."""
        passage = self.passage
        if passage.place is Place.KEY:
            return None
        told = None if passage.named is None else self.table.of_name(passage.named)
        return told or self.table.of_path(passage.path)

    @property
    def topics(self) -> set[str]:
        """Every topic that the text or the path speaks of."""
        return self.mentions.topics() | self.path_topics.keys()

    def told(self, topics: frozenset[str], start: int, end: int) -> tuple[int, str] | None:
        """The phrase that speaks of `topics` nearest to the value, and how far away it is."""
        near = self.mentions.nearest(topics, start, end)
        if near is not None and not (
            self._fenced(near[1], start) or self._named_otherwise(near[1], start)
        ):
            return near[0], near[1].phrase
        for topic in topics & self.path_topics.keys():
            return 0, self.path_topics[topic]
        return None

    def _fenced(self, told: Mention, start: int) -> bool:
        """Whether a telling label stands between the phrase and the value: each speaks for its own.

        `SSN, as given: 536904399` has a label that tells nothing, and the phrase before it counts.
        """
        if self._fences is None:
            self._fences = sorted({mark.label_start for mark in self.marks if self._tells(mark)})
        if not self._fences:
            return False
        ours = bisect_right(self._fences, start)
        first = self._fences[ours - 1] if ours else 0
        last = self._fences[ours] if ours < len(self._fences) else len(self.text)
        return not first <= told.start < last

    def _tells(self, mark: Mark) -> bool:
        """Whether a label says what its value is: a field that is known, or a member of any name
        but `value` and the like.
        """
        return self.table.of_name(mark.label) is not None or (
            mark.member and not NEUTRAL.issuperset(name_words(mark.label))
        )

    def _named_otherwise(self, told: Mention, start: int) -> bool:
        """Whether a nearer label says that the value is nobody's: `phone … order 5442508`."""
        said = self.mentions.nearest(_NOTHING, start, start)
        if said is None or said[1].end > start:
            return False
        nearer = told.start >= start or said[1].start >= told.end
        return start - said[1].end <= _BOUND and nearer


_NOTHING: Final = frozenset({NOTHING})


def _counted(text: str) -> int:
    """The digits of `text`, counted no further than `_MOST`."""
    if len(text) < 400:
        return len(_DIGITS.findall(text))
    count = 0
    for _ in _DIGITS.finditer(text):
        count += 1
        if count > _MOST:
            break
    return count


def _number_runs(text: str) -> Iterator[Run]:
    """Neighbouring words with digits, with short words of letters among and beside them."""
    start = end = digits = 0
    for token in _TOKEN.finditer(text):
        first, last = token.span()
        value = token.group()
        if len(value) > _SHORT_WORD and value.isalpha():  # most words
            if digits:
                yield Run(start, end, digits)
            digits = end = 0
            continue
        count = len(_DIGITS.findall(value))
        bare = value if count else value.rstrip(_ENDS)
        short = not count and len(bare) <= _SHORT_WORD and bare.isalpha()
        last = first + len(bare)
        beside = end and first - end == 1
        if not (count or short) or not beside:
            if digits:
                yield Run(start, end, digits)
            start, digits = first, 0
        if count or short:
            if not beside or not (digits or count):
                start = first
            end, digits = last, digits + count
        else:
            end = 0
    if digits:
        yield Run(start, end, digits)
