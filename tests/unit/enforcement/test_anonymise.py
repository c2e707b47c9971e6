"""What stays of a payload that is made anonymous: what is named, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service.contracts.model import Generalization, Treatment, TreatmentKind
from privacy_service.enforcement.anonymise import anonymous
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Limits
from privacy_service.schedules.schedule import Staying

KEEP = Treatment(kind=TreatmentKind.KEEP)
YEAR = Treatment(kind=TreatmentKind.GENERALIZE, to=Generalization.YEAR)
CANARY = "canary@mail.example"
TOKEN = "tok_" + "abcdefghijklmnopqrstuvwx23"


def left(payload: Any, *staying: tuple[str, Treatment]) -> Any:
    document = decode("application/json", json.dumps(payload).encode(), limits=Limits())
    found = anonymous(document, [Staying(path=path, treatment=how) for path, how in staying])
    return None if found is None else json.loads(found)


values = st.recursive(
    st.just(CANARY) | st.integers() | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "age", CANARY]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_not_named_is_nowhere_and_what_is_named_stays(inner: Any) -> None:
    payload = {"other": inner, CANARY: 1, "age": 42, "list": [{"age": 7, "x": inner}]}
    stays = left(payload, ("$.age", KEEP), ("$.list[*].age", KEEP), ("$..nothing", KEEP))
    assert stays == {"age": 42, "list": [{"age": 7}]}


@pytest.mark.parametrize(
    ("payload", "staying", "stays"),
    [
        ({"born": "1985-03-12"}, [("$.born", YEAR)], {"born": "1985"}),
        ({"born": "in spring", "n": 1}, [("$.born", YEAR), ("$.n", KEEP)], {"n": 1}),
        ({"born": "in spring"}, [("$.born", YEAR)], None),
        ({"id": TOKEN, "n": 1}, [("$.id", KEEP), ("$.n", KEEP)], {"n": 1}),
        ({"id": f"see {TOKEN}."}, [("$.id", KEEP)], None),
        ({"id": "ab" * 32}, [("$.id", KEEP)], None),
        ({"p": {CANARY: {"age": 3}}}, [("$.p[*].age", KEEP)], None),
        ({"p": [{"age": 3}]}, [("$.p[*].age", KEEP)], {"p": [{"age": 3}]}),
        ({"a": {"b": 1}}, [("$.a", KEEP)], None),
        ({"n": None, "m": CANARY}, [("$.n", KEEP)], {"n": None}),
        ([], [("$.n", KEEP)], None),
    ],
)
def test_cases(payload: Any, staying: list[tuple[str, Treatment]], stays: Any) -> None:
    assert left(payload, *staying) == stays
