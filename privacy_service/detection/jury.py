"""Several readers and one verdict: what models say of each word, weighed.

Each reader votes on every word: a person, a place, or neither. Two readers that were trained apart
and agree are nearly always right; one alone is often wrong, and which one matters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    common_words,
    groups,
    ordinary,
    places,
    stop_words,
    words_elsewhere,
    world_names,
)
from privacy_service.detection.jury_weights import KINDS, PERSON, PLACE, Kind
from privacy_service.detection.model import NEITHER
from privacy_service.detection.openings import words_before
from privacy_service.detection.street_words import STREET_WORD
from privacy_service.detection.testimony import Testimony
from privacy_service.detection.words import folded

FINER: Final = frozenset({"STREET_ADDRESS", "POSTCODE"})
_MOST: Final = 0.8
"""No verdict of models outweighs a checked number, nor what a label says."""

_CLUSTER: Final = 40
"""Code points within which the parts of one address stand."""

_LONGEST_NUMBER: Final = 6
_BESIDE: Final = 16
_LETTERED: Final = re.compile(r"[^\W\d_]{3,}")

_UNSURE: Final = 0.8
"""A vote of a reader that gives probabilities counts less below this."""

_BEFORE: Final = re.compile(r"([^\W\d_]+) #?$")
_AFTER: Final = re.compile(r" ([a-zà-ÿ]{2,})")
_LONGEST_WORD: Final = 24
_NEXT: Final = re.compile(r" ([^\W\d_]{3,}(?:-[^\W\d_]+)?)(?![\w@])")
_WORD: Final = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


_NEAR: Final = 40
"""Code points between a word and a street that make them one address."""


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
    """What the readers together find; `read` has each one's findings by its reliability class."""
    if not any(read.values()):
        return []
    court = _Court(text, read)
    words: list[Word] = []
    before: re.Match[str] | None = None
    for found in _WORD.finditer(text):
        if court.named(found.start()):
            judged = court.judge(found.group(), found.start(), _beside(text, before))
            if judged is not None:
                words.append(judged)
        before = found
    return list(_joined(text, _addresses_held(text, words)))


def _beside(text: str, before: re.Match[str] | None) -> str:
    """The word before, folded, if it has a capital and a blank parts the two."""
    if before is None or text[before.end() : before.end() + 1] != " ":
        return ""
    return folded(before.group()) if before.group()[0].isupper() else ""


def _addresses_held(text: str, words: Sequence[Word]) -> list[Word]:
    """Without streets and postcodes that stand beside no word an address could be made of."""
    lower = text.islower()
    anchors = [
        word.start
        for word in words
        if word.entity != PERSON and _of_an_address(text[word.start : word.end], lower=lower)
    ]
    return [
        word
        for word in words
        if word.entity not in FINER or any(abs(word.start - at) <= _CLUSTER for at in anchors)
    ]


def _of_an_address(word: str, *, lower: bool) -> bool:
    """A word that can name a street or a town: capitalized where the text has capitals."""
    plain = folded(word)
    if len(word) < 3 or not word.isalpha():
        return STREET_WORD.fullmatch(word) is not None
    if plain in common_words() or plain in stop_words():
        return False
    return lower or word[0].isupper() or STREET_WORD.fullmatch(word) is not None


