"""YAML that two readers could take for two things is refused, with its place."""

from __future__ import annotations

import pytest

from privacy_service.contracts.source import LARGEST
from tests.unit.contracts.contract_texts import faults_of


@pytest.mark.parametrize(
    "word",
    ["yes", "No", "ON", "off", "y", "N", "True", "FALSE", "null", "Null", "~"],
)
def test_bare_words_that_readers_differ_on(word: str) -> None:
    (fault,) = faults_of(f"title: {word}\n")
    assert (fault.line, fault.column) == (1, 8)
    assert "bare word" in fault.says


@pytest.mark.parametrize(
    "number",
    [
        "012", "0o17", "0x1F", "0b101", "1_000", "12:30", "1:20:30", "1e3", ".5", "5.", ".inf",
        "-.Inf", ".nan", "+0777", "1.5e3", "9" * 40,
    ],
)  # fmt: skip
def test_numbers_that_readers_differ_on(number: str) -> None:
    (fault,) = faults_of(f"title: {number}\n")
    assert (fault.line, fault.column) == (1, 8)
    assert "quote it" in fault.fix


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("a: &x 1\n", 1, 4, "anchors are not read"),
        ("a: 1\nb: *x\n", 2, 4, "aliases are not read"),
        ("a: !!str 3\n", 1, 4, "tags are not read"),
        ("a: !secret 3\n", 1, 4, "tags are not read"),
        ("a: 1\n<<: {b: 2}\n", 2, 1, "merge keys are not read"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", 1, 11, "the key 'b' stands twice"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a file holds one contract"),
        ("%YAML 1.1\n---\na: 1\n", 2, 1, "directives are not read"),
        ("a:\n\tb: 1\n", 2, 1, "a tab cannot stand here"),
        ("a:\t1\n", 1, 3, "a tab cannot stand here"),
        ("a: 'x\n", 2, 1, "this is not YAML"),
        ("a: b: c\n", 1, 5, "this is not YAML"),
        ("a: \x07\n", 1, 4, "cannot stand in YAML"),
        ("a: 1\nb: \ud800\n", 2, 4, "cannot stand in YAML"),
        ('a: "\\ud800"\n', 1, 4, "surrogate"),
        ("a:\nb: 1\n", 1, 1, "nothing is written here"),
        ("? [x]\n: 1\n", 1, 3, "a key must be a word"),
        ("1: x\n", 1, 1, "a key must be a word"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", 1, 35, "nests deeper"),
        ("", 1, 1, "the contract is empty"),
        ("# only a comment\n", 1, 1, "the contract is empty"),
        ("a: " + "x" * LARGEST, 1, 1, "longer than"),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, column: int, says: str) -> None:
    fault = faults_of(text)[0]
    assert says in fault.says
    assert (fault.line, fault.column) == (line, column)
    assert fault.fix


def test_a_billion_laughs_are_not_expanded() -> None:
    lines = ["a0: &a0 [lol]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)
    ]
    faults = faults_of("\n".join(lines))
    assert {fault.says for fault in faults} == {"anchors are not read", "aliases are not read"}


def test_quoted_words_are_text() -> None:
    paths = {fault.path for fault in faults_of("title: 'no'\nid: \"012\"\n")}
    assert "title" not in paths
    assert "id" not in paths
