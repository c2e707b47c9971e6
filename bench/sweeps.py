"""Sweeps: how fast they delete, beside a bare DELETE of the same rows, and in how much memory.

`python -m bench sweeps [--full]`: up to 10^5 records, 10^6 with --full. Each size is swept in a
process of its own, so that the memory is that size's. SQLite and PostgreSQL, both durable.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.report import Report, Row
from bench.store import postgresql
from privacy_service.app.keeping import sweeping
from privacy_service.clock import SystemClock
from privacy_service.schedules.sweep import Sweep, SweepState
from privacy_service.store.database import Database
from privacy_service.store.retention import StoredSchedule
from privacy_service.store.rows import StoredRecord
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
_BATCH = 1000


def fill(database: Database, count: int) -> None:
    """So many records, all of them due."""
    for start in range(0, count, _BATCH):

        def put(tx: Writing, start: int = start) -> None:
            for number in range(start, min(start + _BATCH, count)):
                tx.records.put(
                    StoredRecord(
                        id=f"record-{number:08}",
                        partner="acme",
                        content_type="application/json",
                        size=300,
                        data_keys=("key-1",),
                        subjects=(f"{number % SUBJECTS:064x}",),
                        created_at=NOW - timedelta(days=800),
                        sealed=os.urandom(SEALED),
                    )
                )

        database.commit(put, seconds=600)


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
        planned = time.perf_counter()
        while sweeper.take(sweep.id):
            pass
        taken = time.perf_counter()
        with database.reading() as view:
            done = view.retention.get(sweep.id)
        assert done.state is SweepState.RUNNING
        return {
            "went": done.went,
            "plan s": planned - begun,
            "sweep s": taken - planned,
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


def measured(name: str, url: str, count: int) -> Row:
    """Both on the same rows, each on a full database."""
    with opened(url) as database:
        fill(database, count)
    alone = bare(url)
    with opened(url) as database:
        fill(database, count)
    child = subprocess.run(
        [sys.executable, "-m", "bench.sweeps", url], check=True, capture_output=True
    )
    found = json.loads(child.stdout)
    assert found["went"] == count
    return {
        "database": name,
        "records": count,
        "bare DELETE /s": round(count / alone),
        "sweep /s": round(count / found["sweep s"]),
        "times as long": round(found["sweep s"] / alone, 1),
        "plan /s": round(count / found["plan s"]),
        "memory MB": round(found["memory MB"]),
        "grew by MB": round(found["memory MB"] - found["memory before MB"], 1),
    }


def run(report: Report, *, full: bool) -> None:
    """Every size on both databases."""
    sizes = (10_000, 100_000, 1_000_000) if full else (10_000, 100_000)
    rows: list[Row] = []
    for count in sizes:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measured("SQLite", f"sqlite:///{Path(folder) / 'bench.db'}", count))
        with postgresql() as server:
            rows.append(measured("PostgreSQL", server, count))
    report.table("Sweep of records that are all due, beside a bare DELETE of them", rows)


if __name__ == "__main__":
    print(json.dumps(swept(sys.argv[1])))
