"""When a rule's duty is due, and why then.

    due(rule, given, place=…, law=…) -> Due

1. The times that start the clock are looked for among those given; without one, the answer says
   what the clock waits for.
2. Each period of the deadline is counted (`count.py`), with the extensions that were taken in time
   and the pauses that stopped it.
3. The earliest of them is the deadline; a pause that defers moves it to its own end.
4. A duty without a number in law gets our own target, which is never called a legal deadline.

The same arguments always give the same answer: nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from privacy_service.law.book import Law
from privacy_service.law.count import Ended, Ground, Step, count, local
from privacy_service.law.rules import Extension, OnPause, Pause, Period, Rule, Shape
from privacy_service.law.words import named


class State(StrEnum):
    """What kind of answer it is."""

    RUNNING = "running"
    """The law's deadline is known."""
    EXPECTED = "expected"
    """The clock has not started; this is when it ends if it starts at the latest."""
    TARGET = "own target"
    """The law names no number; `conservative` is our own policy."""
    WAITING = "waiting"
    """The clock has not started: `waits_for` says for what."""
    HELD = "held"
    """A pause has no end yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """A pause that was begun: which of the rule's, from when, until when."""

    id: str
    start: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An extension that was taken: which of the rule's, and when that was told."""

    id: str
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is known: times by name (`awareness`, `filing/RULE-ID`), and what was done since."""

    times: Mapping[str, datetime]
    expected: Mapping[str, datetime] = field(default_factory=dict)
    """When a filing is due at the latest that has not happened."""
    capacities: frozenset[str] = frozenset()
    pauses: tuple[Paused, ...] = ()
    extensions: tuple[Taken, ...] = ()

    def __post_init__(self) -> None:
        for at in (*self.times.values(), *self.expected.values()):
            if at.tzinfo is None:
                raise ValueError("a time without a time zone is no instant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a duty is due, and each step of how that was found."""

    rule: str
    state: State
    rule_digest: str = ""
    counting_digest: str = ""
    place: str = ""
    legal: datetime | None = None
    conservative: datetime | None = None
    waits_for: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def why(self) -> tuple[str, ...]:
        """Why then: a sentence for each step, with what it rests on."""
        return tuple(
            f"{step.says} [{step.citation}]" if step.citation else step.says for step in self.steps
        )


