"""What a change would have done to decisions that were made, as far as is known without values.

The log keeps of a decision what was decided, why, for which purpose, and which kinds of personal
data were treated how; never the payload. Many changes can be judged by that, and some cannot: then
it is said so, and why, instead of a guess.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

UNKNOWN: Final = ""
"""What is put in place of an outcome that could not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a decision would be under the candidate: an outcome, or why that can't be judged."""

    outcome: str = UNKNOWN
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """So many decisions that came to `before` would come to `after`; empty: not to be judged."""

    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """So many decisions could not be judged, and why."""

    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """The decisions of a span of time, replayed. `truncated`: there were more than were read."""

    since: datetime
    until: datetime
    decisions: int = 0
    truncated: bool = False
    shifts: tuple[Shift, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()


class Replay:
    """Counts what becomes of decisions."""

    def __init__(self) -> None:
        self._shifts: Counter[tuple[str, str]] = Counter()
        self._unjudged: Counter[str] = Counter()

    def take(self, before: str, fate: Fate, *, count: int = 1) -> None:
        """So many decisions that came to `before` have this fate."""
        self._shifts[before, fate.outcome] += count
        if fate.outcome == UNKNOWN:
            self._unjudged[fate.why] += count

    def impact(self, *, since: datetime, until: datetime, truncated: bool) -> Impact:
        """What was counted."""
        return Impact(
            since=since,
            until=until,
            decisions=self._shifts.total(),
            truncated=truncated,
            shifts=tuple(
                Shift(before=before, after=after, count=count)
                for (before, after), count in sorted(self._shifts.items())
            ),
            unjudged=tuple(
                Unjudged(why=why, count=count) for why, count in sorted(self._unjudged.items())
            ),
        )
