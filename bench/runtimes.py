"""Where detection may run: the ways that decision 0002 chooses between, on one real load.

In the server's threads, in the standard library's process pool, and in the pool of this project.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from bench import payloads
from bench.clocks import latency, saturated
from bench.report import Report, Row
from privacy_service.clock import SystemClock
from privacy_service.detection.loading import LocalLoad
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.turns import TakingTurns
from privacy_service.enforcement.findings import Detector, Inspected, Passage, Span

Call = Callable[[Sequence[Passage]], Sequence[Inspected]]
Load = Callable[[], Detector]
PROCESSES = 2


class Instant:
    """A detector that takes no time: what is left is the way there and back."""

    entities = frozenset({"WORKER"})

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> list[Inspected]:
        del seconds  # it is never late
        span = Span(entity="WORKER", start=0, end=os.getpid(), score=1.0, detector="instant")
        return [Inspected(spans=(span,)) for _ in passages]


@dataclass(slots=True)
class Held:
    """The detector of a worker of the standard library's pool."""

    detector: Detector | None = None


_HELD = Held()


def _initialize(load: Load) -> None:
    _HELD.detector = load()


def _detect(passages: Sequence[Passage]) -> Sequence[Inspected]:
    assert _HELD.detector is not None
    return _HELD.detector.detect(passages)


@contextmanager
def threads(load: Load) -> Iterator[Call]:
    """One detector for each of two threads, in this process."""
    loaded = [TakingTurns(load(), seconds=60, clock=SystemClock()) for _ in range(PROCESSES)]
    turn = count()

    def call(passages: Sequence[Passage]) -> Sequence[Inspected]:
        return loaded[next(turn) % PROCESSES].detect(passages)

    yield call


@contextmanager
def executor(load: Load) -> Iterator[Call]:
    """`concurrent.futures.ProcessPoolExecutor`, one request a task."""
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=_initialize, initargs=(load,)
    ) as pool:
        yield lambda passages: pool.submit(_detect, passages).result(60)


@contextmanager
def own(load: Load) -> Iterator[Call]:
    """The pool of this project, with its batches."""
    pooling = Pooling(processes=PROCESSES, inline_chars=0)
    with pooled(load, inline=Instant, pooling=pooling) as pool:
        whole(pool)
        yield pool.detect


def whole(pool: PooledDetector) -> None:
    """Waits until every worker is warm, and this process too."""
    while pool.figures.warm < PROCESSES or not pool.inline_ready:
        time.sleep(0.01)


RUNTIMES = {"threads": threads, "ProcessPoolExecutor": executor, "own pool": own}


def run(report: Report, *, full: bool) -> None:
    """Every table."""
    report.table("The way there and back: one text, one caller, no work", list(_round_trips()))
    seconds = 30 if full else 5
    report.table(f"Real texts, 16 callers, for {seconds} s", list(_throughput(seconds)))
    report.table("One of two workers is killed under eight calls", list(_killed()))


def _round_trips() -> Iterator[Row]:
    text = [Passage(text="x" * 80)]
    for name in ("ProcessPoolExecutor", "own pool"):
        with RUNTIMES[name](Instant) as call:
            measured = saturated(lambda _, call=call: call(text), callers=1, seconds=2)
            yield {
                "runtime": name,
                "median us": measured.median * 1e3,
                "p99 us": measured.p99 * 1e3,
            }


def _throughput(seconds: float) -> Iterator[Row]:
    """Texts a second, and how late a thread that wakes every 5 ms is: a health check's fate."""
    load = LocalLoad(DetectionSettings())
    texts = payloads.sentences()
    for name, opened in RUNTIMES.items():
        with opened(load) as call:
            for _ in range(4):
                call([Passage(text=texts[0])])
            late = Lateness()
            reached = saturated(
                lambda at, call=call: call([Passage(text=texts[at % len(texts)])]),
                callers=16,
                seconds=seconds,
            )
            waking = late.stop()
            yield {
                "runtime": name,
                "texts/s": reached.rate,
                "median ms": reached.median,
                "p99 ms": reached.p99,
                "a waking thread is late by, p99 ms": waking,
            }


class Lateness:
    """Measures how late a thread of this process wakes up while others work."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._late: list[float] = []
        self._thread = threading.Thread(target=self._wake)
        self._thread.start()

    def stop(self) -> float:
        """The 99th percentile in milliseconds."""
        self._over.set()
        self._thread.join()
        return latency(self._late, 0).p99

    def _wake(self) -> None:
        while not self._over.is_set():
            before = time.perf_counter()
            time.sleep(0.005)
            self._late.append(time.perf_counter() - before - 0.005)


def _killed() -> Iterator[Row]:
    load = LocalLoad(DetectionSettings())
    text = [Passage(text=payloads.english(4_000, dense=True), path=(str(at),)) for at in range(5)]
    for name in ("ProcessPoolExecutor", "own pool"):
        with RUNTIMES[name](load) as call, ThreadPoolExecutor(8) as callers:
            list(callers.map(call, [[Passage(text=f"{at}")] for at in range(8)]))
            children = _children()
            asked = [callers.submit(call, text) for _ in range(8)]
            time.sleep(0.3)
            os.kill(children[0], signal.SIGKILL)
            usable = _usable(call, time.perf_counter())
            failed = sum(each.exception() is not None for each in asked)
            yield {"runtime": name, "of 8 calls failed": failed, "answers again after s": usable}


def _usable(call: Call, began: float) -> float | None:
    """Seconds until it answers again; None for never."""
    while time.perf_counter() - began < 5:
        answered: Future[object] = Future()
        try:
            answered.set_result(call([Passage(text="again")]))
        except Exception:  # noqa: BLE001 - whatever it is, it is not an answer
            time.sleep(0.05)
        else:
            return time.perf_counter() - began
    return None


def _children() -> list[int]:
    """The workers that this process has started."""
    listed = Path("/proc/self/task").glob("*/children")
    pids = sorted(int(pid) for each in listed for pid in each.read_text().split())
    return [
        pid for pid in pids if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
