"""What the engine remembers: which work is under way, done or failed; and beginning more of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dbos import DBOSClient, WorkflowStatus
from sqlalchemy import Engine, inspect

from privacy_service.settings import AllSettings
from retention.engine_database import SCHEMA, engine_url, open_engine
from retention.job import Job
from retention.plain_json import PlainJson

APPLICATION: Final = "privacy-jobs"
TICKS: Final = "ticks"
"""The queue of ticks."""
AT_ONCE: Final = 500
"""Keys that one tick begins at most; the next one goes on."""

_UNDER_WAY: Final = ("ENQUEUED", "PENDING", "DELAYED")
_FAILED: Final = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """How a job stands: its last tick and last piece of work, and what is under way or failed.

    `failed` is what has failed and was not begun anew yet.
    """

    ticked_at: datetime | None
    done_at: datetime | None
    failed_at: datetime | None
    under_way: int
    failed: int


NEVER: Final = JobReport(ticked_at=None, done_at=None, failed_at=None, under_way=0, failed=0)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The engine's memory, from any process that can reach its database. Thread-safe."""

    client: DBOSClient

    def begin(self, job: Job, keys: Sequence[str], *, ended_before: datetime) -> int:
        """Has each key worked on by some worker, once at a time. How many were begun.

        A key that is under way stays so. One whose work has ended and that waits all the same is
        begun anew, from its first step, if it ended before `ended_before`: work fails, and rows
        come back from backups.
        """
        ids = {work_id(job, key): key for key in keys}
        known = {status.workflow_id: status for status in self._named(list(ids))}
        begun = 0
        for id_, key in ids.items():
            if id_ not in known:
                self.client.enqueue(
                    {"workflow_name": job.name, "queue_name": job.name, "workflow_id": id_}, key
                )
            elif known[id_].status in _UNDER_WAY or _ended(known[id_]) >= ended_before:
                continue
            else:
                self.client.rewind_workflow(id_, queue_name=job.name)
            begun += 1
        return begun

    def report(self, job: Job) -> JobReport:
        """How the job stands."""
        return JobReport(
            ticked_at=self._last(tick_name(job), "SUCCESS"),
            done_at=self._last(job.name, "SUCCESS"),
            failed_at=max(
                filter(None, (self._last(name, *_FAILED) for name in (job.name, tick_name(job)))),
                default=None,
            ),
            under_way=len(self._list(name=job.name, status=list(_UNDER_WAY), limit=AT_ONCE)),
            failed=len(self._list(name=job.name, status=list(_FAILED), limit=AT_ONCE)),
        )

    def is_under_way(self, job: Job) -> bool:
        """Whether any of its work is."""
        return bool(self._list(name=job.name, status=list(_UNDER_WAY), limit=1))

    def abandoned_by(self, alive: Sequence[str]) -> tuple[str, ...]:
        """The executors that have work under way and are not among those alive."""
        working = {status.executor_id for status in self._list(status="PENDING", limit=AT_ONCE)}
        return tuple(sorted(one for one in working if one and one not in alive))

    def forget(self, *, ended_before: datetime, limit: int) -> int:
        """Forgets ended work, the oldest first. How much."""
        ended = self._list(
            status=["SUCCESS", "CANCELLED", *_FAILED],
            completed_before=ended_before.isoformat(),
            limit=limit,
        )
        self.client.delete_workflows([status.workflow_id for status in ended])
        return len(ended)

    def keep_schedules(self, jobs: Sequence[Job]) -> None:
        """Removes the schedules of jobs that there are no more."""
        names = {job.name for job in jobs}
        for schedule in self.client.list_schedules():
            if schedule["schedule_name"] not in names:
                self.client.delete_schedule(schedule["schedule_name"])

    def _last(self, name: str, *statuses: str) -> datetime | None:
        last = self._list(name=name, status=list(statuses), sort_desc=True, limit=1)
        return _ended(last[0]) if last else None

    def _named(self, ids: list[str]) -> list[WorkflowStatus]:
        return self._list(workflow_ids=ids) if ids else []

    def _list(self, **asked: Any) -> list[WorkflowStatus]:
        return self.client.list_workflows(load_input=False, load_output=False, **asked)


def work_id(job: Job, key: str) -> str:
    """By what the engine knows a key's work, so that it cannot be begun twice."""
    return f"{job.name}/{key}"


def tick_name(job: Job) -> str:
    """By what the engine knows a job's ticks."""
    return f"{job.name}.tick"


def _ended(status: WorkflowStatus) -> datetime:
    ended = status.completed_at or status.updated_at or 0
    return datetime.fromtimestamp(ended / 1000, UTC)


@contextmanager
def open_agenda(engine: Engine) -> Iterator[Agenda]:
    """The agenda in a database that an engine has prepared."""
    client = DBOSClient(
        system_database_engine=engine,
        dbos_system_schema=SCHEMA,
        serializer=PlainJson(),
        application_name=APPLICATION,
    )
    try:
        yield Agenda(client)
    finally:
        client.destroy()


def reports(settings: AllSettings, jobs: Sequence[Job]) -> dict[str, JobReport]:
    """How each job stands, by name, also where no engine has ever run."""
    engine = open_engine(engine_url(settings))
    try:
        schema = SCHEMA if engine.dialect.name == "postgresql" else None
        if not inspect(engine).has_table("workflow_status", schema=schema):
            return {job.name: NEVER for job in jobs}
        with open_agenda(engine) as agenda:
            return {job.name: agenda.report(job) for job in jobs}
    finally:
        engine.dispose()


RETRY_AFTER: Final = timedelta(minutes=1)
"""How long failed work rests before it is begun anew."""
