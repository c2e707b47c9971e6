"""Time as an argument: the only module that reads the machine's clocks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the time is, for those who must know it."""

    def now(self) -> datetime:
        """The present instant, in UTC, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, for deadlines."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(slots=True)
class SteppedClock:
    """A clock that stands still until it is stepped: for tests, drills and replays."""

    at: datetime
    ticks: float = field(default=0.0)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def step(self, by: timedelta) -> None:
        """Moves both clocks forward. A negative step raises ValueError: time does not go back."""
        if by < timedelta(0):
            raise ValueError("time does not go back")
        self.at += by
        self.ticks += by.total_seconds()
