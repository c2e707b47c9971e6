"""A seat: the thread that owns one worker after another and takes them their batches.

A worker that is lost, or still at work when the first deadline of its batch has long passed, is
replaced. A worker that has answered enough or grown too large is relieved: its successor loads
beside it and takes over between two batches, one seat at a time, so that none is missed.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.detection import crossing
from privacy_service.detection.batching import Piece, Waiting
from privacy_service.detection.crew import Crew
from privacy_service.detection.worker import Load, work
from privacy_service.enforcement.findings import Inspected, Passage
from privacy_service.errors import PrivacyError

_SPAWN: Final = multiprocessing.get_context("spawn")

GRACE: Final = 1.0
"""Seconds after the first deadline of a batch before its worker is ended: several times what a
full batch takes, so that a caller in a hurry costs nobody a reload of the model."""

_TICK: Final = 0.5
"""Seconds between two looks at an idle worker, and at a successor that loads."""

_LOAD_SECONDS: Final = 120.0
_PAUSES: Final = (0.0, 0.5, 2.0, 10.0, 30.0)
"""Seconds before the next try after so many failures to load one after the other: a broken model
does not keep a core busy."""


class WorkerLostError(Exception):
    """The process ended, or did not answer in time, or not as a worker does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long a worker stays: passages that it answers, and bytes that it may grow by."""

    passages: int
    growth: int


class Worker:
    """The server's side of one worker process. One thread owns it; any thread may `kill` it."""

    def __init__(self, load: Load) -> None:
        """Starts the process, which loads while the caller does other things."""
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=work,
            args=(pickle.dumps(load), theirs, os.getpid()),
            name="detector",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._ending = threading.Lock()
        self._ended = False
        self._answered = 0
        self._grown_from = 0
        self._resident = 0

    def greeting(self, seconds: float) -> frozenset[str] | None:
        """The detector's entities, once it is warm; None if it is not within `seconds`.

        Raises WorkerLostError, or the PrivacyError with which the detector did not load.
        """
        if not self._pipe.poll(seconds):
            return None
        entities = frozenset(self._hear())
        self._grown_from = self._resident
        return entities

    def ask(
        self, passages: Sequence[Passage], *, seconds: float, patience: float
    ) -> list[Inspected]:
        """The detector's answers. It is told to stop after `seconds`, given up after `patience`.

        Raises WorkerLostError, or the PrivacyError that the detector raised.
        """
        rows = [crossing.passage_row(passage) for passage in passages]
        try:
            self._pipe.send_bytes(crossing.write([seconds, rows]))
            if not self._pipe.poll(patience):
                raise WorkerLostError
            answers = [crossing.answer(row) for row in self._hear()]
        except (OSError, ValueError, TypeError) as cause:
            raise WorkerLostError from cause
        if len(answers) != len(passages):
            raise WorkerLostError
        self._answered += len(answers)
        return answers

    @property
    def gone(self) -> bool:
        """Whether an idle worker has ended: it has nothing to say, so only its end is heard."""
        return self._pipe.poll(0)

    def done(self, term: Term) -> bool:
        """Whether it has served its term."""
        grown = self._resident - self._grown_from
        return self._answered >= term.passages or grown > term.growth

    def kill(self) -> None:
        """Ends the process now. It holds nothing that would be lost."""
        with self._ending:
            if not self._ended:
                self._process.kill()

    def end(self) -> None:
        """Ends the process and waits until it is gone."""
        self.kill()
        with self._ending:
            self._ended = True
            self._process.join()
            self._process.close()
            self._pipe.close()

    def _hear(self) -> Any:
        try:
            failure, said, self._resident = crossing.read(self._pipe.recv_bytes())
        except (EOFError, OSError, ValueError) as cause:
            raise WorkerLostError from cause
        if failure is not None:
            raise crossing.failure(failure)
        return said


