"""Reviews whose time is over, and payloads that are no longer kept, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy_service.clock import SteppedClock
from privacy_service.reviews.review import Review, ReviewState
from privacy_service.store.cases import Pin
from privacy_service.store.reviews import HeldContent
from retention.jobs.close_reviews import JOB
from retention.jobs.erase import JOB as ERASE
from retention.workplace import Workplace
from tests.retention.erasures import MARIA, PETER, Plain, Twice, erasure
from tests.stores.databases import KINDS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workplace]:
    with erasure(request.param, tmp_path, records=0, recipients=0, clock=SteppedClock(NOW)) as at:
        yield at


def held(name: str, at: Workplace, *, subject: str = MARIA, **fields: object) -> Review:
    review = Review(
        id=name, sender="acme", recipient="globex", purpose="dpv:X", content_type="text/plain",
        contracts=(), reasons=("ENTITY_HELD:PERSON",), seen="s", held_at=NOW,
        expires_at=NOW + timedelta(days=2), four_eyes=False,
    )  # fmt: skip
    review = replace(review, **fields)  # type: ignore[arg-type]
    content = HeldContent(subjects=(subject,), data_keys=("1" * 32,), sealed=b"sealed bytes")
    at.database.commit(lambda tx: tx.reviews.add(review, content))
    return review


def look(at: Workplace, name: str) -> tuple[ReviewState, bool]:
    with at.database.reading() as view:
        return view.reviews.get(name).state, view.reviews.content(name).sealed is not None


@pytest.mark.parametrize("steps", [Plain(), Twice()])
def test_what_nobody_decided_is_refused_and_forgotten(at: Workplace, steps: Plain) -> None:
    held("in time", at)
    held("late", at, expires_at=NOW)
    assert JOB.waiting is not None
    assert JOB.waiting(at, 10) == ("late@expire",)
    before = size(at)
    JOB.work(at, "late@expire", steps)
    assert look(at, "late") == (ReviewState.EXPIRED, False)
    assert look(at, "in time") == (ReviewState.WAITING, True)
    assert size(at) == before + 2
    assert JOB.waiting(at, 10) == ()


def test_what_was_approved_is_kept_for_a_week(at: Workplace) -> None:
    assert JOB.waiting is not None
    held("new", at, state=ReviewState.APPROVED, decided_at=NOW)
    held(
        "old",
        at,
        state=ReviewState.APPROVED,
        decided_at=NOW - timedelta(days=7) - timedelta(seconds=1),
    )
    assert JOB.waiting(at, 10) == ("old@forget",)
    JOB.work(at, "old@forget", Twice())
    assert look(at, "old") == (ReviewState.APPROVED, False)
    assert look(at, "new") == (ReviewState.APPROVED, True)


def test_what_was_approved_is_kept_for_less_long_where_its_contract_says_so(at: Workplace) -> None:
    assert JOB.waiting is not None
    held("over", at, state=ReviewState.APPROVED, decided_at=NOW, forget_at=NOW)
    held("not yet", at, state=ReviewState.APPROVED, decided_at=NOW, forget_at=later(hours=1))
    held("too long", at, state=ReviewState.APPROVED, decided_at=later(days=-8), forget_at=later())
    waiting = JOB.waiting(at, 10)
    assert set(waiting) == {"over@forget", "too long@forget"}  # the setting is the most
    for key in waiting:
        JOB.work(at, key, Plain())
    assert [look(at, name)[1] for name in ("over", "not yet", "too long")] == [False, True, False]


def later(*, days: int = 90, hours: int = 0) -> datetime:
    return NOW + (timedelta(hours=hours) if hours else timedelta(days=days))


def test_what_was_decided_meanwhile_stays_decided(at: Workplace) -> None:
    late = held("late", at, expires_at=NOW)
    rejected = replace(late, state=ReviewState.REJECTED, decided_at=NOW)
    at.database.commit(lambda tx: tx.reviews.move(rejected))
    JOB.work(at, "late@expire", Plain())
    assert look(at, "late")[0] is ReviewState.REJECTED


def test_an_erasure_takes_what_waits_about_the_person(at: Workplace) -> None:
    held("hers", at)
    pinned("hers", at)
    held("his", at, subject=PETER)
    assert ERASE.waiting is not None
    for key in ERASE.waiting(at, 10):
        ERASE.work(at, key, Plain())
    assert look(at, "hers") == (ReviewState.EXPIRED, False)
    assert look(at, "his") == (ReviewState.WAITING, True)


def pinned(name: str, at: Workplace) -> None:
    pin = Pin(
        review_id=name, pinned_at=NOW, pinned_by="ann", reason="why",
        keep_until=NOW + timedelta(days=30),
    )  # fmt: skip
    at.database.commit(lambda tx: tx.cases.keep(pin))


def test_a_recorded_case_outlives_its_decision_until_its_time_is_over(at: Workplace) -> None:
    held("case", at, state=ReviewState.REJECTED, decided_at=NOW)
    pinned("case", at)
    at.database.commit(lambda tx: tx.reviews.empty("case"))
    assert isinstance(at.clock, SteppedClock)
    at.clock.step(timedelta(days=29))
    assert JOB.waiting is not None
    assert JOB.waiting(at, 10) == ()
    assert look(at, "case") == (ReviewState.REJECTED, True)
    at.clock.step(timedelta(days=1))
    assert JOB.waiting(at, 10) == ("case@unpin",)
    JOB.work(at, "case@unpin", Twice())
    assert look(at, "case") == (ReviewState.REJECTED, False)
    assert JOB.waiting(at, 10) == ()


def size(at: Workplace) -> int:
    with at.database.reading() as view:
        return view.audit.size()
