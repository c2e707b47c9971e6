"""Signs of text that would give a model other orders, and of a system prompt that got out.

The signs are phrases in `injection.yaml`, each with a weight and the languages that it is in; they
are looked for in every form in which the text could be read. They raise the cost of an attack and
show most of the clumsy ones; no list finds them all (docs/behavior.md says so to its readers).
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from ruamel.yaml import YAML

from privacy_service.behavior.judgement import Judgement, broken, kept
from privacy_service.behavior.measures import placed_words, words_of
from privacy_service.behavior.model import NoInjection, NoPromptLeak
from privacy_service.behavior.subject import Subject, TextSpan
from privacy_service.behavior.wording import Sought, found, sought

_FILE: Final = "injection.yaml"


def injection_score(subject: Subject) -> float:
    """How much speaks for an injection, from 0 to 1: independent signs add up as chances do."""
    return score(weight for _name, weight, _spans in signs_in(subject))


def injection(subject: Subject, must: NoInjection) -> Judgement:
    """Broken where the signs of an injection weigh more than the contract bears."""
    signs = signs_in(subject)
    weighs = score(weight for _name, weight, _spans in signs)
    if weighs <= must.most:
        return kept(weighs, must.most)
    return broken(
        "It reads like orders to a model.",
        count=weighs,
        bound=must.most,
        name=max(signs, key=lambda sign: sign[1])[0],
        spans=tuple(sorted({span for _name, _weight, spans in signs for span in spans})),
    )


def prompt_leak(subject: Subject, must: NoPromptLeak) -> Judgement:
    """Broken where so many words in a row are those of the system prompt."""
    longest, spans = leaked(subject, must.words)
    if longest < must.words:
        return kept(longest, must.words)
    return broken(
        "Words of the system prompt stand in it.", count=longest, bound=must.words, spans=spans
    )


def leaked(subject: Subject, least: int) -> tuple[int, tuple[TextSpan, ...]]:
    """The longest run of the system prompt's words, and where runs of at least `least` stand."""
    runs = leaked_runs(subject)
    longest = max((length for length, _span in runs), default=0)
    return longest, tuple(sorted({span for length, span in runs if length >= least}))


def leaked_runs(subject: Subject) -> list[tuple[int, TextSpan]]:
    """Every run of at least two words of the system prompt: how many words, and where."""
    system = subject.company.system_prompt
    if not system:
        return []
    secret, grams = _secret(system)
    runs: list[tuple[int, TextSpan]] = []
    for node, view in subject.views:
        words = placed_words(view.text)
        for first, length in _runs([word for word, _s, _e in words], secret, grams):
            start, end = words[first][1], words[first + length - 1][2]
            runs.append((length, TextSpan(node.index, *view.span(start, end))))
    return runs


@lru_cache(maxsize=8)
def _secret(system: str) -> tuple[list[str], dict[tuple[str, str], list[int]]]:
    words = words_of(system)
    return words, _places_of_pairs(words)


def _runs(
    words: Sequence[str], secret: Sequence[str], grams: dict[tuple[str, str], list[int]]
) -> list[tuple[int, int]]:
    """Where runs of at least two words of the secret start, and how long each is.

    At most `_MOST_PLACES` places of a pair are followed, so that a secret that repeats itself does
    not make the work quadratic.
    """
    runs: list[tuple[int, int]] = []
    at = 0
    while at + 1 < len(words):
        best = 0
        for place in grams.get((words[at], words[at + 1]), ()):
            length = 2
            while (
                at + length < len(words)
                and place + length < len(secret)
                and words[at + length] == secret[place + length]
            ):
                length += 1
            best = max(best, length)
        if best:
            runs.append((at, best))
        at += max(1, best - 1)
    return runs


_MOST_PLACES: Final = 16


def _places_of_pairs(words: Sequence[str]) -> dict[tuple[str, str], list[int]]:
    places: dict[tuple[str, str], list[int]] = {}
    for at, pair in enumerate(itertools.pairwise(words)):
        known = places.setdefault(pair, [])
        if len(known) < _MOST_PLACES:
            known.append(at)
    return places


Sign = tuple[str, float, tuple[TextSpan, ...]]
"""Its name, its weight, and where it stands."""


def signs_in(subject: Subject) -> list[Sign]:
    """The signs of an injection that stand in it."""
    met = [(name, weight, found(subject, pattern)) for name, weight, pattern in _signs()]
    return [sign for sign in met if sign[2]]


def score(weights: Iterable[float]) -> float:
    """What signs of these weights come to together."""
    left = 1.0
    for weight in weights:
        left *= 1 - weight
    return round(1 - left, 4)


def patterns_of_signs() -> tuple[str, ...]:
    """The patterns of all signs."""
    return tuple(pattern for sign in _listed() for pattern in sign["patterns"])


@cache
def _signs() -> tuple[tuple[str, float, Sought], ...]:
    return tuple(
        (sign["id"], float(sign["weight"]), sought("|".join(f"(?:{p})" for p in sign["patterns"])))
        for sign in _listed()
    )


@cache
def _listed() -> list[dict[str, Any]]:
    text = resources.files(__package__ or "").joinpath(_FILE).read_text("utf-8")
    listed: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(io.StringIO(text))["signs"]
    return listed
