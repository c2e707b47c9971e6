"""Telling phrases in running text: which topics are spoken of, and where.

A topic is an entity's name, or a rule's. One pass over the words finds every phrase of the lexicon,
so that each rule's context costs a look-up and not a search.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from privacy_service.detection.gazetteer import common_words, stop_words, word_list
from privacy_service.detection.words import Words, folded, name_words
from privacy_service.payloads.document import Path

BEFORE: Final = 48
"""Code points before a value in which a telling phrase speaks for it."""

_KEEP: Final = 4_096
"""Paths whose topics are remembered."""

_AFTERTHOUGHT: Final = 100
"""What a phrase after the value counts as farther away than one before it."""

_SHORT: Final = 3
_SAY_NOTHING: Final = word_list("neutral")

AFTER: Final = 24
"""Code points after a value in which a telling phrase speaks for it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase of the lexicon, found at `start` to `end`."""

    start: int
    end: int
    phrase: str


class Mentions:
    """What one text speaks of: for each topic its mentions, in order."""

    __slots__ = ("_by_topic",)

    def __init__(self, by_topic: dict[str, list[Mention]]) -> None:
        self._by_topic = by_topic

    def __contains__(self, topic: str) -> bool:
        return topic in self._by_topic

    def topics(self) -> set[str]:
        """Every topic that is spoken of."""
        return set(self._by_topic)

    def of(self, topic: str) -> list[Mention]:
        """The mentions of one topic, in order."""
        return self._by_topic.get(topic, [])

    def nearest(self, topics: frozenset[str], start: int, end: int) -> tuple[int, Mention] | None:
        """The mention of one of `topics` nearest to the value at `start` to `end`, and how far.

        A phrase before a value counts as nearer than one after it at the same distance.
        """
        best: tuple[int, Mention] | None = None
        for topic in topics & self._by_topic.keys():
            for distance, mention in self._around(topic, start, end):
                if best is None or distance < best[0]:
                    best = (distance, mention)
        return best

    def _around(self, topic: str, start: int, end: int) -> Iterable[tuple[int, Mention]]:
        mentions = self._by_topic[topic]
        at = bisect_left(mentions, start, key=lambda mention: mention.start)
        if at and start - mentions[at - 1].end <= BEFORE:
            yield max(0, start - mentions[at - 1].end), mentions[at - 1]
        while at < len(mentions) and mentions[at].start < end:
            at += 1
        if at < len(mentions) and mentions[at].start - end <= AFTER:
            yield mentions[at].start - end + _AFTERTHOUGHT, mentions[at]


class Lexicon:
    """The telling phrases and the topics that each speaks of."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, frozenset[str]]]] = {}
        self._of_names: dict[tuple[str, ...], dict[str, str]] = {}

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, str]]) -> Lexicon:
        """From (phrase, topic) pairs; a phrase may speak of several topics."""
        topics: dict[tuple[str, ...], set[str]] = {}
        for phrase, topic in phrases:
            topics.setdefault(name_words(phrase), set()).add(topic)
        lexicon = cls()
        for parts in sorted(topics, key=len, reverse=True):
            rest = lexicon._by_first.setdefault(parts[0], [])
            rest.append((parts[1:], " ".join(parts), frozenset(topics[parts])))
        return lexicon

    def read(self, text: str, found: Words, *, ordinary: bool = False) -> Mentions:
        """What `text`, whose words are `found`, speaks of. Of phrases that overlap the
        longest speaks: a "license number" is no mere "number".

        `ordinary`: a short phrase counts even where it is a word like any other.
        """
        by_topic: dict[str, list[Mention]] = {}
        spoken = size = 0
        for index, (start, end, word) in enumerate(found):
            if word not in self._by_first:
                continue
            for rest, phrase, topics in self._by_first[word]:
                last = index + len(rest)
                if (
                    (index >= spoken or len(rest) >= size)
                    and _follows(found, index + 1, rest)
                    and (rest or ordinary or _telling(text, start, end))
                ):
                    spoken, size = last + 1, len(rest) + 1
                    mention = Mention(start, found[last][1], phrase)
                    for topic in topics:
                        by_topic.setdefault(topic, []).append(mention)
                    break
        return Mentions(by_topic)

    def of_path(self, path: Path) -> dict[str, str]:
        """The topics that the last two names of a path speak of, with the phrase that does."""
        names = tuple(step for step in path[-3:] if isinstance(step, str))[-2:]
        if not names:
            return {}
        if names not in self._of_names:
            if len(self._of_names) >= _KEEP:
                self._of_names.clear()
            self._of_names[names] = self.topics([w for name in names for w in name_words(name)])
        return self._of_names[names]

    def topics(self, parts: Sequence[str]) -> dict[str, str]:
        """The topics that the words of a field's name speak of, with the phrase that does.

        `text` in a sentence leads to a phone number; as a field's name it says nothing.
        """
        topics: dict[str, str] = {}
        for index, word in enumerate(parts):
            for rest, phrase, about in self._by_first.get(word, ()):
                if (
                    phrase not in _SAY_NOTHING
                    and tuple(parts[index + 1 : index + 1 + len(rest)]) == rest
                ):
                    topics.update(dict.fromkeys(about, phrase))
                    break
        return topics


def _telling(text: str, start: int, end: int) -> bool:
    """Whether a phrase of one word is more than an ordinary word by chance ("sin", "pan").

    A short one that is a word too must stand in capitals or bind a value with a mark.
    """
    if end - start > _SHORT or not _ordinary(folded(text[start:end])):
        return True
    return text[start:end].isupper() or text[end : end + 3].strip()[:1] in (":", "=", "#", ".")


def _ordinary(word: str) -> bool:
    return word in stop_words() or word in common_words()


def _follows(found: Words, at: int, rest: tuple[str, ...]) -> bool:
    """Whether the words of `rest` come next, each within a few characters of the one before."""
    if at + len(rest) > len(found):
        return False
    for offset, word in enumerate(rest):
        if found[at + offset][2] != word or found[at + offset][0] - found[at + offset - 1][1] > 3:
            return False
    return True
