"""Each kind of expectation, kept and broken."""

from __future__ import annotations

import pytest

from privacy_service.behavior.judgement import Verdict
from tests.unit.behavior.behavior_texts import checked, expecting, judgement

KEPT, BROKEN, UNDETERMINED = Verdict.KEPT, Verdict.BROKEN, Verdict.UNDETERMINED
SOURCES = {"order": "Order SO-7 of 21 November costs 1.148,40 EUR and goes to Maria Gonzales."}


@pytest.mark.parametrize(
    ("expectation", "content", "verdict"),
    [
        ("length: {unit: words, most: 3}", "one two three", KEPT),
        ("length: {unit: words, most: 3}", "one two three four", BROKEN),
        ("length: {unit: words, least: 2}", "Grüße!", BROKEN),
        ("length: {unit: characters, most: 4}", "äöü€", KEPT),
        ("length: {unit: sentences, most: 1}", "One. Two.", BROKEN),
        ("length: {unit: sentences, most: 1}", "It costs 1.50 euro.", KEPT),
        ("length: {unit: items, most: 2}", "- a\n- b\n- c", BROKEN),
        ("length: {unit: items, least: 2}", "1. a\n2) b", KEPT),
        ("language: {one_of: [en]}", "This is an answer in the language of the shop.", KEPT),
        ("language: {one_of: [de]}", "This is an answer in the language of the shop.", BROKEN),
        ("language: {one_of: [de]}", "OK", KEPT),
        ("readability: {most_lix: 30}", "We go home. You come too.", KEPT),
        (
            "readability: {most_lix: 30}",
            "Notwithstanding contractual limitations, consequential indemnification persists.",
            BROKEN,
        ),
        ("wording: {forbid: [small claims]}", "Go to Small   Claims court", BROKEN),
        ("wording: {forbid: [sue]}", "The issue is closed, Suela.", KEPT),
        ("wording: {forbid: [sue]}", "You could s\u200bue them", BROKEN),
        ("wording: {forbid: [sue]}", "You could &#115;ue them", BROKEN),
        ("wording: {require: [best regards]}", "Best regards, the shop", KEPT),
        ("wording: {require: [best regards, Acme]}", "Best regards, the shop", BROKEN),
        ("patterns: {forbid: ['https?://']}", "see http://x.example", BROKEN),
        ("patterns: {require: ['^Dear ']}", "Dear Maria", KEPT),
        ("topics: {forbid: [{name: law, words: [court]}]}", "The tennis court", BROKEN),
        ("format: {one_of: ['yes', 'no']}", " yes\n", KEPT),
        ("format: {one_of: ['yes', 'no']}", "Yes, of course", BROKEN),
        ("format: {matches: '[A-Z]{3}-\\d+'}", "ABC-12", KEPT),
        ("format: {matches: '[A-Z]{3}-\\d+'}", "it is ABC-12", BROKEN),
        ("format: {media_type: application/json}", "{}", BROKEN),
        ("format: {json_schema: {type: object}}", "Sure! {}", BROKEN),
        ("secrets: {}", "Use sk_live_abcdef123456 for it", BROKEN),
        ("secrets: {}", "Use your own key", KEPT),
    ],
)
def test_by_itself(expectation: str, content: str, verdict: Verdict) -> None:
    assert judgement(expectation, content).verdict is verdict


@pytest.mark.parametrize(
    ("expectation", "content", "verdict"),
    [
        ("citations: {}", "It costs that [order].", KEPT),
        ("citations: {}", "It costs that [invoice].", BROKEN),
        ("citations: {least: 1}", "It costs that.", BROKEN),
        ("quotes: {words: 2}", 'It says "goes to Maria".', KEPT),
        ("quotes: {words: 2}", "It says „goes to  maria“.", KEPT),
        ("quotes: {words: 2}", 'It says "goes to Peter".', BROKEN),
        ("quotes: {words: 4}", 'It says "goes to Peter".', KEPT),
        ("grounding: {numbers: true}", "It costs 1148.40 euro.", KEPT),
        ("grounding: {numbers: true}", "It costs 1,148.4 euro.", KEPT),
        ("grounding: {numbers: true}", "It costs 1148.41 euro.", BROKEN),
        ("grounding: {numbers: true}", "There are 2 ways to do it.", KEPT),
        ("grounding: {numbers: true}", "There are 25 ways to do it.", BROKEN),
        ("grounding: {names: true}", "It goes to Maria Gonzales.", KEPT),
        ("grounding: {share: 0.6}", "The order costs 1148 and goes to Maria.", KEPT),
        ("grounding: {share: 0.6}", "Tomorrow evening everybody celebrates loudly.", BROKEN),
    ],
)
def test_against_the_sources(expectation: str, content: str, verdict: Verdict) -> None:
    assert judgement(expectation, content, sources=SOURCES).verdict is verdict


def test_a_name_that_nobody_gave() -> None:
    judged = judgement("grounding: {names: true}", "It goes to Maria.", sources={"a": "Order 7"})
    assert (judged.verdict, judged.count) == (BROKEN, 1)


def test_nothing_to_compare_with_is_not_grounded() -> None:
    assert judgement("grounding: {numbers: true}", "It costs 5 euro.").verdict is UNDETERMINED


SYSTEM = "You are the help desk of Acme. Never offer a discount of more than ten percent to anyone."


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        ("I never offer a discount of more than ten percent.", BROKEN),
        ("NEVER   OFFER\na Discount, of more than ten", BROKEN),
        ("TmV2ZXIgb2ZmZXIgYSBkaXNjb3VudCBvZiBtb3JlIHRoYW4gdGVu", BROKEN),
        ("There is no discount.", KEPT),
    ],
)
def test_words_of_the_system_prompt(content: str, verdict: Verdict) -> None:
    judged = judgement("prompt_leak: {words: 6}", content, system_prompt=SYSTEM)
    assert judged.verdict is verdict


CALLS = """tool_calls: {allow: [{name: find_order, arguments: {type: object, required: [id],
    properties: {id: {type: string, pattern: '^SO-'}}, additionalProperties: false}},
    {name: say}]}"""


@pytest.mark.parametrize(
    ("content", "verdict", "path"),
    [
        ('{"name": "find_order", "arguments": {"id": "SO-7"}}', KEPT, None),
        (
            '[{"function": {"name": "find_order", "arguments": "{\\"id\\": \\"SO-7\\"}"}}]',
            KEPT,
            None,
        ),
        ('{"name": "say", "arguments": {"anything": 1}}', KEPT, None),
        ('{"name": "find_order", "arguments": {"id": "7"}}', BROKEN, "/id"),
        ('[{"name": "say"}, {"name": "find_order", "arguments": {}}]', BROKEN, "/1"),
        ('{"name": "delete_order", "arguments": {"id": "SO-7"}}', BROKEN, ""),
        ('{"name": "find_order", "arguments": "{"}', BROKEN, ""),
        ("I will look for it.", BROKEN, ""),
        ("[1]", BROKEN, ""),
    ],
)
def test_calls_of_tools(content: str, verdict: Verdict, path: str | None) -> None:
    judged = judgement(CALLS, content)
    assert (judged.verdict, judged.path) == (verdict, path)


def test_a_schema_names_the_place_and_never_the_value() -> None:
    expectation = "format: {json_schema: {properties: {age: {type: integer}}}}"
    (one,) = checked(
        expecting(expectation), '{"age": "canary"}', content_type="application/json"
    ).results
    assert one.judgement.path == "/age"
    assert "canary" not in repr(one)
