"""What waits for a worker, and in which order it goes.

A request is cut into pieces of about one batch. Short requests (one such piece) are put together
into a batch, because the language model reads many short texts for little more than one. Long
requests give one piece at a time, in turns among themselves, and every other batch at the most
while short ones wait: a short request waits for one piece of a long one, however long that one is.
While short ones keep coming, one worker is left to them, so that most do not even wait for that.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.enforcement.findings import Inspected, Passage
from privacy_service.errors import PrivacyError

PASSAGE_COST: Final = 16
"""What a passage costs beside its characters: half a million empty texts are not one batch."""


_RESERVED_SECONDS: Final = 1.0
"""How long after a short request one worker is kept from long ones."""


@dataclass(slots=True, eq=False)
class Request:
    """Passages that one caller waits for, and the answers as they come.

    `arrived` and `deadline` are readings of the monotonic clock. Whoever settles it holds the
    lock of the queue.
    """

    passages: Sequence[Passage]
    arrived: float
    deadline: float
    pieces: deque[Piece] = field(default_factory=deque)
    settled: threading.Event = field(default_factory=threading.Event)
    _answers: dict[int, Sequence[Inspected]] = field(default_factory=dict)
    _answered: int = 0
    _error: PrivacyError | None = None

    def answer(self, first: int, answers: Sequence[Inspected]) -> None:
        """Takes the answers from passage `first` on; the last of them settle the request."""
        self._answers[first] = answers
        self._answered += len(answers)
        if self._answered == len(self.passages):
            self.settled.set()

    def refuse(self, error: PrivacyError) -> None:
        """Settles the whole request with an error; once settled it stays as it is."""
        if not self.settled.is_set():
            self._error = error
            self.settled.set()

    def wait(self, seconds: float) -> list[Inspected]:
        """The answers, in order, when all have come.

        Raises DEADLINE_PASSED when they have not within `seconds`, or the error of a refusal.
        """
        if not self.settled.wait(max(0.0, seconds)):
            raise PrivacyError(errors.DEADLINE_PASSED)
        if self._error is not None:
            # A new one: several requests may have been refused with the same.
            raise PrivacyError(self._error.reason, **self._error.details)
        return [answer for first in sorted(self._answers) for answer in self._answers[first]]

    def dead(self, now: float) -> bool:
        """Whether nobody waits for it any more, so that none of it should be started."""
        return self.settled.is_set() or now >= self.deadline


@dataclass(slots=True, eq=False)
class Piece:
    """Passages `first` to `last` of a request, which go to a worker together.

    `long` says that it is a part of more, or by itself more than a batch. `again` says that a
    worker was lost over it once: it goes alone then, and not a third time.
    """

    request: Request
    first: int
    last: int
    size: int
    long: bool = False
    again: bool = False

    @property
    def passages(self) -> Sequence[Passage]:
        return self.request.passages[self.first : self.last]


def pieces(request: Request, size: int) -> deque[Piece]:
    """The request cut into pieces of at most `size` characters, or of one longer passage."""
    cut: deque[Piece] = deque()
    first, filled = 0, 0
    for at, passage in enumerate(request.passages):
        cost = len(passage.text) + PASSAGE_COST
        if filled and filled + cost > size:
            cut.append(Piece(request, first, at, filled))
            first, filled = at, 0
        filled += cost
    cut.append(Piece(request, first, len(request.passages), filled))
    for piece in cut:
        piece.long = len(cut) > 1 or piece.size > size
    return cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How requests become batches.

    A batch holds up to `chars` characters, or one longer passage. A batch with room waits up to
    `wait` seconds from its oldest request for company, but only while another worker is busy.
    """

    chars: int
    wait: float


