"""Erasure when machines die: what was done is done once, what was not is done later."""

from __future__ import annotations

import json
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from privacy_service.app.publishing import log_keys
from privacy_service.evidence.proven_note import RECEIPT, ProvenNote
from privacy_service.settings import AllSettings
from privacy_service.subjects.erasures import Phase
from privacy_service.subjects.requests import RequestState
from retention.jobs import erase, tell
from retention.jobs.erase import JOB
from retention.workplace import Workplace
from tests.retention.erasures import (
    KEY,
    MARIA,
    PETER,
    REQUEST,
    Died,
    DiesAfter,
    Plain,
    Twice,
    erasure,
    seed,
)
from tests.retention.workers import (
    await_,
    has_receipt,
    killed_at,
    settings_for,
    worker,
    workplace_for,
)
from tests.stores.databases import KINDS

STEPS = 15
"""At least as many steps as the erasure of the sample has."""


def waiting(at: Workplace) -> tuple[str, ...]:
    assert JOB.waiting is not None
    return JOB.waiting(at, 100)


def finish(at: Workplace) -> None:
    """What ticks do, until nothing waits; recipients confirm meanwhile."""
    while keys := waiting(at):
        for key in keys:
            JOB.work(at, key, Plain())
    with at.database.reading() as view:
        notices = view.notices.of_request(REQUEST)
    now = at.clock.now()
    for notice in notices:
        confirmed = notice.confirmed(by=notice.recipient, at=now)
        at.database.commit(lambda tx, confirmed=confirmed: tx.notices.keep(confirmed))  # type: ignore[misc]
    while keys := waiting(at):
        for key in keys:
            JOB.work(at, key, Plain())


def require_erased(at: Workplace, *, records: int, recipients: int) -> None:
    """Everything about MARIA is gone, once; PETER is as he was; and the receipt says just that."""
    with at.database.reading() as view:
        assert [row.id for row in view.records.list("acme", limit=1000)] == ["peter-0000000"]
        assert view.data_keys.get("acme", MARIA) is None
        assert view.data_keys.by_id([KEY]) == {}
        assert view.data_keys.get("acme", PETER) is not None
        assert not any(view.tokens.get(f"tok_{n:04}") for n in range(recipients))
        assert all(view.replays.find("acme", f"request-{n}") is None for n in range(recipients))
        assert view.erasures.barred([MARIA, PETER], ["acme"]) == (MARIA,)
        assert len(view.notices.of_request(REQUEST)) == recipients
        found = view.erasures.get(REQUEST)
        assert found is not None
        assert found.phase is Phase.DONE
        assert view.requests.get(REQUEST).state is RequestState.COMPLETED
    said = receipt(at)
    assert said["final"]
    assert {one["what"]: one["count"] for one in said["deleted"]} == {
        what: count
        for what, count in (
            ("record", records), ("token", recipients), ("answer", recipients), ("data_key", 1),
        )
        if count
    }  # fmt: skip
    assert len(said["told"]) == recipients


def receipt(at: Workplace) -> dict[str, Any]:
    text = erase.receipts(at.settings, at.database, at.keyring, at.clock).file(REQUEST)
    keys = log_keys(at.keyring, at.settings.evidence.origin)
    return ProvenNote.parse(text, RECEIPT).verify(*keys).content


@pytest.mark.parametrize("kind", KINDS)
def test_a_machine_may_die_after_any_step(tmp_path: Path, kind: str) -> None:
    for steps in range(STEPS):
        folder = tmp_path / str(steps)
        folder.mkdir()
        with erasure(kind, folder) as at:
            (key,) = waiting(at)
            try:
                JOB.work(at, key, DiesAfter(steps))
            except Died:
                died = True
            else:
                died = False
            finish(at)
            require_erased(at, records=5, recipients=2)
    assert not died, "there are more steps: raise STEPS"


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_may_be_done_twice(tmp_path: Path, kind: str) -> None:
    with erasure(kind, tmp_path, records=1203) as at:
        (key,) = waiting(at)
        JOB.work(at, key, Twice())
        finish(at)
        require_erased(at, records=1203, recipients=2)


@pytest.mark.parametrize("kind", KINDS)
def test_two_workers_on_one_request(tmp_path: Path, kind: str) -> None:
    with erasure(kind, tmp_path, records=900, recipients=3) as at:
        (key,) = waiting(at)
        both = [threading.Thread(target=JOB.work, args=(at, key, Plain())) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        finish(at)
        require_erased(at, records=900, recipients=3)


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("sqlite", "tell:after,delete:after,shred:after,receipt:before"),
        ("postgresql", "shred:before,receipt:after"),
    ],
)
def test_killed_processes_change_nothing_but_the_time(
    tmp_path: Path, kind: str, places: str
) -> None:
    settings = settings_for(kind, tmp_path)
    with workplace_for(settings) as at:
        seed(at.database, records=7, recipients=2, now=at.clock.now())
        with worker(tmp_path, settings, places, program="tests.retention.eraser") as killed:
            await_(
                lambda: killed_at(killed, places) and has_receipt(at, REQUEST) and not waiting(at)
            )
        if kind == "sqlite":
            require_told_once(at, tmp_path, settings)
        finish(at)
        require_erased(at, records=7, recipients=2)


def require_told_once(at: Workplace, folder: Path, settings: AllSettings) -> None:
    """A worker that dies while it tells leaves each notice as if it had been told once."""
    places = "call:after"
    with worker(folder, settings, places, "tell", program="tests.retention.eraser") as killed:
        await_(lambda: killed_at(killed, places) and not tell.JOB.waiting(at, 10))  # type: ignore[misc]
    with at.database.reading() as view:
        found = view.notices.of_request(REQUEST)
    assert [one.next_at for one in found] == [one.deadline for one in found]


def test_memory_does_not_grow_with_the_records(tmp_path: Path) -> None:
    peaks = []
    for number, records in enumerate((1000, 6000)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with erasure("sqlite", folder, records=records, recipients=1) as at:
            (key,) = waiting(at)
            tracemalloc.start()
            JOB.work(at, key, Plain())
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 1_000_000, peaks


def test_what_the_engine_remembers_names_no_one(tmp_path: Path) -> None:
    with erasure("sqlite", tmp_path) as at:
        (key,) = waiting(at)
        assert MARIA not in key
        returned: list[object] = []

        class Listening(Plain):
            def do(self, name: str, step: Any) -> Any:
                returned.append(step())
                return returned[-1]

        JOB.work(at, key, Listening())
        assert MARIA not in json.dumps(returned)
        assert "r-000" not in json.dumps(returned)
