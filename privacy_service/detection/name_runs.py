"""Names of people by their own form: given names, "Gonzales, Maria", speakers, e-mail addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    a_thing,
    given_names,
    ordinary,
    places,
    surnames,
    world_names,
)
from privacy_service.detection.namelike import CAPITALIZED, FULL_NAME, INITIAL, PARTICLES
from privacy_service.detection.names import trimmed
from privacy_service.detection.sight import Sight
from privacy_service.detection.words import folded

_REVERSED: Final = re.compile(
    rf"(?<![\w.])(?P<value>(?P<last>{CAPITALIZED}),[ ](?P<first>{CAPITALIZED})"
    rf"(?:[ ]{INITIAL}(?!\w)|[ ]{CAPITALIZED})?)(?!\w)"
)
_BEFORE_MAIL: Final = re.compile(
    rf"(?P<value>{FULL_NAME})[ ]{{0,2}}[<(\[]{{1,2}}(?:mailto:)?[\w.+-]{{1,64}}@"
)
_SPEAKER: Final = re.compile(
    rf"(?:^|\n)[ \t\[]{{0,3}}(?:[\d:,. -]{{4,20}}\]?[ ])?(?P<value>{FULL_NAME})"
    r"(?:[ ]\([^)\n]{1,30}\))?:[ ](?=\S)"
)
_NUMBERED: Final = re.compile(r"(?<!\w)\d{1,5}[A-Za-z]? $")
"""A number before it makes it a street: `4438 James Park`."""

_SPOKEN: Final = re.compile(r"\S+(?: \S+){2}|[^\n]*[.!?…]\s*(?:\n|$)")
"""What somebody says: three words, or a sentence."""

_RUN: Final = re.compile(rf"(?<![\w@./\\-]){FULL_NAME}(?![\w@\\/])")
_WORD: Final = re.compile(r"[^ ]+")
_LOCAL_PART: Final = re.compile(r"(?P<local>[A-Za-z][A-Za-z._\-]{2,40})\d{0,4}@")
_BY_ITSELF: Final = re.compile(r"(?<![\w@.])[^\W\d_]{3,}(?![\w@]|\.\w)")
_PARTS: Final = re.compile(r"[._\-]+")
_LIKELY: Final = 0.65
_SURE: Final = 0.8
_HEADINGS: Final = frozenset(["re", "fw", "fwd", "aw", "wg", "subject"])


def find_name_runs(sight: Sight) -> Iterator[Candidate]:
    """Names of people that no words announce."""
    text = sight.text
    if "," in text:
        yield from _reversed(text)
    if ": " in text:
        yield from _speakers(sight)
    yield from _known(text)
    if "@" in text:
        for found in _BEFORE_MAIL.finditer(text):
            yield from trimmed(text, *found.span("value"), 0.85, "before_mail")
        yield from _named_in_mail(text)


def named_key(text: str) -> Iterator[Candidate]:
    """The name of a person as the name of a member: `{"Maria Gonzales": 3}`.

    Two names, or a given name and a word that together are all of it.
    """
    for one in (*_reversed(text), *_known(text)):
        whole = (one.start, one.end) == (0, len(text)) and " " in text
        if one.score >= (_LIKELY if whole else _SURE):
            yield one


def given_name(word: str) -> Iterator[Candidate]:
    """One capitalized word that is a given name and little else."""
    given, ambiguous = given_names()
    plain = folded(word)
    if plain in given and plain not in ambiguous and plain not in places()[0]:
        yield Candidate("PERSON", 0, len(word), 0.45, "name:given", "given name")


def _reversed(text: str) -> Iterator[Candidate]:
    """`Gonzales, Maria`: the second is a given name, the first no word."""
    given, ambiguous = given_names()
    for found in _REVERSED.finditer(text):
        first, last = folded(found["first"]), folded(found["last"])
        if first not in given or ordinary(last):
            continue
        sure = last in surnames() or (first not in ambiguous and last not in given)
        yield Candidate(
            "PERSON", *found.span("value"), 0.7 if sure else 0.36, "name:reversed", "given name"
        )


def _speakers(sight: Sight) -> Iterator[Candidate]:
    """`Anna: …` at the beginning of a line, where the name is known or speaks again."""
    given = given_names()[0]
    found = [
        one
        for one in _SPEAKER.finditer(sight.text)
        if not _heading(one["value"])
        and not sight.table.knows(one["value"])
        and _SPOKEN.match(sight.text, one.end())
    ]
    said = Counter(one["value"] for one in found)
    for one in found:
        words = [folded(word) for word in one["value"].split()]
        if any(word in given for word in words):
            yield Candidate("PERSON", *one.span("value"), 0.7, "name:speaker", "given name")
        elif said[one["value"]] > 1 and len(words) <= 3 and not one["value"].isupper():
            yield Candidate("PERSON", *one.span("value"), 0.45, "name:speaker", "speaker")


def _heading(value: str) -> bool:
    return any(ordinary(folded(word)) or folded(word) in _HEADINGS for word in value.split())


def _known(text: str) -> Iterator[Candidate]:
    """Runs of capitalized words of which one is a given name."""
    given, ambiguous = given_names()
    for found in _RUN.finditer(text):
        run = found.group()
        if _NUMBERED.search(text, max(0, found.start() - 8), found.start()):
            continue
        parts = [(m.start(), m.end(), folded(m.group()).rstrip(".")) for m in _WORD.finditer(run)]
        for index, (start, end, word) in enumerate(parts):
            if len(word) < 4 and run[start:end].isupper():
                continue
            last = _surname_end(parts, index)
            rest = [p[2] for p in parts[index + 1 : last + 1]]
            if word in given:
                score = _given_score(word, rest, ambiguous)
            elif word in world_names()[0]:
                score = _wide_score(rest)
            else:
                continue
            if score:
                first, stop = found.start() + start, found.start() + parts[last][1]
                yield Candidate("PERSON", first, stop, score, "name:given", "given name")
            break


def _given_score(word: str, rest: list[str], ambiguous: frozenset[str]) -> float:
    """How sure a given name makes a name of itself and the capitalized words after it."""
    if not rest:
        alone = word not in ambiguous and word not in places()[0]
        return 0.45 if alone and not a_thing(word) else 0.0
    if any(w in surnames() or w in given_names()[0] for w in rest if len(w) > 1):
        return 0.8
    if any(w in world_names()[1] for w in rest):
        return 0.65 if word in ambiguous else 0.75
    return 0.45 if word in ambiguous else 0.65


def _wide_score(rest: list[str]) -> float:
    """How sure a name of the long list makes one: only a family name behind it does."""
    return 0.65 if any(w in world_names()[1] for w in rest) else 0.0


def _surname_end(parts: list[tuple[int, int, str]], index: int) -> int:
    """The last of the up to four words after a given name that may be of the name."""
    last = index
    for at in range(index + 1, min(len(parts), index + 5)):
        word = parts[at][2]
        if word in PARTICLES and at + 1 < len(parts) and len(word) > 1:
            continue
        if ordinary(word):
            break
        last = at
    return last


def _named_in_mail(text: str) -> Iterator[Candidate]:
    """`John Miller` where `john.miller@…` stands in the same text."""
    wanted = _names_of_mails(text)
    if not wanted:
        return
    run: tuple[int, int] | None = None
    for found in _BY_ITSELF.finditer(text):
        if not found.group()[0].isupper() or folded(found.group()) not in wanted:
            continue
        if run and found.start() - run[1] <= 1:
            run = (run[0], found.end())
            continue
        if run:
            yield Candidate("PERSON", *run, 0.7, "name:mail", "e-mail address")
        run = found.span()
    if run:
        yield Candidate("PERSON", *run, 0.7, "name:mail", "e-mail address")


def _names_of_mails(text: str) -> set[str]:
    wanted: set[str] = set()
    for found in _LOCAL_PART.finditer(text):
        pieces = [p for p in _PARTS.split(found["local"].lower()) if len(p) > 2]
        if len(pieces) > 1 or (pieces and pieces[0] in given_names()[0]):
            wanted.update(piece for piece in pieces if not ordinary(piece))
    return wanted
