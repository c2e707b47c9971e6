"""Hostile texts and contracts are judged within bounds (bench/behavior.py has the times)."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_service.behavior.judgement import Verdict
from privacy_service.behavior.lint import check_contract
from privacy_service.contracts.faults import ContractFault
from tests.unit.behavior.behavior_texts import HEAD, checked, expecting, judgement


def test_many_places_of_a_phrase() -> None:
    judged = judgement("wording: {forbid: [sue]}", "sue " * 20_000)
    assert judged.verdict is Verdict.BROKEN
    assert len(judged.spans) <= 1_001


def test_a_system_prompt_that_repeats_itself() -> None:
    words = "a b " * 5_000
    assert judgement("prompt_leak: {words: 200}", words, system_prompt=words).count is not None


def test_an_answer_of_a_megabyte_under_a_thousand_expectations() -> None:
    lines = "".join(
        f"  - {{id: e{n}, length: {{unit: words, most: {n + 1}}}, otherwise: note}}\n"
        for n in range(1_000)
    )
    done = checked(f"{HEAD}expectations:\n{lines}", "word " * 200_000)
    assert len(done.results) == 1_000


def test_deep_json_under_a_schema_that_follows_it() -> None:
    schema = "{$defs: {node: {properties: {a: {$ref: '#/$defs/node'}}}}, $ref: '#/$defs/node'}"
    deep = '{"a":' * 90 + "1" + "}" * 90
    judged = judgement(f"format: {{json_schema: {schema}}}", deep)
    assert judged.verdict is Verdict.KEPT


def test_a_pattern_that_others_backtrack_on() -> None:
    judged = judgement("patterns: {forbid: ['(a+)+$', '(a|aa)+b']}", "a" * 100_000)
    assert judged.verdict is Verdict.BROKEN


def test_a_condition_that_would_go_on_for_long_counts_as_fired() -> None:
    lines = "".join(
        f"  - {{id: e{n}, length: {{unit: words, least: 5}}, otherwise: note}}\n"
        for n in range(1_000)
    )
    mode = (
        "failure_modes: [{id: m, category: other, severity: low, remedy: refuse, "
        "when: 'broken.all(a, broken.all(b, broken.all(c, a + b + c != \"\")))'}]\n"
    )
    done = checked(f"{HEAD}expectations:\n{lines}{mode}", "one")
    assert [one.id for one in done.failures] == ["m"]
    assert done.content is None


@pytest.mark.parametrize(
    ("contract", "says"),
    [
        (
            expecting("patterns: {forbid: ['((a{1000}){1000}){9}']}"),
            "this is not an RE2 pattern",
        ),
        (
            HEAD
            + "expectations:\n"
            + "".join(
                f"  - {{id: e{n}, secrets: {{}}, otherwise: refuse}}\n" for n in range(10_000)
            ),
            "the greatest number of entries is 1000",
        ),
        (
            HEAD
            + "failure_modes: [{id: m, category: other, severity: low, remedy: refuse, when: '"
            + "(" * 500
            + "words > 1"
            + ")" * 500
            + "'}]\n",
            "this is not a condition",
        ),
    ],
    ids=["pattern", "ten thousand expectations", "condition"],
)
def test_a_contract_that_asks_too_much_is_not_taken(contract: str, says: str) -> None:
    with pytest.raises(ContractFault) as faulty:
        check_contract(contract, name="test", today=date(2026, 11, 26))
    assert any(says in fault.says for fault in faulty.value.faults), faulty.value.faults
