"""What the service notices in its own log and ledger: what the second look stopped, and what is
unusually much for a partner.

    remembered place ─▶ a page of entries ─▶ counted by hour ─▶ over the threshold? ─▶ a sign
                                  └───────── one transaction, which moves the place ─────────┘

Everything from the first look on is looked at once, however long nobody looked. What is older only
counts for what is usual.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from privacy_service.breaches.incidents import MOST_POSITIONS, Cause, Sign
from privacy_service.breaches.volume import VolumeRule, hour_of
from privacy_service.clock import Clock
from privacy_service.custody.incidents import Incidents
from privacy_service.enforcement.reasons import LEFTOVER_PERSONAL_DATA
from privacy_service.evidence.entries import AuditEntry
from privacy_service.store.database import Database
from privacy_service.store.rows import SequencedEntry
from privacy_service.store.views import View, Writing

_FROM: Final = "from"
"""The place of the first entry that was there to be looked at."""
_ENTRIES: Final = 500
_DISCLOSURES: Final = 5000
_OUTCOMES: Final = ("REFUSE", "REVEALED", "RESTORED")


class Measure(StrEnum):
    """What is counted by hour."""

    STOPPED = "stopped"
    DISCLOSURES = "disclosures"
    REVEALS = "reveals"


@dataclass(frozen=True, slots=True)
class Seen:
    """So many of something, in one entry of the log."""

    measure: Measure
    about: str
    at: datetime
    position: int
    many: int = 1


@dataclass(slots=True)
class _Heap:
    """All of one measure about one thing in one hour."""

    many: int = 0
    last: int = -1
    positions: list[int] = field(default_factory=list)

    def add(self, seen: Seen) -> None:
        self.many += seen.many
        self.last = max(self.last, seen.position)
        if len(self.positions) < MOST_POSITIONS:
            self.positions.append(seen.position)


_Heaps = Mapping[tuple[Measure, str, datetime], _Heap]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Looks. Each look is bounded, and may be made by any replica at any time: a page that somebody
    else has looked at meanwhile is left to them.
    """

    database: Database
    incidents: Incidents
    rules: Mapping[Measure, VolumeRule]
    clock: Clock

    def log(self) -> bool:
        """Looks at a page of the log. Whether there is more."""

        def page(view: View, start: int, end: int) -> tuple[Iterable[Seen], int]:
            found = view.audit.with_outcomes(_OUTCOMES, start=start, end=end, limit=_ENTRIES)
            return _seen(found), _next(found, _ENTRIES, end)

        return self._look("log", page)

    def disclosures(self) -> bool:
        """Looks at a page of the disclosure ledger. Whether there is more."""

        def page(view: View, start: int, end: int) -> tuple[Iterable[Seen], int]:
            found = view.disclosures.received(start=start, end=end, limit=_DISCLOSURES)
            seen = [Seen(Measure.DISCLOSURES, one.recipient, one.at, one.position) for one in found]
            return seen, _next(found, _DISCLOSURES, end)

        return self._look("disclosures", page)

    def forget(self) -> None:
        """Drops what counts for nothing any more."""
        oldest = self._oldest(self.clock.now())
        self.database.commit(lambda tx: tx.incidents.forget_hours(oldest))

    # -- One look -----------------------------------------------------------------------------

    def _look(
        self, name: str, page: Callable[[View, int, int], tuple[Iterable[Seen], int]]
    ) -> bool:
        now = self.clock.now()
        with self.database.reading() as view:
            size, start = view.audit.size(), view.incidents.place(name)
            if start is None:
                oldest = view.audit.first_since(self._oldest(now))
                return self.database.commit(lambda tx: _begin(tx, name, oldest, size))
            if start >= size:
                return False
            seen, then = page(view, start, size)
            heaps = _heaped(seen)

        def work(tx: Writing) -> bool:
            if tx.incidents.place(name) == start:
                self._count(tx, heaps, tx.incidents.place(_FROM) or 0, now)
                tx.incidents.move(name, then)
            return then < size

        return self.database.commit(work)

    def _count(self, tx: Writing, heaps: _Heaps, first: int, now: datetime) -> None:
        for (measure, about, hour), heap in heaps.items():
            tx.incidents.count(measure.value, about, hour, heap.many)
            rule = self.rules.get(measure)
            if rule is None or heap.last < first:
                continue
            hours = tx.incidents.hours(
                measure.value, about, since=hour - timedelta(days=rule.days + 1)
            )
            threshold, usual = rule.threshold(hours, hour)
            if hours[hour] >= threshold:
                sign = _sign(measure, about, hour, heap, hours[hour], usual)
                self.incidents.notice(tx, sign, at=now)

    def _oldest(self, now: datetime) -> datetime:
        """The oldest hour that counts."""
        days = max(rule.days for rule in self.rules.values()) if self.rules else 1
        return hour_of(now - timedelta(days=days + 1))


def _begin(tx: Writing, name: str, oldest: int, size: int) -> bool:
    """From where somebody looks who has never looked."""
    if tx.incidents.place(_FROM) is None:
        tx.incidents.move(_FROM, size)
    if tx.incidents.place(name) is None:
        tx.incidents.move(name, oldest)
    return True


def _seen(entries: Sequence[SequencedEntry]) -> Iterator[Seen]:
    for one in entries:
        entry = AuditEntry.from_bytes(one.leaf)
        pair = f"{entry.partner} to {entry.counterparty}"
        if entry.outcome == "REVEALED":
            yield Seen(Measure.REVEALS, pair, entry.at, one.position)
        elif entry.outcome == "RESTORED":
            many = sum(count.count for count in entry.categories)
            yield Seen(Measure.REVEALS, pair, entry.at, one.position, many)
        elif LEFTOVER_PERSONAL_DATA in (entry.reason or "").split(","):
            yield Seen(Measure.STOPPED, pair, entry.at, one.position)


def _next(found: Sequence[object], limit: int, end: int) -> int:
    """From where the next look goes on."""
    if len(found) < limit:
        return end
    last: int = found[-1].position  # type: ignore[attr-defined]
    return last + 1


def _heaped(seen: Iterable[Seen]) -> _Heaps:
    heaps: dict[tuple[Measure, str, datetime], _Heap] = defaultdict(_Heap)
    for one in seen:
        heaps[one.measure, one.about, hour_of(one.at)].add(one)
    return heaps


def _sign(measure: Measure, about: str, hour: datetime, heap: _Heap, many: int, usual: int) -> Sign:
    when = f"in the hour from {hour:%Y-%m-%d %H:%M}Z"
    if measure is Measure.STOPPED:
        return Sign(
            cause=Cause.STOPPED_EGRESS,
            about=about,
            says=f"{many} payloads were refused at the last look {when}; nothing of them left.",
            positions=tuple(heap.positions),
            counts={"payloads": heap.many},
        )
    known = f"usual are at most {usual}" if usual else "what is usual is not known yet"
    to = "to" if measure is Measure.DISCLOSURES else "of what went from"
    return Sign(
        cause=Cause.UNUSUAL_VOLUME,
        about=f"{measure} {to} {about}",
        says=f"{many} {measure} {when}; {known}.",
        positions=tuple(heap.positions),
        counts={measure.value: heap.many},
    )
