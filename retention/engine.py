"""The durable engine: DBOS, with our jobs on it. One per process.

    tick (cron) ──▶ job.waiting(): keys of rows that are not yet true
                        └─▶ one workflow per key, with the key in its id ──▶ job.work(): steps

A workflow that was begun is never begun twice, survives the death of its process, and goes on
after its last written step. Rows are the truth: what waits is asked anew at each tick, so that
losing the engine's own database loses time and nothing else.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from dbos import DBOS, DBOSConfig, StepOptions
from sqlalchemy import Engine as Database
from sqlalchemy.exc import SQLAlchemyError

from privacy_service import errors
from privacy_service.errors import Kind, PrivacyError
from privacy_service.store.failures import translated
from retention.agenda import (
    APPLICATION,
    AT_ONCE,
    RETRY_AFTER,
    TICKS,
    Agenda,
    open_agenda,
    tick_name,
    work_id,
)
from retention.engine_database import SCHEMA, engine_url, open_engine
from retention.engine_log import engine_log
from retention.figures import Figures
from retention.job import Job, Steps
from retention.plain_json import PlainJson
from retention.presence import Presence
from retention.workplace import Workplace

T = TypeVar("T")

_VERSION: Final = "1"
"""Of the way work is written down. Work begun by one release goes on in the next: docs/jobs.md."""
_PASSING: Final = frozenset({Kind.UNAVAILABLE, Kind.EXHAUSTED, Kind.DEADLINE})
_TRIES: Final = 8
_FIRST_PAUSE: Final = 0.5
_WAIT_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class JobEngine:
    """Runs jobs in this process, along with any other process on the same database."""

    workplace: Workplace
    agenda: Agenda
    jobs: tuple[Job, ...]
    figures: Figures = field(default_factory=Figures)

    def begin_waiting(self, job: Job) -> int:
        """What a tick does: begins what waits and is not under way. How many."""
        if job.waiting is None:
            return self.agenda.begin(
                job,
                (self.workplace.clock.now().isoformat(),),
                ended_before=self.workplace.clock.now() - RETRY_AFTER,
            )
        keys = job.waiting(self.workplace, AT_ONCE)
        self.figures.waits(job.name, len(keys))
        ended_before = self.workplace.clock.now() - RETRY_AFTER
        return self.agenda.begin(job, keys, ended_before=ended_before)

    def run_now(self, job: Job, *, seconds: float) -> bool:
        """One tick, now. Whether all the work of it ended within the time."""
        until = time.monotonic() + seconds
        self.begin_waiting(job)
        while self.agenda.is_under_way(job):
            if time.monotonic() >= until:
                return False
            time.sleep(_WAIT_SECONDS)
        return True

    def ticked(self, job: Job, at: datetime) -> None:
        """The body of a tick's workflow."""
        if job.waiting is None:
            self.worked(job, at.isoformat())
        else:
            DBOS.run_step({"name": "begin"}, self.begin_waiting, job)

    def worked(self, job: Job, key: str) -> None:
        """The body of a key's workflow."""
        log = self.workplace.log.bind(job=job.name, work=key)
        try:
            job.work(self.workplace, key, _Durable())
        except PrivacyError as error:
            self.figures.failed(job.name)
            log.error("job_failed", reason=error.reason.code)
            raise
        except Exception as error:
            self.figures.failed(job.name)
            log.error("job_failed", exception=type(error).__name__)
            raise
        self.figures.done(job.name, self.workplace.clock.now())
        log.info("job_done")


class _Durable(Steps):
    """Steps that the engine writes down."""

    def do(self, name: str, step: Callable[[], Any]) -> Any:
        options: StepOptions = {
            "name": name,
            "retries_allowed": True,
            "max_attempts": _TRIES,
            "interval_seconds": _FIRST_PAUSE,
            "backoff_rate": 2.0,
            "should_retry": _passes,
        }
        return DBOS.run_step(options, step)

    def sleep(self, seconds: float) -> None:
        DBOS.sleep(seconds)


def _passes(error: BaseException) -> bool:
    return isinstance(error, PrivacyError) and error.reason.kind in _PASSING


