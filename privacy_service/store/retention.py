"""Retention schedules and sweeps in the database, and what a sweep looks at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.schedules.sweep import Outcome, Place, Sweep, SweepState, Tally
from privacy_service.store.records import SUMMARY_COLUMNS, summary_of
from privacy_service.store.rows import RecordSummary, StoredToken
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    contract_versions,
    disclosures,
    minted_tokens,
    records,
    replays,
    retention_schedules,
    sweep_times,
    sweeps,
)
from privacy_service.store.tokens import TOKEN_KEY, TOKEN_SUMMARY, stored_token

_s = retention_schedules.c
_NEWEST = select(_s.id, func.max(_s.number).label("number")).group_by(_s.id).subquery()
_CURRENT = (
    select(*_s)
    .join(_NEWEST, and_(_s.id == _NEWEST.c.id, _s.number == _NEWEST.c.number))
    .order_by(_s.id)
)
_VERSION = select(*_s).where(_s.id == bindparam("named"), _s.number == bindparam("version"))
_VERSIONS = select(*_s).where(_s.id == bindparam("named")).order_by(_s.number.desc())
_ADD_SCHEDULE = retention_schedules.insert()
_SWEEP = select(*sweeps.c).where(sweeps.c.id == bindparam("named"))
_WORKING = (
    select(*sweeps.c)
    .where(sweeps.c.state.in_([SweepState.PLANNING.value, SweepState.RUNNING.value]))
    .order_by(sweeps.c.made_at)
    .limit(bindparam("most"))
)
_ADD_SWEEP = insert_absent(sweeps)
_KEPT = tuple(column.name for column in sweeps.c if column.name != "id")
_KEEP_SWEEP = (
    update(sweeps)
    .where(sweeps.c.id == bindparam("named"))
    .values({name: bindparam(name) for name in _KEPT})
)
_TIMES = select(*sweep_times.c)
_ADD_TIMES = insert_absent(sweep_times)
_CHANGE_TIMES = update(sweep_times).values(
    {name: bindparam(name) for name in ("cron", "set_at", "set_by", "begun_for")}
)
_BEGUN = update(sweep_times).values(begun_for=bindparam("at"))
_RECORD_KEY = (records.c.partner, records.c.id)
_NAMES: BindParameter[Any] = bindparam("names", expanding=True)
_DELETE_RECORDS = delete(records).where(
    records.c.partner == bindparam("of"), records.c.id.in_(_NAMES)
)
_RESTRICT = (
    update(records)
    .where(records.c.partner == bindparam("of"), records.c.id == bindparam("named"))
    .values(restricted_at=bindparam("at"))
)
_TOKENS = (
    select(*TOKEN_SUMMARY)
    .where(
        tuple_(*TOKEN_KEY) > tuple_(bindparam("token"), bindparam("person")),
        minted_tokens.c.minted_at <= bindparam("before"),
    )
    .order_by(*TOKEN_KEY)
    .limit(bindparam("most"))
)
_ANSWER_KEY = (replays.c.partner, replays.c.request_id)
_ANSWERS = (
    select(*_ANSWER_KEY, replays.c.expires_at)
    .where(replays.c.expires_at < bindparam("before"))
    .order_by(replays.c.expires_at, *_ANSWER_KEY)
)
_EXPIRED = select(
    func.count().label("count_"),
    func.min(replays.c.expires_at).label("first"),
    func.max(replays.c.expires_at).label("last"),
).where(replays.c.expires_at < bindparam("before"))
_DELETE_ANSWER = delete(replays).where(
    replays.c.partner == bindparam("of"), replays.c.request_id == bindparam("named")
)
_ENDS = select(contract_versions.c.effective_until).where(
    contract_versions.c.contract_id == bindparam("of"),
    contract_versions.c.number
    == select(func.max(contract_versions.c.number))
    .where(
        contract_versions.c.contract_id == bindparam("of"),
        contract_versions.c.put_at <= bindparam("at"),
    )
    .scalar_subquery(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """One version of a schedule, as it was put; `number` counts from 1."""

    id: str
    number: int
    digest: str
    source: str
    put_at: datetime
    put_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTimes:
    """When sweeps begin by themselves: a cron expression in UTC, empty for never.

    `begun_for` is the last of these times for which one was begun.
    """

    cron: str
    set_at: datetime
    set_by: str
    begun_for: datetime


class RetentionReading:
    """Schedules, sweeps, and what is kept."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    # -- Schedules ----------------------------------------------------------------------------

    def schedules(self) -> tuple[StoredSchedule, ...]:
        """The newest version of each schedule, by id."""
        return tuple(StoredSchedule(**row._asdict()) for row in self._reads.all(_CURRENT))

    def version(self, schedule_id: str, number: int) -> StoredSchedule:
        """Raises SCHEDULE_NOT_FOUND."""
        row = self._reads.one(_VERSION, {"named": schedule_id, "version": number})
        if row is None:
            raise PrivacyError(errors.SCHEDULE_NOT_FOUND, schedule=schedule_id)
        return StoredSchedule(**row._asdict())

    def newest(self, schedule_id: str) -> StoredSchedule | None:
        row = self._reads.one(_VERSIONS, {"named": schedule_id})
        return None if row is None else StoredSchedule(**row._asdict())

    # -- Sweeps -------------------------------------------------------------------------------

    def get(self, sweep_id: str) -> Sweep:
        """Raises SWEEP_NOT_FOUND."""
        row = self._reads.one(_SWEEP, {"named": sweep_id})
        if row is None:
            raise PrivacyError(errors.SWEEP_NOT_FOUND, sweep=sweep_id)
        return _sweep(row)

    def working(self, limit: int) -> tuple[Sweep, ...]:
        """Those that are being planned or run, oldest first."""
        return tuple(_sweep(row) for row in self._reads.all(_WORKING, {"most": limit}))

    def list(self, *, before: tuple[datetime, str] | None, limit: int) -> tuple[Sweep, ...]:
        """The sweeps, newest first."""
        page = select(*sweeps.c)
        if before is not None:
            page = page.where(tuple_(sweeps.c.made_at, sweeps.c.id) < before)
        page = page.order_by(sweeps.c.made_at.desc(), sweeps.c.id.desc()).limit(limit)
        return tuple(_sweep(row) for row in self._reads.all(page))

    def times(self) -> SweepTimes | None:
        """When sweeps begin by themselves; None: never."""
        row = self._reads.one(_TIMES)
        if row is None or not row.cron:
            return None
        return SweepTimes(
            cron=row.cron, set_at=row.set_at, set_by=row.set_by, begun_for=row.begun_for
        )

    # -- What is kept -------------------------------------------------------------------------

    def records(
        self, after: tuple[str, ...], *, as_of: datetime, until: datetime | None, limit: int
    ) -> tuple[RecordSummary, ...]:
        """Records that may be due, by partner and id: whose own end has come, or which were
        collected by `until`. Nothing that came after `as_of`.
        """
        may_be = [records.c.keep_until <= as_of]
        if until is not None:
            may_be.append(records.c.created_at <= until)
        page = select(*SUMMARY_COLUMNS).where(records.c.created_at <= as_of, or_(*may_be))
        if after:
            page = page.where(tuple_(*_RECORD_KEY) > after)
        rows = self._reads.all(page.order_by(*_RECORD_KEY).limit(limit))
        return tuple(summary_of(row) for row in rows)

    def tokens(
        self, after: tuple[str, ...], *, until: datetime, limit: int
    ) -> tuple[StoredToken, ...]:
        """Tokens that were minted by `until`, by token and person, without what they stand for."""
        token, person = (*after, "", "")[:2]
        asked = {"token": token, "person": person, "before": until, "most": limit}
        return tuple(stored_token(**row._asdict()) for row in self._reads.all(_TOKENS, asked))

    def answers(self, *, before: datetime, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        """Answers that expired before an instant: whose, the request id, when."""
        rows = self._reads.all(_ANSWERS.limit(limit), {"before": before})
        return tuple((row.partner, row.request_id, row.expires_at) for row in rows)

    def count_answers(self, *, before: datetime) -> tuple[int, datetime | None, datetime | None]:
        """How many expired before an instant, and when the first and the last of them did."""
        row = self._reads.one(_EXPIRED, {"before": before})
        return (0, None, None) if row is None else (row.count_, row.first, row.last)

    def categories(self, records_: Sequence[RecordSummary]) -> dict[str, frozenset[str]]:
        """The entities in each sealed copy, by the record's id: those of its disclosure."""
        ids = [record.id for record in records_ if record.contracts]
        if not ids:
            return {}
        page = select(disclosures.c.id, disclosures.c.categories).where(disclosures.c.id.in_(ids))
        return {
            row.id: frozenset(one[0] for one in row.categories) for row in self._reads.all(page)
        }

    def contract_end(self, contract_id: str, *, at: datetime) -> datetime | None:
        """When the contract ends, by the version that was the newest at an instant."""
        row = self._reads.one(_ENDS, {"of": contract_id, "at": at})
        return None if row is None else row.effective_until


class RetentionWriting(RetentionReading):
    """Schedules, sweeps, and what they take away."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def put(self, schedule: StoredSchedule) -> None:
        """Adds a version."""
        self._writes.change(
            _ADD_SCHEDULE, {name: getattr(schedule, name) for name in schedule.__slots__}
        )

    def begin(self, sweep: Sweep) -> None:
        """Adds a sweep, unless it is there."""
        self._writes.change(_ADD_SWEEP, {"id": sweep.id, **_columns(sweep)})

    def keep(self, sweep: Sweep) -> None:
        """Keeps how far a sweep is."""
        self._writes.change(_KEEP_SWEEP, {"named": sweep.id, **_columns(sweep)})

    def set_times(self, times: SweepTimes) -> None:
        """Sets when sweeps begin by themselves."""
        values = {name: getattr(times, name) for name in times.__slots__}
        if self._writes.change(_ADD_TIMES, {"name": "sweeps", **values}) == 0:
            self._writes.change(_CHANGE_TIMES, values)

    def begun_for(self, at: datetime) -> None:
        """Keeps the time for which a sweep was begun."""
        self._writes.change(_BEGUN, {"at": at})

    def delete_records(self, gone: Sequence[RecordSummary]) -> None:
        """Deletes records with their sealed bytes and their index."""
        by_partner: dict[str, list[str]] = defaultdict(list)
        for record in gone:
            by_partner[record.partner].append(record.id)
        for partner, names in by_partner.items():
            self._writes.change(_DELETE_RECORDS, {"of": partner, "names": names})

    def restrict_records(self, kept: Sequence[RecordSummary], *, at: datetime) -> None:
        """Restricts the use of records from now on."""
        rows = [{"of": record.partner, "named": record.id, "at": at} for record in kept]
        self._writes.change_each(_RESTRICT, rows)

    def delete_answers(self, gone: Sequence[tuple[str, str]]) -> None:
        """Deletes answers that were given."""
        rows = [{"of": partner, "named": request} for partner, request in gone]
        self._writes.change_each(_DELETE_ANSWER, rows)


def _columns(sweep: Sweep) -> dict[str, object]:
    plain = ("go_on", "as_of", "made_by", "made_at", "run_by", "round", "items", "begun_at",
             "ended_at", "certificate", "certificate_position")  # fmt: skip
    return {
        **{name: getattr(sweep, name) for name in plain},
        "state": sweep.state.value,
        "schedules": dict(sweep.schedules),
        "place": [sweep.place.kind, *sweep.place.after],
        "planned": [_tally_columns(one) for one in sweep.planned],
        "done": [_tally_columns(one) for one in sweep.done],
    }


def _tally_columns(tally: Tally) -> list[object]:
    return [
        *tally.key, tally.count, tally.first.isoformat(), tally.last.isoformat(),
        list(tally.samples),
    ]  # fmt: skip


def _tally(stored: list[Any]) -> Tally:
    schedule, kind, action, outcome, because, count, first, last, samples = stored
    return Tally(
        schedule=schedule,
        kind=kind,
        action=action,
        outcome=Outcome(outcome),
        because=because,
        count=count,
        first=datetime.fromisoformat(first),
        last=datetime.fromisoformat(last),
        samples=tuple(samples),
    )


def _sweep(row: Row[Any]) -> Sweep:
    kind, *after = row.place
    values = row._asdict() | {
        "state": SweepState(row.state),
        "place": Place(kind=kind, after=tuple(after)),
        "planned": tuple(_tally(one) for one in row.planned),
        "done": tuple(_tally(one) for one in row.done),
    }
    return Sweep(**values)
