"""Names of people by the words before them: titles, greetings, introductions, sign-offs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    a_thing,
    given_names,
    groups,
    ordinary,
    places,
    word_list,
)
from privacy_service.detection.namelike import FULL_NAME, PARTICLE, PARTICLES
from privacy_service.detection.phrases import Mentions
from privacy_service.detection.words import folded

_AFTER_TITLE: Final = re.compile(
    r"\.?[ ](?:(?:Dr|Prof|med|jur|dent|hab|h\.c|Ing|Mr|Mrs|Frau|Herr)\.?[ ]?){0,3}"
    rf"(?P<value>(?:{PARTICLE}[ ]){{0,2}}{FULL_NAME})"
)
_AFTER_GREETING: Final = re.compile(
    r"(?:[ ](?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Monsieur|Madame|Señor|Señora|Sr|Sra|Signor|Signora|Sig|"
    r"Dott|heer|mevrouw|Senhor|Senhora|Pan|Pani|Panie|again|there|my)\.?)?"
    rf"[ ,]{{1,2}}(?P<value>{FULL_NAME})(?=[ ]?[,.!?:;\n–—-]|$| and | und | et | y | e )"
)
_AFTER_SIGN_OFF: Final = re.compile(
    rf"[,.!]{{0,2}}[ \t]{{0,4}}(?:\n[ \t]{{0,4}}){{0,3}}(?P<value>{FULL_NAME})[ \t]{{0,4}}"
    rf"(?=\n|$|[,|]|\.?\s*$)"
)
_AFTER_INTRODUCTION: Final = re.compile(
    r"(?P<verb>[ ]is|[ ]ist|['’]s)?[ ,:]{1,3}(?P<value>[^\W\d_][^\W\d_'’\-]*(?:[ ][^\W\d_]"
    r"[^\W\d_'’\-]*\.?){0,3})"
)
_AFTER_PERHAPS: Final = re.compile(
    rf"[ ,:(]{{1,3}}(?:Mr\.? |Mrs\.? |Ms\.? |Dr\.? )?(?P<value>{FULL_NAME})"
)
_BEGINS: Final = re.compile(r"(?:^|[\n.!?>:\"“'*¿¡][ \t]{0,4})$")
_WORDS: Final = re.compile(r"\S+")
_SAYS: Final = word_list("says")
"""How an introduction ends that a name in lower case may follow."""

_ABBREVIATION: Final = 3
"""Letters of a word behind which a full stop need not end a sentence."""

_ACRONYM: Final = 5
"""Capitals that are more likely an abbreviation than a name that is shouted."""

_LONGEST: Final = 40
"""Code points of the longest name in lower case."""


def find_names(text: str, opened: Mentions) -> Iterator[Candidate]:
    """Names after the words of `opened`."""
    for mention in opened.of("title"):
        yield from _capitalized(text, _AFTER_TITLE, mention.end, 0.85, "title")
    for mention in opened.of("introduced"):
        yield from _introduced(text, mention.end, mention.phrase.rsplit(" ", 1)[-1] in _SAYS)
    for mention in (*opened.of("perhaps"), *opened.of("role")):
        yield from _perhaps(text, mention.end)
    for mention in opened.of("greeting"):
        if _begins(text, mention.start):
            yield from _capitalized(text, _AFTER_GREETING, mention.end, 0.75, "greeting")
    for mention in opened.of("sign_off"):
        if _begins(text, mention.start):
            yield from _capitalized(text, _AFTER_SIGN_OFF, mention.end, 0.7, "sign_off")


def _begins(text: str, start: int) -> bool:
    """Whether a line or a sentence begins there."""
    return _BEGINS.search(text[max(0, start - 6) : start]) is not None


def _capitalized(
    text: str, pattern: re.Pattern[str], at: int, score: float, how: str
) -> Iterator[Candidate]:
    found = pattern.match(text, at)
    if found is not None:
        yield from trimmed(text, *found.span("value"), score, how)


def _introduced(text: str, at: int, says: bool) -> Iterator[Candidate]:  # noqa: FBT001
    """In lower case only after a verb or a colon: `my name appears twice` names nobody."""
    found = _AFTER_INTRODUCTION.match(text, at)
    if found is None:
        return
    start, end = found.span("value")
    if found["value"][0].isupper():
        yield from trimmed(text, start, end, 0.85, "introduction")
    elif says or found["verb"] or text[at : at + 2].strip().startswith(":"):
        yield from _lower_case(text, start, end)


def _perhaps(text: str, at: int) -> Iterator[Candidate]:
    """After words that lead to other things too: not a place, and not `SSN`."""
    found = _AFTER_PERHAPS.match(text, at)
    if found is None or (found["value"].isupper() and len(found["value"]) <= _ACRONYM):
        return
    first = folded(found["value"].split(" ", 1)[0])
    if folded(found["value"]) not in places()[0] and not a_thing(first) and first not in groups():
        yield from trimmed(text, *found.span("value"), 0.5, "introduction")


def _lower_case(text: str, start: int, end: int) -> Iterator[Candidate]:
    """`my name is maria gonzales and …`: the words up to the first that is no name."""
    stop = start
    for found in _WORDS.finditer(text, start, end):
        word = folded(found.group().strip(".,!?"))
        if ordinary(word) or len(word) < 2 or found.end() - start > _LONGEST:
            break
        stop = found.end()
    if stop > start:
        yield Candidate("PERSON", start, stop, 0.7, "name:introduction", "introduced")


def trimmed(text: str, start: int, end: int, score: float, how: str) -> Iterator[Candidate]:
    """The run of capitals up to the first word that is no name."""
    kept_end = start
    for found in _WORDS.finditer(text, start, end):
        word = folded(found.group().strip(".,"))
        inside = found.start() > start and (word in PARTICLES or len(word) == 1)
        if not inside and (_no_name(word) or found.group()[0].islower()):
            break
        if word not in PARTICLES or len(word) == 1:
            kept_end = found.end()
        if found.group().endswith(".") and len(word) > _ABBREVIATION:
            break
    value = text[start:kept_end]
    if len(value.rsplit(" ", 1)[-1]) > 2:
        value = value.rstrip(".,")
    if len(value.strip(".")) > 1:
        yield Candidate("PERSON", start, start + len(value), score, f"name:{how}", how)


def _no_name(word: str) -> bool:
    return ordinary(word) and word not in given_names()[0]
