"""Notices about breaches in the database, and which of them wait to be sent."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, false, select, update

from privacy_service import errors
from privacy_service.breaches.notices import FOR_PARTNER, BreachNotice, NoticeState, Phase
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import breach_notices

_NAMED: Final = {"breach": "breach_id"}
"""Columns that are not called like the field."""
_COLUMNS: Final = {one.name: _NAMED.get(one.name, one.name) for one in fields(BreachNotice)}
_MOVING: Final = (
    "state", "approved_by", "approved_at", "approved_digest", "attempts", "not_before", "sent_at",
    "reference", "said",
)  # fmt: skip
_GET = select(*breach_notices.c).where(breach_notices.c.id == bindparam("named"))
_OF = (
    select(*breach_notices.c)
    .where(breach_notices.c.breach_id == bindparam("named"))
    .order_by(breach_notices.c.drafted_at, breach_notices.c.id)
)
_ADD = breach_notices.insert()
_FOR_PARTNER: Final = sorted(state.value for state in FOR_PARTNER)
_MOVE = (
    update(breach_notices)
    .where(breach_notices.c.id == bindparam("named"))
    .values({name: bindparam(name) for name in _MOVING})
)


class BreachNoticeReading:
    """The notices that there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, notice_id: str) -> BreachNotice:
        """Raises BREACH_NOTICE_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": notice_id})
        if row is None:
            raise PrivacyError(errors.BREACH_NOTICE_NOT_FOUND, notice=notice_id)
        return _notice(row)

    def of(self, breach_id: str) -> tuple[BreachNotice, ...]:
        """The notices of one breach, the oldest first."""
        return tuple(_notice(row) for row in self._reads.all(_OF, {"named": breach_id}))

    def for_partner(
        self, partner: str, *, after: str | None, limit: int
    ) -> tuple[BreachNotice, ...]:
        """Those that are for a partner to read, by id; none of a drill."""
        column = breach_notices.c
        page = select(*column).where(
            column.partner == partner, column.state.in_(_FOR_PARTNER), column.drill.is_(false())
        )
        if after is not None:
            page = page.where(column.id > after)
        rows = self._reads.all(page.order_by(column.id).limit(limit))
        return tuple(_notice(row) for row in rows)

    def to_send(self, now: datetime, *, limit: int) -> tuple[BreachNotice, ...]:
        """Those that wait to be sent, or whose sending nobody has written the end of."""
        column = breach_notices.c
        waiting = (
            select(*column)
            .where(
                column.state.in_([NoticeState.QUEUED.value, NoticeState.SENDING.value]),
                column.not_before <= now,
            )
            .order_by(column.not_before, column.id)
            .limit(limit)
        )
        return tuple(_notice(row) for row in self._reads.all(waiting))


class BreachNoticeWriting(BreachNoticeReading):
    """The notices, drafted and moved on. What they say never changes."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def draft(self, notice: BreachNotice) -> None:
        """Keeps a notice that was just drafted."""
        values = {column: getattr(notice, name) for name, column in _COLUMNS.items()}
        values |= {
            "partner": notice.partner or None,
            "phase": notice.phase.value,
            "state": notice.state.value,
            "missing": list(notice.missing),
        }
        self._writes.change(_ADD, values)

    def move(self, notice: BreachNotice) -> None:
        """Keeps what became of a notice."""
        values = {name: getattr(notice, name) for name in _MOVING}
        self._writes.change(_MOVE, values | {"named": notice.id, "state": notice.state.value})


def _notice(row: Row[Any]) -> BreachNotice:
    values = {name: getattr(row, column) for name, column in _COLUMNS.items()}
    values |= {
        "partner": row.partner or "",
        "phase": Phase(row.phase),
        "state": NoticeState(row.state),
        "missing": tuple(row.missing),
    }
    return BreachNotice(**values)
