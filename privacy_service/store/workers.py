"""The processes that run jobs, and when each was last seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.store.statements import Dialectal, Reads, Writes
from privacy_service.store.tables import job_workers

_ALIVE = (
    select(job_workers.c.executor)
    .where(job_workers.c.seen_at >= bindparam("since"))
    .order_by(job_workers.c.executor)
)
_END = delete(job_workers).where(job_workers.c.executor == bindparam("named"))
_END_OLD = delete(job_workers).where(job_workers.c.seen_at < bindparam("before"))


def _beat() -> Dialectal:
    def seen(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[job_workers.c.executor], set_={"seen_at": insert.excluded.seen_at}
        )

    return Dialectal(
        sqlite=seen(sqlite.insert(job_workers)), postgresql=seen(postgresql.insert(job_workers))
    )


_BEAT = _beat()


class WorkerReading:
    """Who is alive."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def alive(self, since: datetime) -> tuple[str, ...]:
        """Those that were seen at `since` or later."""
        return tuple(row.executor for row in self._reads.all(_ALIVE, {"since": since}))


class WorkerWriting(WorkerReading):
    """Who is alive, said anew."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def beat(self, executor: str, *, started_at: datetime, at: datetime) -> None:
        """Says that a worker is alive."""
        self._writes.change(_BEAT, {"executor": executor, "started_at": started_at, "seen_at": at})

    def end(self, executor: str, *, unseen_since: datetime) -> None:
        """Forgets a worker that has stopped, and all that were last seen before an instant."""
        self._writes.change(_END, {"named": executor})
        self._writes.change(_END_OLD, {"before": unseen_since})
