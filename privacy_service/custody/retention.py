"""The retention desk: schedules are put, sweeps planned, run, paused and certified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from croniter import croniter

from privacy_service import errors
from privacy_service.access import Caller
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.custody.beginning import next_time
from privacy_service.custody.certificates import Certificates
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.sweeping import Explained, Sweeping, in_force
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.desks.ports.retention import (
    ControlSweep,
    ExplainRecord,
    PutSchedule,
    ScheduleVersion,
    SetSweepTimes,
    StartSweep,
    SweepControl,
    SweepTimesNow,
)
from privacy_service.desks.ports.retention import ExplainedRecord as Answer
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.schedules.read import check, read
from privacy_service.schedules.sweep import Sweep
from privacy_service.store.database import Database
from privacy_service.store.retention import StoredSchedule, SweepTimes
from privacy_service.store.views import Writing

T = TypeVar("T")

PUT: Final = "RetentionService/PutSchedule"
START: Final = "RetentionService/StartSweep"
CONTROL: Final = "RetentionService/ControlSweep"
TIMES: Final = "RetentionService/SetSweepTimes"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulesDesk:
    """Answers RetentionService. What it begins, a job does: `retention/jobs/sweep.py`."""

    database: Database
    acts: Acts
    once: Once
    sweeping: Sweeping
    certificates: Certificates
    clock: Clock

    def put_schedule(
        self, caller: Caller, request: PutSchedule, *, seconds: float | None
    ) -> tuple[ScheduleVersion, AuditStamp]:
        """Puts a new version; the same source again is the version that is there.

        Raises SCHEDULE_INVALID, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        schedule = check(request.source, name="schedule", today=now.date())
        digest = f"sha256:{hashlib.sha256(request.source.encode()).hexdigest()}"

        def change(tx: Writing) -> Done[StoredSchedule]:
            newest = tx.retention.newest(schedule.id)
            if newest is not None and newest.digest == digest:
                return Done(value=newest, outcome="UNCHANGED")
            put = StoredSchedule(
                id=schedule.id,
                number=1 if newest is None else newest.number + 1,
                digest=digest,
                source=request.source,
                put_at=now,
                put_by=caller.name,
            )
            tx.retention.put(put)
            return Done(value=put, outcome="PUT")

        stored, stamp = self._once(
            caller, PUT, schedule.id, (digest,), request.request_id, change,
            lambda tx, first: _put_by(tx, first, digest), seconds,
        )  # fmt: skip
        return _version(stored, now), stamp

    def list_schedules(
        self, caller: Caller, *, seconds: float | None
    ) -> tuple[ScheduleVersion, ...]:
        """The newest version of each schedule, by id."""
        del caller, seconds
        with self.database.reading() as view:
            stored = view.retention.schedules()
        now = self.clock.now()
        return tuple(_version(one, now) for one in stored)

    def explain_record(
        self, caller: Caller, request: ExplainRecord, *, seconds: float | None
    ) -> Answer:
        """How long one record stays, and why. Raises RECORD_NOT_FOUND."""
        del caller, seconds
        return _answered(self.sweeping.explained(request.partner, request.record_id))

    def start_sweep(
        self, caller: Caller, request: StartSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]:
        """Begins to plan a sweep as of now. Raises REQUEST_ID_REUSED."""
        word = self.once.request(START, caller.name, request.request_id)
        sweep_id = f"sweep-{word[:16]}"
        now = self.clock.now()

        def change(tx: Writing) -> Done[Sweep]:
            sweep = Sweep(
                id=sweep_id, go_on=request.force, as_of=now, made_by=caller.name, made_at=now,
                schedules=in_force(tx, now),
            )  # fmt: skip
            tx.retention.begin(sweep)
            return Done(value=sweep, outcome="FORCED" if request.force else "BEGUN")

        return self._once(
            caller, START, sweep_id, (str(request.force),), request.request_id, change,
            lambda tx, _first: tx.retention.get(sweep_id), seconds,
        )  # fmt: skip

    def control_sweep(
        self, caller: Caller, request: ControlSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]:
        """Runs, pauses, resumes or cancels. Raises SWEEP_NOT_FOUND, SWEEP_STATE,
        REQUEST_ID_REUSED.
        """
        control, now = request.control, self.clock.now()

        def change(tx: Writing) -> Done[Sweep]:
            sweep = _controlled(tx.retention.get(request.sweep_id), control, caller.name, now)
            tx.retention.keep(sweep)
            return Done(value=sweep, outcome=control.name)

        said = (request.sweep_id, control.value)
        return self._once(
            caller, CONTROL, request.sweep_id, said, request.request_id, change,
            lambda tx, _first: tx.retention.get(request.sweep_id), seconds,
        )  # fmt: skip

    def get_sweep(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> Sweep:
        """One sweep. Raises SWEEP_NOT_FOUND."""
        del caller, seconds
        with self.database.reading() as view:
            return view.retention.get(sweep_id)

    def list_sweeps(self, caller: Caller, place: Place, *, seconds: float | None) -> Page[Sweep]:
        """The sweeps, newest first."""
        del caller, seconds
        before = None if place.after is None else _before(place.after)
        with self.database.reading() as view:
            rows = view.retention.list(before=before, limit=place.limit + 1)
        last = rows[place.limit - 1] if len(rows) > place.limit else None
        return Page(
            items=rows[: place.limit],
            next=None if last is None else json.dumps([last.made_at.isoformat(), last.id]),
        )

    def get_certificate(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> str:
        """The certificate with its proof. Raises SWEEP_NOT_FOUND, CERTIFICATE_NOT_READY."""
        del caller, seconds
        return self.certificates.file(sweep_id)

    def set_sweep_times(
        self, caller: Caller, request: SetSweepTimes, *, seconds: float | None
    ) -> tuple[SweepTimesNow, AuditStamp]:
        """Sets when sweeps begin by themselves. Raises CRON_INVALID, REQUEST_ID_REUSED."""
        cron, now = request.cron.strip(), self.clock.now()
        if cron and (len(cron.split()) != 5 or not croniter.is_valid(cron)):
            raise PrivacyError(errors.CRON_INVALID)
        times = SweepTimes(cron=cron, set_at=now, set_by=caller.name, begun_for=now)

        def change(tx: Writing) -> Done[SweepTimesNow]:
            tx.retention.set_times(times)
            return Done(value=_times(times), outcome="SET" if cron else "UNSET")

        return self._once(
            caller, TIMES, None, (cron,), request.request_id, change,
            lambda _tx, _first: _times(times), seconds,
        )  # fmt: skip

    def get_sweep_times(self, caller: Caller, *, seconds: float | None) -> SweepTimesNow:
        """When sweeps begin by themselves."""
        del caller, seconds
        with self.database.reading() as view:
            times = view.retention.times()
        return SweepTimesNow(cron="", next=None) if times is None else _times(times)

    def _once(
        self,
        caller: Caller,
        action: str,
        resource: str | None,
        said: tuple[str, ...],
        request_id: str,
        change: Callable[[Writing], Done[T]],
        again: Callable[[Writing, AuditEntry], T],
        seconds: float | None,
    ) -> tuple[T, AuditStamp]:
        act = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=action,
                at=self.clock.now(),
                actor=caller.name,
                request=self.once.request(action, *said),
                resource=resource,
            ),
            whose=by_person(caller.name),
            request_id=request_id,
            change=change,
            again=again,
        )
        return act_once(self.acts, self.once, act, seconds=seconds)


