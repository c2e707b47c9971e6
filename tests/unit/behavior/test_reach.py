"""How far a pattern reaches, and what of a text is settled."""

from __future__ import annotations

import pytest

from privacy_service.behavior.outflow import plan
from privacy_service.behavior.reach import WHOLE, Reach, of_pattern, settled
from privacy_service.behavior.read import read
from tests.unit.behavior.behavior_texts import HEAD, expecting

MODE = "failure_modes: [{{id: m, category: other, severity: low, remedy: refuse, when: {} > 3}}]\n"


@pytest.mark.parametrize(
    ("pattern", "reach"),
    [
        (r"[A-Z]{5}", Reach(characters=5, blanks=0, lines=0)),
        (r"\w+@\w+\.\w+", Reach(characters=None, blanks=0, lines=0)),
        (r"§ ?\d{1,4}", Reach(characters=6, blanks=1, lines=0, opens=("§",))),
        (r"from .* to", Reach(characters=None, blanks=None, lines=0, opens=("from",))),
        (r"(?i)\bfoo\s+bar\b", Reach(characters=None, blanks=1, lines=None, opens=("foo",))),
        (r"(?:sue|law) x", Reach(characters=5, blanks=1, lines=0, opens=("law", "sue"))),
        (r"\p{Greek}+ x", Reach(characters=None, blanks=1, lines=0)),
        (r"[^a]{3}", Reach(characters=3, blanks=3, lines=3)),
        (r"(?m)^a$", Reach(characters=1, blanks=0, lines=0, opens=("a",))),
        (r"(?s)a.*b", Reach(opens=("a",))),
        (r"^a", WHOLE),
        (r"\Aa", WHOLE),
        (r"\PL+", WHOLE),
        (r"[[:alpha:]]+", WHOLE),
        (r"\C", WHOLE),
    ],
)
def test_a_pattern_reaches_so_far(pattern: str, reach: Reach) -> None:
    assert of_pattern(pattern) == reach


@pytest.mark.parametrize(
    ("reach", "text", "left"),
    [
        (Reach(characters=3), "abcdef", "def"),
        (Reach(blanks=0), "one two thr", "thr"),
        (Reach(blanks=1), "one two thr", "two thr"),
        (Reach(blanks=1), "one two ", "two "),
        (Reach(blanks=3), "one two", "one two"),
        (Reach(lines=0), "one\ntwo three", "two three"),
        (Reach(characters=2, lines=0), "one\ntwo three", "ee"),
        (Reach(blanks=4, opens=("tw",)), "one two three four", "two three four"),
        (Reach(blanks=4, opens=("xx",)), "one two three four", "four"),
        (WHOLE, "one two", "one two"),
    ],
)
def test_so_much_is_held_back(reach: Reach, text: str, left: str) -> None:
    assert text[settled(text, len(text), reach) :] == left


@pytest.mark.parametrize(
    ("more", "whole"),
    [
        ("", []),
        ("personal_data_purpose: dpv:CustomerCare\n", ["personal_data_purpose"]),
        (
            MODE.format("words"),
            ["m"],
        ),
        (
            MODE.format("attempt"),
            [],
        ),
    ],
)
def test_what_asks_for_the_whole_text(more: str, whole: list[str]) -> None:
    contract = read(expecting("wording: {forbid: [a b]}", "redact") + more, name="test")
    assert [one.name for one in plan(contract).whole] == whole


@pytest.mark.parametrize(
    ("expectation", "otherwise", "streams"),
    [
        ("wording: {forbid: [a]}", "redact", True),
        ("wording: {forbid: [a]}", "refuse", True),
        ("wording: {require: [a]}", "refuse", False),
        ("patterns: {forbid: ['(?s)a.*b']}", "refuse", False),
        ("language: {one_of: [en]}", "refuse", False),
        ("language: {one_of: [en]}", "note", True),
        ("format: {json_schema: {}}", "refuse", False),
        ("length: {unit: words, most: 5}", "refuse", True),
        ("length: {unit: words, least: 5}", "refuse", False),
        ("length: {unit: sentences, most: 5}", "refuse", False),
        ("citations: {}", "redact", True),
        ("citations: {least: 1}", "refuse", False),
        ("secrets: {}", "redact", False),
        ("grounding: {numbers: true}", "redact", True),
        ("grounding: {numbers: true, names: true}", "redact", False),
        ("injection: {}", "redact", False),
        ("injection: {}", "refuse", True),
        ("prompt_leak: {}", "refuse", True),
    ],
)
def test_what_streams(expectation: str, otherwise: str, *, streams: bool) -> None:
    text = expecting(expectation, otherwise)
    assert text.startswith(HEAD)
    contract = read(text + "streaming: {may_break_off: true}\n", name="test")
    assert (plan(contract).whole == ()) is streams
