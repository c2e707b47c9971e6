"""`privacy-service worker` and `privacy-service jobs`.

The engine is imported where a command needs it: every command line reads this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from privacy_service import logs
from privacy_service.clock import SystemClock
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, refusing
from privacy_service.commands.stopping import until_told
from privacy_service.metrics import Metrics
from privacy_service.settings import AllSettings, load_without_server

if TYPE_CHECKING:
    from privacy_service.app.running import Running
    from retention.job import Job
    from retention.workplace import Workplace

jobs = typer.Typer(no_args_is_help=True, help="What runs by itself: see, and run now.")


@contextmanager
def beside(service: Running) -> Iterator[None]:
    """A worker beside a server, unless `PRIVACY_JOBS__EMBEDDED` says no."""
    if not service.settings.jobs.embedded:
        yield
        return
    from retention.engine import jobs_running
    from retention.workplace import Workplace

    workplace = Workplace(
        settings=service.settings,
        clock=service.clock,
        log=service.log,
        database=service.database,
        keyring=service.keyring,
    )
    with jobs_running(workplace, _jobs(service.settings)) as engine:
        service.metrics.registry.register(engine.figures)
        try:
            yield
        finally:
            service.metrics.registry.unregister(engine.figures)


@refusing
def worker() -> None:
    """Runs jobs until it is told to stop (SIGINT, SIGTERM); what runs then may end first.

    Any number of them share the work, on one database. `serve` runs one by itself unless
    PRIVACY_JOBS__EMBEDDED=false.
    Example: privacy-service worker
    """
    from retention.engine import jobs_running

    logs.silence_libraries()
    logs.hide_tracebacks()
    settings = load_without_server()
    metrics = Metrics()
    with (
        _workplace(settings, metrics) as workplace,
        jobs_running(workplace, _jobs(settings)) as engine,
    ):
        metrics.registry.register(engine.figures)
        stop = (
            metrics.serve(settings.server.metrics_address)
            if settings.server.metrics_address
            else None
        )
        until_told()
        if stop is not None:
            stop()


@jobs.command("list")
@refusing
def list_jobs(as_json: AsJson = False) -> None:
    """Lists every job: when it last ran, and what waits, is under way or failed.

    Ends with 1 where work has failed and was not done since, with 3 where no worker is alive.
    Example: privacy-service jobs list
    """
    from retention.agenda import AT_ONCE, reports
    from retention.presence import alive

    settings = load_without_server()
    known = _jobs(settings)
    found = reports(settings, known)
    with _workplace(settings, Metrics()) as workplace:
        waiting = {
            job.name: len(job.waiting(workplace, AT_ONCE)) if job.waiting else 0 for job in known
        }
        workers = len(alive(workplace, timedelta(seconds=settings.jobs.lease_seconds)))
    rows = [
        {
            "job": job.name,
            "schedule": job.cron,
            "ticked_at": _shown(found[job.name].ticked_at),
            "done_at": _shown(found[job.name].done_at),
            "failed_at": _shown(found[job.name].failed_at),
            "waiting": waiting[job.name],
            "under_way": found[job.name].under_way,
            "failed": found[job.name].failed,
        }
        for job in known
    ]
    if as_json:
        print_json({"workers": workers, "jobs": rows})
    else:
        _print_jobs(rows, workers)
    if workers == 0:
        end(Exit.UNREACHABLE)
    if any(report.failed for report in found.values()):
        end(Exit.NO)


@jobs.command("run")
@refusing
def run_job(
    name: Annotated[str, typer.Argument(help="The job's name.")],
    seconds: Annotated[float, typer.Option(help="How long to wait for its work.")] = 300.0,
    as_json: AsJson = False,
) -> None:
    """Does what waits for a job now, in this process, and returns when that is done.

    Ends with 1 where it was not done within the time, or has failed; the workers go on with it.
    Example: privacy-service jobs run forget-work
    """
    from retention.engine import jobs_running
    from retention.registry import named

    logs.silence_libraries()
    settings = load_without_server()
    known = _jobs(settings)
    job = named(known, name)
    with (
        _workplace(settings, Metrics()) as workplace,
        jobs_running(workplace, known, only=job) as engine,
    ):
        ended = engine.run_now(job, seconds=seconds)
        failed = engine.agenda.report(job).failed
    if as_json:
        print_json({"job": name, "ended": ended, "failed": failed})
    else:
        console.print("done" if ended and not failed else f"not done; failed: {failed}")
    if failed or not ended:
        end(Exit.NO)


def _jobs(settings: AllSettings) -> tuple[Job, ...]:
    from retention.registry import all_jobs, scheduled

    return scheduled(all_jobs(), settings.jobs.schedules)


@contextmanager
def _workplace(settings: AllSettings, metrics: Metrics) -> Iterator[Workplace]:
    from retention.workplace import open_workplace

    log = logs.logger(
        level=settings.log.level,
        as_json=settings.log.format == "json",
        observe=metrics.observe,
    )
    with open_workplace(settings, clock=SystemClock(), log=log) as workplace:
        yield workplace


def _shown(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _print_jobs(rows: list[dict[str, str | int | None]], workers: int) -> None:
    names = ("job", "schedule", "ticked_at", "done_at", "waiting", "under_way", "failed")
    table = Table(box=None, header_style="dim")
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*("–" if row[name] is None else str(row[name]) for name in names))
    console.print(table)
    console.print(f"workers alive: {workers}")
