"""How a behavior contract was kept over a span of time: counts of what was recorded of each check.

It holds no content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.outcomes import FiredTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Checks of one side that came to the same: how many, and sums over them.

    `confidences` and `latencies` are how many stated one.
    """

    side: Side
    outcome: Outcome
    broken: tuple[str, ...]
    failures: tuple[str, ...]
    checks: int
    words: int
    treated: int
    confidence: float
    confidences: int
    latency_ms: int
    latencies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SideReport:
    """One side's checks. Means are None where nothing was stated."""

    checks: int
    outcomes: Mapping[Outcome, int]
    violations: int
    """Checks with at least one expectation broken or undetermined."""
    words: float | None
    treated_per_thousand: float | None
    confidence: float | None
    latency_ms: float | None

    def share(self, *outcomes: Outcome) -> float | None:
        """The share of checks that came to one of these; None without checks."""
        return _over(sum(self.outcomes.get(one, 0) for one in outcomes), self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorReport:
    """How a contract was kept from `since` until `until`, whichever version judged.

    `broken` counts per expectation and `failures` per failure mode; those of the newest version
    stand in them also where the count is nothing.
    """

    contract_id: str
    since: datetime
    until: datetime
    prompts: SideReport
    outputs: SideReport
    broken: Mapping[str, int]
    failures: Mapping[str, int]


@dataclass(slots=True)
class _Sums:
    checks: int = 0
    violations: int = 0
    words: int = 0
    treated: int = 0
    confidence: float = 0.0
    confidences: int = 0
    latency_ms: int = 0
    latencies: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)

    def add(self, tally: Tally) -> None:
        self.checks += tally.checks
        self.violations += tally.checks if tally.broken else 0
        self.words += tally.words
        self.treated += tally.treated
        self.confidence += tally.confidence
        self.confidences += tally.confidences
        self.latency_ms += tally.latency_ms
        self.latencies += tally.latencies
        self.outcomes[tally.outcome] += tally.checks

    def report(self) -> SideReport:
        treated = _over(self.treated * 1000, self.checks)
        return SideReport(
            checks=self.checks,
            outcomes=dict(self.outcomes),
            violations=self.violations,
            words=_over(self.words, self.checks),
            treated_per_thousand=treated,
            confidence=_over(self.confidence, self.confidences),
            latency_ms=_over(self.latency_ms, self.latencies),
        )


def report(
    contract_id: str,
    tallies: Iterable[Tally],
    *,
    since: datetime,
    until: datetime,
    expectations: Iterable[str],
    modes: Iterable[str],
    windows: Iterable[FiredTally] = (),
) -> BehaviorReport:
    """The report of these tallies, and of the times that failure modes over windows fired."""
    sides = {side: _Sums() for side in Side}
    broken, failures = Counter(dict.fromkeys(expectations, 0)), Counter(dict.fromkeys(modes, 0))
    for tally in tallies:
        sides[tally.side].add(tally)
        broken.update(dict.fromkeys(tally.broken, tally.checks))
        failures.update(dict.fromkeys(tally.failures, tally.checks))
    for fired in windows:
        failures.update(dict.fromkeys(fired.failures, fired.checks))
    return BehaviorReport(
        contract_id=contract_id,
        since=since,
        until=until,
        prompts=sides[Side.PROMPT].report(),
        outputs=sides[Side.OUTPUT].report(),
        broken=dict(broken),
        failures=dict(failures),
    )


def _over(total: float, count: int) -> float | None:
    return round(total / count, 6) if count else None
