"""What outcomes say of a contract."""

from __future__ import annotations

from datetime import UTC, date, datetime

from privacy_service.behavior.model import (
    BehaviorContract,
    Category,
    Expectation,
    FailureMode,
    NoSecrets,
    Remedy,
    RemedyKind,
    Severity,
    Side,
)
from privacy_service.behavior.outcomes import (
    Accuracy,
    FiredTally,
    OutcomeKind,
    OutcomeTally,
    catalogue,
)

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
NOTE = Remedy(kind=RemedyKind.NOTE)


def expectation(name: str, side: Side = Side.OUTPUT) -> Expectation:
    return Expectation(id=name, side=side, must=NoSecrets(), otherwise=NOTE)


def mode(name: str) -> FailureMode:
    return FailureMode(
        id=name, category=Category.OTHER, severity=Severity.LOW, when="words > 1", remedy=NOTE
    )


CONTRACT = BehaviorContract(
    id="answers",
    title="t",
    party="acme",
    provider="parrot",
    effective_from=AT,
    expectations=(expectation("a"), expectation("b"), expectation("p", Side.PROMPT)),
    failure_modes=(mode("f"), mode("g")),
)


def told(
    kind: OutcomeKind,
    said: str = "",
    judged: str = "",
    *,
    fired: str = "",
    named: str | None = None,
) -> OutcomeTally:
    return OutcomeTally(
        side=Side.OUTPUT, kind=kind, said=tuple(said), judged=tuple(judged), fired=tuple(fired),
        named=named, outcomes=1,
    )  # fmt: skip


def test_ground_truth_says_something_of_each_expectation_of_its_side() -> None:
    truth = OutcomeKind.GROUND_TRUTH
    said = [told(truth, "a", "a"), told(truth, "a", "b"), told(truth, "", "a"), told(truth)]
    found = catalogue(CONTRACT, 3, fired=(), last={}, outcomes=said).accuracies
    assert found == (
        Accuracy(contract_id="answers", expectation="a", noticed=1, missed=1, alarmed=1, passed=1),
        Accuracy(contract_id="answers", expectation="b", noticed=0, missed=0, alarmed=1, passed=3),
    )
    assert found[0].false_accept_rate == found[0].false_alarm_rate == 0.5
    assert found[1].false_accept_rate is None


def test_a_complaint_says_something_of_what_it_names_alone() -> None:
    said = [told(OutcomeKind.COMPLAINT, "a", ""), told(OutcomeKind.THUMBS_UP, "", "b")]
    (found,) = catalogue(CONTRACT, 1, fired=(), last={}, outcomes=said).accuracies
    assert (found.expectation, found.missed, found.false_accept_rate) == ("a", 1, 1.0)


def test_each_failure_mode_is_counted_by_version_and_day_and_listed_where_it_never_fired() -> None:
    days = [date(2026, 11, 25), date(2026, 11, 26)]
    fired = [
        FiredTally(number=1, day=days[0], failures=("f",), checks=2, last_at=AT),
        FiredTally(number=2, day=days[1], failures=("f", "old"), checks=3, last_at=AT),
    ]
    said = [
        told(OutcomeKind.COMPLAINT, fired="f"),
        told(OutcomeKind.CORRECTION, fired="f", named="g"),
    ]
    f, g = catalogue(CONTRACT, 2, fired=fired, last={"f": AT}, outcomes=said).modes
    assert (f.fired, f.by_version, f.last_fired) == (5, {1: 2, 2: 3}, AT)
    assert f.by_day == {days[0]: 2, days[1]: 3}
    assert f.reported == {OutcomeKind.COMPLAINT: 1}
    assert (g.fired, g.last_fired, g.reported) == (0, None, {OutcomeKind.CORRECTION: 1})
