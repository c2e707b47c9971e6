"""People by what they are called on social networks: `@jane_doe`, `RT @ jdoe :`, `#JaneDoe`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    census_names,
    common_words,
    english_words,
    given_names,
    places,
    stop_words,
    word_list,
)
from privacy_service.detection.words import folded

_HANDLE: Final = re.compile(
    r"(?<![\w@/.\\])@ ?(?P<value>(?:_ ?)*[A-Za-z]\w{1,30}(?: _(?: \w+)?)*)(?![\w@/(]|\.\w)"
)
_TAG: Final = re.compile(r"(?<![\w#&/])# ?(?P<value>[^\W\d_]{4,40})(?![\w#])")
_LEADS: Final = re.compile(
    r"(?:^|[\n.!?:…\"“(|]|(?<!\w)(?:RT|MT|HT|via|by|cc|from|with|and|@ ?\w+))\s{0,2}\.?$"
)
"""What stands before a handle that is parted from its at sign: `lunch @ home` is none."""

_AT_WORK: Final = re.compile(r"(?<!\w)(?:RT|MT|HT|via|cc)\s{0,2}$")
"""Behind these whatever stands behind an at sign is a handle."""

_BACK: Final = 12
_PART: Final = re.compile(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+(?![^\W\dA-Z_])")
_ANNOTATIONS: Final = frozenset(map(str.lower, word_list("annotations")))
_LEAST: Final = 3
"""Letters of a part of a name that says something."""

_NAMED: Final = 0.6
_HANDLED: Final = 0.45


def find_handles(text: str) -> Iterator[Candidate]:
    """Handles, which are somebody's name where they are made of names; and tags that name somebody
    or a place.
    """
    if "@" in text:
        for found in _HANDLE.finditer(text):
            yield from _handle(text, found)
    if "#" in text:
        for found in _TAG.finditer(text):
            yield from _tag(found)


def made_of_names(word: str) -> bool:
    """Whether a word is a given name and more, written as one: `NicholasPegg`, `jaketapper`."""
    parts = [folded(part) for part in _PART.findall(word)]
    parts = [part for part in parts if len(part) >= _LEAST]
    if len(parts) == 1:
        return _two_in_one(parts[0])
    return any(map(_a_given_name, parts))


def _handle(text: str, found: re.Match[str]) -> Iterator[Candidate]:
    value = found["value"]
    if made_of_names(value):
        yield Candidate("PERSON", *found.span("value"), _NAMED, "name:handle", "given name")
        return
    before = text[max(0, found.start() - _BACK) : found.start()]
    ordinary = _ordinary(folded(value)) and _AT_WORK.search(before) is None
    if ordinary or len(value) <= _LEAST or value.lower() in _ANNOTATIONS:
        return
    if _LEADS.search(before) and _goes_on(text, found.end()):
        yield Candidate("USERNAME", *found.span("value"), _HANDLED, "name:handle", "form")


def _goes_on(text: str, end: int) -> bool:
    """Whether something stands behind it on its line: an annotation of code stands alone."""
    return end < len(text) and text[end] != "\n"


def _tag(found: re.Match[str]) -> Iterator[Candidate]:
    parts = _PART.findall(found["value"])
    sure = places()[0]
    spelt = " ".join(folded(part) for part in parts)
    if spelt in sure:
        yield Candidate("LOCATION", *found.span("value"), _NAMED, "place:tag", "listed")
    elif _full_name([folded(part) for part in parts]):
        yield Candidate("PERSON", *found.span("value"), _NAMED, "name:tag", "given name")


def _full_name(parts: list[str]) -> bool:
    """A given name and a family name that is no word; or both in one."""
    if len(parts) == 1:
        return _two_in_one(parts[0], listed=True)
    names = census_names()[1]
    return _a_given_name(parts[0]) and any(part in names for part in parts[1:])


def _two_in_one(word: str, *, listed: bool = False) -> bool:
    """A given name and what follows it in one word: a listed family name, or, where that is
    enough, a string that is no word.
    """
    if _ordinary(word) or word in census_names()[0]:
        return False
    surnames = census_names()[1]
    for at in range(2, len(word) - _LEAST):
        first, last = word[:at], word[at:]
        if first in given_names()[0] and last in surnames:
            return True
        if not listed and at > _LEAST and _a_given_name(first) and not _ordinary(last):
            return True
    return False


def _a_given_name(word: str) -> bool:
    given, ambiguous = given_names()
    known = word in given or word in census_names()[0]
    return known and word not in ambiguous and word not in places()[0] and not _ordinary(word)


def _ordinary(word: str) -> bool:
    return word in common_words() or word in english_words() or word in stop_words()
