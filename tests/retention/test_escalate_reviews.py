"""Overdue checks are told to whom the contract says, step by step, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy_service.behavior.canonical import digest
from privacy_service.behavior.read import read
from privacy_service.clock import SteppedClock
from privacy_service.evidence.entries import ContractRef
from privacy_service.reviews.review import Review, ReviewKind, ReviewState
from privacy_service.store.behavior_rows import UnnumberedBehavior
from privacy_service.store.reviews import HeldContent
from retention.jobs.escalate_reviews import JOB
from retention.workplace import Workplace
from tests.retention.erasures import Plain, Twice, erasure
from tests.stores.databases import KINDS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCE = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: answers
title: Answers
party: acme
provider: parrot
effective: {from: 2026-01-01}
review:
  within: PT8H
  due: PT1H
  escalation:
    - {role: Team lead, to: [lead@acme.example]}
    - {role: Head of care, after: PT2H, to: [head@acme.example]}
"""


@pytest.fixture(params=KINDS)
def at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workplace]:
    clock = SteppedClock(NOW)
    with erasure(request.param, tmp_path, records=0, recipients=0, clock=clock) as at:
        contract = read(SOURCE, name="answers")
        row = UnnumberedBehavior(
            id="answers", digest=digest(contract), party="acme", provider="parrot",
            source=SOURCE, put_at=NOW, put_by="acme",
        )  # fmt: skip
        at.database.commit(lambda tx: tx.behavior.put(row))
        yield at


def held(at: Workplace, name: str, **fields: object) -> None:
    review = Review(
        id=name, sender="parrot", recipient="acme", purpose="", content_type="text/plain",
        contracts=(ContractRef(id="answers", number=1, digest="sha256:00"),),
        reasons=("CONFIDENCE_LOW",), seen="s", held_at=NOW, due_at=NOW + timedelta(hours=1),
        expires_at=NOW + timedelta(hours=8), four_eyes=False, kind=ReviewKind.OUTPUT, party="acme",
    )  # fmt: skip
    content = HeldContent(subjects=(), data_keys=("1" * 32,), sealed=b"sealed bytes")
    review = replace(review, **fields)  # type: ignore[arg-type]
    at.database.commit(lambda tx: tx.reviews.add(review, content))


def step(at: Workplace, **span: int) -> tuple[str, ...]:
    clock = at.clock
    assert isinstance(clock, SteppedClock)
    clock.step(timedelta(**span))
    assert JOB.waiting is not None
    return JOB.waiting(at, 10)


@pytest.mark.parametrize("steps", [Plain(), Twice()])
def test_each_step_is_taken_once_and_in_its_time(at: Workplace, steps: Plain) -> None:
    held(at, "late")
    held(at, "decided", state=ReviewState.REJECTED, decided_at=NOW)
    held(at, "sample", kind=ReviewKind.SAMPLE)
    assert step(at, minutes=59) == ()
    assert step(at, minutes=1) == ("late@0",)
    JOB.work(at, "late@0", steps)
    assert step(at, minutes=0) == ()
    assert step(at, hours=2) == ("late@1",)
    JOB.work(at, "late@1", steps)
    assert step(at, hours=1) == ()
    with at.database.reading() as view:
        assert view.reviews.get("late").escalated == 2
        entries = [one.entry for one in view.audit.entries(0, 1000)]
    told = [one.reason for one in entries if one.outcome == "ESCALATED"]
    assert told == ["Team lead", "Head of care"]


def test_what_was_decided_meanwhile_is_told_to_nobody(at: Workplace) -> None:
    held(at, "late")
    assert step(at, hours=1) == ("late@0",)
    with at.database.reading() as view:
        late = view.reviews.get("late")
    rejected = replace(late, state=ReviewState.REJECTED, decided_at=NOW)
    at.database.commit(lambda tx: tx.reviews.move(rejected))
    JOB.work(at, "late@0", Plain())
    with at.database.reading() as view:
        assert view.reviews.get("late").escalated == 0
