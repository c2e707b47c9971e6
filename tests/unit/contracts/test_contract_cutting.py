"""An example that is cut out of a contract takes nothing else with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from privacy_service.behavior.canonical import digest as behavior_digest
from privacy_service.behavior.read import read as read_behavior
from privacy_service.contracts.canonical import digest
from privacy_service.contracts.cutting import example_texts, names, without_examples
from privacy_service.contracts.read import read

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
    assert names('{"payload":"{\\"name\\": \\"O\'Neil \\\\ x\\"}"}', "O'Neil")
