"""The contracts in examples/behavior are without fault, and do as their examples say."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.lint import lint
from privacy_service.behavior.read import read
from privacy_service.behavior.rehearse import rehearse
from privacy_service.behavior.schema import FILE, schema_text
from tests.unit.behavior.behavior_texts import STAGE

FOLDER = Path(__file__).parents[3] / "examples" / "behavior"
CONTRACTS = sorted(FOLDER.glob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads(schema_text())


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_they_are_without_fault(path: Path) -> None:
    assert lint(path.read_text("utf-8"), name=path.name, today=date(2026, 11, 26)) == ()


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_their_examples_come_out_as_they_state(path: Path) -> None:
    done = list(rehearse(compiled(read(path.read_text("utf-8"), name=path.name)), STAGE))
    assert done
    assert [one.example.name for one in done if not one.as_expected] == []


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_the_schema_takes_them(path: Path) -> None:
    written = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    plain = json.loads(json.dumps(written, default=str))
    assert list(Draft202012Validator(SCHEMA).iter_errors(plain)) == []


def test_the_published_schema_is_up_to_date() -> None:
    published = files("privacy_service.behavior").joinpath(FILE).read_text(encoding="utf-8")
    assert published == schema_text(), "run: python -m privacy_service.behavior.schema"


def test_an_example_that_comes_out_otherwise_says_why() -> None:
    source = (FOLDER / "helpdesk-answers.yaml").read_text("utf-8")
    changed = source.replace("    prompt: When does my parcel arrive?\n", "")
    done = list(rehearse(compiled(read(changed, name="changed")), STAGE))
    (other,) = [one for one in done if not one.as_expected]
    assert dict(other.why)["numbers-from-the-order"] == (
        "There is neither a source nor a prompt to compare with."
    )
