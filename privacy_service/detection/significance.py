"""How sure a measured number is, and whether two configurations differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

from privacy_service.detection.evaluate import Outcome, Report

_Z = 1.959964
"""Two-sided 95 %."""

Measure = Callable[[Report], float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the second configuration gains over the first, and how likely so much is by chance."""

    gain: float
    p_value: float


def wilson(successes: int, trials: int) -> Interval:
    """Wilson's score interval for a share (E. B. Wilson, JASA 22, 1927)."""
    if not trials:
        return Interval(0.0, 1.0)
    share = successes / trials
    spread = _Z * sqrt(share * (1 - share) / trials + _Z * _Z / (4 * trials * trials))
    scale = 1 + _Z * _Z / trials
    middle = share + _Z * _Z / (2 * trials)
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def bootstrap(report: Report, measure: Measure, random: Random, *, rounds: int = 200) -> Interval:
    """The percentile interval of a measure when samples are drawn again with replacement."""
    outcomes = report.outcomes
    if not outcomes:
        return Interval(0.0, 1.0)
    drawn = sorted(
        measure(Report(outcomes=tuple(random.choices(outcomes, k=len(outcomes)))))
        for _ in range(rounds)
    )
    cut = int(0.025 * rounds)
    return Interval(drawn[cut], drawn[rounds - 1 - cut])


def compare(
    first: Report, second: Report, measure: Measure, random: Random, *, rounds: int = 200
) -> Difference:
    """A paired randomization test: swaps the two outcomes of each sample by the toss of a coin.

    Both reports must score the same samples in the same order; ValueError if they do not.
    """
    pairs = list(zip(first.outcomes, second.outcomes, strict=True))
    gain = measure(second) - measure(first)
    as_far = sum(abs(_swapped(pairs, measure, random)) >= abs(gain) - 1e-12 for _ in range(rounds))
    return Difference(gain=gain, p_value=(as_far + 1) / (rounds + 1))


def _swapped(pairs: Sequence[tuple[Outcome, Outcome]], measure: Measure, random: Random) -> float:
    tossed = [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]
    ours = Report(outcomes=tuple(pair[0] for pair in tossed))
    theirs = Report(outcomes=tuple(pair[1] for pair in tossed))
    return measure(theirs) - measure(ours)
