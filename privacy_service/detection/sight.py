"""What the recognizers see of one passage: its text, what it speaks of, and what its path says."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from privacy_service.detection.candidates import NOTHING
from privacy_service.detection.fields import FieldTable, Sense
from privacy_service.detection.phrases import Lexicon, Mention, Mentions
from privacy_service.detection.words import name_words
from privacy_service.enforcement.findings import Passage, Place

_DIGIT: Final = re.compile(r"\d")
_BOUND: Final = 5
"""Code points between a label and the value that it names: a colon, a blank, a number sign."""


class Sight:
    """One passage, looked at. What is costly is worked out once, when it is first asked for."""

    def __init__(self, passage: Passage, lexicon: Lexicon, table: FieldTable) -> None:
        self.passage = passage
        self.text = passage.text
        self.has_digit = _DIGIT.search(passage.text) is not None
        self._lexicon = lexicon
        self.table = table

    @cached_property
    def mentions(self) -> Mentions:
        """The telling phrases of the text itself."""
        return self._lexicon.read(self.text)

    @cached_property
    def path_topics(self) -> dict[str, str]:
        """The topics that the names on the path speak of, with the phrase that does."""
        names = [step for step in self.passage.path if isinstance(step, str)][-2:]
        return self._lexicon.topics([word for name in names for word in name_words(name)])

    @cached_property
    def sense(self) -> Sense | None:
        """What the field's name says of the value; None for a key."""
        if self.passage.place is Place.KEY:
            return None
        return self.table.of_path(self.passage.path)

    @property
    def topics(self) -> set[str]:
        """Every topic that the text or the path speaks of."""
        return self.mentions.topics() | self.path_topics.keys()

    def told(self, topics: frozenset[str], start: int, end: int) -> tuple[int, str] | None:
        """The phrase that speaks of `topics` nearest to the value, and how far away it is."""
        near = self.mentions.nearest(topics, start, end)
        if near is not None and not self._named_otherwise(near[1], start):
            return near[0], near[1].phrase
        for topic in topics & self.path_topics.keys():
            return 0, self.path_topics[topic]
        return None

    def _named_otherwise(self, told: Mention, start: int) -> bool:
        """Whether a nearer label says that the value is nobody's: `phone … order 5442508`."""
        said = self.mentions.nearest(frozenset({NOTHING}), start, start)
        if said is None or said[1].end > start:
            return False
        nearer = told.start >= start or said[1].start >= told.end
        return start - said[1].end <= _BOUND and nearer
