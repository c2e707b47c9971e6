"""What a language model calls a name or a place, doubted: identifiers, words and fragments."""

from __future__ import annotations

import re
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import (
    common_words,
    given_names,
    groups,
    ordinary,
    places,
    stop_words,
    surnames,
    words_elsewhere,
)
from privacy_service.detection.model import NEITHER
from privacy_service.detection.namelike import PARTICLES, scrambled
from privacy_service.detection.words import folded, folded_case_kept, mostly_other_script

_NOT_A_NAME: Final = re.compile(
    r"[\d_=<>{}\[\]@/\\|#$%^*+~:;\"]|\.\w|[a-z][A-Z][a-z]*[A-Z]|^[^\W\d_]$"
)
_EDGE: Final = re.compile(
    r"^[\s\"'“”‘’.,;:!?()\-–—*#>&]+|[\s\"'“”‘’,;:!?()\-–—*#&]+$|['’]s$|(?<=[a-z]{3})\.$"
)
WORD: Final = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")

_READ: Final = 400
_FEWEST_WORDS: Final = 4
_FEWEST_LETTERS: Final = 12
_UNPARTED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff]")
"""Scripts that part no words: Thai, Lao, Burmese, Khmer, Chinese and Japanese."""


def running(text: str) -> bool:
    """Whether `text` is running text, that a model can read, and not a value or a fragment.

    A text in another script is, if it has so many words, or letters where words are not parted.
    """
    start = text[:_READ]
    found = WORD.findall(start)
    if mostly_other_script(start):
        return len(found) >= _FEWEST_WORDS or len(_UNPARTED.findall(start)) >= _FEWEST_LETTERS
    return len(found) >= _FEWEST_WORDS and any(
        (plain := folded(word)) in stop_words() or plain in words_elsewhere() for word in found
    )


def trimmed(candidate: Candidate, text: str) -> Candidate | None:
    """Without the punctuation and the "'s" that a model takes along."""
    start, end = candidate.start, candidate.end
    while True:
        found = _EDGE.search(text[start:end])
        if found is None:
            break
        if found.start() == 0:
            start += found.end()
        else:
            end = start + found.start()
        if start >= end:
            return None
    return Candidate(candidate.entity, start, end, candidate.score, candidate.detector, "model")


def plausible(candidate: Candidate, text: str) -> bool:
    """Whether what a model named could be what it says at all."""
    value = text[candidate.start : candidate.end]
    if candidate.entity == NEITHER:
        return True
    if len(value) < 2 or len(value) > 80 or _NOT_A_NAME.search(value):
        return False
    if any(scrambled(word) for word in WORD.findall(value)):
        return False
    parts = [folded(word) for word in WORD.findall(value)]
    if not parts or all(word in common_words() or word in stop_words() for word in parts):
        return False
    if candidate.entity == "PERSON" and all(map(ordinary, parts)):
        return False
    if candidate.entity == "NRP":
        return folded_case_kept(value).lower() in groups()
    return True


def believable_alone(candidate: Candidate, text: str) -> bool:
    """Whether a finding in a bare value is more than a guess: a listed name, a numbered street."""
    value = text[candidate.start : candidate.end]
    parts = [folded(word) for word in WORD.findall(value)]
    if candidate.entity in ("PERSON", "LOCATION"):
        return _listed(value, parts)
    tokens = value.replace(",", " ").split()
    return any(t[0].isdigit() for t in tokens) and any(t.isalpha() and len(t) > 2 for t in tokens)


def _listed(value: str, parts: list[str]) -> bool:
    sure, doubtful = places()
    plain = folded_case_kept(value).lower()
    if plain in sure or plain in doubtful:
        return True
    names = [word for word in parts if word not in PARTICLES]
    return any(word in given_names()[0] or word in surnames() for word in names)
