"""The signals of a window of checks: what conditions of failure modes with `over` are written over.

They are worked out from counts alone. A rate of no checks is 0, so that a condition can always be
worked out; a window with fewer checks than its contract asks for says nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, cast

from privacy_service.behavior.counts import Counts, most_in
from privacy_service.behavior.model import (
    Criterion,
    FailureMode,
    Good,
    Objective,
    Outcome,
    Window,
)
from privacy_service.behavior.signals import Condition, ConditionFault, condition

_OWN: Final = (Outcome.ACCEPTED, Outcome.TREATED, Outcome.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A window, how far it has drifted, and what is spent of each objective's error budget.

    `expectations` and `modes` are the ids that have a rate also where it is nothing.
    """

    counts: Counts
    drift: Mapping[str, float]
    budget_spent: Mapping[str, float]
    expectations: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSignal:
    """One signal of a window."""

    name: str
    type: str
    says: str
    of: Callable[[Watched], object]


def _outcomes(*outcomes: Outcome) -> Callable[[Watched], float]:
    return lambda w: _share(sum(w.counts.outcomes.get(one, 0) for one in outcomes), w.counts.checks)


def _drifted(name: str) -> Callable[[Watched], float]:
    return lambda w: w.drift.get(name, 0.0)


def _rate(name: str, says: str, of: Callable[[Watched], float]) -> WindowSignal:
    return WindowSignal(name=name, type="double", says=says, of=of)


WINDOW_SIGNALS: Final[tuple[WindowSignal, ...]] = (
    WindowSignal(
        name="checks", type="int", says="How many checks there were.", of=lambda w: w.counts.checks
    ),
    _rate(
        "acceptance_rate",
        "The share that was released and did not abstain.",
        _outcomes(*_OWN),
    ),
    _rate(
        "violation_rate",
        "The share that broke an expectation.",
        lambda w: _share(w.counts.violations, w.counts.checks),
    ),
    _rate("abstention_rate", "The share that abstained.", _outcomes(Outcome.ABSTAINED)),
    _rate("refusal_rate", "The share that was refused.", _outcomes(Outcome.REFUSED)),
    _rate("ask_again_rate", "The share to be asked again.", _outcomes(Outcome.ASK_AGAIN)),
    _rate("partial_rate", "The share that was partial.", _outcomes(Outcome.PARTIAL)),
    _rate("held_rate", "The share that was held for a person.", _outcomes(Outcome.HELD)),
    WindowSignal(
        name="broken_rate",
        type="map<string, double>",
        says="By expectation, the share that broke it: `broken_rate['short'] > 0.1`.",
        of=lambda w: _shares(w.expectations, w.counts.broken, w.counts.checks),
    ),
    WindowSignal(
        name="failure_rate",
        type="map<string, double>",
        says="By failure mode (of single checks), the share for which it fired.",
        of=lambda w: _shares(w.modes, w.counts.failures, w.counts.checks),
    ),
    _rate(
        "personal_data_per_thousand",
        "Values that the sharing contract had treated, per thousand checks.",
        lambda w: 1000 * _share(w.counts.treated, w.counts.checks),
    ),
    _rate(
        "mean_confidence",
        "The confidence stated, on average.",
        lambda w: _share(w.counts.confidence, sum(w.counts.confidences.values())),
    ),
    WindowSignal(
        name="known",
        type="int",
        says="Of how many checks that stated a confidence it was reported whether they were right.",
        of=lambda w: known(w.counts),
    ),
    _rate(
        "calibration_error",
        "How far stated confidence is from how often it was right (ECE); 0 for none known.",
        lambda w: calibration_error(w.counts),
    ),
    _rate(
        "brier",
        "The Brier score of stated confidence, 0 for perfect or none known.",
        lambda w: brier(w.counts),
    ),
    _rate("mean_words", "Words, on average.", lambda w: _share(w.counts.words, w.counts.checks)),
    _rate(
        "mean_latency_ms",
        "How long the model took, on average, as callers state it.",
        lambda w: _share(w.counts.latency_ms, sum(w.counts.latencies.values())),
    ),
    _rate(
        "latency_p95_ms",
        "How long it took at most in 19 of 20 checks, to within a fifth.",
        lambda w: percentile(w.counts.latencies, 0.95),
    ),
    _rate("drift_outcomes", "How far outcomes have moved from the baseline.", _drifted("outcomes")),
    _rate("drift_violations", "The same of violations.", _drifted("violations")),
    _rate("drift_confidence", "The same of stated confidence.", _drifted("confidence")),
    _rate("drift_length", "The same of length.", _drifted("length")),
    _rate("drift_latency", "The same of how long it took.", _drifted("latency")),
    _rate(
        "drift_personal_data",
        "The same of checks with personal data that was treated.",
        _drifted("personal_data"),
    ),
    WindowSignal(
        name="budget_spent",
        type="map<string, double>",
        says="By objective, what is spent of its error budget: 1 is all of it.",
        of=lambda w: dict(w.budget_spent),
    ),
)
NUMBERS: Final = tuple(signal.name for signal in WINDOW_SIGNALS if signal.type == "double")
"""The signals that are one number, so that a target can be set for them."""
_TYPES: Final = tuple((signal.name, signal.type) for signal in WINDOW_SIGNALS)


