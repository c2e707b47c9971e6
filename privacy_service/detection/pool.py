"""Detection off the request's thread: a detector in spawned processes, behind a bounded queue.

`docs/decisions/0002-detection-off-the-request-thread.md` says why it is built so.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final

from privacy_service import errors
from privacy_service.clock import Clock, SystemClock
from privacy_service.detection.batching import PASSAGE_COST, Batching, Request, Waiting
from privacy_service.detection.crew import Crew, Figures
from privacy_service.detection.nearby import Nearby
from privacy_service.detection.remembered import Remembered, likeness
from privacy_service.detection.seat import Seat
from privacy_service.detection.turns import TakingTurns
from privacy_service.detection.windows import joined, split
from privacy_service.detection.worker import Term
from privacy_service.detection.worker_program import Load
from privacy_service.enforcement.findings import Detector, Inspected, Passage
from privacy_service.errors import PrivacyError

_CLOCK: Final = SystemClock()
_RULED_OUT_HERE: Final = 32_768
"""Characters of the longest passage of which entities are ruled out in the server's process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling:
    """How a pool works. Lengths are in characters, times in seconds.

    `processes` workers; at most `queue` requests wait or are at work. Passages without prose are
    answered in the server's process, one request at a time, if they are at most `inline_chars`
    together. A batch holds `batch_chars` and waits up to `batch_wait` for company while another
    worker is busy. `seconds` is the limit of a request that names none. A worker is relieved after
    `recycle_after` passages or when it has grown by `recycle_growth` bytes.
    """

    processes: int = 2
    queue: int = 64
    inline_chars: int = 2_048
    batch_chars: int = 4_096
    batch_wait: float = 0.003
    seconds: float = 30.0
    recycle_after: int = 1_000_000
    recycle_growth: int = 512 * 1024 * 1024

    def __post_init__(self) -> None:
        lowest = {"processes": 1, "queue": 1, "batch_chars": 1, "recycle_after": 1}
        for name in ("inline_chars", "batch_wait", "seconds", "recycle_growth"):
            lowest[name] = 0
        for name, least in lowest.items():
            if not getattr(self, name) >= least:
                raise PrivacyError(errors.SETTINGS_INVALID, setting=f"detection.{name}")


_POOLING: Final = Pooling()