def _times(times: SweepTimes) -> SweepTimesNow:
    return SweepTimesNow(cron=times.cron, next=next_time(times) if times.cron else None)


def _version(stored: StoredSchedule, now: datetime) -> ScheduleVersion:
    schedule = read(stored.source, name=stored.id)
    return ScheduleVersion(
        schedule=schedule,
        number=stored.number,
        digest=stored.digest,
        in_force=schedule.in_force(now),
        source=stored.source,
        put_at=stored.put_at,
        put_by=stored.put_by,
    )


def _put_by(tx: Writing, first: AuditEntry, digest: str) -> StoredSchedule:
    """The version that an earlier request put, or found to be there."""
    newest = tx.retention.newest(first.resource or "")
    while newest is not None and newest.digest != digest and newest.number > 1:
        newest = tx.retention.version(newest.id, newest.number - 1)
    if newest is None:
        raise PrivacyError(errors.SCHEDULE_NOT_FOUND, schedule=first.resource or "")
    return newest


def _controlled(sweep: Sweep, control: SweepControl, by: str, now: datetime) -> Sweep:
    match control:
        case SweepControl.RUN:
            return sweep.run(by=by, at=now)
        case SweepControl.PAUSE:
            return sweep.paused()
        case SweepControl.RESUME:
            return sweep.resumed()
        case SweepControl.CANCEL:
            return sweep.cancelled(now)


def _answered(explained: Explained) -> Answer:
    due = explained.due
    return Answer(
        verdict=explained.verdict,
        due=None if due is None else due.action,
        demanded_by=due.demanded.schedule if due is not None and due.demanded else None,
        protected_by=explained.protected or None,
        restricted_at=explained.restricted_at,
    )


def _before(cursor: str) -> tuple[datetime, str]:
    at, sweep_id = json.loads(cursor)
    return datetime.fromisoformat(at), sweep_id
