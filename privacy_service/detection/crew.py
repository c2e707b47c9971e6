"""What the seats of one pool know together: who is warm, what went wrong, how much was done."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts since the pool was opened, for whoever exports them.

    `inspected` passages reached a detector, `inline` of them in the server's own process;
    `repeated` ones were answered by an equal passage of the same request, `remembered` ones by an
    earlier request. `lost` workers ended unasked or were past their time, `relieved` ones had
    served their term. `waiting` is the number of requests that are in the queue or at work.
    """

    inspected: int
    inline: int
    repeated: int
    remembered: int
    batches: int
    lost: int
    relieved: int
    warm: int
    waiting: int


_LOOK_SECONDS: Final = 0.05
_COUNTED: Final = ("inspected", "inline", "repeated", "remembered", "batches", "lost", "relieved")


class Crew:
    """The state that seats share. Thread-safe."""

    def __init__(self, seats: int) -> None:
        self.closing = threading.Event()
        self.relieving = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._seats = seats
        self._changed = threading.Condition()
        self._warm: set[object] = set()
        self._faults: dict[object, PrivacyError] = {}
        self._entities: frozenset[str] = frozenset()

    @property
    def warm(self) -> int:
        """How many workers are warm."""
        return len(self._warm)

    @property
    def entities(self) -> frozenset[str]:
        """What the detector can answer with; empty until one was warm."""
        return self._entities

    @property
    def fault(self) -> PrivacyError | None:
        """Why no worker can load, if none can."""
        with self._changed:
            return self._fault()

    def figures(self, *, waiting: int) -> Figures:
        """The counts as they stand."""
        with self._changed:
            done = {name: self._counts[name] for name in _COUNTED}
            return Figures(**done, warm=len(self._warm), waiting=waiting)

    def count(self, name: str, by: int = 1) -> None:
        """Adds to one of the figures."""
        if name not in _COUNTED:
            raise ValueError(f"no figure is called {name}")
        with self._changed:
            self._counts[name] += by

    def came(self, seat: object, entities: frozenset[str]) -> None:
        """A worker is warm."""
        with self._changed:
            self._warm.add(seat)
            self._faults.pop(seat, None)
            self._entities = entities
            self._changed.notify_all()

    def left(self, seat: object, fault: PrivacyError | None = None) -> None:
        """A worker is gone; `fault` says why it did not load."""
        with self._changed:
            self._warm.discard(seat)
            if fault is not None:
                self._faults[seat] = fault
            self._changed.notify_all()

    def wait_until_one_loaded(self) -> None:
        """Returns when a worker is warm or did not load, or the pool closes."""
        while not (self._warm or self._faults or self.closing.wait(_LOOK_SECONDS)):
            pass

    def wait_until_warm(self, seconds: float) -> None:
        """Returns when a worker is warm. Raises why none can load, or DETECTOR_UNAVAILABLE."""
        with self._changed:
            self._changed.wait_for(lambda: self._warm or self._fault(), timeout=seconds)
            if self._warm:
                return
            raise self._fault() or PrivacyError(errors.DETECTOR_UNAVAILABLE, cause="not warm")

    def _fault(self) -> PrivacyError | None:
        if self._warm or len(self._faults) < self._seats:
            return None
        return next(iter(self._faults.values()))
