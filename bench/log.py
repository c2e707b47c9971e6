"""The audit log as it grows: what an append costs, and what it costs to prove.

`python -m bench log [--full]`: at 10^3 and 10^5 entries, with `--full` at 10^6 as well. SQLite in a
temporary directory, PostgreSQL from the PyPI wheel with fsync on, both on this machine. An append
should cost the same at every size; a proof has a hash for each level of the tree, so it should grow
with the logarithm.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.report import Report, Row
from bench.store import ENTRY, postgresql
from privacy_service.clock import SystemClock
from privacy_service.evidence.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    read_together,
    verify_inclusion,
)
from privacy_service.store.audit import AuditReading
from privacy_service.store.database import Database
from privacy_service.store.tuning import Durability, Tuning
from privacy_service.store.views import Writing

_BATCH = 500
_APPENDED = 10_000
_PROOFS = 200


def fill(database: Database, count: int) -> None:
    """Appends, in transactions as large as a busy service makes them."""

    def append(writing: Writing) -> None:
        for _ in range(_BATCH):
            writing.audit.append(ENTRY)

    for _ in range(count // _BATCH):
        database.commit(append)


def grown(name: str, url: str, sizes: Sequence[int]) -> Iterator[Row]:
    """The costs at each size, and of the appends that follow."""
    tuning = Tuning(durability=Durability.NORMAL)
    with Database.open(url, clock=SystemClock(), tuning=tuning) as database:
        database.migrate()
        size = 0
        for wanted in sizes:
            fill(database, wanted - size)
            proven = _proofs(database, wanted)
            begun, cpu = time.perf_counter(), time.process_time()
            fill(database, _APPENDED)
            wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
            size = wanted + _APPENDED
            yield {
                "database": name,
                "entries": wanted,
                "append us": round(wall / _APPENDED * 1e6),
                "of it our CPU us": round(cpu / _APPENDED * 1e6),
                **proven,
            }


def _proofs(database: Database, size: int) -> Row:
    with database.reading() as view:
        log = view.audit
        root = log.frontier(size).root()
        places = [number * (size - 1) // (_PROOFS - 1) for number in range(_PROOFS)]
        proofs = [_inclusion(log, place, size) for place in places]
        return {
            "hashes": round(statistics.mean(map(len, proofs)), 1),
            "inclusion ms": _median(lambda n: _inclusion(log, places[n], size)),
            "consistency ms": _median(lambda n: _consistency(log, places[n], size)),
            "verify us": _median(
                lambda n: verify_inclusion(
                    leaf_hash(ENTRY.to_bytes()),
                    index=places[n],
                    size=size,
                    proof=proofs[n],
                    root=root,
                )
            )
            * 1e3,
        }


def _inclusion(log: AuditReading, place: int, size: int) -> tuple[bytes, ...]:
    """What one GetInclusionProof reads and makes."""
    log.at([place])
    return read_together(lambda read: inclusion_proof(place, size, read), log.nodes)


def _consistency(log: AuditReading, first: int, second: int) -> tuple[bytes, ...]:
    return read_together(lambda read: consistency_proof(first, second, read), log.nodes)


def _median(do: Callable[[int], object]) -> float:
    """Milliseconds for one."""
    spent = []
    for number in range(_PROOFS):
        begun = time.perf_counter()
        do(number)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent) * 1e3


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as directory, postgresql() as server:
        yield {"SQLite": f"sqlite:///{directory}/log.db", "PostgreSQL": server}


def run(report: Report, *, full: bool) -> None:
    """Each database at each size."""
    sizes = (10**3, 10**5, 10**6) if full else (10**3, 10**5)
    with _databases() as databases:
        rows = [row for name, url in databases.items() for row in grown(name, url, sizes)]
    report.table("The audit log as it grows", rows)
