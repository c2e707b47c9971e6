"""Places by name and by the words that lead to one, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    a_thing,
    given_names,
    ordinary,
    organizations,
    places,
    surnames,
    word_list,
)
from privacy_service.detection.phrases import Mentions
from privacy_service.detection.words import folded, folded_case_kept

_CAPITAL: Final = re.compile(
    r"(?<![\w@./\\-])['’]?[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ][\w.'’\-]*(?:[ ](?:de|del|da|do|dos|das|di|la|le"
    r"|les|am|an|der|den|of|and|the|sur|en|y)(?=[ ][A-ZÀ-Þ])|[ ](?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ&]"
    r"[\w.'’\-]*))*"
)
_AFTER_LEAD: Final = re.compile(
    r"[ ]{1,2}(?P<value>[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ][\w'’\-]{1,30}"
    r"(?:[ -](?:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŽ][\w'’\-]{1,30}"
    r"|(?:am|an|der|de|del|la|do|da)(?=[ ][A-ZÀ-Þ]))){0,3})"
)
_SHORTEST: Final = 4
_LETTERS: Final = re.compile(r"[^\W_]+")
_LEAD_WORDS: Final = word_list("place_leads")
_BEFORE: Final = re.compile(r"([^\W\d_]+)[ ]$")


def find_places(text: str, opened: Mentions) -> Iterator[Candidate]:
    """Places after words that lead to one, and those by name that are little else."""
    for mention in opened.of("place"):
        found = _AFTER_LEAD.match(text, mention.end)
        if found is not None and not _ordinary(found["value"]):
            value = _up_to_a_word(found["value"].rstrip("'’-"))
            yield _place(found.start("value"), len(value), _lead_score(value), "lead")
    for mention in opened.of("perhaps_place"):
        found = _AFTER_LEAD.match(text, mention.end)
        if found is not None and _may_be_a_town(found["value"]):
            yield _place(found.start("value"), len(found["value"].rstrip("'’-")), 0.45, "lead")
    yield from listed_places(text)


def _up_to_a_word(value: str) -> str:
    """In capitals throughout, what follows the name of a place looks like part of it."""
    if not value.isupper():
        return value
    for found in re.finditer(r" (\S+)", value):
        if ordinary(folded(found[1])):
            return value[: found.start()]
    return value


def _may_be_a_town(value: str) -> bool:
    """No abbreviation, no word, and nobody's name."""
    first = folded(value.split(maxsplit=1)[0])
    known = ordinary(first) or first in given_names()[0] or first in surnames()
    return len(first) >= _SHORTEST and not known and not value.split(maxsplit=1)[0].isupper()


def listed_places(text: str) -> Iterator[Candidate]:
    """Places of the list."""
    for found in _CAPITAL.finditer(text):
        yield from _named(text, found)


def _lead_score(value: str) -> float:
    """A given name after "near" or "visited" may be a person's."""
    first = folded(value.split(maxsplit=1)[0])
    return 0.45 if first in given_names()[0] else 0.65


def _named(text: str, found: re.Match[str]) -> Iterator[Candidate]:
    """The longest names of places in one run of capitalized words."""
    sure, doubtful = places()
    parts = [(m.start(), m.end()) for m in re.finditer(r"\S+", found.group())]
    index = 0
    while index < len(parts):
        if _first_letters(found.group()[slice(*parts[index])]) not in _beginnings():
            index += 1
            continue
        for end in range(min(len(parts), index + 5), index, -1):
            start, stop = parts[index][0], parts[end - 1][1]
            value = (
                found.group()[start:stop].rstrip(".'’,-")
                if end == len(parts)
                else found.group()[start:stop]
            )
            plain = folded_case_kept(value).lower()
            at = found.start() + start
            if plain in sure and not _in_a_name(found.group(), parts, index):
                yield _place(at, len(value), 0.6, "listed")
            elif plain in doubtful and _led_to(text, at):
                yield _place(at, len(value), 0.45, "listed")
            else:
                continue
            index = end - 1
            break
        index += 1


@cache
def _beginnings() -> frozenset[str]:
    """What names of places begin with: no other word need be looked up with those after it."""
    return frozenset(_first_letters(name) for names in places() for name in names)


def _first_letters(name: str) -> str:
    """The first word of a name, folded, as far as it is one of letters and digits."""
    found = _LETTERS.search(folded_case_kept(name).lower())
    return found.group() if found else ""


def _in_a_name(run: str, parts: list[tuple[int, int]], index: int) -> bool:
    """Whether a given name stands before it: `Jack London`."""
    before = folded(run[slice(*parts[index - 1])]) if index else ""
    return before in given_names()[0]


def _led_to(text: str, at: int) -> bool:
    before = _BEFORE.search(text[max(0, at - 20) : at])
    return before is not None and folded(before[1]) in _LEAD_WORDS


def _ordinary(value: str) -> bool:
    """Whether it begins with a word; a name of a place that is one too must be all of it."""
    word = folded(value.split(maxsplit=1)[0].strip("."))
    if folded_case_kept(value).lower() in places()[0] | places()[1]:
        return False
    return ordinary(word) or word in organizations() or a_thing(word)


def _place(start: int, length: int, score: float, how: str) -> Candidate:
    return Candidate("LOCATION", start, start + length, score, f"place:{how}", how)
