"""A rule: a pattern, what checks a match, and what speaks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.sight import Sight

_FADES: Final = 0.001
"""What each character between a telling phrase and the value takes from the score, so that of two
labels the nearer one wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern and its scores.

    `alone` is the score without context, `in_context` with a phrase of `topics` near or in the
    path; 0 means not reported. Where the check fails, nothing is reported without context and
    `unchecked` with it. `needs` are strings of which one must occur in the text, or "digit".
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
    languages: frozenset[str] = frozenset()

    def find(self, sight: Sight) -> Iterator[Candidate]:
        """What it claims in the text."""
        if not self._may_occur(sight):
            return
        for found in self.pattern.finditer(sight.text):
            start, end = found.span("value") if "value" in self.pattern.groupindex else found.span()
            if start < end:
                candidate = self._judge(sight, start, end)
                if candidate is not None:
                    yield candidate

    def _may_occur(self, sight: Sight) -> bool:
        if self.needs == ("digit",):
            return sight.has_digit
        return not self.needs or any(literal in sight.text for literal in self.needs)

    def _judge(self, sight: Sight, start: int, end: int) -> Candidate | None:
        right = self.check is None or self.check(sight.text[start:end])
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


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules, ordered so that a text is asked only for those that can apply."""

    always: tuple[Rule, ...]
    by_topic: dict[str, tuple[Rule, ...]]

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> RuleBook:
        """Rules that score alone are always asked; the others where their topic is spoken of."""
        by_topic: dict[str, list[Rule]] = {}
        for rule in rules:
            if not rule.alone:
                for topic in rule.topics:
                    by_topic.setdefault(topic, []).append(rule)
        return cls(
            tuple(rule for rule in rules if rule.alone),
            {topic: tuple(some) for topic, some in by_topic.items()},
        )

    def find(self, sight: Sight) -> Iterator[Candidate]:
        """What every rule claims."""
        for rule in self.always:
            yield from rule.find(sight)
        asked = {rule.name: rule for topic in sight.topics for rule in self.by_topic.get(topic, ())}
        for rule in asked.values():
            yield from rule.find(sight)
