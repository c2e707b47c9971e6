"""Names by their capitals, in languages that write no other nouns so: a reader without a model.

In French, Spanish, Italian, Dutch, Portuguese and Polish a word with a capital that begins no
sentence is nearly always the name of somebody, of a place or of an organization. Evidence for the
jury, which weighs it beside what a model says; never a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    a_thing,
    ordinary,
    organizations,
    places,
    word_list,
    world_names,
)
from privacy_service.detection.namelike import FULL_NAME, PARTICLES
from privacy_service.detection.words import folded, folded_case_kept

LANGUAGES: Final = frozenset({"fr", "es", "it", "nl", "pt", "pl"})
_MANY: Final = 0.7
"""So large a share of words with capitals makes them say nothing: headings, lists, forms."""

_RUN: Final = re.compile(rf"(?<![\w@./\\#&-]){FULL_NAME}(?![\w@\\/])")
_BEGINS: Final = re.compile(r"(?:^|[.!?…:;\n\t>\"“”«»|¿¡([•*-])[ ]{0,3}$")
_BEFORE: Final = re.compile(r"([^\W\d_]+)[ ]$")
_BACK: Final = 24
_READ: Final = 2_000
_CAPITAL: Final = re.compile(r"(?<![^\W_])[^\W\d_a-zà-ÿ][^\W\d_]*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_LEADS: Final = word_list("place_prepositions")
_WITH: Final = frozenset(["z", "ze"])
"""Polish for both "from" and "with": only the ending of what follows tells which."""

_OF_BOTH: Final = frozenset(["a", "al", "da", "dal", "de", "di", "van"])
"""Before people as well as before places."""

_RATHER_PLACES: Final = frozenset(["à", "da"])
_INSTRUMENTAL: Final = ("ą", "em", "im", "ym")


def find_capitals(text: str) -> list[Candidate]:
    """Runs of words with capitals, each as a person or, after a word that leads to one, a place."""
    start = text[:_READ]
    if text.isupper() or len(_CAPITAL.findall(start)) > _MANY * len(_WORD.findall(start)):
        return []
    return list(_runs(text))


def _runs(text: str) -> Iterator[Candidate]:
    for found in _RUN.finditer(text):
        start, end = found.span()
        before = text[max(0, start - _BACK) : start]
        if _BEGINS.search(before):
            start = _after_the_first(text, start, end)
        words = [folded(word) for word in _WORD.findall(text, start, end)]
        if not words or any(map(_no_name, words)) or text[start:end].isupper():
            continue
        entity = "LOCATION" if _leads_to_a_place(before, text[start:end]) else "PERSON"
        yield Candidate(entity, start, end, 1.0, "model:capitals")


def _after_the_first(text: str, start: int, end: int) -> int:
    """Where a run at the beginning of a sentence may be believed from: every sentence begins with a
    capital, so that its first word must be known as a name.
    """
    first = _WORD.match(text, start, end)
    assert first is not None
    plain = folded(first.group())
    if any(plain in known for known in world_names()):
        return start
    return min(end, first.end() + 1)


def _no_name(word: str) -> bool:
    if len(word) == 1 or word in PARTICLES:
        return False
    return ordinary(word) or word in organizations() or a_thing(word)


def _leads_to_a_place(before: str, name: str) -> bool:
    found = _BEFORE.search(before)
    word = folded(found[1]) if found else ""
    if word in _WITH:
        return not name.endswith(_INSTRUMENTAL)
    if word in _OF_BOTH:
        return folded_case_kept(name).lower() in places()[0] | places()[1] or (
            found is not None and found[1] in _RATHER_PLACES and not _a_name(name)
        )
    return word in _LEADS or folded_case_kept(name).lower() in places()[0]


def _a_name(name: str) -> bool:
    return any(folded(word) in known for word in _WORD.findall(name) for known in world_names())
