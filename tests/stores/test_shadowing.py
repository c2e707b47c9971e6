"""Shadows at work: what raises, hangs or has no room is counted, and nobody waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.contracts.course import WHOLE
from privacy_service.contracts.shadow import Compared, Differing, Offer, Sampled, Shadow
from privacy_service.custody.shadowing import MOST_DIFFERENCES, MOST_WAITING, Shadowing
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from tests.stores.databases import NOW

SAME = Compared(active="ACCEPTED", candidate="ACCEPTED")
OTHER = Compared(
    active="ACCEPTED",
    candidate="REFUSED",
    differs=(Differing(what="expectation:short", active="KEPT", candidate="BROKEN"),),
)
SHADOW = Shadow(
    contract_id="answers", round=1, number=2, share=WHOLE, started_at=NOW, started_by="ann",
    until=NOW + timedelta(days=1), reason="to see",
)  # fmt: skip


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def replica(database: Database, clock: SteppedClock) -> Iterator[Callable[[], Shadowing]]:
    """Makes a replica's shadows, once `answers` has one."""
    database.commit(lambda tx: tx.shadows.add(SHADOW))
    with ExitStack() as opened:

        def made() -> Shadowing:
            shadows = opened.enter_context(
                Shadowing(database, clock, hung_seconds=15.0, pause=lambda _seconds: None)
            )
            shadows.look_again()
            return shadows

        yield made


def offer(judge: Callable[[int], Compared], *, position: int = 1, size: int = 10) -> Offer:
    return Offer(
        contract_id="answers", number=1, draw=f"d{position}", size=size, reference=f"r{position}",
        position=position, at=NOW, judge=judge,
    )  # fmt: skip


def told(shadows: Shadowing, count: int) -> dict[Sampled, int]:
    until = time.monotonic() + 10
    while True:
        found = {fate: count for (_contract, fate), count in shadows.sampled.items()}
        if sum(found.values()) >= count:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.01)


def raising(_number: int) -> Compared:
    raise PrivacyError(errors.DETECTOR_UNAVAILABLE)


def broken(_number: int) -> Compared:
    raise RecursionError


def test_what_two_replicas_saw_is_one_report(
    database: Database, replica: Callable[[], Shadowing]
) -> None:
    one, two = replica(), replica()
    for shadows in (one, two):
        for judge in (lambda _number: SAME, lambda _number: OTHER, raising, broken):
            shadows.offer(offer(judge, position=1 + (shadows is two)))
        told(shadows, 4)
        shadows.__exit__(None, None, None)
    with database.reading() as view:
        (running,) = view.shadows.running(NOW)
        report = view.shadows.report(running, now=NOW)
    assert report.sampled == {
        Sampled.SAME: 2, Sampled.DIFFERS: 2, Sampled.FAILED: 4, Sampled.DROPPED: 0,
    }  # fmt: skip
    assert report.outcomes == {("ACCEPTED", "ACCEPTED"): 2, ("ACCEPTED", "REFUSED"): 2}
    assert report.differs == {OTHER.differs[0]: 2}
    assert report.failed == {"DETECTOR_UNAVAILABLE": 2, "INTERNAL": 2}
    assert [one.reference for one in report.newest] == ["r2", "r1"]


def test_a_candidate_that_hangs_is_left_alone_and_what_follows_is_judged(
    replica: Callable[[], Shadowing], clock: SteppedClock
) -> None:
    shadows, release, begun = replica(), threading.Event(), threading.Event()

    def hanging(_number: int) -> Compared:
        begun.set()
        release.wait(30)
        return SAME

    try:
        shadows.offer(offer(hanging))
        assert begun.wait(10)
        clock.step(timedelta(seconds=16))
        shadows.offer(offer(lambda _number: SAME, position=2))
        assert told(shadows, 2) == {Sampled.FAILED: 1, Sampled.SAME: 1}
    finally:
        release.set()
    time.sleep(0.05)
    assert told(shadows, 2) == {Sampled.FAILED: 1, Sampled.SAME: 1}


def test_after_three_that_hang_nothing_is_judged_until_one_ends(
    replica: Callable[[], Shadowing], clock: SteppedClock
) -> None:
    shadows, release = replica(), threading.Event()
    for position in range(3):
        begun = threading.Event()

        def hanging(_number: int, begun: threading.Event = begun) -> Compared:
            begun.set()
            release.wait(30)
            return SAME

        shadows.offer(offer(hanging, position=position))
        assert begun.wait(10)
        clock.step(timedelta(seconds=16))
    shadows.offer(offer(lambda _number: SAME, position=9))
    assert told(shadows, 4) == {Sampled.FAILED: 3, Sampled.DROPPED: 1}
    release.set()
    until = time.monotonic() + 10
    while Sampled.SAME not in told(shadows, 4):
        assert time.monotonic() < until
        shadows.offer(offer(lambda _number: SAME, position=10))
        time.sleep(0.02)


def test_whoever_decides_never_waits_and_what_has_no_room_is_counted(
    replica: Callable[[], Shadowing],
) -> None:
    shadows, release, begun = replica(), threading.Event(), threading.Event()

    def slow(_number: int) -> Compared:
        begun.set()
        release.wait(30)
        return SAME

    shadows.offer(offer(slow))
    assert begun.wait(10)
    took = time.perf_counter()
    for position in range(MOST_WAITING + 5):
        shadows.offer(offer(lambda _number: SAME, position=position))
    shadows.offer(offer(lambda _number: SAME, size=9 << 20))
    took = time.perf_counter() - took
    assert told(shadows, 6) == {Sampled.DROPPED: 6}
    assert took < 1
    release.set()
    assert told(shadows, MOST_WAITING + 7)[Sampled.SAME] == MOST_WAITING + 1


def test_only_the_newest_differences_are_kept(
    database: Database, replica: Callable[[], Shadowing]
) -> None:
    shadows = replica()
    for position in range(MOST_DIFFERENCES + 20):
        shadows.offer(offer(lambda _number: OTHER, position=position))
        told(shadows, position + 1)
    shadows.__exit__(None, None, None)
    with database.reading() as view:
        report = view.shadows.report(SHADOW, now=NOW, limit=1000)
    assert len(report.newest) == MOST_DIFFERENCES
    assert report.newest[0].position == MOST_DIFFERENCES + 19


def test_its_own_answers_other_contracts_and_what_comes_after_its_end_are_left_alone(
    database: Database, replica: Callable[[], Shadowing], clock: SteppedClock
) -> None:
    shadows = replica()
    taken = offer(lambda _number: SAME)
    for other in (
        Offer(**{**_fields(taken), "number": 2}), Offer(**{**_fields(taken), "contract_id": "x"}),
    ):  # fmt: skip
        shadows.offer(other)
    clock.step(timedelta(days=2))
    shadows.offer(taken)
    assert shadows.sampled == {}
    with database.reading() as view:
        assert view.shadows.running(clock.now()) == ()


def _fields(one: Offer) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}
