"""A rule: a pattern, what checks a match, and what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.literals import Literals
from privacy_service.detection.sight import Sight

UNCHECKED: Final = "its check does not hold"
"""Why a rule claims nothing although its pattern matches."""

_DIGIT: Final = ("digit",)
_WORD_AFTER: Final = re.compile(r"[ \-][A-Za-z]{1,8}$")
_FADES: Final = 0.001
"""What each character between a telling phrase and the value takes from the score, so that of two
labels the nearer one wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern and its scores.

    `alone` is the score without context, `in_context` with a phrase of `topics` near or in the
    path; 0 means not reported. Where the check fails, nothing is reported without context and
    `unchecked` with it. `needs` are strings of which one must occur in the text, or "digit";
    `digits` is how many digits a match has at least; `in_runs` says that every match lies in one of
    the text's runs of numbers, so that the pattern need not see the rest.
    """

    name: str
    entity: str
    pattern: Any
    check: Callable[[str], bool] | None = None
    alone: float = 0.0
    in_context: float = 0.0
    unchecked: float = 0.0
    topics: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    digits: int = 0
    in_runs: bool = False
    languages: frozenset[str] = frozenset()

    def find(self, sight: Sight) -> Iterator[Candidate]:
        """What it claims in the text, in which what it needs occurs."""
        if not self.in_runs:
            yield from self._within(sight, 0, len(sight.text))
            return
        for run in sight.runs:
            if run.digits >= self.digits:
                yield from self._within(sight, run.start, run.end)

    def _within(self, sight: Sight, first: int, last: int) -> Iterator[Candidate]:
        for found in self.pattern.finditer(sight.text, first, last):
            start, end = found.span("value") if "value" in self.pattern.groupindex else found.span()
            if start < end:
                candidate = self._judge(sight, start, end)
                if candidate is not None:
                    yield candidate

    def near(self, sight: Sight) -> Iterator[Candidate]:
        """What it would claim, and what that lacks: a check that holds, or a phrase that tells."""
        if not self.may_occur(sight):
            return
        for found in self.pattern.finditer(sight.text):
            start, end = found.span("value") if "value" in self.pattern.groupindex else found.span()
            if start < end and self._judge(sight, start, end) is None:
                yield Candidate(
                    self.entity, start, end, 0.0, f"pattern:{self.name}",
                    self._lacking(sight.text[start:end]),
                )  # fmt: skip

    def _lacking(self, value: str) -> str:
        if self.check is not None and not self.check(value):
            return UNCHECKED
        return "no telling phrase near"

    def may_occur(self, sight: Sight) -> bool:
        """Whether what it needs occurs in the text."""
        if self.digits > sight.digits:
            return False
        if self.needs == _DIGIT:
            return sight.has_digit
        return not self.needs or any(literal in sight.text for literal in self.needs)

    def _judge(self, sight: Sight, start: int, end: int) -> Candidate | None:
        right = self.check is None or self.check(sight.text[start:end])
        if not right and (shorter := self._without_words(sight.text, start, end)):
            right, end = True, shorter
        score, because = (
            (self.alone, "checked" if self.check else "pattern") if right else (0.0, "")
        )
        told = sight.told(self.topics, start, end) if self.topics else None
        if told is not None:
            distance, phrase = told
            spoken = (self.in_context if right else self.unchecked) - distance * _FADES
            if spoken > score:
                score, because = spoken, f"context: {phrase}"
        if score <= 0:
            return None
        return Candidate(self.entity, start, end, score, f"pattern:{self.name}", because)

    def _without_words(self, text: str, start: int, end: int) -> int | None:
        """Where a match ends that is right without the words that follow it, as far as its pattern
        took them for groups of letters: `ES91 2100 … 1332 para`.
        """
        assert self.check is not None
        while (word := _WORD_AFTER.search(text, start, end)) is not None:
            end = word.start()
            if self.check(text[start:end]):
                return end
        return None


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules, ordered so that a text is asked only for those that can apply.

    Rules that score without context are asked by what they need: most texts hold none of the
    strings that the secrets of some service begin with, and one scan for all of them tells.
    """

    unconditional: tuple[Rule, ...]
    with_digit: tuple[Rule, ...]
    by_literal: Mapping[str, tuple[Rule, ...]]
    literals: Literals
    by_topic: Mapping[str, tuple[Rule, ...]]

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> RuleBook:
        """Rules that score alone are asked wherever they may occur; the others where their topic
        is spoken of.
        """
        alone = [rule for rule in rules if rule.alone]
        literal = [rule for rule in alone if rule.needs and rule.needs != _DIGIT]
        words = sorted({word for rule in literal for word in rule.needs})
        by_topic: dict[str, list[Rule]] = {}
        for rule in rules:
            if not rule.alone:
                for topic in rule.topics:
                    by_topic.setdefault(topic, []).append(rule)
        return cls(
            unconditional=tuple(rule for rule in alone if not rule.needs),
            with_digit=tuple(rule for rule in alone if rule.needs == _DIGIT),
            by_literal={
                word: tuple(rule for rule in literal if word in rule.needs) for word in words
            },
            literals=Literals(words),
            by_topic={topic: tuple(some) for topic, some in by_topic.items()},
        )

    def near(self, sight: Sight) -> Iterator[Candidate]:
        """What every rule would claim, and what that lacks."""
        rules = {*self.unconditional, *self.with_digit}
        for some in (*self.by_literal.values(), *self.by_topic.values()):
            rules.update(some)
        for rule in sorted(rules, key=lambda one: one.name):
            yield from rule.near(sight)

    def find(self, sight: Sight) -> Iterator[Candidate]:
        """What every rule claims."""
        for rule in self._asked(sight):
            yield from rule.find(sight)

    def _asked(self, sight: Sight) -> list[Rule]:
        asked = [*self.unconditional]
        if sight.digits:
            asked += (rule for rule in self.with_digit if rule.digits <= sight.digits)
        met = {r.name: r for word in self.literals.met(sight.text) for r in self.by_literal[word]}
        asked += (rule for rule in met.values() if rule.digits <= sight.digits)
        topics = sight.topics
        if topics:
            told = {r.name: r for topic in topics for r in self.by_topic.get(topic, ())}
            asked += (rule for rule in told.values() if rule.may_occur(sight))
        return asked
