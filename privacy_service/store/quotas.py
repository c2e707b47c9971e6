"""How often a sharing contract was used in each period."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.store.statements import Dialectal, Reads, Writes
from privacy_service.store.tables import quota_uses

_USED = select(quota_uses.c.used).where(
    quota_uses.c.contract_id == bindparam("of"), quota_uses.c.period_start == bindparam("start")
)


def _take() -> Dialectal:
    def count(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[quota_uses.c.contract_id, quota_uses.c.period_start],
            set_={"used": quota_uses.c.used + 1},
            where=quota_uses.c.used < bindparam("most"),
        )

    return Dialectal(
        sqlite=count(sqlite.insert(quota_uses)), postgresql=count(postgresql.insert(quota_uses))
    )


_TAKE = _take()


class QuotaReading:
    """What was used."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def used(self, contract: str, period_start: datetime) -> int:
        row = self._reads.one(_USED, {"of": contract, "start": period_start})
        return 0 if row is None else int(row.used)


class QuotaWriting(QuotaReading):
    """What was used, with more."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def take(self, contract: str, period_start: datetime, limit: int) -> bool:
        """Counts one use, if fewer than `limit` were counted in this period. Whether it did.

        Exact across all replicas: what is counted is committed with the unit of work.
        """
        if limit < 1:
            return False
        values = {"contract_id": contract, "period_start": period_start, "used": 1, "most": limit}
        return self._writes.change(_TAKE, values) == 1
