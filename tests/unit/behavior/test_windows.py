"""Windows of checks: what is counted, what fires, and what has drifted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service.behavior.counts import Counts, bin_of, counted, most_in, told, total
from privacy_service.behavior.drift import COMPARED, drift
from privacy_service.behavior.lint import lint
from privacy_service.behavior.model import (
    Baseline,
    Category,
    Criterion,
    FailureMode,
    Good,
    Objective,
    Outcome,
    Remedy,
    RemedyKind,
    Severity,
    Side,
    Window,
)
from privacy_service.behavior.ports import CheckRecord
from privacy_service.behavior.read import read
from privacy_service.behavior.windows import (
    WINDOW_SIGNALS,
    Standing,
    Watched,
    brier,
    budget_spent,
    calibration_error,
    fires,
    percentile,
    signals_of,
    standing,
)
from tests.unit.behavior.behavior_texts import HEAD

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def check(**fields: Any) -> CheckRecord:
    said: dict[str, Any] = {
        "check_id": "k",
        "at": NOW, "party": "acme", "provider": "parrot", "contract_id": "c", "number": 1,
        "side": Side.OUTPUT, "use_case": None, "outcome": Outcome.ACCEPTED, "broken": (),
        "failures": (), "confidence": None, "latency_ms": None, "words": 10, "treated": 0,
    }  # fmt: skip
    return CheckRecord(**(said | fields))


def counts(*checks: CheckRecord) -> Counts:
    return total(map(counted, checks))


checks = st.builds(
    check,
    outcome=st.sampled_from(Outcome),
    broken=st.sampled_from([(), ("short",), ("short", "true")]),
    failures=st.sampled_from([(), ("invents",)]),
    confidence=st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    latency_ms=st.none() | st.integers(0, 10**6),
    words=st.integers(0, 10**5),
    treated=st.integers(0, 5),
)


@given(st.lists(checks, max_size=12), st.integers(0, 12))
def test_counts_of_two_halves_are_those_of_the_whole(all_: list[CheckRecord], at: int) -> None:
    assert counts(*all_[:at]).plus(counts(*all_[at:])) == counts(*all_)


@given(st.integers(0, 10**9))
def test_a_bin_holds_what_is_put_into_it(amount: int) -> None:
    assert amount <= most_in(bin_of(amount)) <= amount * 1.2 + 1


def watched(found: Counts, **more: Any) -> Watched:
    return Watched(**({"counts": found, "drift": {}, "budget_spent": {}} | more))


def test_signals_are_what_they_say() -> None:
    found = counts(
        *[check(latency_ms=100, confidence=0.9) for _ in range(18)],
        check(outcome=Outcome.ABSTAINED, broken=("short",), latency_ms=5000),
        check(outcome=Outcome.REFUSED, broken=("short",), failures=("invents",), treated=3),
    )
    signals = signals_of(watched(found, expectations=("short", "true"), modes=("invents",)))
    assert {signal.name for signal in WINDOW_SIGNALS} == set(signals)
    assert (signals["checks"], signals["acceptance_rate"]) == (20, 0.9)
    assert (signals["violation_rate"], signals["abstention_rate"]) == (0.1, 0.05)
    assert signals["broken_rate"] == {"short": 0.1, "true": 0.0}
    assert signals["failure_rate"] == {"invents": 0.05}
    assert signals["personal_data_per_thousand"] == 150
    assert signals["mean_confidence"] == 0.9
    assert signals["latency_p95_ms"] == round(most_in(bin_of(5000)), 1)
    assert percentile(found.latencies, 0.5) < 120


def test_a_window_of_nothing_has_signals_too() -> None:
    signals = signals_of(watched(Counts()))
    assert all(not value for value in signals.values())


def test_calibration_is_measured_where_the_truth_is_known() -> None:
    sure_and_wrong = total(told(0.9, right=False) for _ in range(10))
    assert calibration_error(sure_and_wrong) == pytest.approx(0.9)
    assert brier(sure_and_wrong) == pytest.approx(0.81)
    as_sure_as_right = total(told(0.75, right=n % 4 != 0) for n in range(100))
    assert calibration_error(as_sure_as_right) == pytest.approx(0, abs=1e-6)
    assert brier(Counts()) == 0


def mode(when: str, **over: Any) -> tuple[FailureMode, Window]:
    window = Window(last=timedelta(minutes=15), **over)
    one = FailureMode(
        id="m", category=Category.DRIFT, severity=Severity.HIGH, when=when, over=window,
        remedy=Remedy(kind=RemedyKind.NOTE), playbook="p",
    )  # fmt: skip
    return one, window


def test_a_window_fires_with_enough_checks_and_not_before() -> None:
    failing = [check(broken=("short",)) for _ in range(29)]
    one, over = mode("violation_rate > 0.5", least=30)
    assert not fires(one, over, watched(counts(*failing)))
    assert fires(one, over, watched(counts(*failing, check())))
    assert not fires(one, over, watched(counts(*[check()] * 30)))


def test_what_cannot_be_worked_out_counts_as_fired() -> None:
    one, over = mode("checks / (checks - 1) > 5", least=1)
    assert fires(one, over, watched(counts(check())))


def test_success_is_a_target_give_or_take() -> None:
    found = watched(counts(*[check()] * 9, check(outcome=Outcome.REFUSED, broken=("short",))))

    def stands(signal: str, **target: float) -> Standing:
        criterion = Criterion(id="c", signal=signal, over=timedelta(days=7), **target)
        return standing(criterion, found)

    assert stands("acceptance_rate", at_least=0.9) is Standing.MET
    assert stands("acceptance_rate", at_least=0.95, variance=0.05) is Standing.WITHIN
    assert stands("acceptance_rate", at_least=0.95, variance=0.04) is Standing.MISSED
    assert stands("violation_rate", at_most=0.1) is Standing.MET
    assert stands("violation_rate", at_most=0.05) is Standing.MISSED
    criterion = Criterion(id="c", signal="brier", over=timedelta(days=7), at_most=0.1)
    assert standing(criterion, watched(Counts())) is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("signal", "unstated"),
    [("latency_p95_ms", "latency_ms"), ("mean_latency_ms", "latency_ms"),
     ("mean_confidence", "confidence"), ("brier", None), ("calibration_error", None)],
)  # fmt: skip
def test_a_target_is_not_met_by_what_nobody_stated(signal: str, unstated: str | None) -> None:
    target = Criterion(id="c", signal=signal, over=timedelta(days=7), at_most=3000)
    assert standing(target, watched(counts(check()))) is Standing.UNKNOWN
    if unstated is not None:
        stated = check(**{unstated: 1})
        assert standing(target, watched(counts(check(), stated))) is Standing.MET


@pytest.mark.parametrize(
    ("good", "bad_ones"), [(Good.KEPT, 3), (Good.ACCEPTED, 4), (Good.ANSWERED, 2)]
)
def test_an_error_budget_is_what_may_be_bad(good: Good, bad_ones: int) -> None:
    found = counts(
        *[check() for _ in range(95)],
        check(broken=("short",)),
        *[check(outcome=Outcome.ABSTAINED) for _ in range(2)],
        *[check(outcome=Outcome.REFUSED, broken=("short",)) for _ in range(2)],
    )
    objective = Objective(id="o", good=good, share=0.96, over=timedelta(days=28))
    assert budget_spent(objective, found) == pytest.approx(bad_ones / 4)
    assert budget_spent(replace(objective, share=1.0), found) == bad_ones
    assert budget_spent(objective, Counts()) == 0
    assert budget_spent(objective, counts(check(outcome=Outcome.REFUSED, broken=("short",)))) == 0


# -- Drift ------------------------------------------------------------------------------------


def day(random: Random, size: int, *, longer: float = 1.0, surer: float = 0.0) -> Counts:
    return counts(
        *[
            check(
                words=int(random.lognormvariate(3, 0.5) * longer),
                latency_ms=int(random.lognormvariate(6, 0.6)),
                confidence=min(1.0, random.betavariate(8, 2) + surer),
                outcome=random.choices(list(Outcome)[:3], [90, 8, 2])[0],
                broken=("short",) if random.random() < 0.05 else (),
                treated=int(random.random() < 0.1),
            )
            for _ in range(size)
        ]
    )


def test_answers_half_as_long_again_have_drifted_and_the_rest_has_not() -> None:
    random = Random(7)
    found = drift(day(random, 400, longer=1.5), day(random, 4000))
    assert set(found) == set(COMPARED)
    assert found["length"] > 0.2
    assert [name for name, far in found.items() if far] == ["length"]


def test_the_same_is_no_drift_however_often_one_looks() -> None:
    """Six comparisons in each of 150 looks: at 0.001 after Holm, one false alarm in a thousand."""
    random = Random(11)
    baseline = day(random, 2000)
    alarms = sum(any(drift(day(random, 100), baseline).values()) for _ in range(150))
    assert alarms <= 1


def test_few_checks_and_nothing_to_compare_with_are_no_drift() -> None:
    random = Random(3)
    assert not any(drift(day(random, 200), Counts()).values())
    assert not any(drift(day(random, 3, longer=9), day(random, 3)).values())


# -- As it is written -------------------------------------------------------------------------

STOP = "playbooks: [{id: p, title: P, steps: [{halt: {}}]}]\n"


def written(fields: str, more: str = "") -> str:
    return (
        f"{HEAD}"
        "expectations: [{id: short, length: {unit: words, most: 9}, otherwise: note}]\n"
        f"failure_modes: [{{id: m, category: drift, severity: high, {fields}}}]\n{STOP}{more}"
    )


def errors_of(text: str) -> list[str]:
    faults = lint(text, name="test", today=date(2026, 11, 26))
    return [fault.says for fault in faults if fault.severity.value == "error"]


def test_a_window_is_read_with_all_that_watches_it() -> None:
    text = written(
        "when: drift_length > 0.2, over: {last: PT1H, least: 50}, playbook: p",
        "monitor:\n  baseline: {before: P7D, significance: 0.01}\n"
        "  objectives: [{id: o, good: kept, share: 0.99, over: P28D}]\n",
    )
    contract = read(text, name="t")
    assert contract.failure_modes[0].over == Window(last=timedelta(hours=1), least=50)
    assert contract.monitor.baseline == Baseline(before=timedelta(days=7), significance=0.01)
    assert contract.monitor.objectives[0].over == timedelta(days=28)
    assert errors_of(text) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            written("when: violation_rate > 1, over: {last: PT1H}, playbook: p"),
            "found no matching overload for '_>_' applied to '(double, int)' (character 16)",
        ),
        (
            written("when: mean_words > 100, over: {last: PT1H}, playbook: p"),
            "found no matching overload for '_>_' applied to '(double, int)' (character 12)",
        ),
        (
            written("when: lix > 1.0, over: {last: PT1H}, playbook: p"),
            "undeclared reference to 'lix' (in container '') (character 1)",
        ),
        (
            written("when: \"broken_rate['shirt'] > 0.1\", over: {last: PT1H}, playbook: p"),
            "broken_rate has no 'shirt'",
        ),
        (
            written("when: violation_rate > 0.1, over: {last: PT1H}"),
            "nothing is done about it",
        ),
        (
            written("when: violation_rate > 0.1, over: {last: PT1H}, playbook: p, remedy: refuse"),
            "there is no one answer that could be decided about",
        ),
        (
            written("when: violation_rate > 0.1, over: {last: PT1S}, playbook: p"),
            "this is no time that is kept",
        ),
        (
            written("when: violation_rate > 0.1, over: {last: PT1H, use_case: x}, playbook: p"),
            "the scope has no use case 'x'",
        ),
        (
            written("when: drift_length > 0.1, over: {last: PT1H}, playbook: p"),
            "something is about drift, and there is no baseline to drift from",
        ),
        (
            f"{HEAD}scope: {{success: [{{id: c, signal: checks, at_least: 1, over: P7D}}]}}\n",
            "there is no signal 'checks' that is one number",
        ),
    ],
)
def test_what_cannot_work_is_said(text: str, says: str) -> None:
    assert says in errors_of(text)
