"""Times on pages: by the officer's clock, with what is left until then; and read from forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.console.blocks import Cell, Tone

_SOON: Final = timedelta(days=2)
_STEPS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Times:
    """Shows and reads times by one zone. `now` is the console's clock."""

    zone: ZoneInfo
    now: Callable[[], datetime]

    def at(self, when: Timestamp) -> Cell:
        """A time; a dash for none."""
        return Cell(text=self._text(when) if when.ToNanoseconds() else "–")

    def due(self, when: Timestamp, *, done: bool = False) -> Cell:
        """A time by which something is due, with what is left."""
        if not when.ToNanoseconds():
            return Cell(text="–")
        left = when.ToDatetime(UTC) - self.now()
        if done:
            return Cell(text=self._text(when))
        if left < timedelta(0):
            return Cell(text=self._text(when), tone=Tone.BAD, more=(f"overdue by {span(-left)}",))
        tone = Tone.SOON if left < _SOON else Tone.PLAIN
        return Cell(text=self._text(when), tone=tone, more=(f"in {span(left)}",))

    def read(self, text: str) -> Timestamp | None:
        """`2026-11-27 16:00` by this clock; None for an empty text. Raises ValueError."""
        if not text.strip():
            return None
        when = datetime.fromisoformat(text.strip())
        stamp = Timestamp()
        stamp.FromDatetime(when if when.tzinfo else when.replace(tzinfo=self.zone))
        return stamp

    def _text(self, when: Timestamp) -> str:
        return f"{when.ToDatetime(UTC).astimezone(self.zone):%a %Y-%m-%d %H:%M %Z}"


def span(left: timedelta) -> str:
    """A length of time, in its two largest units."""
    seconds, said = int(left.total_seconds()), []
    for size, name in _STEPS:
        many, seconds = divmod(seconds, size)
        if many:
            said.append(f"{many} {name}")
    return " ".join(said[:2]) or "less than a minute"
