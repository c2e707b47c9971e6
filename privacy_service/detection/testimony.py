"""What speaks for a word being a name, and against it: how it is written, what the lists say of it,
and what stands beside it. Evidence by name; `jury_weights` says what each piece weighs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from privacy_service.detection.gazetteer import (
    a_thing,
    common_words,
    english_words,
    given_names,
    groups,
    organizations,
    place_leads,
    places,
    stop_words,
    surnames,
    world_names,
)
from privacy_service.detection.namelike import PARTICLES, joined_names, scrambled
from privacy_service.detection.openings import words_before
from privacy_service.detection.street_words import STREET_WORD
from privacy_service.detection.words import folded

_BACK: Final = 24
"""Code points before a word in which the word before it is looked for."""

_LETTERED: Final = re.compile(r"[^\W\d_]{3,}")
_CAPITALIZED: Final = re.compile(r"\s[^\W\d_a-z][a-z]")
_PREVIOUS: Final = re.compile(r"([^\W\d_]+)\.?[ ]$")
_FOLLOWING: Final = re.compile(r"(?:[ ][A-ZÀ-Þ][^\W\d_]*){1,3}")
_INITIAL: Final = re.compile(r"(?:^|[.!?\n:>\"“”])[ ]{0,2}[\"“(]?$")
_CONTRACTION: Final = re.compile(r"[ ]?['’][ ]?t\b")
"""`Don ' t`, where a set parts it so."""


class Testimony:
    """What is to be said of the words of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._shouted = _shouted(text)
        self._capitals = _CAPITALIZED.search(text) is not None
        self._among_things: bool | None = None

    def of(self, word: str, start: int, before: str) -> Sequence[str]:
        """What the lists and its neighbours say of a word, whatever kind it is thought to be."""
        plain = folded(word)
        said = [*self._written(word, plain), *_listed(word, plain, before)]
        if a_thing(plain):
            said += self._of_a_thing(plain)
        if scrambled(word) and not (joined_names(word) and self._after_at(start)):
            said.append("scrambled")
        beside = [*self._beside(start, start + len(word))]
        if "alone" in beside and "common" in said:
            said.append("common_alone")
        return (*said, *beside)

    def _of_a_thing(self, plain: str) -> Iterator[str]:
        """A thing that shares its name with people is told by the other things of the text."""
        if not _a_name(plain):
            yield "thing"
            return
        yield "named_thing"
        if self._among_things is None:
            words = map(folded, _LETTERED.findall(self._text))
            self._among_things = any(a_thing(word) and not _a_name(word) for word in words)
        if self._among_things:
            yield "among_things"

    def _written(self, word: str, plain: str) -> Iterator[str]:
        """How it is written."""
        if word.isdigit() or plain in PARTICLES:
            yield "capital"
        elif word[0].isupper():
            plainly = self._shouted or not word.isupper() or len(word) == 1
            yield "capital" if plainly else "upper"
        elif self._capitals:
            yield "small"

    def _beside(self, start: int, end: int) -> Iterator[str]:
        """What stands before and behind it."""
        lead = self._text[max(0, start - _BACK) : start]
        previous = _PREVIOUS.search(lead)
        word = folded(previous[1]) if previous else ""
        if word in words_before("title", "perhaps", "role"):
            yield "role"
        if word in place_leads():
            yield "lead"
        if _INITIAL.search(lead):
            yield "initial"
        if lead.rstrip(" ").endswith("@"):
            yield "handle"
        following = _FOLLOWING.match(self._text, end)
        if following and any(folded(one) in organizations() for one in following[0].split()):
            yield "organization"
        elif following is None and not (previous and previous[1][0].isupper()):
            yield "alone"
        if _CONTRACTION.match(self._text, end):
            yield "contraction"

    def _after_at(self, start: int) -> bool:
        """Whether an at sign stands before it, as before a handle made of names."""
        return self._text[max(0, start - 2) : start].strip()[-1:] == "@"


def _listed(word: str, plain: str, before: str) -> Iterator[str]:
    """What the lists say of it."""
    given, ambiguous = given_names()
    wide_given, wide_family = world_names()
    named = word[0].isupper() and before in given and before not in ambiguous
    if plain in given or named:
        yield "given"
    elif plain in wide_given or (word[0].isupper() and before in wide_given):
        yield "wide_given"
    if plain in surnames():
        yield "surname"
    elif plain in wide_family:
        yield "wide_surname"
    if any(plain in known for known in places()):
        yield "place"
    if (plain in common_words() or plain in stop_words()) and not STREET_WORD.fullmatch(word):
        yield "common"
    elif plain in english_words():
        yield "word"
    if plain in groups():
        yield "group"
    if plain in organizations():
        yield "institution"
    if plain in words_before("greeting", "sign_off"):
        yield "polite"


def _a_name(word: str) -> bool:
    return any(word in known for known in world_names())


def _shouted(text: str) -> bool:
    """Whether the text is written in capitals, so that capitals say nothing of a word."""
    start = text[:400]
    return sum(map(str.isupper, start)) > 0.7 * sum(map(str.isalpha, start))
