"""Answers that outlive their request: bounded, aged, and known by more than the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from privacy_service.clock import SteppedClock
from privacy_service.detection.remembered import Remembered
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Place, Span

PASSAGE = Passage(text="Anna", path=("orders", 3, "name"))
ANSWER = Inspected(spans=(Span(entity="PERSON", start=0, end=4, score=0.9, detector="t"),))


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 1, 1, tzinfo=UTC))


def remembered(clock: SteppedClock, entries: int = 2) -> Remembered:
    return Remembered(key=bytes(32), entries=entries, seconds=60, clock=clock)


def test_the_position_in_a_list_makes_no_difference(clock: SteppedClock) -> None:
    memory = remembered(clock)
    memory.put(PASSAGE, ANSWER)
    assert memory.get(replace(PASSAGE, path=("orders", 4, "name"))) == ANSWER


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Anne"},
        {"path": ("orders", "name", 3, "x")},
        {"path": ("ordersname",)},
        {"place": Place.KEY},
        {"expected": "PERSON"},
        {"prose": False},
        {"language": "de"},
    ],
)
def test_everything_else_does(clock: SteppedClock, change: dict[str, object]) -> None:
    memory = remembered(clock)
    memory.put(PASSAGE, ANSWER)
    assert memory.get(replace(PASSAGE, **change)) is None


def test_the_oldest_unused_goes_first(clock: SteppedClock) -> None:
    memory = remembered(clock)
    first, second, third = (replace(PASSAGE, text=text) for text in "abc")
    memory.put(first, ANSWER)
    memory.put(second, ANSWER)
    memory.get(first)
    memory.put(third, ANSWER)
    assert len(memory) == 2
    assert memory.get(second) is None
    assert memory.get(first) == memory.get(third) == ANSWER


def test_an_answer_ages(clock: SteppedClock) -> None:
    memory = remembered(clock)
    memory.put(PASSAGE, ANSWER)
    clock.ticks += 59
    assert memory.get(PASSAGE) == ANSWER
    clock.step(timedelta(seconds=1))
    assert memory.get(PASSAGE) is None
    assert len(memory) == 0


def test_an_answer_with_a_gap_is_not_remembered(clock: SteppedClock) -> None:
    memory = remembered(clock)
    memory.put(PASSAGE, Inspected(gaps=(Gap.TIMED_OUT,)))
    assert memory.get(PASSAGE) is None


def test_it_holds_no_text(clock: SteppedClock) -> None:
    memory = remembered(clock)
    memory.put(PASSAGE, ANSWER)
    assert "Anna" not in repr(vars(memory))


def test_a_short_key_is_refused(clock: SteppedClock) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Remembered(key=b"short", entries=1, seconds=1, clock=clock)