def window_condition(text: str) -> Condition:
    """The condition over a window, type-checked. Raises ConditionFault."""
    return condition(text, _TYPES)


def signals_of(watched: Watched) -> dict[str, object]:
    """All signals by name."""
    return {signal.name: signal.of(watched) for signal in WINDOW_SIGNALS}


def fires(mode: FailureMode, over: Window, watched: Watched) -> bool:
    """Whether a failure mode fires over its window. With too few checks it does not; where its
    condition cannot be worked out (a division by nothing), it does.
    """
    if watched.counts.checks < over.least:
        return False
    try:
        return window_condition(mode.when).holds(signals_of(watched))
    except ConditionFault:
        return True


def rests_on(signal: str, counts: Counts) -> int:
    """Of how many checks a signal tells: those of which nobody stated a time or a confidence say
    nothing about times and confidence.
    """
    match signal:
        case "mean_latency_ms" | "latency_p95_ms":
            return sum(counts.latencies.values())
        case "mean_confidence":
            return sum(counts.confidences.values())
        case "calibration_error" | "brier":
            return known(counts)
    return counts.checks


class Standing(Enum):
    """How a success criterion stands."""

    MET = "the target is reached"
    WITHIN = "it is not, by no more than may be"
    MISSED = "it is missed by more than may be"
    UNKNOWN = "there is nothing to tell it by"


def measured(criterion: Criterion, watched: Watched) -> float:
    """What a criterion is about, in its window."""
    return float(cast("float", signals_of(watched)[criterion.signal]))


def standing(criterion: Criterion, watched: Watched) -> Standing:
    """How a criterion stands in its window."""
    if not rests_on(criterion.signal, watched.counts):
        return Standing.UNKNOWN
    value = measured(criterion, watched)
    short = max(
        0.0 if criterion.at_least is None else criterion.at_least - value,
        0.0 if criterion.at_most is None else value - criterion.at_most,
    )
    if short <= 0:
        return Standing.MET
    return Standing.WITHIN if round(short, 6) <= criterion.variance else Standing.MISSED


# -- Single signals ---------------------------------------------------------------------------


def bad(objective: Objective, counts: Counts) -> int:
    """How many outputs an objective counts as bad."""
    if objective.good is Good.KEPT:
        return counts.violations
    good = _OWN if objective.good is Good.ACCEPTED else (*_OWN, Outcome.ABSTAINED)
    return counts.checks - sum(counts.outcomes.get(one, 0) for one in good)


def budget_spent(objective: Objective, counts: Counts) -> float:
    """What is spent of the error budget: 1 where as many are bad as may be. While there are so few
    checks that not even one might be bad, it is too early to say: 0.
    """
    found = bad(objective, counts)
    if objective.share == 1:
        return float(found)  # no failure is allowed: each is a budget
    allowed = round((1 - objective.share) * counts.checks, 6)
    return 0.0 if allowed < 1 else round(found / allowed, 6)


def known(counts: Counts) -> int:
    """Of how many checks the truth is known."""
    return sum(one.checks for one in counts.known.values())


def calibration_error(counts: Counts) -> float:
    """The expected calibration error (Naeini et al. 2015), over bins of a twentieth."""
    gaps = (abs(one.right - one.confidence) for one in counts.known.values())
    return _share(sum(gaps), known(counts))


def brier(counts: Counts) -> float:
    """The Brier score."""
    return _share(sum(one.squared for one in counts.known.values()), known(counts))


def percentile(histogram: Mapping[int, int], share: float) -> float:
    """What so large a share does not exceed, to within a bin; 0 for none."""
    left = share * sum(histogram.values())
    for bin_ in sorted(histogram):
        left -= histogram[bin_]
        if left <= 0:
            return round(most_in(bin_), 1)
    return 0.0


def _share(some: float, whole: float) -> float:
    return round(some / whole, 6) if whole else 0.0


def _shares(names: tuple[str, ...], counts: Mapping[str, int], whole: int) -> dict[str, float]:
    return {name: _share(counts.get(name, 0), whole) for name in {*names, *counts}}
