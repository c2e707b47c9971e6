"""What was planned for a contract is made true for good, once, with its entry in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy_service.clock import SteppedClock
from privacy_service.contracts.course import Planned, Step, StepKind
from privacy_service.evidence.entries import AuditEntry
from privacy_service.store.views import Writing
from retention.jobs.turn_contracts import ACTION, JOB
from retention.workplace import Workplace
from tests.retention.erasures import Twice, erasure
from tests.stores.databases import KINDS
from tests.stores.samples import contract

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "acme-to-globex"


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture(params=KINDS)
def at(request: pytest.FixtureRequest, tmp_path: Path, clock: SteppedClock) -> Iterator[Workplace]:
    with erasure(request.param, tmp_path, records=0, recipients=0, clock=clock) as at:
        yield at


def plan(tx: Writing) -> None:
    tx.contracts.put(contract(id=ID))
    number = tx.contracts.draft(contract(id=ID, digest="sha256:" + "b" * 64)).number
    course = tx.courses.get(ID).planned_for(
        Planned(number=number, at=NOW + timedelta(hours=1), by="ann"), at=NOW
    )
    tx.courses.follow(course, Step(kind=StepKind.PLANNED, at=NOW, by="ann", version=number))


def test_a_plan_whose_time_has_come_is_made_true_once(at: Workplace, clock: SteppedClock) -> None:
    at.database.commit(plan)
    assert JOB.waiting is not None
    assert JOB.waiting(at, 10) == ()
    clock.step(timedelta(hours=1))
    assert JOB.waiting(at, 10) == (ID,)
    JOB.work(at, ID, Twice())
    assert JOB.waiting(at, 10) == ()
    with at.database.reading() as view:
        assert view.courses.head(ID).newest == 2
        entries = [AuditEntry.from_bytes(view.audit.leaf(n)) for n in range(view.audit.size())]
    done = [entry for entry in entries if entry.action == ACTION]
    assert [entry.outcome for entry in done] == ["", "ACTIVATED"]
    assert [(ref.id, ref.number) for ref in done[1].contracts] == [(ID, 2)]
