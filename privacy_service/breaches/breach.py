"""A breach: all that was said of it, and what holds of that now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from privacy_service import errors
from privacy_service.breaches.statements import (
    Assessed,
    Closed,
    Computed,
    Entry,
    EvidenceTaken,
    ExtensionTaken,
    FactsSaid,
    Filed,
    FilingFailed,
    MeasureTaken,
    Nature,
    Opened,
    PauseSaid,
    Reminded,
    Reopened,
    Scoped,
    Statement,
    TaskDone,
    TaskSet,
    TimeSaid,
)
from privacy_service.errors import PrivacyError
from privacy_service.law.due import Given, Paused, Taken
from privacy_service.law.reach import Count, Facts
from privacy_service.law.rules import FILING

S = TypeVar("S", bound=Statement)
T = TypeVar("T")

TASK: Final = "task:"
"""How the rule of a reminder begins that is of a task."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far in the future a time may lie, because clocks differ."""


class BreachState(StrEnum):
    """Whether it is over."""

    OPEN = "open"
    CLOSED = "closed"
    NO_BREACH = "no_breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do."""

    set: TaskSet
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach; `entries` from the first on, never empty."""

    id: str
    entries: tuple[Entry, ...]

    @classmethod
    def opened(cls, breach_id: str, opened: Opened, *, by: str, at: datetime) -> Breach:
        """A breach of which nothing else is said yet."""
        return cls(id=breach_id, entries=(Entry(number=1, at=at, by=by, statement=opened),))

    def with_statement(self, statement: Statement, *, by: str, at: datetime) -> Breach:
        """With one statement more. Raises BREACH_CLOSED, and REQUEST_INVALID for a time that has
        not come, a task that there is not, or what is said twice.
        """
        self._require_sayable(statement, at)
        entry = Entry(number=self.newest + 1, at=at, by=by, statement=statement)
        return Breach(id=self.id, entries=(*self.entries, entry))

    def as_of(self, number: int) -> Breach:
        """As it was when it had so many entries."""
        return Breach(id=self.id, entries=self.entries[:number])

    # -- What holds now -----------------------------------------------------------------------

    @property
    def newest(self) -> int:
        """The number of the last entry."""
        return self.entries[-1].number

    @property
    def opening(self) -> Opened:
        """The first statement."""
        first = self.entries[0].statement
        assert isinstance(first, Opened)
        return first

    @property
    def opened_at(self) -> datetime:
        """When it was opened."""
        return self.entries[0].at

    @property
    def state(self) -> BreachState:
        """Whether it is over."""
        ends = self._said(Closed | Reopened)
        if not ends or isinstance(ends[-1].statement, Reopened):
            return BreachState.OPEN
        closed = ends[-1].statement
        assert isinstance(closed, Closed)
        return BreachState.CLOSED if closed.breach else BreachState.NO_BREACH

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed, if it is."""
        if self.state is BreachState.OPEN:
            return None
        return [one.at for one in self._said(Closed)][-1]

    @property
    def times(self) -> dict[str, TimeSaid]:
        """Each time as it was last said."""
        return {said.name: said for said in self.all(TimeSaid)}

    @property
    def filings(self) -> tuple[Filed, ...]:
        """All that was filed and arrived, as far as is known."""
        failed = {(said.rule, said.reference) for said in self.all(FilingFailed)}
        return tuple(
            filed for filed in self.all(Filed) if (filed.rule, filed.reference) not in failed
        )

    @property
    def reminders(self) -> tuple[Reminded, ...]:
        """Every reminder and alarm that there was."""
        return self.all(Reminded)

    def said_by_others_since(self, number: int, by: str) -> bool:
        """Whether anyone but `by` has said something after the entry of that number."""
        return any(entry.number > number and entry.by != by for entry in self.entries)

    @property
    def assessments(self) -> tuple[Assessed, ...]:
        """All decisions about the risk, the last one being the one that holds."""
        return self.all(Assessed)

    @property
    def scope(self) -> Scoped | None:
        """What was last found to be concerned."""
        return (self.all(Scoped) or (None,))[-1]

    @property
    def computed(self) -> Computed | None:
        """The obligations as they were last found."""
        return (self.all(Computed) or (None,))[-1]

    @property
    def contained_at(self) -> datetime | None:
        """When it was contained."""
        return next((one.at for one in self.all(MeasureTaken) if one.contained), None)

    @property
    def natures(self) -> tuple[Nature, ...]:
        """What was hurt."""
        return self._latest(lambda said: said.natures) or self.opening.natures

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks, by id, as they were last set."""
        tasks: dict[str, Task] = {}
        for entry in self.entries:
            match entry.statement:
                case TaskSet() as said:
                    tasks[said.task] = Task(set=said)
                case TaskDone() as done:
                    tasks[done.task] = Task(set=tasks[done.task].set, done_at=entry.at)
        return tuple(task for _id, task in sorted(tasks.items()))

    @property
    def facts(self) -> Facts:
        """What rules may ask of it."""
        total: Count | None = None
        residents: dict[str, Count] = {}
        if self.scope is not None:
            total = Count(number=self.scope.subjects, approximate=self.scope.is_approximate)
        decided: dict[str, bool] = {}
        for said in self.all(FactsSaid):
            total = said.total or total
            residents |= said.residents
        for assessed in self.assessments:
            decided |= assessed.decided
        if residents and total is None:
            total = _sum(residents.values())
        return Facts(
            total=total,
            residents=residents,
            seats=frozenset(self._latest(lambda said: said.seats) or self.opening.seats),
            capacities=frozenset(
                self._latest(lambda said: said.capacities) or self.opening.capacities
            ),
            decided=decided,
            encrypted=self._latest(lambda said: said.encrypted),
            key_exposed=self._latest(lambda said: said.key_exposed),
        )

    @property
    def given(self) -> Given:
        """What clocks start with, and what holds them."""
        times = {name: said.at for name, said in self.times.items()}
        for filed in self.filings:
            # A clock that starts with a filing starts with the last one: an updated report.
            times[FILING + filed.rule] = filed.at
        pauses = {(said.id, said.start): said for said in self.all(PauseSaid)}
        return Given(
            times=times,
            capacities=self.facts.capacities,
            pauses=tuple(
                Paused(id=said.id, start=said.start, until=said.until) for said in pauses.values()
            ),
        )

    def extensions(self, rule: str) -> tuple[Taken, ...]:
        """What longer periods were taken under a rule."""
        return tuple(
            Taken(id=said.id, told_at=said.told_at)
            for said in self.all(ExtensionTaken)
            if said.rule == rule
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """What does not fit together in what was said."""
        return tuple(_doubts(self))

    def all(self, kind: type[S]) -> tuple[S, ...]:
        """Every statement of a kind, in order."""
        return tuple(entry.statement for entry in self.entries if isinstance(entry.statement, kind))

    # -- Rules --------------------------------------------------------------------------------

    def _require_sayable(self, statement: Statement, now: datetime) -> None:
        closed = self.state is not BreachState.OPEN
        if closed and not _may_be_late(statement):
            raise PrivacyError(errors.BREACH_CLOSED, breach=self.id)
        if isinstance(statement, Reopened) and not closed:
            raise PrivacyError(errors.REQUEST_INVALID, field="reopening", says="it is open")
        if isinstance(statement, Opened):
            raise PrivacyError(errors.REQUEST_INVALID, field="opened", says="it was opened before")
        for at in _past(statement):
            if at > now + CLOCKS_DIFFER:
                raise PrivacyError(errors.REQUEST_INVALID, field="at", says="it has not come yet")
        if isinstance(statement, TaskDone):
            known = {task.set.task for task in self.tasks}
            if statement.task not in known:
                raise PrivacyError(errors.REQUEST_INVALID, field="task", says="there is none")

    def _said(self, kind: object) -> list[Entry]:
        return [one for one in self.entries if isinstance(one.statement, kind)]  # type: ignore[arg-type]

    def _latest(self, of: Callable[[FactsSaid], T | None]) -> T | None:
        said = [value for facts in self.all(FactsSaid) if (value := of(facts)) is not None]
        return said[-1] if said else None


def _may_be_late(statement: Statement) -> bool:
    """Whether it may be said of a breach that is closed: what was filed, corrective actions until
    they are done, and what becomes of the evidence.
    """
    match statement:
        case TaskSet():
            return statement.corrective
        case Reopened() | Filed() | FilingFailed() | TaskDone() | Computed() | EvidenceTaken():
            return True
        case Reminded():
            return statement.rule.startswith(TASK)
    return False


_ORDER: Final = (
    "suspicion", "detection", "awareness", "determination", "assessment", "classification",
    "materiality", "handled",
)  # fmt: skip
"""In which order these times usually come."""


def _doubts(breach: Breach) -> Iterator[str]:
    times = breach.times
    known = [name for name in _ORDER if name in times]
    for earlier, later in pairwise(known):
        if times[later].at < times[earlier].at:
            yield f"{later} is said to be before {earlier}"
    for before, after in pairwise(breach.entries):
        if after.at < before.at - CLOCKS_DIFFER:
            yield f"by the clock entry {after.number} came before entry {before.number}"
    facts = breach.facts
    if facts.total is not None and facts.residents:
        split = _sum(facts.residents.values())
        if split.number > facts.total.number:
            yield "more people are counted by jurisdiction than in all"
    if facts.key_exposed and facts.encrypted is False:
        yield "a key is said to be exposed, and nothing to be encrypted"


def _past(statement: Statement) -> Sequence[datetime]:
    match statement:
        case TimeSaid(at=at) | Filed(at=at) | MeasureTaken(at=at):
            return (at,)
        case PauseSaid(start=start):
            return (start,)
        case ExtensionTaken(told_at=at):
            return (at,)
    return ()


def _sum(counts: Iterable[Count]) -> Count:
    listed = list(counts)
    return Count(
        number=sum(one.number for one in listed),
        approximate=any(one.approximate for one in listed),
    )
