"""What a document calls a value elsewhere than in its key is context for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from privacy_service.app.reading import reader
from privacy_service.enforcement.beside import names_beside
from privacy_service.payloads.document import pointer
from privacy_service.settings import LimitSettings


def named(document: Any) -> dict[str, str]:
    _limits, read = reader(LimitSettings())
    nodes = read("application/json", json.dumps(document).encode()).nodes
    return {pointer(nodes[at].path): name for at, name in names_beside(nodes).items()}


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({"label": "Date of birth", "value": "1962-04-11"}, {"/value": "Date of birth"}),
        ({"question": "Your name?", "answer": "Ada"}, {"/answer": "Your name?"}),
        ({"name": "phones", "values": ["1", "2"]}, {"/values/0": "phones", "/values/1": "phones"}),
        ({"system": "urn:mrn", "value": "83"}, {"/value": "mrn"}),
        ({"key": "user.name", "value": {"stringValue": "a"}}, {"/value/stringValue": "user.name"}),
        (
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "5"},
            {"/value": "us-ssn"},
        ),
        ({"columns": ["a", "b"], "rows": [[1, "x"]]}, {"/rows/0/0": "a", "/rows/0/1": "b"}),
        (
            {"fields": [{"name": "a"}, {"name": "b"}], "data": [["x", "y"], ["z"]]},
            {"/data/0/0": "a", "/data/0/1": "b"},
        ),
        ([["name", "town"], ["Ada", "Ely"]], {"/1/0": "name", "/1/1": "town"}),
    ],
)
def test_a_value_is_named_beside_it(document: Any, names: dict[str, str]) -> None:
    assert named(document) == names


@pytest.mark.parametrize(
    "document",
    [
        {"label": "x" * 61, "value": "y"},  # a sentence is no name
        {"label": {"text": "Name"}, "value": "y"},
        {"label": "Name", "note": "y"},
        {"value": "y"},
        {"key": "Name", "value": {"a": "x", "b": "y"}},  # two are no wrapped one
        {"columns": ["a"], "rows": [["x"]]},  # one column is a list
        {"columns": ["a", "b"], "headers": ["c", "d"], "rows": [["x", "y"]]},  # which of the two?
        [["a", "a"], ["x", "y"]],
        [["a", 1], ["x", "y"]],
        [["a", "b"]],
        {},
        [],
        "text",
    ],
)
def test_and_nothing_is_guessed(document: Any) -> None:
    assert named(document) == {}


def test_rows_under_named_columns_have_no_heading_of_their_own() -> None:
    document = {"columns": ["name", "town"], "rows": [["Ada", "Ely"], ["Ben", "Rye"]]}
    assert set(named(document).values()) == {"name", "town"}