@contextmanager
def jobs_running(
    workplace: Workplace, jobs: Sequence[Job], *, only: Job | None = None
) -> Iterator[JobEngine]:
    """Jobs run in this process until the block ends; what runs then has `drain_seconds` to end.

    With `only`, this process works for one job alone and begins nothing by itself: for commands.
    Raises what the store raises, JOBS_NOT_STARTED where the engine's own database is lost before it
    runs, and RuntimeError where an engine runs in this process already.
    """
    settings = workplace.settings.jobs
    executor = uuid.uuid4().hex
    presence = Presence(workplace, executor)
    with ExitStack() as opened:
        database = open_engine(engine_url(workplace.settings))
        opened.callback(database.dispose)
        opened.enter_context(engine_log(workplace.log))
        presence.say()
        opened.callback(presence.end)
        with _starting():
            _configure(database, executor, threads=settings.concurrent * (len(jobs) + 1) + 4)
            opened.callback(
                DBOS.destroy,
                destroy_registry=True,
                workflow_completion_timeout_sec=round(settings.drain_seconds),
            )
            late: list[JobEngine] = []
            workflows = [_register(job, late) for job in jobs]
            if only is not None:
                DBOS.listen_queues([only.name])
            DBOS.launch()
            agenda = opened.enter_context(open_agenda(database))
            engine = JobEngine(workplace, agenda, tuple(jobs))
            late.append(engine)
            for name in (TICKS, *(job.name for job in jobs)):
                DBOS.register_queue(
                    name,
                    worker_concurrency=settings.concurrent,
                    polling_interval_sec=settings.poll_seconds,
                )
            if only is None:
                _schedule(jobs, workflows)
                agenda.keep_schedules(jobs)
                opened.enter_context(presence.kept(agenda))
        workplace.log.info("jobs_running", executor=executor, count=len(jobs))
        yield engine


@contextmanager
def _starting() -> Iterator[None]:
    """A database that is lost while the engine starts is said as such, without where it is."""
    try:
        yield
    except SQLAlchemyError as error:
        lost = translated(error)
        if lost.reason is not errors.INTERNAL:
            # The driver's own error names the server; its translation does not.
            raise PrivacyError(errors.JOBS_NOT_STARTED) from lost.__cause__
        raise lost from lost.__cause__


def _configure(database: Database, executor: str, *, threads: int) -> None:
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_engine": database,
        "system_database_url": _url_words(database),
        "dbos_system_schema": SCHEMA,
        "serializer": PlainJson(),
        "application_version": _VERSION,
        "executor_id": executor,
        "enable_otlp": False,
        "log_level": "WARNING",
        "use_listen_notify": False,
        "max_executor_threads": threads,
        "scheduler_polling_interval_sec": 5.0,
    }
    DBOS(config=config)


def _url_words(database: Database) -> str:
    # Only the kind of it is looked at where the engine is given.
    return (
        "sqlite:///jobs.sqlite"
        if database.dialect.name == "sqlite"
        else "postgresql://jobs@localhost/jobs"
    )


def _register(job: Job, late: list[JobEngine]) -> Callable[[datetime, Any], None]:
    """The workflows of one job; their engine is known once it was launched."""

    def engine() -> JobEngine:
        while not late:  # resumed before the launch has ended
            time.sleep(_WAIT_SECONDS)
        return late[0]

    @DBOS.workflow(name=job.name, max_recovery_attempts=None)
    def work(key: str) -> None:
        engine().worked(job, key)

    @DBOS.workflow(name=tick_name(job), max_recovery_attempts=None)
    def tick(at: datetime, _context: Any) -> None:
        engine().ticked(job, at)

    del work
    return tick


def _schedule(jobs: Sequence[Job], workflows: Sequence[Callable[[datetime, Any], None]]) -> None:
    DBOS.apply_schedules(
        [
            {
                "schedule_name": job.name,
                "workflow_fn": tick,
                "schedule": job.cron,
                "queue_name": TICKS,
            }
            for job, tick in zip(jobs, workflows, strict=True)
        ]
    )


__all__ = ["JobEngine", "jobs_running", "work_id"]