def due(rule: Rule, given: Given, *, place: str, law: Law) -> Due:
    """When the rule's duty is due at that place. Raises PLACE_UNKNOWN."""
    where = law.place_for(rule, place)
    counting = law.counting(rule.deadline.counting)
    rolls = not given.capacities.intersection(rule.deadline.no_roll_for)
    account = _Account(rule, given, Ground(place=where, counting=counting, rolls=rolls))
    found = account.target() if rule.deadline.target else account.by_law()
    return replace(
        found,
        rule_digest=rule.digest,
        counting_digest=counting.digest if counting else "",
        place=where.id,
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    """What started a clock, and whether it really came or is only expected."""

    name: str
    at: datetime
    came: bool


@dataclass(frozen=True, slots=True)
class _Arm:
    """One period of the deadline, counted."""

    begun: _Begun
    ended: Ended


@dataclass(frozen=True, slots=True)
class _Account:
    """One calculation."""

    rule: Rule
    given: Given
    ground: Ground

    def by_law(self) -> Due:
        """The earliest of the deadline's periods, and what defers it."""
        periods = self.rule.deadline.periods
        started = [(period, begun) for period in periods if (begun := self._begun(period))]
        missing = tuple(
            name for period in periods if not self._begun(period) for name in period.origin
        )
        arms = [
            _Arm(begun, self._counted(period, begun))
            for period, begun in started
            if not self._fell_away(period, begun)
        ]
        if not arms:
            return self._waiting(missing)
        return self._deferred(self._earliest(arms, missing))

    def target(self) -> Due:
        """Our own target, where the law names no number."""
        period = self.rule.deadline.target
        assert period is not None
        says = f"the law names no number: {self.rule.deadline.no_number!r}"
        law = Step(says=says, citation=self.rule.citation)
        begun = self._begun(period)
        if begun is None:
            return replace(self._waiting(period.origin), steps=(law,))
        ended = count(period, begun.at, self.ground, stopped=timedelta())
        own = (Step(says="own policy, not law, is:"), self._started(begun), *ended.steps)
        found = Due(
            rule=self.rule.id,
            state=State.TARGET,
            conservative=ended.conservative,
            steps=(law, *own),
        )
        return self._deferred(found)

    # -- The periods --------------------------------------------------------------------------

    def _begun(self, period: Period) -> _Begun | None:
        """The first that came of the times that start it; else the first that is expected."""
        for times, came in ((self.given.times, True), (self.given.expected, False)):
            known = [_Begun(name, times[name], came) for name in period.origin if name in times]
            if known:
                return min(known, key=lambda begun: begun.at)
        return None

    def _fell_away(self, period: Period, begun: _Begun) -> bool:
        """Whether a time came so late that this period no longer counts."""
        later = self.given.times.get(period.falls_away_after or "")
        if later is None:
            return False
        return later > count(period, begun.at, self.ground, stopped=timedelta()).conservative

    def _counted(self, period: Period, begun: _Begun) -> Ended:
        """The end of one period, with what was taken and what stood still."""
        first = count(period, begun.at, self.ground, stopped=timedelta())
        steps = [self._started(begun)]
        longer = period
        for taken, extension in self._extensions():
            if taken.told_at > first.legal:
                says = f"`{taken.id}` was told too late"
            else:
                longer = replace(longer, length=longer.length + extension.adds)
                says = f"extended by {extension.adds} {_unit(period.shape)} (`{taken.id}`)"
            steps.append(self._step(says, taken.told_at, extension.citation))
        stopped, pauses = self._stopped(begun.at, hours=period.shape is Shape.HOURS)
        ended = count(longer, begun.at, self.ground, stopped=stopped)
        return replace(ended, steps=(*steps, *pauses, *ended.steps))

    def _earliest(self, arms: list[_Arm], missing: tuple[str, ...]) -> Due:
        first = min(arms, key=lambda arm: (arm.ended.legal, arm.ended.conservative))
        steps = [*first.ended.steps]
        if len(arms) > 1:
            says = f"the earliest of {len(arms)} periods counts"
            steps.append(self._step(says, first.ended.legal, self.rule.citation))
        steps += [Step(says=f"{named(name)} may bring it forward") for name in missing]
        conservative = min(arm.ended.conservative for arm in arms)
        if conservative != first.ended.legal:
            steps.append(self._step("to be safe, by", conservative))
        if self.ground.counting is not None and self.ground.counting.doubt is not None:
            steps.append(Step(says=self.ground.counting.doubt))
        came = first.begun.came
        return Due(
            rule=self.rule.id,
            state=State.RUNNING if came else State.EXPECTED,
            legal=first.ended.legal,
            conservative=conservative,
            waits_for=missing if came else (first.begun.name, *missing),
            steps=tuple(steps),
        )

    def _waiting(self, missing: tuple[str, ...]) -> Due:
        names = " or ".join(map(named, missing))
        return Due(
            rule=self.rule.id,
            state=State.WAITING,
            waits_for=missing,
            steps=(Step(says=f"the clock starts with {names}", citation=self.rule.citation),),
        )

    # -- What lengthens or holds them ---------------------------------------------------------

    def _extensions(self) -> Iterator[tuple[Taken, Extension]]:
        known = {extension.id: extension for extension in self.rule.extensions}
        return ((taken, known[taken.id]) for taken in self.given.extensions if taken.id in known)

    def _pauses(self, effect: OnPause) -> Iterator[tuple[Paused, Pause]]:
        known = {pause.id: pause for pause in self.rule.pauses if pause.effect is effect}
        return ((paused, known[paused.id]) for paused in self.given.pauses if paused.id in known)

    def _stopped(self, begun: datetime, *, hours: bool) -> tuple[timedelta, list[Step]]:
        """How long the clock stood still, and why. What overlaps counts once."""
        total, steps, reached = timedelta(), [], begun
        for paused, pause in sorted(self._pauses(OnPause.STOPS), key=lambda one: one[0].start):
            start = max(paused.start, reached)
            if paused.until is None or paused.until <= start:
                continue
            reached = paused.until
            days = timedelta(days=(self._day(paused.until) - self._day(start)).days)
            total += paused.until - start if hours else days
            says = f"the clock stood still from {local(start, self.ground)} to"
            steps.append(self._step(says, paused.until, pause.citation))
        return total, steps

    def _deferred(self, found: Due) -> Due:
        """With what holds it: a pause that has no end yet, or one that ends later."""
        steps, legal, conservative = list(found.steps), found.legal, found.conservative
        for paused, pause in self._pauses(OnPause.DEFERS):
            if paused.until is None:
                says = f"it may not be done yet (`{pause.id}`), since"
                held = self._step(says, paused.start, pause.citation)
                return replace(
                    found, state=State.HELD, legal=None, conservative=None, steps=(*steps, held)
                )
            end = datetime.combine(self._day(paused.until), time(23, 59, 59), self.ground.zone)
            if legal is not None:
                legal = max(legal, end.astimezone(UTC))
            if conservative is not None:
                conservative = max(conservative, paused.until.astimezone(UTC))
            says = f"it could not be done before (`{pause.id}`)"
            steps.append(self._step(says, paused.until, pause.citation))
        for paused, pause in self._pauses(OnPause.STOPS):
            if paused.until is None:
                says = f"the clock stands still (`{pause.id}`), since"
                held = self._step(says, paused.start, pause.citation)
                return replace(found, state=State.HELD, legal=None, steps=(*steps, held))
        return replace(found, legal=legal, conservative=conservative, steps=tuple(steps))

    # -- Words --------------------------------------------------------------------------------

    def _started(self, begun: _Begun) -> Step:
        says = named(begun.name) if begun.came else f"{named(begun.name)}, at the latest,"
        return self._step(says, begun.at, self.rule.citation)

    def _step(self, says: str, at: datetime, citation: str | None = None) -> Step:
        return Step(
            says=f"{says}: {local(at, self.ground)}", at=at.astimezone(UTC), citation=citation
        )

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.ground.zone).date()


def _unit(shape: Shape) -> str:
    return "days" if shape is Shape.YEAR_END_DAYS else shape.value.replace("_", " ")
