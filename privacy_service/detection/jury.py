"""Several readers and one verdict: what models say of each word, weighed.

Each reader votes on every word: a person, a place, or neither. Two readers that were trained apart
and agree are nearly always right; one alone is often wrong, and which one matters. The weights are
log-odds, fitted once by logistic regression with readers left out at random (docs/accuracy.md has
the sets and the numbers), so that any choice of readers is weighed on the same scale, and rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    common_words,
    given_names,
    places,
    stop_words,
    surnames,
)
from privacy_service.detection.namelike import PARTICLES
from privacy_service.detection.words import folded

PERSON: Final = "PERSON"
PLACE: Final = "LOCATION"
_FINER: Final = frozenset({"STREET_ADDRESS", "POSTCODE"})
_UNSURE: Final = 0.8
"""A vote of a reader that gives probabilities counts less below this."""


_WORD: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds of one reader's votes for one kind: yes, none, and the other kind."""

    yes: float
    none: float
    other: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What speaks for a word being of one kind, beside the readers."""

    bias: float
    unsure: float
    capital: float
    upper: float
    given: float
    surname: float
    place: float
    common: float
    readers: Mapping[str, Weights]


_KINDS: Final = {
    PERSON: Kind(
        bias=-2.0, unsure=-1.3, capital=2.1, upper=-1.0, given=1.3, surname=1.4, place=-3.0,
        common=-0.5,
        readers={
            "small": Weights(0.5, -0.5, 0.0),
            "medium": Weights(1.2, -1.2, -1.6),
            "rampart": Weights(2.2, -1.2, -3.2),
        },
    ),
    PLACE: Kind(
        bias=0.0, unsure=-1.8, capital=0.5, upper=0.5, given=-1.2, surname=-1.5, place=2.3,
        common=-0.5,
        readers={
            "small": Weights(-0.3, 0.0, 0.0),
            "medium": Weights(0.5, -0.2, -0.5),
            "rampart": Weights(1.8, -0.7, -1.8),
        },
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vote:
    """What one reader says of the word at a place."""

    kind: str
    entity: str
    score: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word on which a verdict was reached."""

    start: int
    end: int
    entity: str
    score: float


def verdict(text: str, read: Mapping[str, Sequence[Candidate]]) -> list[Candidate]:
    """What the readers together find. `read` has each reader's findings by its reliability class."""
    votes = {reader: _votes(found) for reader, found in read.items()}
    touched = sorted({i for by_place in votes.values() for i in by_place})
    if not touched:
        return []
    shouted = _shouted(text)
    words = [
        judged
        for found in _WORD.finditer(text)
        if (judged := _judge(found.group(), found.start(), votes, shouted=shouted)) is not None
    ]
    return list(_joined(text, words))


def _votes(found: Sequence[Candidate]) -> dict[int, Vote]:
    """One reader's votes by code point."""
    votes: dict[int, Vote] = {}
    for candidate in found:
        kind = PLACE if candidate.entity in _FINER else candidate.entity
        vote = Vote(kind, candidate.entity, candidate.score)
        votes.update(dict.fromkeys(range(candidate.start, candidate.end), vote))
    return votes


def _shouted(text: str) -> bool:
    """Whether the text is written in capitals, so that capitals say nothing of a word."""
    letters = [letter for letter in text[:400] if letter.isalpha()]
    return sum(letter.isupper() for letter in letters) > 0.7 * len(letters)


def _judge(
    word: str, start: int, votes: Mapping[str, Mapping[int, Vote]], *, shouted: bool
) -> Word | None:
    cast = {reader: by_place.get(start) for reader, by_place in votes.items()}
    best: Word | None = None
    for kind, weighs in _KINDS.items():
        ours = [vote for vote in cast.values() if vote is not None and vote.kind == kind]
        if not ours:
            continue
        odds = _word_odds(word, weighs, shouted=shouted)
        odds += sum(_odds(weighs, reader, vote, kind) for reader, vote in cast.items())
        score = 1 / (1 + exp(-odds))
        if best is None or score > best.score:
            finer = next((vote.entity for vote in ours if vote.entity in _FINER), kind)
            best = Word(start, start + len(word), finer, score)
    return best


def _odds(weighs: Kind, reader: str, vote: Vote | None, kind: str) -> float:
    weights = weighs.readers[reader]
    if vote is None:
        return weights.none
    if vote.kind != kind:
        return weights.other
    return weights.yes + (weighs.unsure if reader == "rampart" and vote.score < _UNSURE else 0.0)


def _word_odds(word: str, weighs: Kind, *, shouted: bool) -> float:
    plain = folded(word)
    odds = weighs.bias
    if word.isdigit() or plain in PARTICLES:
        odds += weighs.capital
    elif word[0].isupper():
        odds += weighs.capital if shouted or not word.isupper() or len(word) == 1 else weighs.upper
    odds += weighs.given * (plain in given_names()[0]) + weighs.surname * (plain in surnames())
    if any(plain in known for known in places()):
        odds += weighs.place
    if plain in common_words() or plain in stop_words():
        odds += weighs.common
    return odds


def _joined(text: str, words: Sequence[Word]) -> Iterator[Candidate]:
    """Neighbouring words of one entity as one finding; its score is that of its best word."""
    run: list[Word] = []
    for word in words:
        if run and (word.entity != run[-1].entity or text[run[-1].end : word.start].strip(" .-'’")):
            yield _finding(run)
            run = []
        run.append(word)
    if run:
        yield _finding(run)


def _finding(run: Sequence[Word]) -> Candidate:
    best = max(word.score for word in run)
    return Candidate(
        run[0].entity, run[0].start, run[-1].end, round(0.9 * best, 3), "model", "readers agree"
    )