class Waiting:
    """The bounded queue between callers and workers: at most `limit` requests. Thread-safe."""

    def __init__(self, batching: Batching, *, clock: Clock, limit: int, workers: int) -> None:
        self._batching = batching
        self._clock = clock
        self._limit = limit
        self._workers = workers
        self._changed = threading.Condition()
        self._admitted: set[Request] = set()
        self._again: deque[Piece] = deque()
        self._short: deque[Piece] = deque()
        self._long: deque[Request] = deque()
        self._short_turn = True
        self._short_came = float("-inf")
        self._long_out = 0
        self._idle = 0
        self._closed = False

    @property
    def depth(self) -> int:
        """How many requests are admitted and not yet dismissed."""
        return len(self._admitted)

    @property
    def full(self) -> bool:
        """Whether a request would be refused now."""
        return len(self._admitted) >= self._limit

    def admit(self, request: Request) -> None:
        """Takes a request in. Raises DETECTOR_BUSY, or DETECTOR_UNAVAILABLE once closed."""
        cut = pieces(request, self._batching.chars)
        with self._changed:
            if self._closed:
                raise PrivacyError(errors.DETECTOR_UNAVAILABLE, cause="closed")
            if self.full:
                raise PrivacyError(errors.DETECTOR_BUSY, limit="queue", most=self._limit)
            self._admitted.add(request)
            if cut[0].long:
                request.pieces = cut
                self._long.append(request)
            else:
                self._short.append(cut[0])
                self._short_came = request.arrived
            self._changed.notify_all()

    def dismiss(self, request: Request) -> None:
        """Lets a request go. What of it was not started never is."""
        with self._changed:
            request.settled.set()
            self._admitted.discard(request)

    def answer(self, piece: Piece, answers: Sequence[Inspected]) -> None:
        """Settles a piece, and with the last of them its request."""
        with self._changed:
            self._returned(piece)
            piece.request.answer(piece.first, answers)

    def lose(self, piece: Piece, error: PrivacyError) -> None:
        """No answer came for the piece. It goes once more, alone; then its request is refused."""
        with self._changed:
            self._returned(piece)
            if piece.again:
                piece.request.refuse(error)
            else:
                piece.again = True
                self._again.append(piece)
                self._changed.notify_all()

    def take(self, seconds: float) -> list[Piece]:
        """The next batch, waiting for one up to `seconds`; empty if there is none."""
        give_up = self._clock.monotonic() + seconds
        with self._changed:
            self._idle += 1
            try:
                while True:
                    now = self._clock.monotonic()
                    start = self._start(now)
                    if start is not None and start <= now:
                        batch = self._batch(now)
                        self._long_out += sum(piece.long for piece in batch)
                        return batch
                    left = (give_up if start is None else min(start, give_up)) - now
                    if left <= 0 or self._closed:
                        return []
                    self._changed.wait(left)
            finally:
                self._idle -= 1

    def refuse_all(self, cause: str) -> None:
        """Refuses what is admitted with DETECTOR_UNAVAILABLE."""
        with self._changed:
            for request in self._admitted:
                request.refuse(PrivacyError(errors.DETECTOR_UNAVAILABLE, cause=cause))

    def close(self) -> None:
        """Refuses what is admitted and whatever will come, and wakes the takers."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.refuse_all("closed")

    def _start(self, now: float) -> float | None:
        """When the next batch should go: None if there is nothing to do."""
        self._forget_dead(now)
        if self._again or (self._long and self._long_may_go(now)):
            return now
        if not self._short:
            return self._short_came + _RESERVED_SECONDS if self._long else None
        alone = self._idle == self._workers
        if alone or sum(piece.size for piece in self._short) >= self._batching.chars:
            return now
        return self._short[0].request.arrived + self._batching.wait

    def _long_may_go(self, now: float) -> bool:
        """Whether a piece of a long request may take a worker; it never waits for the only one."""
        most = self._workers - 1
        return most == 0 or self._long_out < most or now >= self._short_came + _RESERVED_SECONDS

    def _returned(self, piece: Piece) -> None:
        """A piece came back, answered or not: a long one that was held may go now."""
        if piece.long:
            self._long_out -= 1
            self._changed.notify_all()

    def _forget_dead(self, now: float) -> None:
        for waiting in (self._again, self._short):
            while waiting and waiting[0].request.dead(now):
                waiting.popleft()
        while self._long and self._long[0].dead(now):
            self._long.popleft()

    def _batch(self, now: float) -> list[Piece]:
        """The first piece that is due, and short ones with it while there is room.

        A worker takes its share of what waits, not all of it: the others will be free as well.
        """
        if self._again:
            return [self._again.popleft()]
        batch = [self._first(now)]
        waiting = batch[0].size + sum(piece.size for piece in self._short)
        room = min(self._batching.chars, waiting // self._workers) - batch[0].size
        while self._short and self._short[0].size <= room:
            piece = self._short.popleft()
            if not piece.request.dead(now):
                batch.append(piece)
                room -= piece.size
        return batch

    def _first(self, now: float) -> Piece:
        if self._short and (self._short_turn or not self._long or not self._long_may_go(now)):
            self._short_turn = False
            return self._short.popleft()
        self._short_turn = True
        request = self._long.popleft()
        piece = request.pieces.popleft()
        if request.pieces:
            self._long.append(request)
        return piece
