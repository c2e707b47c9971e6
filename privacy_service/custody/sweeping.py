"""Sweeps, piece by piece: what is due is counted, and then goes.

A job calls `plan` and `take` until they say that nothing is left, and may call them again after a
crash: how far a sweep is stands in its own row, and moves with what was done. A plan looks at pages
of rows and changes nothing. A run looks at each row once more, in the transaction that deletes it:
what was put under a hold since, or asked for, or used, stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from privacy_service.clock import Clock
from privacy_service.custody.acts import log_own_act
from privacy_service.custody.anonymising import Anonymising, Anonymous
from privacy_service.custody.burials import note_deleted
from privacy_service.custody.kept import kept_record, kept_token
from privacy_service.custody.protections import ASKED_FOR, FREE, Protections
from privacy_service.schedules.read import read
from privacy_service.schedules.schedule import (
    Action,
    Facts,
    Kind,
    RetentionSchedule,
    Trigger,
)
from privacy_service.schedules.sweep import MOST_SAMPLES, Outcome, Place, Sweep, SweepState, Tally
from privacy_service.schedules.verdict import Due, Verdict, earliest_collected, judge
from privacy_service.store.database import Database
from privacy_service.store.rows import RecordSummary, StoredToken
from privacy_service.store.tokens import token_key
from privacy_service.store.views import View, Writing
from privacy_service.subjects.consent import ConsentState

ACTION: Final = "RetentionService/Sweep"
ANSWERS: Final = "answers"
"""Answers that request ids were given: they go when what was promised for them is over."""
_REQUEST_IDS: Final = "request-ids"
_PAGE: Final = 1000
_BATCH: Final = 500
"""Rows that one transaction looks at: others wait for it."""
_ANONYMISED: Final = 50
"""Records that one transaction makes anonymous."""
_OPENED: Final = 16 << 20
"""Bytes of content that are opened for one transaction."""
_NEXT: Final = {Kind.RECORDS.value: Kind.TOKENS.value, Kind.TOKENS.value: ANSWERS, ANSWERS: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One thing whose time may be over."""

    facts: Facts
    own: datetime | None
    name: str
    stored: RecordSummary | StoredToken


