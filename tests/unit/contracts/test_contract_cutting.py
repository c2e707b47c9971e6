"""An example that is cut out of a contract takes nothing else with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from privacy_service.behavior.canonical import digest as behavior_digest
from privacy_service.behavior.read import read as read_behavior
from privacy_service.contracts.canonical import digest
from privacy_service.contracts.cutting import example_texts, holds, names, without_examples
from privacy_service.contracts.read import read
from privacy_service.contracts.write import as_yaml

EXAMPLES = Path(__file__).parents[3] / "examples"
SHARING = sorted((EXAMPLES / "contracts").glob("*.yaml"))
BESIDE_COMMENTS = """# before
title: 'no'  # beside
examples:
- name: a
  payload: |
    x@y.example

- name: b # last
id: c
"""
BEHAVIOR = sorted((EXAMPLES / "behavior").glob("*.yaml"))


@pytest.mark.parametrize("file", SHARING, ids=lambda file: file.stem)
def test_a_sharing_contract_means_the_same_without_its_examples(file: Path) -> None:
    source = file.read_text()
    before = read(source, name="before")
    for place in range(len(before.examples)):
        cut = without_examples(source, frozenset({place}), says="One is gone.")
        left = tuple(one for at, one in enumerate(before.examples) if at != place)
        after = read(cut, name="after")
        assert digest(after) == digest(replace(before, examples=left))
        assert [one.name for one in after.examples] == [one.name for one in left]
        assert cut.startswith("# One is gone.\n")
        assert len(example_texts(cut)) == len(left)
    everything = without_examples(source, frozenset(range(len(before.examples))), says="x")
    assert "\nexamples:" not in everything
    assert digest(read(everything, name="none")) == digest(replace(before, examples=()))


@pytest.mark.parametrize("file", BEHAVIOR, ids=lambda file: file.stem)
def test_a_behavior_contract_does_too(file: Path) -> None:
    source = file.read_text()
    before = read_behavior(source, name="before")
    assert len(example_texts(source)) == len(before.examples)
    cut = without_examples(source, frozenset(range(len(before.examples))), says="x")
    without = replace(before, examples=())
    assert behavior_digest(read_behavior(cut, name="after")) == behavior_digest(without)


@pytest.mark.parametrize(
    "source",
    [
        'title: "yes"\nexamples: [{name: a, payload: "x@y.example"}, {name: b, payload: "1"}]\n',
        BESIDE_COMMENTS,
        'examples:\n    - {name: "a: x@y.example"}\n    - name: b\n      payload: >-\n        1\n',
    ],
)
def test_however_it_is_written(source: str) -> None:
    texts = example_texts(source)
    assert [names(one, "X@Y.example") for one in texts] == [True, False]
    cut = without_examples(source, frozenset({0}), says="gone")
    assert example_texts(cut) == texts[1:]
    assert "x@y.example" not in cut
    assert "examples" not in without_examples(source, frozenset({0, 1}), says="gone")


def test_what_cannot_be_read_has_none() -> None:
    assert example_texts("a: 1\na: 2\n") == ()
    assert example_texts("- a\n") == ()


@pytest.mark.parametrize(
    ("payload", "identifier", "named"),
    [
        ("for\nMaria@Mail.example.", "maria@mail.example", True),
        ('{"mail": "mailto:maria@mail.example"}', "maria@mail.example", True),
        ("anna.maria@mail.example", "maria@mail.example", False),
        ("anna-maria@mail.example", "maria@mail.example", False),
        ("maria@mail.example.org", "maria@mail.example", False),
        ('{"id": "C-77", "name": "O\'Neil \\\\ x"}', "C-77", True),
        ('{"id": "C-7712"}', "C-77", False),
        ('{"id": "AC-77"}', "C-77", False),
        ("call +49 30 901820 now", "+49 30 901820", True),
        ("call +49 30 9018201", "+49 30 901820", False),
        ("{4711}", "4711", True),
        ("14711", "4711", False),
    ],
)
def test_an_identifier_is_a_word_and_no_part_of_one(
    payload: str, identifier: str, named: bool
) -> None:
    source = as_yaml({"examples": [{"name": "a", "payload": payload}]})
    (example,) = example_texts(source)
    assert names(example, identifier) is named
    assert holds(source, identifier) is named
    assert holds(f"# {payload}\na: 1\n".replace("\n", " ", 1), identifier) is named
