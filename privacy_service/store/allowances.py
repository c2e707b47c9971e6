"""What callers have used of their allowances: for each, when all of it is paid off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.store.statements import Dialectal, Reads, Writes
from privacy_service.store.tables import allowances

_PAID = select(allowances.c.paid_at).where(allowances.c.name == bindparam("of"))
_FORGET = delete(allowances).where(allowances.c.paid_at < bindparam("before"))


def _put() -> Dialectal:
    def put(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[allowances.c.name], set_={"paid_at": insert.excluded.paid_at}
        )

    return Dialectal(
        sqlite=put(sqlite.insert(allowances)), postgresql=put(postgresql.insert(allowances))
    )


_PUT = _put()


class AllowanceReading:
    """What is owed."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def paid_at(self, name: str) -> datetime | None:
        """When all that was used is paid off; None where nothing is known to be owed."""
        row = self._reads.one(_PAID, {"of": name})
        return None if row is None else row.paid_at


class AllowanceWriting(AllowanceReading):
    """What is owed, to change."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def put(self, name: str, paid_at: datetime, *, now: datetime) -> None:
        """Keeps the instant, and drops those of all who owe nothing any more."""
        self._writes.change(_FORGET, {"before": now})
        self._writes.change(_PUT, {"name": name, "paid_at": paid_at})
