"""Group commit: waiting units of work are made true many at a time, by one thread.

A commit waits for the disk (or for the network and its disk), so commits one by one are bounded by
that wait. Here everything that waits when a commit begins goes into it together; while it runs,
the next batch gathers. Nobody waits for company: a lone unit is committed at once, in its caller's
own thread, as handing it over and back takes longer than most of it where processors are busy.
docs/decisions/0003-group-commit.md has the reasons and the numbers.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.store.batches import CommitUnsure, Outcome, Work, transact
from privacy_service.store.failures import passing, translated
from privacy_service.store.high_water import HighWater
from privacy_service.store.tuning import Tuning
from privacy_service.store.views import Writing

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    work: Work
    before: float
    tried: int = 0
    answer: Future[Any] = field(default_factory=Future)


class Committer:
    """Commits units of work, from any thread. Begins with `start`, ends with `close`.

    One batch is under way at a time: that of the committer's thread, or a lone unit of a caller's.
    """

    def __init__(self, engine: Engine, clock: Clock, tuning: Tuning, water: HighWater) -> None:
        self._engine = engine
        self._clock = clock
        self._tuning = tuning
        self._water = water
        self._waiting: deque[_Unit] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._writer: int | None = None  # the thread that runs a batch
        self._thread = threading.Thread(target=self._run, name="store-committer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Takes nothing more, commits what waits, and ends."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def commit(self, work: Callable[[Writing], T], seconds: float | None) -> T:
        """What `Database.commit` says."""
        if threading.get_ident() == self._writer:
            raise RuntimeError("a unit of work cannot wait for another commit")
        patience = self._tuning.wait if seconds is None else seconds
        before = self._clock.monotonic() + patience
        answer: T
        alone = patience > 0 and self._takes_over()
        if alone and (outcome := self._alone(work)) is not None:
            answer = _told(outcome)
            return answer
        unit = _Unit(work=work, before=before, tried=int(alone))
        self._enqueue(unit)
        answer = self._answer(unit, max(0.0, patience))
        return answer

    def _takes_over(self) -> bool:
        """Whether the caller may run its unit itself: nothing is under way, and nobody waits."""
        with self._changed:
            if self._writer is not None or self._waiting or self._closing:
                return False
            self._writer = threading.get_ident()
            return True

    def _alone(self, work: Work) -> Outcome | None:
        """The unit's outcome; None where the database was contended, so that it has to wait."""
        try:
            return self._attempted([work], last=self._tuning.retries == 0)[0]
        except SQLAlchemyError:
            return None
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        with self._changed:
            self._writer = None
            if self._waiting or self._closing:
                self._changed.notify()

    def _enqueue(self, unit: _Unit) -> None:
        with self._changed:
            if self._closing:
                raise PrivacyError(errors.STORE_UNAVAILABLE, state="closing")
            if len(self._waiting) >= self._tuning.queue:
                raise PrivacyError(errors.STORE_BUSY, limit="store_queue", most=self._tuning.queue)
            self._waiting.append(unit)
            self._changed.notify()

    def _answer(self, unit: _Unit, seconds: float) -> Any:
        try:
            raised = unit.answer.exception(seconds)
        except TimeoutError:
            if unit.answer.cancel():
                raise PrivacyError(errors.DEADLINE_PASSED) from None
            raised = self._late(unit)
        if raised is not None:
            raise raised
        return unit.answer.result()

    def _late(self, unit: _Unit) -> BaseException | None:
        # It is being committed: its outcome comes soon, and is worth more than a guess.
        try:
            return unit.answer.exception(self._tuning.patience)
        except TimeoutError:
            return PrivacyError(errors.STORE_UNAVAILABLE, outcome="unknown")

    def _run(self) -> None:
        while units := self._next():
            tried = min(unit.tried for unit in units)
            outcomes = self._committed([unit.work for unit in units], tried)
            self._hand_over()
            _answer_all(units, outcomes)

    def _next(self) -> list[_Unit]:
        """The next batch, as soon as there is one and its turn; empty when closed and drained."""
        while True:
            with self._changed:
                while self._writer is not None or not (self._waiting or self._closing):
                    self._changed.wait()
                if not self._waiting:
                    return []
                most = min(len(self._waiting), self._tuning.batch)
                taken = [self._waiting.popleft() for _ in range(most)]
                if units := [unit for unit in taken if self._begins(unit)]:
                    self._writer = threading.get_ident()
                    return units

    def _begins(self, unit: _Unit) -> bool:
        if not unit.answer.set_running_or_notify_cancel():
            return False
        if self._clock.monotonic() >= unit.before:
            unit.answer.set_exception(PrivacyError(errors.DEADLINE_PASSED))
            return False
        return True

    def _committed(self, works: list[Work], tried: int) -> list[Outcome]:
        """Every unit's outcome, once all of them are committed or none is."""
        for attempt in range(tried, self._tuning.retries):
            try:
                return self._attempted(works, last=False)
            except SQLAlchemyError:
                time.sleep(0.002 * 2**attempt)
        return self._attempted(works, last=True)

    def _attempted(self, works: list[Work], *, last: bool) -> list[Outcome]:
        """Every unit's outcome. Raises SQLAlchemyError where it may go better another time, but for
        the `last`.
        """
        try:
            return transact(self._engine, works, self._water)
        except CommitUnsure as unsure:
            return _all_failed(works, unsure.error, outcome="unknown")
        except SQLAlchemyError as error:
            if passing(error) and not last:
                raise
            return _all_failed(works, error, outcome="not written")
        except Exception as error:  # noqa: BLE001 -- the thread must outlive every fault
            return [Outcome(raised=_internal(error)) for _ in works]


def _all_failed(works: list[Work], error: SQLAlchemyError, *, outcome: str) -> list[Outcome]:
    # One error for each caller: a shared one would collect all their tracebacks.
    return [Outcome(raised=translated(error, outcome=outcome)) for _ in works]


def _told(outcome: Outcome) -> Any:
    if outcome.raised is not None:
        raise outcome.raised
    return outcome.returned


def _internal(error: Exception) -> PrivacyError:
    if isinstance(error, PrivacyError):
        return PrivacyError(error.reason, **error.details)
    refusal = PrivacyError(errors.INTERNAL, fault=type(error).__name__)
    refusal.__cause__ = error
    return refusal


def _answer_all(units: Sequence[_Unit], outcomes: Sequence[Outcome]) -> None:
    for unit, outcome in zip(units, outcomes, strict=True):
        if outcome.raised is None:
            unit.answer.set_result(outcome.returned)
        else:
            unit.answer.set_exception(outcome.raised)