class _Court:
    """The votes on one text."""

    def __init__(self, text: str, read: Mapping[str, Sequence[Candidate]]) -> None:
        self._text = text
        self._votes = {reader: _votes(found) for reader, found in read.items()}
        self._named = frozenset().union(*self._votes.values())
        self._testimony = Testimony(text)
        self._streets = sorted(
            place
            for found in read.values()
            for one in found
            if one.entity in FINER and _LETTERED.search(text, one.start, one.end)
            for place in (one.start, one.end)
        )

    def named(self, start: int) -> bool:
        """Whether any reader named what stands at `start`."""
        return start in self._named

    def judge(self, word: str, start: int, before: str) -> Word | None:
        """The verdict on the word at `start`, if any reader named it."""
        cast = {reader: by_place.get(start) for reader, by_place in self._votes.items()}
        best: Word | None = None
        known = self._testimony.of(word, start, before) if any(cast.values()) else ()
        for kind, weighs in KINDS.items():
            ours = [vote for vote in cast.values() if vote is not None and vote.kind == kind]
            if not ours:
                continue
            finer = next((vote.entity for vote in ours if vote.entity in FINER), None)
            odds = weighs.bias + sum(
                weighs.evidence.get(name, 0.0) for name in self._evidence(known, start, word, finer)
            )
            odds += sum(_odds(weighs, reader, vote, kind) for reader, vote in cast.items())
            if word.isdigit() and not self._address_number(word, start):
                continue
            score = 1 / (1 + exp(-odds))
            if best is None or score > best.score:
                best = Word(start, start + len(word), finer or kind, score)
        return best

    def _address_number(self, word: str, start: int) -> bool:
        """Whether a number stands beside a word of an address: alone it is any number."""
        return (
            len(word) <= _LONGEST_NUMBER
            and not self._counted(start, start + len(word))
            and (self._near_street(start, len(word)) or self._near_place(start, len(word)))
        )

    def _counted(self, start: int, end: int) -> bool:
        """Whether it stands between two ordinary words: `order 4711 shipped to`."""
        before = _BEFORE.search(self._text, max(0, start - _LONGEST_WORD), start)
        after = _AFTER.match(self._text, end)
        return (
            before is not None
            and after is not None
            and STREET_WORD.fullmatch(before[1]) is None
            and ordinary(folded(before[1]))
            and ordinary(folded(after[1]))
        )

    def _near_place(self, start: int, length: int) -> bool:
        around = self._text[max(0, start - _BESIDE) : start + length + _BESIDE]
        at = max(0, start - _BESIDE)
        return any(
            (vote := by_place.get(at + found.start())) is not None and vote.kind == PLACE
            for found in _LETTERED.finditer(around)
            for by_place in self._votes.values()
        )

    def _near_street(self, start: int, length: int) -> bool:
        at = bisect_left(self._streets, start)
        before = at > 0 and start - self._streets[at - 1] < _NEAR
        return before or (at < len(self._streets) and self._streets[at] - start - length < _NEAR)

    def _evidence(
        self, known: Sequence[str], start: int, word: str, finer: str | None
    ) -> Iterator[str]:
        """What speaks for and against the word, by name."""
        yield from known
        if finer:
            yield "street"
        elif self._near_street(start, len(word)):
            yield "near_street"


def _votes(found: Sequence[Candidate]) -> dict[int, Vote]:
    """One reader's votes by code point."""
    votes: dict[int, Vote] = {}
    for candidate in found:
        kind = PLACE if candidate.entity in FINER else candidate.entity
        vote = Vote(kind, candidate.entity, candidate.score)
        votes.update(dict.fromkeys(range(candidate.start, candidate.end), vote))
    return votes


def _odds(weighs: Kind, reader: str, vote: Vote | None, kind: str) -> float:
    weights = weighs.readers[reader]
    if vote is None:
        return weights.none
    if vote.kind == NEITHER:
        return weights.neither
    if vote.kind != kind:
        return weights.other
    return weights.yes + (weighs.unsure if reader == "rampart" and vote.score < _UNSURE else 0.0)


def _joined(text: str, words: Sequence[Word]) -> Iterator[Candidate]:
    """Neighbouring words of one entity as one finding; its score is that of its best word."""
    run: list[Word] = []
    for word in words:
        if run and (word.entity != run[-1].entity or text[run[-1].end : word.start].strip(" .-'’")):
            yield from _finding(text, run)
            run = []
        run.append(word)
    if run:
        yield from _finding(text, run)


def _finding(text: str, run: Sequence[Word]) -> Iterator[Candidate]:
    """The run as a finding, without words at its ends that are no part of a name."""
    kept = list(run)
    if run[0].entity in (PERSON, PLACE) and text[run[0].start].isupper():
        while len(kept) > 1 and text[kept[-1].start].islower():
            kept.pop()
        while len(kept) > 1 and _ordinary(text[kept[0].start : kept[0].end]):
            kept.pop(0)
    best = max(word.score for word in kept)
    end = _with_surname(text, kept) if run[0].entity == PERSON else kept[-1].end
    yield Candidate(
        run[0].entity, kept[0].start, end, round(min(best, _MOST), 3), "model", "readers agree"
    )


def _with_surname(text: str, kept: Sequence[Word]) -> int:
    """Where a name ends of which the readers saw the given name alone: `Agnieszki Wójcik`."""
    end = kept[-1].end
    after = _NEXT.match(text, end)
    if len(kept) > 1 or after is None or not (after[1][0].isupper() and after[1][1:].islower()):
        return end
    plain = folded(after[1])
    ordinary = plain in common_words() or plain in stop_words() or plain in words_elsewhere()
    return end if ordinary or any(plain in known for known in places()) else after.end()


def _ordinary(word: str) -> bool:
    """A word that begins no name: an ordinary one, a title, what somebody is, a nationality."""
    plain = folded(word)
    said = plain in common_words() or plain in groups() or plain in words_before("title", "role")
    return said and plain not in world_names()[0]
