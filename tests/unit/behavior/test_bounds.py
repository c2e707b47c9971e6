"""Hostile texts and contracts are judged within bounds (bench/behavior.py has the times)."""

from __future__ import annotations

from privacy_service.behavior.judgement import Verdict
from tests.unit.behavior.behavior_texts import HEAD, checked, judgement


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
