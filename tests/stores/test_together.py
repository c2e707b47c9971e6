"""Units that share a commit end as if each had had its own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.errors import PrivacyError
from privacy_service.store.batches import Outcome, transact
from privacy_service.store.engines import open_engines
from privacy_service.store.high_water import HighWater
from privacy_service.store.rows import ReplayConflict
from privacy_service.store.tables import metadata
from privacy_service.store.tuning import Durability, Tuning
from privacy_service.store.views import Writing
from tests.stores.databases import NOW, migrated_url
from tests.stores.samples import data_key, disclosure, entry, record, replay, token

FEW = st.integers(min_value=0, max_value=2)


@dataclass(frozen=True)
class Step:
    """One thing that a unit of work does: `does` to the one numbered `which` of a few."""

    does: str
    which: int


def take(writing: Writing, step: Step) -> object:
    name = str(step.which)
    match step.does:
        case "append":
            return writing.audit.append(entry(reason=name))
        case "disclose":
            return writing.disclosures.add(disclosure(writing.audit.append(entry())))
        case "disclose under a taken id":
            position = writing.audit.append(entry())
            return writing.disclosures.add(disclosure(position, id=name))
        case "mint":
            return writing.tokens.put_many([token(name)])
        case "keep":
            return writing.records.put(record(id=name))
        case "delete":
            return writing.records.delete("acme", name)
        case "answer":
            return writing.replays.put(replay(name))
        case "count":
            return writing.quotas.take(name, NOW, 2)
        case "key":
            return writing.data_keys.put(data_key(id=f"k{name}", subject=name)).id
        case "shred":
            return writing.data_keys.shred("acme", name, at=NOW)
        case "read":
            return [each.leaf for each in writing.audit.entries()]
        case "look up":
            return writing.tokens.get(name), writing.disclosures.get(name)
        case _:
            raise RuntimeError(name)


DEEDS = (
    "append", "disclose", "disclose under a taken id", "mint", "keep", "delete", "answer", "count",
    "key", "shred", "read", "look up", "raise",
)  # fmt: skip
STEPS = st.builds(Step, st.sampled_from(DEEDS), FEW)
UNITS = st.lists(st.lists(STEPS, max_size=4), min_size=1, max_size=6)


def work(steps: Sequence[Step]):
    return lambda writing: [take(writing, step) for step in steps]


def told(outcome: Outcome) -> object:
    match outcome.raised:
        case None:
            return outcome.returned
        case PrivacyError() as refusal:
            return refusal.reason.code
        case ReplayConflict() as conflict:
            return conflict.request_id
        case other:
            return repr(other)


def run(batches: Sequence[Sequence[Any]]) -> tuple[list[object], dict[str, list[Any]]]:
    """What each unit was told, and every row that is there in the end."""
    with tempfile.TemporaryDirectory() as directory:
        tuning = Tuning(durability=Durability.NORMAL)
        engines = open_engines(migrated_url("sqlite", Path(directory)), tuning)
        outcomes = [
            outcome
            for batch in batches
            for outcome in transact(engines.writing, batch, HighWater())
        ]
        with engines.reading.connect() as connection:
            rows = {
                table.name: sorted(connection.execute(table.select()).all(), key=str)
                for table in metadata.sorted_tables
            }
        engines.dispose()
    return [told(outcome) for outcome in outcomes], rows


@settings(max_examples=25, deadline=None)
@given(units=UNITS)
def test_together_is_as_one_by_one(units: list[list[Step]]) -> None:
    works = [work(steps) for steps in units]
    assert run([works]) == run([[each] for each in works])
