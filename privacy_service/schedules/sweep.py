"""One run of the schedules: first planned, then run, in bounded pieces that add up.

    planning ──▶ planned ──run──▶ running ──▶ done
                    │               │  ▲
                    │             pause resume
                    ▼               ▼  │
                cancelled ◀──────── paused

What a sweep deletes is decided by what was so at `as_of`: schedules are kept in the versions of
then, and nothing that came later can be due. What is found to be protected when its turn comes
(by a hold, an open request, a later use) is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

MOST_SAMPLES: Final = 5
"""Things that a plan names for each of its lines."""


class SweepState(StrEnum):
    """How far a sweep is."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


class Outcome(StrEnum):
    """What becomes of a thing whose time is over."""

    DUE = "due"
    """It goes, or went."""
    DEMANDED = "demanded"
    """It stays: another schedule demands it for longer."""
    HELD = "held"
    """It stays: a legal hold covers it."""
    ASKED_FOR = "asked-for"
    """It stays: somebody has asked for it, and has no answer yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many things of one kind, by one schedule, with one outcome.

    `first` and `last` are when the soonest and the latest of them were due. `samples` name a few.
    """

    schedule: str
    kind: str
    action: str
    outcome: Outcome
    because: str = ""
    count: int = 1
    first: datetime
    last: datetime
    samples: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        return (self.schedule, self.kind, self.action, self.outcome.value, self.because)

    def __add__(self, other: Tally) -> Tally:
        return replace(
            self,
            count=self.count + other.count,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            samples=(self.samples + other.samples)[:MOST_SAMPLES],
        )


def added(tallies: Iterable[Tally]) -> tuple[Tally, ...]:
    """One tally for each key, sorted."""
    by_key: dict[tuple[str, ...], Tally] = {}
    for tally in tallies:
        known = by_key.get(tally.key)
        by_key[tally.key] = tally if known is None else known + tally
    return tuple(by_key[key] for key in sorted(by_key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the next piece begins: after `after` in the things of `kind`. The end: no kind."""

    kind: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """One sweep.

    `schedules` are the versions that it goes by. With `go_on` it runs once it is planned. `round`
    counts how often it was begun or resumed. `planned` is what would go and what would stay, as of
    the plan; `done` what went and what stayed. `items` is a hash over everything that went, in
    order: whoever has the list can show that it is this one.
    """

    id: str
    state: SweepState = SweepState.PLANNING
    go_on: bool = False
    as_of: datetime
    made_by: str
    made_at: datetime
    run_by: str = ""
    schedules: Mapping[str, int] = field(default_factory=dict)
    round: int = 0
    place: Place = Place(kind="records")
    planned: tuple[Tally, ...] = ()
    done: tuple[Tally, ...] = ()
    items: str = ""
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    certificate: str | None = None
    certificate_position: int | None = None

    @property
    def due(self) -> int:
        """How many things the plan would take."""
        return _went(self.planned)

    @property
    def went(self) -> int:
        """How many things went so far."""
        return _went(self.done)

    def counted(self, tallies: Iterable[Tally], place: Place, *, at: datetime) -> Sweep:
        """The plan, one piece further; it is whole where no kind is left."""
        planned = added((*self.planned, *tallies))
        if place.kind:
            return replace(self, planned=planned, place=place)
        whole = replace(
            self, planned=planned, state=SweepState.PLANNED, place=Place(kind="records")
        )
        return whole.run(by=self.made_by, at=at) if self.go_on else whole

    def run(self, *, by: str, at: datetime) -> Sweep:
        """Begun. Raises SWEEP_STATE unless it is planned."""
        self._require(SweepState.PLANNED)
        return replace(self, state=SweepState.RUNNING, run_by=by, begun_at=at, round=self.round + 1)

    def taken(self, tallies: Iterable[Tally], place: Place, items: Iterable[str]) -> Sweep:
        """The run, one piece further."""
        return replace(
            self,
            done=added((*self.done, *(replace(one, samples=()) for one in tallies))),
            place=place,
            items=_chained(self.items, items),
        )

    def ended(self, at: datetime) -> Sweep:
        """Done."""
        return replace(self, state=SweepState.DONE, ended_at=at)

    def paused(self) -> Sweep:
        """Raises SWEEP_STATE unless it runs."""
        self._require(SweepState.RUNNING)
        return replace(self, state=SweepState.PAUSED)

    def resumed(self) -> Sweep:
        """Raises SWEEP_STATE unless it is paused."""
        self._require(SweepState.PAUSED)
        return replace(self, state=SweepState.RUNNING, round=self.round + 1)

    def cancelled(self, at: datetime) -> Sweep:
        """What went is gone; the rest stays. Raises SWEEP_STATE once it has ended."""
        self._require(
            SweepState.PLANNING, SweepState.PLANNED, SweepState.RUNNING, SweepState.PAUSED
        )
        return replace(self, state=SweepState.CANCELLED, ended_at=at)

    def _require(self, *states: SweepState) -> None:
        if self.state not in states:
            raise PrivacyError(errors.SWEEP_STATE, sweep=self.id, state=self.state.value)


def _went(tallies: Iterable[Tally]) -> int:
    return sum(one.count for one in tallies if one.outcome is Outcome.DUE)


def _chained(digest: str, items: Iterable[str]) -> str:
    for item in items:
        digest = hashlib.sha256(f"{digest}\n{item}".encode()).hexdigest()
    return digest
