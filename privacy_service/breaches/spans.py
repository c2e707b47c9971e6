"""How long each part of a breach took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from privacy_service.breaches.breach import Breach


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """How long it took from the first sign to each point; None: not there yet."""

    to_detect: timedelta | None
    to_contain: timedelta | None
    to_notify: timedelta | None
    to_close: timedelta | None


def spans(breach: Breach) -> Spans:
    """The measured times of a breach: the first sign is its suspicion, or whatever came first."""
    times = sorted(said.at for said in breach.times.values())
    first = times[0] if times else breach.opened_at
    detected = breach.times.get("detection") or breach.times.get("awareness")
    filed = sorted(one.at for one in breach.filings)

    def since(at: datetime | None) -> timedelta | None:
        # A clock that was set back measures nothing; `Breach.doubts` tells of it.
        return None if at is None or at < first else at - first

    return Spans(
        to_detect=since(detected.at if detected else None),
        to_contain=since(breach.contained_at),
        to_notify=since(filed[0] if filed else None),
        to_close=since(breach.closed_at),
    )
