"""Words after which a name or a place stands: "Dear …", "Mr. …", "my name is …", "lives in …"."""

from __future__ import annotations

from functools import cache
from typing import Any

from privacy_service.detection.gazetteer import read_yaml
from privacy_service.detection.phrases import Lexicon, Mentions
from privacy_service.detection.words import Words


@cache
def _lexicon() -> Lexicon:
    read: Any = read_yaml("openings.yaml")
    return Lexicon.of(
        (phrase.strip(), kind)
        for kind, listed in read.items()
        for phrase in listed.split(",")
        if phrase.strip()
    )


@cache
def words_before(*kinds: str) -> frozenset[str]:
    """The phrases of some kinds that are one word, folded."""
    read: Any = read_yaml("openings.yaml")
    phrases = (phrase.strip() for kind in kinds for phrase in read[kind].split(","))
    return frozenset(phrase for phrase in phrases if phrase and " " not in phrase)


def openings(text: str, found: Words) -> Mentions:
    """Where `text`, whose words are `found`, opens a name or a place; the topics are the kinds."""
    return _lexicon().read(text, found, ordinary=True)
