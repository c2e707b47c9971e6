"""The published JSON Schema is the one that the reader's models make, and explains each key."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from privacy_service.contracts.schema import FILE, schema_text
from tests.unit.contracts.contract_texts import MINIMAL, with_lines

SCHEMA: dict[str, Any] = json.loads(schema_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def faults(text: str) -> list[str]:
    """What an editor would underline."""
    yaml = YAML(typ="safe", pure=True)
    written = json.loads(json.dumps(yaml.load(text), default=str))
    return [error.message for error in VALIDATOR.iter_errors(written)]


def test_the_published_schema_is_up_to_date() -> None:
    published = files("privacy_service.contracts").joinpath(FILE).read_text(encoding="utf-8")
    assert published == schema_text(), "run: python -m privacy_service.contracts.schema"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_has_a_description_and_what_is_not_plain_an_example() -> None:
    for name, properties in _objects():
        for key, said in properties.items():
            assert said.get("description") or _definition(said).get("description"), (name, key)
            words = {"boolean", "object"} & {said.get("type")} or {"enum", "const"} & said.keys()
            told = said.get("examples") or "default" in said or "$ref" in said or words
            listed = said.get("type") == "array" or name == "entities"
            assert told or listed or key in ("payload", "output", "treatment"), (name, key)


def test_it_takes_what_the_reader_takes() -> None:
    assert faults(MINIMAL) == []
    rich = with_lines(
        "entities: {default: keep, PERSON: {mask: {keep_last: 2}}, DOB: {treatment: hash}}",
        "regions: [EU]",
        "retention: {ours: P1Y}",
        "quota: {transfers: 3, per: PT1H}",
    )
    assert faults(rich) == []


@pytest.mark.parametrize(
    "line",
    [
        "colour: red",
        "direction: up",
        "purposes: [Purpose]",
        "regions: [UK]",
        "entities: {EMIAL: redact}",
        "entities: {PERSON: redakt}",
        "entities: {PERSON: {}}",
        "fields: [{path: $.a, type: EMAIL}]",
        "fields: [{permit: true}]",
        "quota: {transfers: 0, per: P1D}",
        "retention: {ours: 30 days}",
        "effective: {from: soon}",
    ],
)
def test_an_editor_underlines_what_the_reader_refuses(line: str) -> None:
    assert faults(with_lines(line))


def test_an_editor_completes_vocabularies() -> None:
    definitions = SCHEMA["$defs"]
    assert "dpv:DeliveryOfGoods" in definitions["Purpose"]["anyOf"][0]["enum"]
    assert "eu-gdpr:A6-1-b" in definitions["LegalBasis"]["anyOf"][0]["enum"]
    assert "EU" in definitions["Region"]["enum"]
    assert "US_SSN" in SCHEMA["properties"]["entities"]["properties"]


def _objects() -> list[tuple[str, dict[str, Any]]]:
    named = [("contract", SCHEMA), ("entities", SCHEMA["properties"]["entities"])]
    named += SCHEMA["$defs"].items()
    return [(name, schema["properties"]) for name, schema in named if "properties" in schema]


def _definition(said: dict[str, Any]) -> dict[str, Any]:
    name = said.get("$ref", "").removeprefix("#/$defs/")
    found: dict[str, Any] = SCHEMA["$defs"].get(name, {})
    return found
