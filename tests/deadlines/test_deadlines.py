"""The worked cases in this folder: what is given, and when the law says that it is due."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from ruamel.yaml import YAML

from privacy_service.law.book import Law, law_of
from privacy_service.law.due import Given, Paused, Taken, due

HERE = Path(__file__).parent
SHOWN = "%Y-%m-%d %H:%M:%S"


@cache
def law() -> Law:
    return law_of()


def cases() -> list[Any]:
    found = []
    for file in sorted(HERE.glob("*.yaml")):
        read = json.loads(json.dumps(YAML(typ="safe").load(file.read_text()), default=str))
        jsonschema.validate(read, json.loads((HERE / "case.schema.json").read_text()))
        found += [pytest.param(case, id=f"{file.stem}: {case['case']}") for case in read]
    return found


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    rule = law().rule(case["rule"])
    where = case.get("place", rule.jurisdiction)
    zone = ZoneInfo(law().place(where).time_zone)

    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=zone)

    given = Given(
        times={name: at(text) for name, text in case["given"].items()},
        expected={name: at(text) for name, text in case.get("expected", {}).items()},
        capacities=frozenset(case.get("capacities", ())),
        extensions=tuple(
            Taken(id=one["id"], told_at=at(one["told"])) for one in case.get("extensions", ())
        ),
        pauses=tuple(
            Paused(
                id=one["id"],
                start=at(one["from"]),
                until=at(one["until"]) if "until" in one else None,
            )
            for one in case.get("pauses", ())
        ),
    )
    answer = due(rule, given, place=where, law=law())
    seen = {
        "state": answer.state.value,
        "legal": answer.legal and answer.legal.astimezone(zone).strftime(SHOWN),
        "safe": answer.conservative and answer.conservative.astimezone(zone).strftime(SHOWN),
    }
    assert seen == {
        "state": case.get("state", "running"),
        "legal": case.get("legal"),
        "safe": case.get("safe"),
    }
    assert list(answer.waits_for) == case.get("waits_for", [])
    assert case.get("why", "") in " ".join(answer.why)
    assert due(rule, given, place=where, law=law()) == answer