class PooledDetector:
    """A `Detector` whose work is done by worker processes. Opened by `pooled`."""

    def __init__(
        self, load: Load, inline: Load, pooling: Pooling, memory: Remembered | None, clock: Clock
    ) -> None:
        self._pooling = pooling
        self._memory = memory
        self._clock = clock
        self._crew = Crew(pooling.processes)
        self._waiting = Waiting(
            Batching(chars=pooling.batch_chars, wait=pooling.batch_wait),
            clock=clock,
            limit=pooling.queue,
            workers=pooling.processes,
        )
        term = Term(passages=pooling.recycle_after, growth=pooling.recycle_growth)
        pickled = pickle.dumps(load)
        # Of those that do not all fit on the cores the first comes first: one is enough to serve.
        fit = max(1, _cores() - 1)
        self._seats = [
            Seat(
                pickled,
                at_once=number < fit,
                waiting=self._waiting,
                crew=self._crew,
                term=term,
                clock=clock,
            )
            for number in range(pooling.processes)
        ]
        self._nearby = Nearby(inline, crew=self._crew, seconds=pooling.seconds, clock=clock)

    @property
    def ready(self) -> bool:
        """Whether a worker is warm, so that a request would be answered now."""
        return self._crew.warm > 0

    @property
    def inline_ready(self) -> bool:
        """Whether passages without prose are answered in this process yet."""
        return self._nearby.detector is not None

    @property
    def entities(self) -> frozenset[str]:
        """Every entity name that it can answer with; it waits until a worker is warm."""
        self.wait_until_ready(self._pooling.seconds)
        return self._crew.entities

    @property
    def figures(self) -> Figures:
        """What was done so far."""
        return self._crew.figures(waiting=self._waiting.depth)

    def wait_until_ready(self, seconds: float) -> None:
        """Returns when a worker is warm.

        Raises the PrivacyError with which the detector does not load, or DETECTOR_UNAVAILABLE
        when `seconds` have passed.
        """
        self._crew.wait_until_warm(seconds)

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> Sequence[Inspected]:
        """One answer per passage, in order. See `Detector`.

        Equal passages are inspected once. Nothing is started that is not wanted any more, and
        nothing that was started keeps a worker for longer than a second past the deadline.
        """
        if not passages:
            return []
        now = self._clock.monotonic()
        deadline = now + (self._pooling.seconds if seconds is None else seconds)
        if deadline <= now:
            raise PrivacyError(errors.DEADLINE_PASSED)
        distinct, places = _distinct(passages)
        self._crew.count("repeated", len(passages) - len(distinct))
        if self._memory is None:
            answers = self._inspect(distinct, now, deadline)
        else:
            answers = self._recall(self._memory, distinct, now, deadline)
        return [answers[place] for place in places]

    def start(self) -> None:
        """Starts the workers, which load while the caller goes on."""
        for seat in self._seats:
            seat.start()
        self._nearby.start()

    def close(self) -> None:
        """Refuses what waits, ends the workers under what they do, and leaves no process."""
        self._crew.closing.set()
        self._waiting.close()
        for seat in self._seats:
            if seat.ident is not None:
                seat.stop()
        for seat in self._seats:
            if seat.ident is not None:
                seat.join()
        self._nearby.end()

    def _recall(
        self, memory: Remembered, passages: Sequence[Passage], now: float, deadline: float
    ) -> list[Inspected]:
        """Answers from memory, and for what it does not hold from the detector."""
        known = [memory.get(passage) for passage in passages]
        fresh = [passages[at] for at, answer in enumerate(known) if answer is None]
        self._crew.count("remembered", len(passages) - len(fresh))
        found = self._inspect(fresh, now, deadline)
        for passage, answer in zip(fresh, found, strict=True):
            memory.put(passage, answer)
        rest = iter(found)
        return [next(rest) if answer is None else answer for answer in known]

    def _inspect(self, passages: Sequence[Passage], now: float, deadline: float) -> list[Inspected]:
        """What asks for a few entities alone is ruled out here if it can be, and else inspected."""
        detector = self._nearby.detector
        few = [at for at, one in enumerate(passages) if _is_narrow(one)]
        if detector is None or not few:
            return self._inspect_whole(passages, now, deadline)
        ruled_out = detector.ruled_out([passages[at] for at in few])
        empty = {at for at, out in zip(few, ruled_out, strict=True) if out}
        self._crew.count("inspected", len(empty))
        self._crew.count("inline", len(empty))
        left = [one for at, one in enumerate(passages) if at not in empty]
        rest = iter(self._inspect_whole(left, now, deadline) if left else ())
        return [Inspected() if at in empty else next(rest) for at in range(len(passages))]

    def _inspect_whole(
        self, passages: Sequence[Passage], now: float, deadline: float
    ) -> list[Inspected]:
        """Patterns here if they are few, everything else in a worker, joined in order."""
        detector = self._nearby.detector
        near, far = self._divided(passages, detector)
        parts = [split(passages[at]) for at in far]
        request = Request([part for several in parts for part in several], now, deadline)
        answers: dict[int, Inspected] = {}
        with self._asked(request):
            if detector and near:
                here = self._here(detector, [passages[at] for at in near], deadline)
                answers.update(zip(near, here, strict=True))
            found = iter(request.wait(deadline - self._clock.monotonic()))
        for at, several in zip(far, parts, strict=True):
            windows = list(islice(found, len(several)))
            answers[at] = joined(len(passages[at].text), windows)
        return [answers[at] for at in range(len(passages))]

    def _divided(
        self, passages: Sequence[Passage], detector: TakingTurns | None
    ) -> tuple[list[int], list[int]]:
        """Which passages are inspected here, and which in a worker.

        What is without prose stays here if it is little. While another request has its turn here
        it goes to a worker, on another core, unless none has room.
        """
        if detector is None or not (detector.free or self._waiting.full):
            return [], list(range(len(passages)))
        plain = [at for at, passage in enumerate(passages) if not passage.prose]
        size = sum(len(passages[at].text) + PASSAGE_COST for at in plain)
        if size > self._pooling.inline_chars:
            return [], list(range(len(passages)))
        return plain, [at for at, passage in enumerate(passages) if passage.prose]

    @contextmanager
    def _asked(self, request: Request) -> Iterator[None]:
        """Workers are at the request until the block is left."""
        if not request.passages:
            request.settled.set()
            yield
            return
        fault = self._crew.fault
        if fault is not None:
            raise PrivacyError(errors.DETECTOR_UNAVAILABLE, cause=fault.reason.code)
        self._waiting.admit(request)
        try:
            yield
        finally:
            self._waiting.dismiss(request)

    def _here(
        self, detector: Detector, passages: Sequence[Passage], deadline: float
    ) -> Sequence[Inspected]:
        """The answers of the detector of this process."""
        answers = detector.detect(passages, seconds=deadline - self._clock.monotonic())
        self._crew.count("inspected", len(passages))
        self._crew.count("inline", len(passages))
        return answers


def _is_narrow(passage: Passage) -> bool:
    return passage.only is not None and len(passage.text) <= _RULED_OUT_HERE


def _cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _distinct(passages: Sequence[Passage]) -> tuple[list[Passage], list[int]]:
    """The passages without repetition, and for each passage its place among them."""
    distinct: list[Passage] = []
    places: list[int] = []
    known: dict[Hashable, int] = {}
    for passage in passages:
        place = known.setdefault(likeness(passage), len(distinct))
        if place == len(distinct):
            distinct.append(passage)
        places.append(place)
    return distinct, places


@contextmanager
def pooled(
    load: Load,
    *,
    inline: Load,
    pooling: Pooling = _POOLING,
    memory: Remembered | None = None,
    clock: Clock = _CLOCK,
) -> Iterator[PooledDetector]:
    """A pool of workers, open until the block is left.

    `load` makes the detector of a worker, in the worker: it must pickle. `inline` makes the one
    that this process keeps for passages without prose: it must answer for those as `load` does,
    and one thread at a time calls it. Workers load while the block runs, then this process;
    `wait_until_ready` waits for the first worker to be warm.
    """
    pool = PooledDetector(load, inline, pooling, memory, clock)
    try:
        pool.start()
        yield pool
    finally:
        pool.close()
