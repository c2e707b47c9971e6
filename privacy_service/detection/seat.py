"""A seat: the thread that owns one worker after another and takes them their batches.

A worker that is lost, or still at work when the first deadline of its batch has long passed, is
replaced. A worker that has answered enough or grown too large is relieved: its successor loads
beside it and takes over between two batches, one seat at a time, so that none is missed.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from typing import Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.detection.batching import Piece, Waiting
from privacy_service.detection.crew import Crew
from privacy_service.detection.worker import Term, Worker, WorkerLostError
from privacy_service.enforcement.findings import Inspected
from privacy_service.errors import PrivacyError

GRACE: Final = 1.0
"""Seconds after the first deadline of a batch before its worker is ended: several times what a
full batch takes, so that a caller in a hurry costs nobody a reload of the model."""

_TICK: Final = 0.5
"""Seconds between two looks at an idle worker, and at a successor that loads."""

_LOAD_SECONDS: Final = 120.0
_PAUSES: Final = (0.0, 0.5, 2.0, 10.0, 30.0)
"""Seconds before the next try after so many failures to load one after the other: a broken model
does not keep a core busy."""


class Seat(threading.Thread):
    """One place at the work, filled by one worker at a time; for the first time at once, or when it
    is known what became of the first worker of the crew.
    """

    def __init__(
        self,
        load: bytes,
        *,
        at_once: bool,
        waiting: Waiting,
        crew: Crew,
        term: Term,
        clock: Clock,
    ) -> None:
        super().__init__(name="detector-seat", daemon=True)
        self._load = load
        self._at_once = at_once
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
        if not self._at_once:
            self._crew.wait_until_one_loaded()
        while not self._crew.closing.is_set():
            try:
                self._serve(self._filled())
            except WorkerLostError:
                self._vacate(None)
            except PrivacyError as refusal:
                self._vacate(refusal)
            except Exception as failure:  # noqa: BLE001 - a seat that ended would not come back
                cause = type(failure).__name__
                self._vacate(PrivacyError(errors.DETECTOR_UNAVAILABLE, cause=cause))
            if (fault := self._crew.fault) is not None:
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
        try:
            self._worker = Worker(self._load)
            entities = self._greeting(self._worker)
        except (OSError, WorkerLostError) as cause:
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
        except PrivacyError as refusal:
            self._take_back(batch, refusal, final=len(batch) == 1)
        except Exception:
            self._take_back(batch, PrivacyError(errors.DETECTOR_UNAVAILABLE, cause="worker lost"))
            raise
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
        """The worker that serves next: its successor, once that is due and warm."""
        try:
            successor = self._warm_successor(worker)
        except (OSError, WorkerLostError, PrivacyError):
            self._successor_from = self._clock.monotonic() + _PAUSES[-1]
            self._dismiss_successor()
            return worker
        if successor is None:
            return worker
        self._worker, self._successor = successor, None
        self._crew.relieving.release()
        self._crew.count("relieved")
        worker.end()
        return successor

    def _warm_successor(self, worker: Worker) -> Worker | None:
        if self._successor is None and self._may_be_relieved(worker):
            self._successor = Worker(self._load)
        if self._successor is None or self._successor.greeting(0) is None:
            return None
        return self._successor

    def _may_be_relieved(self, worker: Worker) -> bool:
        due = worker.done(self._term) and self._clock.monotonic() >= self._successor_from
        return due and self._crew.relieving.acquire(blocking=False)

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
