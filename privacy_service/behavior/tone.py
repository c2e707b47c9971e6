"""What tells the tone of a text, counted: no judgement of what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from privacy_service.behavior.judgement import Judgement, broken, kept
from privacy_service.behavior.model import Tone
from privacy_service.behavior.subject import Subject, TextSpan

_SHOUTED: Final = 4
"""Words in capitals of so many letters are shouted; shorter ones are mostly abbreviations."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_MARKERS: Final = {
    "exclamations": re.compile("[!！]"),
    "questions": re.compile("[?？]"),
    "emoji": re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]"),
    "apologies": re.compile(
        r"\b(?:sorry|apologi[sz]e|apologies|entschuldigung|entschuldigen|tut (?:mir|uns) leid"
        r"|désolée?s?|lo siento|lo sentimos|disculpe|mi dispiace|ci dispiace|het spijt"
        r"|desculpe|lamentamos|przepraszam|przepraszamy)\b",
        re.IGNORECASE,
    ),
}


def toned(subject: Subject, must: Tone) -> Judgement:
    """Broken where there is more of a marker than is borne; the first of them is named."""
    count, bound = 0, 0
    for one in fields(must):
        most = getattr(must, one.name)
        if most is None:
            continue
        spans = tuple(_found(subject, one.name))
        count, bound = len(spans), most
        if count > most:
            return broken(
                "Its tone is another one than the contract wants.",
                count=count, bound=most, name=one.name, spans=spans,
            )  # fmt: skip
    return kept(count, bound)


def _found(subject: Subject, marker: str) -> Iterator[TextSpan]:
    for node in subject.nodes:
        for found in _places(node.text, marker):
            yield TextSpan(node.index, *found.span())


def _places(text: str, marker: str) -> Iterator[re.Match[str]]:
    if marker != "shouting":
        return _MARKERS[marker].finditer(text)
    words = _WORD.finditer(text)
    return (word for word in words if len(word.group()) >= _SHOUTED and word.group().isupper())