@dataclass(frozen=True, slots=True)
class _Look:
    """What a sweep looks at, in one transaction, by the schedules that it goes by."""

    view: View | Writing
    schedules: tuple[RetentionSchedule, ...]
    as_of: datetime
    triggers: frozenset[Trigger]
    _ends: dict[str, datetime | None] = field(default_factory=dict)

    def rows(self, place: Place, limit: int) -> tuple[list[_Row], Place]:
        """The next rows that may be due, and the place behind them."""
        if place.kind == Kind.RECORDS.value:
            return self._records(place, limit)
        return self._tokens(place, limit)

    def verdict(self, row: _Row) -> Verdict:
        return judge(self.schedules, row.facts, own=row.own)

    def facts_of_record(self, record: RecordSummary, categories: frozenset[str]) -> Facts:
        return Facts(
            kind=Kind.RECORDS,
            thing=kept_record(record),
            collected_at=record.created_at,
            last_activity_at=max(record.used_at or record.created_at, record.created_at),
            contract_ended_at=self._ended([ref.id for ref in record.contracts]),
            consent_withdrawn_at=self._withdrawn(record.partner, record.subjects),
            categories=categories,
        )

    def _records(self, place: Place, limit: int) -> tuple[list[_Row], Place]:
        until = earliest_collected(self._limiting(Kind.RECORDS), at=self.as_of)
        found = self.view.retention.records(place.after, as_of=self.as_of, until=until, limit=limit)
        known = self.view.retention.categories(found) if self._by_category() else {}
        rows = [
            _Row(
                facts=self.facts_of_record(record, known.get(record.id, frozenset())),
                own=record.keep_until,
                name=f"records/{record.partner}/{record.id}",
                stored=record,
            )
            for record in found
        ]
        last = (found[-1].partner, found[-1].id) if found else ()
        return rows, _after(place, last, whole=len(found) < limit)

    def _tokens(self, place: Place, limit: int) -> tuple[list[_Row], Place]:
        until = earliest_collected(self._limiting(Kind.TOKENS), at=self.as_of)
        if until is None:
            return [], _after(place, (), whole=True)
        found = self.view.retention.tokens(place.after, until=min(until, self.as_of), limit=limit)
        rows = [
            _Row(
                facts=Facts(
                    kind=Kind.TOKENS,
                    thing=kept_token(token),
                    collected_at=token.minted_at,
                    last_activity_at=token.minted_at,
                    consent_withdrawn_at=self._withdrawn(
                        token.sender, () if token.subject is None else (token.subject,)
                    ),
                    categories=frozenset({token.entity}),
                ),
                own=None,
                # A token is not named: who has it may have its value revealed.
                name=f"tokens/{token.sender}/{token.recipient}/{token.entity}",
                stored=token,
            )
            for token in found
        ]
        last = token_key(found[-1]) if found else ()
        return rows, _after(place, last, whole=len(found) < limit)

    def _limiting(self, kind: Kind) -> Iterator[RetentionSchedule]:
        return (one for one in self.schedules if kind in one.covers.kinds)

    def _by_category(self) -> bool:
        return any(one.covers.categories for one in self.schedules)

    def _ended(self, contracts: Sequence[str]) -> datetime | None:
        """When the last of the contracts ended; None where one goes on, or there is none."""
        if not contracts or Trigger.CONTRACT_END not in self.triggers:
            return None
        ends = [self._end(contract) for contract in contracts]
        known = [end for end in ends if end is not None]
        return max(known) if len(known) == len(ends) else None

    def _end(self, contract: str) -> datetime | None:
        if contract not in self._ends:
            end = self.view.retention.contract_end(contract, at=self.as_of)
            self._ends[contract] = end
        return self._ends[contract]

    def _withdrawn(self, partner: str, subjects: Sequence[str]) -> datetime | None:
        """When the last consent of the people was withdrawn; None while one is in force."""
        if not subjects or Trigger.CONSENT_WITHDRAWN not in self.triggers:
            return None
        last: datetime | None = None
        for record in self.view.consents.about(partner, subjects):
            events = [event for event in record.events if event.at <= self.as_of]
            if not events or events[-1].state is not ConsentState.WITHDRAWN:
                return None
            last = max(last or events[-1].at, events[-1].at)
        return last


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What the schedules say of one record, and whether something protects it now."""

    verdict: Verdict
    due: Due | None
    at: datetime
    protected: str
    restricted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeping:
    """Plans sweeps and runs them. Thread-safe."""

    database: Database
    protections: Protections
    clock: Clock
    anonymising: Anonymising | None = None
    """Needed to `take` what is made anonymous."""

    def plan(self, sweep_id: str) -> int:
        """Counts the next piece. 0: the plan is whole, or is no longer asked for."""
        with self.database.reading() as view:
            sweep = view.retention.get(sweep_id)
            if sweep.state is not SweepState.PLANNING:
                return 0
            tallies, place = self._counted(view, sweep)

        def work(tx: Writing) -> int:
            now = tx.retention.get(sweep_id)
            if now.state is not SweepState.PLANNING or now.place != sweep.place:
                return 1  # another worker was quicker: look again
            counted = now.counted(tallies, place, at=self.clock.now())
            tx.retention.keep(counted)
            return int(counted.state is SweepState.PLANNING)

        return self.database.commit(work)

    def take(self, sweep_id: str) -> int:
        """Takes the next piece away. 0: nothing is left, or the sweep does not run."""
        prepared = self._prepared(sweep_id)

        def work(tx: Writing) -> int:
            sweep = tx.retention.get(sweep_id)
            if sweep.state is not SweepState.RUNNING or not sweep.place.kind:
                return 0
            taken = self._taken(tx, sweep, prepared)
            if taken is None:
                return 1  # something is due that was not prepared: look again
            tallies, place, items = taken
            tx.retention.keep(sweep.taken(tallies, place, items))
            self._log(tx, sweep, tallies)
            return int(bool(place.kind))

        return self.database.commit(work)

    def explained(self, partner: str, record_id: str) -> Explained:
        """What holds for one record now. Raises RECORD_NOT_FOUND."""
        now = self.clock.now()
        with self.database.reading() as view:
            record = view.records.get(partner, record_id)
            look = _look(view, in_force(view, now), now)
            known = view.retention.categories([record]).get(record.id, frozenset())
            facts = look.facts_of_record(record, known)
            verdict = judge(look.schedules, facts, own=record.keep_until)
            (protected,) = self.protections(view, [facts.thing], request_id=None)
        return Explained(
            verdict=verdict,
            due=_still_due(verdict.due(now), facts),
            at=now,
            protected=protected,
            restricted_at=record.restricted_at,
        )

    # -- How ----------------------------------------------------------------------------------

    def _look(self, view: View | Writing, sweep: Sweep) -> _Look:
        return _look(view, sweep.schedules, sweep.as_of)

    def _counted(self, view: View, sweep: Sweep) -> tuple[list[Tally], Place]:
        if sweep.place.kind == ANSWERS:
            count, first, last = view.retention.count_answers(before=sweep.as_of)
            if not count or first is None or last is None:
                return [], Place(kind="")
            return [_answers_tally(count, first, last)], Place(kind="")
        look = self._look(view, sweep)
        rows, place = look.rows(sweep.place, _PAGE)
        return _tallied(self._judged(look, rows)), place

    def _taken(
        self, tx: Writing, sweep: Sweep, prepared: _Prepared
    ) -> tuple[list[Tally], Place, list[str]] | None:
        if sweep.place.kind == ANSWERS:
            return self._answers_taken(tx, sweep)
        look = self._look(tx, sweep)
        rows, place = look.rows(sweep.place, prepared.limit)
        judged = self._judged(look, rows)
        if not prepared.holds(tx, judged):
            return None
        judged = [(row, prepared.due(row, due), why) for row, due, why in judged]
        free = _free(judged)
        for row, _ in free:
            self._put_anonymous(tx, prepared.of(row))
        _remove(tx, free, at=self.clock.now())
        return _tallied(judged), place, [f"{due.action.value} {_item(row)}" for row, due in free]

    def _prepared(self, sweep_id: str) -> _Prepared:
        """What becomes of the next records that are to be made anonymous, sealed before the
        transaction that puts it in their place; as many as memory has room for.
        """
        with self.database.reading() as view:
            sweep = view.retention.get(sweep_id)
            look = self._look(view, sweep)
            staying = {one.id: one.staying for one in look.schedules if one.staying}
            running = sweep.state is SweepState.RUNNING
            if not staying or not running or sweep.place.kind != Kind.RECORDS.value:
                return _Prepared(limit=_BATCH)
            if self.anonymising is None:
                raise ValueError("nothing here makes records anonymous")
            rows = _fitting(look.rows(sweep.place, _ANONYMISED)[0])
            opened = [
                self.anonymising.opened(view, row.stored, staying[due.wins.schedule])
                for row, due in _free(self._judged(look, rows))
                if due.action is Action.ANONYMISE and isinstance(row.stored, RecordSummary)
            ]
        made = {(one.record.partner, one.record.id): self.anonymising.made(one) for one in opened}
        return _Prepared(limit=len(rows) or _ANONYMISED, made=made)

    def _put_anonymous(self, tx: Writing, made: Anonymous | None) -> None:
        if made is not None and made.record is not None and self.anonymising is not None:
            self.anonymising.keys.require_live(tx, made.keys)
            tx.records.put(made.record)

    def _answers_taken(self, tx: Writing, sweep: Sweep) -> tuple[list[Tally], Place, list[str]]:
        found = tx.retention.answers(before=sweep.as_of, limit=_BATCH)
        tx.retention.delete_answers([(partner, request) for partner, request, _ in found])
        place = Place(kind=ANSWERS) if len(found) == _BATCH else Place(kind="")
        tallies = [_answers_tally(1, at, at) for _, _, at in found]
        return tallies, place, [f"erase answers/{of}/{named}" for of, named, _ in found]

    def _judged(self, look: _Look, rows: Iterable[_Row]) -> list[tuple[_Row, Due, str]]:
        """The rows that are due, each with what protects it."""
        due = [
            (row, found)
            for row in rows
            if (found := _still_due(look.verdict(row).due(look.as_of), row.facts)) is not None
        ]
        things = [row.facts.thing for row, _ in due]
        reasons = self.protections(look.view, things, request_id=None) if things else []
        return [
            # What only restricts use takes nothing away that a hold or a request protects.
            (row, found, FREE if found.action is Action.RESTRICT else why)
            for (row, found), why in zip(due, reasons, strict=True)
        ]

    def _log(self, tx: Writing, sweep: Sweep, tallies: Sequence[Tally]) -> None:
        """The log says of each piece how many things went; which, the certificate's hash says."""
        gone = sum(one.count for one in tallies if one.outcome is Outcome.DUE)
        if not gone:
            return
        log_own_act(
            tx,
            ACTION,
            at=self.clock.now(),
            resource=sweep.id,
            outcome="SWEPT",
            reason=f"{gone} of {sweep.place.kind}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """What becomes of the next `limit` rows that are to be made anonymous."""

    limit: int
    made: Mapping[tuple[str, str], Anonymous] = field(default_factory=dict)

    def of(self, row: _Row) -> Anonymous | None:
        stored = row.stored
        if not isinstance(stored, RecordSummary):
            return None
        return self.made.get((stored.partner, stored.id))

    def holds(self, tx: Writing, judged: Iterable[tuple[_Row, Due, str]]) -> bool:
        """Whether everything that is to be made anonymous was prepared, and is as it was."""
        for row, due in _free(judged):
            made, stored = self.of(row), row.stored
            if due.action is not Action.ANONYMISE or not isinstance(stored, RecordSummary):
                continue
            if made is None or tx.records.get(stored.partner, stored.id).sealed != made.was:
                return False
        return True

    def due(self, row: _Row, due: Due) -> Due:
        """What happens: a record of which nothing would stay is erased."""
        made = self.of(row)
        if due.action is Action.ANONYMISE and made is not None and made.record is None:
            return replace(due, action=Action.ERASE)
        return due


def _free(judged: Iterable[tuple[_Row, Due, str]]) -> list[tuple[_Row, Due]]:
    """What goes: nothing protects it, and nothing demands that it stays."""
    return [(row, due) for row, due, why in judged if why == FREE and due.demanded is None]


def _fitting(rows: Sequence[_Row]) -> Sequence[_Row]:
    """As many of the rows as are opened at a time, at least one."""
    size = 0
    for number, row in enumerate(rows):
        size += row.stored.size if isinstance(row.stored, RecordSummary) else 0
        if size > _OPENED and number:
            return rows[:number]
    return rows


def in_force(view: View | Writing, at: datetime) -> dict[str, int]:
    """The schedules in force at an instant, with their versions: the newest one, if it holds."""
    return {
        one.id: one.number
        for one in view.retention.schedules()
        if read(one.source, name=one.id).in_force(at)
    }


def _versions(view: View | Writing, numbers: Mapping[str, int]) -> tuple[RetentionSchedule, ...]:
    return tuple(
        read(view.retention.version(name, number).source, name=name)
        for name, number in sorted(numbers.items())
    )


def _look(view: View | Writing, numbers: Mapping[str, int], as_of: datetime) -> _Look:
    schedules = _versions(view, numbers)
    return _Look(view, schedules, as_of, frozenset(one.trigger for one in schedules))


def _still_due(due: Due | None, facts: Facts) -> Due | None:
    """What is due, unless it was done: what restricts or makes anonymous leaves something."""
    if due is None:
        return None
    done = {Action.RESTRICT: facts.thing.restricted, Action.ANONYMISE: facts.thing.anonymous}
    return None if done.get(due.action) else due


def _after(place: Place, last: tuple[str, ...], *, whole: bool) -> Place:
    return Place(kind=_NEXT[place.kind]) if whole else Place(kind=place.kind, after=last)


def _item(row: _Row) -> str:
    stored = row.stored
    return (
        row.name if isinstance(stored, RecordSummary) else "/".join(("tokens", *token_key(stored)))
    )


def _tallied(judged: Iterable[tuple[_Row, Due, str]]) -> list[Tally]:
    """One tally for all that have schedule, kind, action and outcome in common."""
    alike: dict[tuple[str, Kind, Action, Outcome, str], list[tuple[datetime, str]]] = {}
    for row, due, why in judged:
        outcome, because = _outcome(due, why)
        key = (due.wins.schedule, row.facts.kind, due.action, outcome, because)
        alike.setdefault(key, []).append((due.wins.until, row.name))
    return [
        Tally(
            schedule=schedule,
            kind=kind.value,
            action=action.value,
            outcome=outcome,
            because=because,
            count=len(rows),
            first=min(until for until, _ in rows),
            last=max(until for until, _ in rows),
            samples=tuple(name for _, name in rows[:MOST_SAMPLES]),
        )
        for (schedule, kind, action, outcome, because), rows in alike.items()
    ]


def _outcome(due: Due, why: str) -> tuple[Outcome, str]:
    """What becomes of a thing that is due, and the schedule that demands that it stays."""
    if due.demanded is not None:
        return Outcome.DEMANDED, due.demanded.schedule
    if why == FREE:
        return Outcome.DUE, ""
    return (Outcome.ASKED_FOR if why == ASKED_FOR else Outcome.HELD), ""


def _answers_tally(count: int, first: datetime, last: datetime) -> Tally:
    return Tally(
        schedule=_REQUEST_IDS,
        kind=ANSWERS,
        action=Action.ERASE.value,
        outcome=Outcome.DUE,
        count=count,
        first=first,
        last=last,
    )


def _remove(tx: Writing, free: Sequence[tuple[_Row, Due]], *, at: datetime) -> None:
    gone = [row.stored for row, due in free if due.action is not Action.RESTRICT]
    kept = [row.stored for row, due in free if due.action is Action.RESTRICT]
    tx.retention.delete_records([one for one in gone if isinstance(one, RecordSummary)])
    tx.tokens.delete([token_key(one) for one in gone if isinstance(one, StoredToken)])
    note_deleted(tx, gone, at=at)
    tx.retention.restrict_records([one for one in kept if isinstance(one, RecordSummary)], at=at)
