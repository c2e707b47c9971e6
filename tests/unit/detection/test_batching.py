"""The queue between callers and workers: bounded, fair, and quick when idle."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.detection.batching import PASSAGE_COST, Batching, Piece, Request, Waiting
from privacy_service.enforcement.findings import Inspected, Passage
from privacy_service.errors import PrivacyError

CHARS = 100
REFUSAL = PrivacyError(errors.DETECTOR_UNAVAILABLE, cause="test")


class Desk:
    """A queue for one taker, or for one of several, with a clock of its own."""

    def __init__(self, *, limit: int = 9, workers: int = 1, wait: float = 0.005) -> None:
        self.clock = SteppedClock(datetime(2026, 1, 1, tzinfo=UTC))
        batching = Batching(chars=CHARS, wait=wait)
        self.waiting = Waiting(batching, clock=self.clock, limit=limit, workers=workers)

    def admit(self, *sizes: int, deadline: float = 60.0) -> Request:
        """A request with one passage for each size, which counts what a passage costs."""
        passages = [Passage(text="x" * (size - PASSAGE_COST)) for size in sizes]
        request = Request(passages, self.clock.ticks, self.clock.ticks + deadline)
        self.waiting.admit(request)
        return request

    def take(self) -> list[Piece]:
        return self.waiting.take(0)

    def answer(self, piece: Piece) -> None:
        self.waiting.answer(piece, [Inspected() for _ in piece.passages])


def owners(batch: list[Piece]) -> list[Request]:
    return [piece.request for piece in batch]


def test_short_requests_go_together_up_to_the_size_of_a_batch() -> None:
    desk = Desk()
    one, two, three = desk.admit(40), desk.admit(20, 20), desk.admit(40)
    assert owners(desk.take()) == [one, two]
    assert owners(desk.take()) == [three]
    assert desk.take() == []


def test_a_batch_goes_by_characters_not_by_count() -> None:
    desk = Desk()
    for _ in range(8):
        desk.admit(25)
    assert [len(desk.take()) for _ in range(3)] == [4, 4, 0]


def test_a_passage_longer_than_a_batch_goes_alone() -> None:
    desk = Desk()
    long, short = desk.admit(1000), desk.admit(20)
    assert owners(desk.take()) == [short]
    assert owners(desk.take()) == [long]


def test_a_long_request_is_cut_and_answered_in_order() -> None:
    desk = Desk()
    request = desk.admit(60, 60, 30, 30, 300, 20)
    batches = [desk.take() for _ in range(5)]
    assert [[len(piece.passages) for piece in batch] for batch in batches] == [
        [1],
        [2],
        [1],
        [1],
        [1],
    ]
    for (piece,) in reversed(batches):
        desk.waiting.answer(piece, [Inspected(by_model=True) for _ in piece.passages])
    assert request.wait(0) == [Inspected(by_model=True)] * 6


def test_a_short_request_waits_for_one_piece_of_a_long_one() -> None:
    desk = Desk()
    huge, other = desk.admit(*[90] * 50), desk.admit(*[90] * 50)
    shorts = [desk.admit(90) for _ in range(3)]
    order = [owners(desk.take())[0] for _ in range(8)]
    assert order == [shorts[0], huge, shorts[1], other, shorts[2], huge, other, huge]


def test_while_short_requests_come_one_worker_is_left_to_them() -> None:
    desk = Desk(workers=2)
    long = desk.admit(*[90] * 5)
    short = desk.admit(90)
    assert owners(desk.take()) == [short]
    (out,) = desk.take()
    assert out.request is long
    assert desk.take() == []
    desk.answer(out)
    assert owners(desk.take()) == [long]
    assert desk.take() == []
    desk.clock.ticks += 1
    assert owners(desk.take()) == [long]


def test_a_long_piece_that_was_lost_gives_its_place_back() -> None:
    desk = Desk(workers=2)
    desk.admit(90)
    long = desk.admit(*[90] * 5)
    desk.take()
    (out,) = desk.take()
    desk.waiting.lose(out, REFUSAL)
    assert desk.take() == [out]
    assert desk.take() == []
    desk.answer(out)
    assert owners(desk.take()) == [long]


def test_room_beside_the_last_piece_of_a_long_request_is_used() -> None:
    desk = Desk()
    long = desk.admit(90, 30)
    desk.take()
    short = desk.admit(60)
    other = desk.admit(40)
    assert owners(desk.take()) == [short, other]
    assert owners(desk.take()) == [long]


def test_an_idle_pool_does_not_wait_for_company() -> None:
    desk = Desk(workers=1, wait=60)
    short = desk.admit(20)
    assert owners(desk.take()) == [short]


def test_a_busy_pool_waits_for_company_no_longer_than_stated() -> None:
    desk = Desk(workers=2, wait=0.005)
    one = desk.admit(20)
    assert desk.take() == []
    desk.clock.ticks += 0.004
    two, _, _ = desk.admit(20), desk.admit(20), desk.admit(20)
    assert desk.take() == []
    desk.clock.ticks += 0.0011
    assert owners(desk.take()) == [one, two]


def test_a_worker_takes_its_share_and_leaves_the_rest_to_the_others() -> None:
    desk = Desk(workers=2, wait=0)
    requests = [desk.admit(20) for _ in range(8)]
    assert owners(desk.take()) == requests[:4]
    assert owners(desk.take()) == requests[4:6]


def test_a_full_batch_does_not_wait() -> None:
    desk = Desk(workers=2, wait=60)
    one, _ = desk.admit(60), desk.admit(40)
    assert owners(desk.take()) == [one]


def test_a_full_queue_is_busy_until_a_request_is_dismissed() -> None:
    desk = Desk(limit=2)
    first = desk.admit(20)
    desk.admit(20)
    with pytest.raises(PrivacyError) as full:
        desk.admit(20)
    assert full.value.reason is errors.DETECTOR_BUSY
    assert desk.waiting.depth == 2
    desk.waiting.dismiss(first)
    desk.admit(20)


def test_what_nobody_waits_for_is_not_started() -> None:
    desk = Desk()
    gone, late, wanted = desk.admit(20), desk.admit(20, deadline=1), desk.admit(20)
    long = desk.admit(*[90] * 5, deadline=1)
    desk.waiting.dismiss(gone)
    desk.clock.ticks += 1
    assert owners(desk.take()) == [wanted]
    assert desk.take() == []
    assert not late.settled.is_set()
    assert len(long.pieces) == 5


def test_a_lost_piece_goes_again_alone_and_then_is_refused() -> None:
    desk = Desk()
    one, two = desk.admit(20), desk.admit(20)
    for piece in desk.take():
        desk.waiting.lose(piece, REFUSAL)
    (again,) = desk.take()
    assert again.request is one
    desk.waiting.lose(again, REFUSAL)
    with pytest.raises(PrivacyError) as refused:
        one.wait(0)
    assert refused.value.reason is errors.DETECTOR_UNAVAILABLE
    (again,) = desk.take()
    desk.answer(again)
    assert two.wait(0) == [Inspected()]


def test_a_request_that_is_not_answered_whole_is_not_answered() -> None:
    desk = Desk()
    request = desk.admit(90, 90)
    (piece,) = desk.take()
    desk.answer(piece)
    with pytest.raises(PrivacyError) as late:
        request.wait(0)
    assert late.value.reason is errors.DEADLINE_PASSED


def test_closing_refuses_what_waits_and_what_comes() -> None:
    desk = Desk()
    request = desk.admit(20)
    desk.waiting.close()
    with pytest.raises(PrivacyError) as refused:
        request.wait(0)
    assert refused.value.reason is errors.DETECTOR_UNAVAILABLE
    with pytest.raises(PrivacyError):
        desk.admit(20)
    assert desk.take() == []


def test_closing_wakes_a_taker() -> None:
    desk = Desk()
    taken: list[list[Piece]] = []
    taker = threading.Thread(target=lambda: taken.append(desk.waiting.take(60)))
    taker.start()
    desk.waiting.close()
    taker.join(5)
    assert taken == [[]]
