"""The detector that the server's own process keeps for what needs no worker."""

from __future__ import annotations

import threading
from typing import Final

from privacy_service.clock import Clock
from privacy_service.detection.crew import Crew
from privacy_service.detection.turns import TakingTurns
from privacy_service.detection.worker_program import Load, warm

_LOOK_SECONDS: Final = 0.05
_JOIN_SECONDS: Final = 10.0


class Nearby(threading.Thread):
    """Loads a detector in this process once a worker is warm, and ends.

    It comes after the workers, so that it does not take a core from them while the service
    starts. Until it is there, and where it cannot be loaded, workers answer everything.
    """

    def __init__(self, load: Load, *, crew: Crew, seconds: float, clock: Clock) -> None:
        super().__init__(name="detector-nearby", daemon=True)
        self._load = load
        self._crew = crew
        self._seconds = seconds
        self._clock = clock
        self.detector: TakingTurns | None = None

    def run(self) -> None:
        """Waits for the first worker, loads, warms, and shows the detector."""
        while not self._crew.warm:
            if self._crew.closing.wait(_LOOK_SECONDS):
                return
        try:
            loaded = self._load()
            warm(loaded)
        except Exception:  # noqa: BLE001 - workers do without, and say what is wrong with theirs
            return
        self.detector = TakingTurns(loaded, seconds=self._seconds, clock=self._clock)

    def end(self) -> None:
        """Waits until a load that is under way is over: an import cannot be broken off."""
        if self.ident is not None:
            self.join(_JOIN_SECONDS)
