"""A detector of one thread, made safe for many: each call has its turn."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.enforcement.findings import Detector, Inspected, Passage
from privacy_service.errors import PrivacyError


@runtime_checkable
class RulingOut(Protocol):
    """A detector that can tell soon that nothing is there of what alone is asked for."""

    def rules_out(self, passage: Passage) -> bool:
        """Whether its answer would be empty, with every model asked."""
        ...


class TakingTurns:
    """A `Detector` that works in the calling thread, one call at a time.

    `seconds` is the limit of a call that names none. Waiting for the turn counts.
    """

    def __init__(self, detector: Detector, *, seconds: float, clock: Clock) -> None:
        self._detector = detector
        self._seconds = seconds
        self._clock = clock
        self._turn = threading.Lock()

    @property
    def free(self) -> bool:
        """Whether a call now would have its turn at once."""
        return not self._turn.locked()

    @property
    def entities(self) -> frozenset[str]:
        """Every entity name that it can answer with."""
        return self._detector.entities

    def ruled_out(self, passages: Sequence[Passage]) -> list[bool]:
        """Which of the passages need not be looked at: see `RulingOut`. None of them, where it
        cannot tell now.
        """
        none = [False] * len(passages)
        if not isinstance(self._detector, RulingOut) or not self._turn.acquire(blocking=False):
            return none
        try:
            return [self._detector.rules_out(passage) for passage in passages]
        finally:
            self._turn.release()

    def detect(
        self, passages: Sequence[Passage], *, seconds: float | None = None
    ) -> Sequence[Inspected]:
        """One answer per passage, in order. See `Detector`."""
        limit = self._seconds if seconds is None else seconds
        deadline = self._clock.monotonic() + limit
        if limit <= 0 or not self._turn.acquire(timeout=limit):
            raise PrivacyError(errors.DEADLINE_PASSED)
        try:
            return self._detector.detect(passages, seconds=deadline - self._clock.monotonic())
        except PrivacyError:
            raise
        except Exception as failure:  # noqa: BLE001 - its message may quote the payload
            cause = type(failure).__name__
            raise PrivacyError(errors.DETECTOR_UNAVAILABLE, cause=cause) from None
        finally:
            self._turn.release()
