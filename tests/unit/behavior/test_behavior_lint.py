"""What is wrong with a behavior contract, told with its place."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_service.behavior.lint import check_contract, lint
from privacy_service.contracts.faults import ContractFault, Severity
from tests.unit.behavior.behavior_texts import HEAD, expecting

TODAY = date(2026, 11, 26)


def errors(text: str) -> list[str]:
    try:
        faults = lint(text, name="test", today=TODAY)
    except ContractFault as unreadable:
        faults = unreadable.faults
    return [str(fault) for fault in faults if fault.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            expecting("lenght: {unit: words}"),
            "9:28: error: expectations[0].lenght: there is no",
        ),
        (expecting("length: {unit: wrds, most: 1}"), "did you mean words?"),
        (expecting("length: {unit: words}"), "it has no bound"),
        (expecting("length: {unit: words, least: 3, most: 2}"), "least is more than most"),
        (expecting("length: {unit: words, most: 1}", "redact"), "there is nothing to redact"),
        (expecting("length: {unit: words, most: 1}", "replace"), "`replace` needs its parameters"),
        (expecting("length: {unit: words, most: 1}, secrets: {}"), "an expectation expects one"),
        (expecting("wording: {}"), "it expects nothing"),
        (expecting("patterns: {forbid: ['(?=a)']}"), "this is not an RE2 pattern"),
        (expecting("patterns: {forbid: ['(a+']}"), "this is not an RE2 pattern"),
        (expecting("patterns: {forbid: ['a*']}"), "found in every text"),
        (expecting("format: {json_schema: {type: objekt}}"), "this is not a JSON Schema"),
        (expecting("format: {json_schema: {$ref: 'http://x.example/s'}}"), "this is not a JSON"),
        (expecting("prompt_leak: {}", side="prompt"), "of an output only"),
        (expecting("injection: {}", "ask-again", side="prompt"), "a prompt is not asked for again"),
        (HEAD.replace("parrot-ai", "acme-shop"), "both parties are one partner"),
        (HEAD + "confidence: {answer: 0.2, partial: 0.5, say: No.}\n", "partial is more than"),
        (HEAD + "effectve: 1\n", "there is no key 'effectve' here (did you mean effective?)"),
    ],
)
def test_each_fault(text: str, says: str) -> None:
    found = errors(text)
    assert len(found) == 1, found
    assert says in found[0]


def mode(when: str, remedy: str = "refuse") -> str:
    return (
        expecting("secrets: {}")
        + "failure_modes:\n"
        + f"  - {{id: m, category: other, severity: low, remedy: {remedy}, when: {when}}}\n"
    )


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ("wrds > 1", "undeclared reference to 'wrds'"),
        ("words > 'a'", "found no matching overload for '_>_'"),
        ("words + 1", "a condition comes to true or false"),
        ("words >", "Syntax error"),
        ("\"'els' in broken\"", "there is no expectation 'els'"),
    ],
)
def test_conditions_are_type_checked(when: str, says: str) -> None:
    found = errors(mode(when))
    assert len(found) == 1, found
    assert says in found[0]


def test_a_failure_mode_has_nothing_to_redact() -> None:
    assert "no place that could be redacted" in errors(mode("words > 1", "redact"))[0]


def test_too_many_patterns_are_refused() -> None:
    words = ", ".join(f"w{n}" for n in range(1_500))
    many = "".join(
        f"  - {{id: e{n}, wording: {{forbid: [{words}]}}, otherwise: refuse}}\n" for n in range(3)
    )
    assert "more than 4000" in errors(f"{HEAD}expectations:\n{many}")[0]


def test_a_contract_without_errors_is_taken_with_its_warnings() -> None:
    warned = lint(HEAD, name="test", today=TODAY)
    assert {fault.severity for fault in warned} == {Severity.WARNING}
    assert check_contract(HEAD, name="test", today=TODAY).id == "answers"


def test_a_contract_that_streams_says_what_holds_a_text_back() -> None:
    text = expecting("wording: {forbid: [a]}") + "streaming: {}\n"
    (said,) = [one for one in lint(text, name="test", today=TODAY) if "streamed" in one.says]
    assert (said.severity, said.path) == (Severity.WARNING, "expectations[0].otherwise")
    assert "it holds every streamed text back to its end" in said.says
    breaking = text.replace("streaming: {}", "streaming: {may_break_off: true}")
    assert not any("streamed" in one.says for one in lint(breaking, name="test", today=TODAY))


def test_what_is_approved_is_kept_long_enough_to_be_collected() -> None:
    (fault,) = errors(HEAD + "review: {keep: PT5M}\n")
    assert "review.keep: what was approved is gone before it can well be collected" in fault
    assert not errors(HEAD + "review: {keep: PT1H}\n")
