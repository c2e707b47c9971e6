"""Answers that were given, by request id, so that a retry gets the same one (AIP-155)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, tuple_

from privacy_service.store.rows import Replay, ReplayConflict
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import replays

_NAMES = [column.name for column in replays.c]
_FIND = select(*replays.c).where(
    replays.c.partner == bindparam("of"), replays.c.request_id == bindparam("asked")
)
_BY = (
    select(replays.c.request_id)
    .where(replays.c.partner == bindparam("of"), replays.c.request_id > bindparam("after"))
    .order_by(replays.c.request_id)
    .limit(bindparam("most"))
)
_ADD = insert_absent(replays)
_DELETE = delete(replays).where(
    replays.c.partner == bindparam("of"), replays.c.request_id == bindparam("asked")
)
_KEY = (replays.c.partner, replays.c.request_id)
_PURGE = delete(replays).where(
    tuple_(*_KEY).in_(
        select(*_KEY)
        .where(replays.c.expires_at < bindparam("before"))
        .order_by(replays.c.expires_at)
        .limit(bindparam("most"))
    )
)


class ReplayReading:
    """The answers that are still kept."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def find(self, partner: str, request_id: str) -> Replay | None:
        """The answer that this partner's request id was given, until it is purged."""
        row = self._reads.one(_FIND, {"of": partner, "asked": request_id})
        return None if row is None else _replay(row)

    def of(self, partner: str, *, after: str = "", limit: int = 100) -> tuple[str, ...]:
        """The request ids of one partner whose answers are kept, in order, after `after`."""
        rows = self._reads.all(_BY, {"of": partner, "after": after, "most": limit})
        return tuple(row.request_id for row in rows)


class ReplayWriting(ReplayReading):
    """The answers, with new ones."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def put(self, replay: Replay) -> None:
        """Raises ReplayConflict where the request id was answered before: by then that answer is
        committed, and a reader finds it.
        """
        if self._writes.change(_ADD, {name: getattr(replay, name) for name in _NAMES}) == 0:
            raise ReplayConflict(replay.partner, replay.request_id)

    def delete(self, partner: str, request_id: str) -> None:
        """Deletes an answer, if it is there: a retry is a new request from then on."""
        self._writes.change(_DELETE, {"of": partner, "asked": request_id})

    def purge(self, before: datetime, limit: int) -> int:
        """Deletes answers that expired before an instant, at most `limit`. How many."""
        return self._writes.change(_PURGE, {"before": before, "most": limit})


def _replay(row: Row[Any]) -> Replay:
    return Replay(**{**row._asdict(), "sealed_answer": bytes(row.sealed_answer)})
