"""The time that is left for one request."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock; None is no limit of the caller's."""

    clock: Clock
    at: float | None

    @classmethod
    def after(cls, seconds: float | None, clock: Clock) -> Deadline:
        """The deadline `seconds` from now."""
        return cls(clock, None if seconds is None else clock.monotonic() + seconds)

    def left(self) -> float | None:
        """Seconds left, more than 0. Raises DEADLINE_PASSED if there are none."""
        if self.at is None:
            return None
        seconds = self.at - self.clock.monotonic()
        if seconds <= 0:
            raise PrivacyError(errors.DEADLINE_PASSED)
        return seconds
