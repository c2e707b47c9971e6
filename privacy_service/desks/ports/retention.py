"""What is asked of the retention desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.schedules.schedule import Action, RetentionSchedule
from privacy_service.schedules.sweep import Sweep
from privacy_service.schedules.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class PutSchedule:
    source: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleVersion:
    """One version of a schedule. `in_force` says whether it holds now."""

    schedule: RetentionSchedule
    number: int
    digest: str
    in_force: bool
    source: str = field(repr=False)
    put_at: datetime
    put_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRecord:
    partner: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRecord:
    """How long a record stays. `due` is what is due now, `demanded_by` the schedule that keeps it
    all the same, `protected_by` the code of what else does; None: nothing.
    """

    verdict: Verdict
    due: Action | None = None
    demanded_by: str | None = None
    protected_by: str | None = None
    restricted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSweep:
    """`force`: it runs as soon as it is planned."""

    force: bool = False
    request_id: str


class SweepControl(StrEnum):
    """What may be done with a sweep."""

    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSweep:
    sweep_id: str
    control: SweepControl
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSweepTimes:
    """`cron` empty: never."""

    cron: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTimesNow:
    """When sweeps begin by themselves: a cron expression in UTC, empty for never."""

    cron: str
    next: datetime | None


class RetentionDesk(Protocol):
    """RetentionService. Schedules come sorted by id, sweeps newest first."""

    def put_schedule(
        self, caller: Caller, request: PutSchedule, *, seconds: float | None
    ) -> tuple[ScheduleVersion, AuditStamp]: ...

    def list_schedules(
        self, caller: Caller, *, seconds: float | None
    ) -> tuple[ScheduleVersion, ...]: ...

    def explain_record(
        self, caller: Caller, request: ExplainRecord, *, seconds: float | None
    ) -> ExplainedRecord: ...

    def start_sweep(
        self, caller: Caller, request: StartSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]: ...

    def control_sweep(
        self, caller: Caller, request: ControlSweep, *, seconds: float | None
    ) -> tuple[Sweep, AuditStamp]: ...

    def get_sweep(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> Sweep: ...

    def list_sweeps(
        self, caller: Caller, place: Place, *, seconds: float | None
    ) -> Page[Sweep]: ...

    def get_certificate(self, caller: Caller, sweep_id: str, *, seconds: float | None) -> str: ...

    def set_sweep_times(
        self, caller: Caller, request: SetSweepTimes, *, seconds: float | None
    ) -> tuple[SweepTimesNow, AuditStamp]: ...

    def get_sweep_times(self, caller: Caller, *, seconds: float | None) -> SweepTimesNow: ...
