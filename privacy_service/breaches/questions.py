"""What is not known or decided yet of a breach, and how many duties depend on it.

certain(obligations)    -> those that hold whatever is still found out
questions(obligations)  -> the rest, each under the first question that would decide it
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service.breaches.obligations import UNSETTLED, Obligation
from privacy_service.law.reach import QUESTIONS

_ASKS: Final = {
    "residents": "Where do the people live?",
    "people": "How many people are concerned?",
    "encrypted": "Is it encrypted well enough for the law named?",
    "key_exposed": "Was the key exposed that it is encrypted under?",
}
_ANSWERS: Final = {
    "residents": "facts --resident DE=900",
    "people": "facts --people 900",
    "encrypted": "facts --no-encrypted",
    "key_exposed": "facts --key-exposed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to find out or decide. `answer` is how it is said: `breach …` on the command line.
    `rules` are those of the duties that depend on it, the first that is due first.
    """

    id: str
    asks: str
    answer: str
    rules: tuple[str, ...]
    earliest: datetime | None
    """When the first of them is due, to be safe, if it is a duty."""


def questions(found: Iterable[Obligation]) -> tuple[Question, ...]:
    """By when the first duty that depends on each is due; `found` is by that time."""
    groups: dict[str, list[Obligation]] = {}
    for one in found:
        if _depends(one):
            groups.setdefault(one.asks[0], []).append(one)
    return tuple(_question(asked, duties) for asked, duties in groups.items())


def _depends(one: Obligation) -> bool:
    return bool(one.asks) and one.status in UNSETTLED


def _question(asked: str, duties: list[Obligation]) -> Question:
    ends = [end for one in duties if (end := one.conservative or one.legal) is not None]
    if asked in QUESTIONS:
        asks, answer = _ASKS[asked], _ANSWERS[asked]
    else:
        name = asked.replace("_", " ")
        asks, answer = (
            f"Is there {name}?",
            f"assess --decide {asked} (or no-{asked}) --decider WHO --reasons WHY",
        )
    return Question(
        id=asked,
        asks=asks,
        answer=answer,
        rules=tuple(dict.fromkeys(one.rule for one in duties)),
        earliest=min(ends, default=None),
    )
