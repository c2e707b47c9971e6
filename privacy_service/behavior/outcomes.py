"""What was said of a check afterwards, and what that says of the contract: how often each failure
mode fired and was reported, and how often each expectation was wrong.

It holds ids and counts, and nothing of what was checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from privacy_service.behavior.model import BehaviorContract, FailureMode, Side


class OutcomeKind(StrEnum):
    """What is said of a check."""

    GROUND_TRUTH = "ground-truth"
    """Somebody who knows has looked: what is named was broken, and nothing else."""
    COMPLAINT = "complaint"
    THUMBS_DOWN = "thumbs-down"
    THUMBS_UP = "thumbs-up"
    CORRECTION = "correction"
    """It had to be put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedOutcome:
    """What somebody said of a check, which stands at `position` in the log.

    `broken` are the expectations that it truly breaks, `failure` the failure mode that it shows.
    """

    id: str
    position: int
    contract_id: str
    at: datetime
    kind: OutcomeKind
    broken: tuple[str, ...]
    failure: str | None
    reported_by: str

    @property
    def right(self) -> bool:
        """Whether it says that the output was right, as far as it goes."""
        if self.kind is OutcomeKind.GROUND_TRUTH:
            return not self.broken and self.failure is None
        return self.kind is OutcomeKind.THUMBS_UP


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCheck:
    """A check that was decided, as it is remembered."""

    position: int
    at: datetime
    contract_id: str
    number: int
    side: Side
    use_case: str | None
    broken: tuple[str, ...]
    failures: tuple[str, ...]
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiredTally:
    """Checks of one version and one UTC day on which the same failure modes fired; of a failure
    mode over a window, one time that it did.
    """

    number: int
    day: date
    failures: tuple[str, ...]
    checks: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTally:
    """Outcomes that say the same of checks that came to the same."""

    side: Side
    kind: OutcomeKind
    said: tuple[str, ...]
    named: str | None
    judged: tuple[str, ...]
    fired: tuple[str, ...]
    outcomes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often an expectation was right, where somebody said how it truly was.

    `missed` was broken and not noticed (a false accept), `alarmed` noticed and not broken (a false
    alarm).
    """

    contract_id: str
    expectation: str
    noticed: int = 0
    missed: int = 0
    alarmed: int = 0
    passed: int = 0

    @property
    def false_accept_rate(self) -> float | None:
        """The share of what was truly broken that was not noticed."""
        return _over(self.missed, self.missed + self.noticed)

    @property
    def false_alarm_rate(self) -> float | None:
        """The share of what was truly kept that was called broken."""
        return _over(self.alarmed, self.alarmed + self.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRecord:
    """A failure mode of a contract's, and how it went in a span of time.

    `last_fired` is the last time ever. `reported` counts what was said of checks for which it
    fired, or that was said to show it.
    """

    contract_id: str
    number: int
    mode: FailureMode
    fired: int
    by_version: Mapping[int, int]
    by_day: Mapping[date, int]
    last_fired: datetime | None
    reported: Mapping[OutcomeKind, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The failure modes of one contract, and how right its expectations were."""

    modes: tuple[ModeRecord, ...]
    accuracies: tuple[Accuracy, ...]


def catalogue(
    contract: BehaviorContract,
    number: int,
    *,
    fired: Iterable[FiredTally],
    last: Mapping[str, datetime],
    outcomes: Iterable[OutcomeTally],
) -> Catalogue:
    """The catalogue of a contract's newest version, whose number it is."""
    tallies, said = tuple(fired), tuple(outcomes)
    return Catalogue(
        modes=tuple(
            _mode_record(contract, number, mode, tallies, last.get(mode.id), said)
            for mode in contract.failure_modes
        ),
        accuracies=_accuracies(contract, said),
    )


def _mode_record(
    contract: BehaviorContract,
    number: int,
    mode: FailureMode,
    tallies: tuple[FiredTally, ...],
    last: datetime | None,
    said: tuple[OutcomeTally, ...],
) -> ModeRecord:
    by_version, by_day, reported = Counter[int](), Counter[date](), Counter[OutcomeKind]()
    for tally in tallies:
        if mode.id in tally.failures:
            by_version[tally.number] += tally.checks
            by_day[tally.day] += tally.checks
    for one in said:
        if mode.id == one.named or (one.named is None and mode.id in one.fired):
            reported[one.kind] += one.outcomes
    return ModeRecord(
        contract_id=contract.id,
        number=number,
        mode=mode,
        fired=sum(by_version.values()),
        by_version=dict(by_version),
        by_day=dict(by_day),
        last_fired=last,
        reported=dict(reported),
    )


def _accuracies(contract: BehaviorContract, said: tuple[OutcomeTally, ...]) -> tuple[Accuracy, ...]:
    """Those of expectations of which something is known. Praise and blame that names nothing says
    nothing of a single expectation.
    """
    found = []
    for expectation in contract.expectations:
        counts = Counter[tuple[bool, bool]]()
        for one in said:
            if one.side is expectation.side:
                truly = expectation.id in one.said
                if truly or one.kind is OutcomeKind.GROUND_TRUTH:
                    counts[truly, expectation.id in one.judged] += one.outcomes
        if counts:
            found.append(
                Accuracy(
                    contract_id=contract.id,
                    expectation=expectation.id,
                    noticed=counts[True, True],
                    missed=counts[True, False],
                    alarmed=counts[False, True],
                    passed=counts[False, False],
                )
            )
    return tuple(found)


def _over(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
