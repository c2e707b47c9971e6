"""Special categories of data (GDPR Article 9) in running text: a word, and a cue beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.gazetteer import groups, medicines, read_yaml
from privacy_service.detection.phrases import Lexicon, Mention
from privacy_service.detection.words import Words

_LISTS: Final = {"@groups": groups, "@medicines": medicines}
_BESIDE: Final = 0.5
_ALONE: Final = 0.3
_CUE: Final = "cue:"
_REACH: Final = 40
"""Code points between a cue and the word that it makes a person's."""


@lru_cache(maxsize=1)
def _lexicon() -> tuple[Lexicon, tuple[str, ...]]:
    read = read_yaml("special.yaml")
    assert isinstance(read, list)
    pairs: list[tuple[str, str]] = []
    for entry in read:
        listed = _LISTS[entry["words"]]() if entry["words"] in _LISTS else entry["words"].split(",")
        pairs += [(word.strip(), entry["entity"]) for word in listed]
        pairs += [(cue.strip(), _CUE + entry["entity"]) for cue in entry["cues"].split(",")]
    return Lexicon.of(pairs), tuple(dict.fromkeys(entry["entity"] for entry in read))


def entities() -> frozenset[str]:
    """The special categories that are looked for."""
    return frozenset(_lexicon()[1])


def find_special(text: str, found: Words) -> Iterator[Candidate]:
    """Words of a special category; those beside a cue score above the usual threshold."""
    lexicon, names = _lexicon()
    said = lexicon.read(text, found)
    for entity in names:
        cues = said.of(_CUE + entity)
        for word in said.of(entity):
            cue = _cue(cues, word)
            score, because = (
                (_ALONE, "word") if cue is None else (_BESIDE, f"context: {cue.phrase}")
            )
            yield Candidate(entity, word.start, word.end, score, "special", because)


def _cue(cues: list[Mention], word: Mention) -> Mention | None:
    for cue in reversed(cues):
        if cue.end <= word.start:
            return cue if word.start - cue.end <= _REACH else None
    return None
