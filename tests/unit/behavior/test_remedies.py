"""What is done about it: the strictest remedy wins, and what is redacted is judged again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service.behavior.check import PLACEHOLDER
from privacy_service.behavior.model import Outcome, Side
from tests.unit.behavior.behavior_texts import HEAD, checked, expecting

FORBID = "wording: {forbid: [sue, lawyer]}"


@pytest.mark.parametrize(
    ("otherwise", "outcome", "content"),
    [
        ("note", Outcome.ACCEPTED, "You could sue them."),
        ("redact", Outcome.TREATED, f"You could {PLACEHOLDER} them."),
        ("ask-again", Outcome.ASK_AGAIN, None),
        ("{replace: Ask us.}", Outcome.TREATED, "Ask us."),
        ("{abstain: I do not know.}", Outcome.ABSTAINED, "I do not know."),
        ("refuse", Outcome.REFUSED, None),
    ],
)
def test_each_remedy(otherwise: str, outcome: Outcome, content: str | None) -> None:
    done = checked(expecting(FORBID, otherwise), "You could sue them.")
    assert done.outcome is outcome
    assert done.content == (None if content is None else content.encode())


def test_what_to_ask_for_is_told() -> None:
    done = checked(expecting(FORBID, "{ask-again: Say it without them.}"), "sue")
    assert done.ask == ("Say it without them.",)


def test_the_strictest_wins() -> None:
    contract = HEAD + (
        "expectations:\n"
        f"  - {{id: a, {FORBID}, otherwise: redact}}\n"
        "  - {id: b, length: {unit: words, most: 2}, otherwise: {replace: Short.}}\n"
        "  - {id: c, wording: {forbid: [them]}, otherwise: note}\n"
    )
    assert checked(contract, "You could sue them.").content == b"Short."
    assert checked(contract, "Sue them").content == f"{PLACEHOLDER} them".encode()


def test_words_of_the_contract_take_the_form_of_what_they_replace() -> None:
    contract = expecting(FORBID, "{replace: Ask us.}")
    done = checked(contract, '{"answer": "sue"}', content_type="application/json")
    assert (done.content, done.content_type) == (b'"Ask us."', "application/json")
    contract = expecting(FORBID, """{replace: '{"answer": "Ask us."}'}""")
    done = checked(contract, '{"answer": "sue"}', content_type="application/json")
    assert json.loads(done.content or b"") == {"answer": "Ask us."}
    done = checked(expecting(FORBID, "{abstain: No.}"), "a,b\nsue,1\n", content_type="text/csv")
    assert (done.content, done.content_type) == (b"No.", "text/plain")


def test_json_stays_json() -> None:
    done = checked(
        expecting(FORBID, "redact"),
        '{"n": 1.50, "say": "sue \\"them\\""}',
        content_type="application/json",
    )
    assert done.content == b'{"n": 1.50, "say": "<REDACTED> \\"them\\""}'


@given(st.text(st.sampled_from("sue lawyr.,-S&#;\u200b\n"), max_size=60))
def test_nothing_forbidden_is_left_after_a_redaction(text: str) -> None:
    contract = expecting(FORBID, "redact")
    done = checked(contract, text)
    if done.content is None:
        return
    assert checked(contract, done.content.decode()).outcome is Outcome.ACCEPTED


BANDS = HEAD + "confidence: {answer: 0.8, partial: 0.5, say: I am not sure., unstated: 0.6}\n"


@pytest.mark.parametrize(
    ("confidence", "outcome"),
    [
        (0.8, Outcome.ACCEPTED),
        (0.79, Outcome.PARTIAL),
        (0.5, Outcome.PARTIAL),
        (0.49, Outcome.ABSTAINED),
        (None, Outcome.PARTIAL),
    ],
)
def test_confidence(confidence: float | None, outcome: Outcome) -> None:
    done = checked(BANDS, "Yes.", confidence=confidence)
    assert done.outcome is outcome
    assert done.content == (b"I am not sure." if outcome is Outcome.ABSTAINED else b"Yes.")


def test_confidence_never_softens_a_refusal() -> None:
    contract = BANDS + f"expectations:\n  - {{id: a, {FORBID}, otherwise: refuse}}\n"
    assert checked(contract, "sue", confidence=0.1).outcome is Outcome.REFUSED
    assert checked(contract, "sue", confidence=0.9).outcome is Outcome.REFUSED


def test_confidence_is_not_asked_of_prompts() -> None:
    assert checked(BANDS, "Who?", side=Side.PROMPT).outcome is Outcome.ACCEPTED


MODES = (
    HEAD
    + f"expectations:\n  - {{id: a, {FORBID}, otherwise: note}}\n"
    + "failure_modes:\n"
    + """  - {id: twice, category: unsafe, severity: high, when: "'a' in broken && attempt > 1",
     remedy: refuse}
  - {id: long, category: style, severity: low, when: words > 5, remedy: note}
  - {id: odd, category: other, severity: low, when: "100 / (words - 3) > 1000", remedy: refuse}
"""
)


def test_failure_modes_fire_when_their_condition_holds() -> None:
    assert checked(MODES, "sue").outcome is Outcome.ACCEPTED
    done = checked(MODES, "sue", attempt=2)
    assert (done.outcome, [mode.id for mode in done.failures]) == (Outcome.REFUSED, ["twice"])
    done = checked(MODES, "a b c d e f g")
    assert (done.outcome, [mode.id for mode in done.failures]) == (Outcome.ACCEPTED, ["long"])


def test_a_condition_that_cannot_be_worked_out_counts_as_fired() -> None:
    done = checked(MODES, "one two three")
    assert (done.outcome, [mode.id for mode in done.failures]) == (Outcome.REFUSED, ["odd"])
