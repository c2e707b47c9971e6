"""What is counted of checks over a time: sums and histograms that add up, and nothing of a text.

Counts of two times, or of two replicas, are those of both by `plus`. Their size does not grow with
the number of checks: lengths and times go into bins a fifth apart, confidences into twenty.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from privacy_service.behavior.model import Outcome
from privacy_service.behavior.ports import CheckRecord

CONFIDENCE_BINS: Final = 20
_BINS_PER_DOUBLING: Final = 4
_MOST_BIN: Final = 4 * 40

Histogram = Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Of the checks in one bin of confidence whose truth is known by now: how many, how many were
    right, and the sums of confidence and of its squared distance from the truth.
    """

    checks: int = 0
    right: int = 0
    confidence: float = 0.0
    squared: float = 0.0

    def plus(self, other: Known) -> Known:
        return Known(
            checks=self.checks + other.checks,
            right=self.right + other.right,
            confidence=self.confidence + other.confidence,
            squared=self.squared + other.squared,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counts of checks. `broken` and `failures` count by id; `violations` are checks with anything
    broken; `treated` are values that the sharing contract had treated, `treated_checks` the checks
    with any. Sums of confidence and time are over those that state one.
    """

    checks: int = 0
    violations: int = 0
    treated: int = 0
    treated_checks: int = 0
    words: int = 0
    confidence: float = 0.0
    latency_ms: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    broken: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    lengths: Histogram = field(default_factory=dict)
    latencies: Histogram = field(default_factory=dict)
    confidences: Histogram = field(default_factory=dict)
    known: Mapping[int, Known] = field(default_factory=dict)

    def plus(self, other: Counts) -> Counts:
        """The counts of both."""
        sums: dict[str, Any] = {
            one.name: _sum(getattr(self, one.name), getattr(other, one.name))
            for one in fields(self)
        }
        return Counts(**sums)


def counted(record: CheckRecord) -> Counts:
    """One check."""
    confidence, latency = record.confidence, record.latency_ms
    return Counts(
        checks=1,
        violations=int(bool(record.broken)),
        treated=record.treated,
        treated_checks=int(record.treated > 0),
        words=record.words,
        confidence=confidence or 0.0,
        latency_ms=latency or 0,
        outcomes={record.outcome: 1},
        broken=dict.fromkeys(record.broken, 1),
        failures=dict.fromkeys(record.failures, 1),
        lengths={bin_of(record.words): 1},
        latencies={} if latency is None else {bin_of(latency): 1},
        confidences={} if confidence is None else {confidence_bin(confidence): 1},
    )


def told(confidence: float, *, right: bool) -> Counts:
    """That it is known of an earlier check whether it was right."""
    known = Known(
        checks=1, right=int(right), confidence=confidence, squared=(confidence - right) ** 2
    )
    return Counts(known={confidence_bin(confidence): known})


def total(counts: Iterable[Counts]) -> Counts:
    """Those of all."""
    found = Counts()
    for one in counts:
        found = found.plus(one)
    return found


def bin_of(amount: int) -> int:
    """The bin of a length or a time: each holds a fifth more than the one before."""
    return min(_MOST_BIN, int(_BINS_PER_DOUBLING * math.log2(max(0, amount) + 1)))


def most_in(bin_: int) -> float:
    """The largest amount that a bin holds."""
    return float(2 ** ((bin_ + 1) / _BINS_PER_DOUBLING) - 1)


def confidence_bin(confidence: float) -> int:
    """The bin of a confidence from 0 to 1."""
    return min(CONFIDENCE_BINS - 1, int(confidence * CONFIDENCE_BINS))


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping):
        if not one or not other:
            return dict(one or other)
        if any(isinstance(each, Known) for each in one.values()):
            names = {*one, *other}
            return {name: one.get(name, Known()).plus(other.get(name, Known())) for name in names}
        return dict(Counter(one) + Counter(other))
    return one + other