class Seat(threading.Thread):
    """One place at the work, filled by one worker at a time."""

    def __init__(
        self, load: Load, *, waiting: Waiting, crew: Crew, term: Term, clock: Clock
    ) -> None:
        super().__init__(name="detector-seat", daemon=True)
        self._load = load
        self._waiting = waiting
        self._crew = crew
        self._term = term
        self._clock = clock
        self._worker: Worker | None = None
        self._successor: Worker | None = None
        self._successor_from = 0.0
        self._failures = 0

    def run(self) -> None:
        """Fills the seat and serves, until the pool closes."""
        # Workers inherit the mask: Ctrl-C, or a stop sent to the whole process group, reaches the
        # server alone, which drains first.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        while not self._crew.closing.is_set():
            try:
                self._serve(self._filled())
            except WorkerLostError:
                self._vacate(None)
            except PrivacyError as fault:
                self._vacate(fault)
                if self._crew.fault is not None:
                    self._waiting.refuse_all(fault.reason.code)
            self._crew.closing.wait(_PAUSES[min(self._failures, len(_PAUSES) - 1)])
        self._vacate(None)

    def stop(self) -> None:
        """Ends the worker under whatever it is doing; the thread then ends as well."""
        for worker in (self._worker, self._successor):
            if worker is not None:
                worker.kill()

    def _filled(self) -> Worker:
        """A warm worker. Raises the PrivacyError with which it did not load."""
        self._failures += 1
        self._worker = Worker(self._load)
        try:
            entities = self._greeting(self._worker)
        except WorkerLostError as cause:
            raise PrivacyError(errors.DETECTOR_UNAVAILABLE, cause="lost at load") from cause
        self._failures = 0
        self._crew.came(self, entities)
        return self._worker

    def _greeting(self, worker: Worker) -> frozenset[str]:
        give_up = self._clock.monotonic() + _LOAD_SECONDS
        while (entities := worker.greeting(_TICK)) is None:
            if self._crew.closing.is_set() or self._clock.monotonic() > give_up:
                raise WorkerLostError
        return entities

    def _serve(self, worker: Worker) -> None:
        while not self._crew.closing.is_set():
            batch = self._waiting.take(_TICK)
            if batch:
                self._deliver(worker, batch)
            elif worker.gone:
                raise WorkerLostError
            worker = self._relieved(worker)

    def _deliver(self, worker: Worker, batch: Sequence[Piece]) -> None:
        """Has a batch answered. Raises WorkerLostError; its pieces are then taken back."""
        now = self._clock.monotonic()
        deadlines = [piece.request.deadline for piece in batch]
        passages = [passage for piece in batch for passage in piece.passages]
        self._crew.count("batches")
        try:
            answers = worker.ask(
                passages,
                seconds=max(deadlines) - now,
                patience=max(0.0, min(deadlines) - now) + GRACE,
            )
        except WorkerLostError:
            self._take_back(batch, PrivacyError(errors.DETECTOR_UNAVAILABLE, cause="worker lost"))
            raise
        except PrivacyError as refusal:
            self._take_back(batch, refusal, final=len(batch) == 1)
        else:
            self._crew.count("inspected", len(passages))
            self._hand_out(batch, answers)

    def _hand_out(self, batch: Sequence[Piece], answers: Sequence[Inspected]) -> None:
        at = 0
        for piece in batch:
            count = piece.last - piece.first
            self._waiting.answer(piece, answers[at : at + count])
            at += count

    def _take_back(
        self, batch: Sequence[Piece], error: PrivacyError, *, final: bool = False
    ) -> None:
        for piece in batch:
            piece.again = piece.again or final
            self._waiting.lose(piece, error)

    def _relieved(self, worker: Worker) -> Worker:
        """The worker that serves next: its successor, if that is warm."""
        if self._successor is None:
            if self._due(worker) and self._crew.relieving.acquire(blocking=False):
                self._successor = Worker(self._load)
            return worker
        try:
            if self._successor.greeting(0) is None:
                return worker
        except (WorkerLostError, PrivacyError):
            self._dismiss_successor()
            self._successor_from = self._clock.monotonic() + _PAUSES[-1]
            return worker
        self._worker, self._successor = self._successor, None
        self._crew.relieving.release()
        self._crew.count("relieved")
        worker.end()
        return self._worker

    def _due(self, worker: Worker) -> bool:
        return worker.done(self._term) and self._clock.monotonic() >= self._successor_from

    def _dismiss_successor(self) -> None:
        if self._successor is not None:
            self._successor.end()
            self._successor = None
            self._crew.relieving.release()

    def _vacate(self, fault: PrivacyError | None) -> None:
        """Empties the seat."""
        self._crew.left(self, fault)
        self._dismiss_successor()
        if self._worker is not None:
            self._worker.end()
            self._worker = None
            if not self._crew.closing.is_set():
                self._crew.count("lost")
