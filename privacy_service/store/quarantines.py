"""Quarantines in the database. Few hold at a time, so that those are read whole, once a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select

from privacy_service import errors
from privacy_service.breaches.quarantine import ActiveQuarantines, Quarantine, Stopped
from privacy_service.errors import PrivacyError
from privacy_service.store.lifts import keeping_lift, lift_of, lift_values
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import quarantines

_ALL = select(*quarantines.c)
_GET = _ALL.where(quarantines.c.id == bindparam("named"))
_ACTIVE = _ALL.where(quarantines.c.lifted_at.is_(None)).order_by(quarantines.c.id)
_ADD = quarantines.insert()
_LIFT = keeping_lift(quarantines)


class QuarantineReading:
    """Which quarantines there are, and which hold."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, quarantine_id: str) -> Quarantine:
        """The quarantine. Raises QUARANTINE_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": quarantine_id})
        if row is None:
            raise PrivacyError(errors.QUARANTINE_NOT_FOUND, quarantine=quarantine_id)
        return _quarantine(row)

    def list(
        self, *, lifted: bool = False, after: str | None = None, limit: int = 100
    ) -> tuple[Quarantine, ...]:
        """The quarantines by id, without those that were lifted unless asked."""
        page = _ALL if lifted else _ALL.where(quarantines.c.lifted_at.is_(None))
        if after is not None:
            page = page.where(quarantines.c.id > after)
        rows = self._reads.all(page.order_by(quarantines.c.id).limit(limit))
        return tuple(_quarantine(row) for row in rows)

    def active(self) -> ActiveQuarantines:
        """Those that hold."""
        return ActiveQuarantines(tuple(_quarantine(row) for row in self._holding()))

    def _holding(self) -> Sequence[Row[Any]]:
        return self._reads.all(_ACTIVE)


class QuarantineWriting(QuarantineReading):
    """The quarantines, placed and lifted.

    A batch is alone with the database, so what it has read of them stays true for it until it
    changes one itself.
    """

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        self._known: Sequence[Row[Any]] | None = None
        self._changed = False

    def place(self, one: Quarantine) -> None:
        """Adds a quarantine that was just placed."""
        self._changed = True
        values = {
            "id": one.id,
            "partner": one.partner,
            "stopped": one.stopped.value,
            "certificate": one.certificate,
            "breach_id": one.breach,
            "reason": one.reason,
            "placed_by": one.placed_by,
            "placed_at": one.placed_at,
        }
        self._writes.change(_ADD, values)

    def lift(self, one: Quarantine) -> None:
        """Keeps what became of the quarantine's lift."""
        self._changed = True
        self._writes.change(_LIFT, lift_values(one.id, one.lift))

    def _holding(self) -> Sequence[Row[Any]]:
        if self._changed:
            return super()._holding()
        if self._known is None:
            self._known = super()._holding()
        return self._known


def _quarantine(row: Row[Any]) -> Quarantine:
    return Quarantine(
        id=row.id,
        partner=row.partner,
        stopped=Stopped(row.stopped),
        certificate=row.certificate,
        breach=row.breach_id,
        reason=row.reason,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        lift=lift_of(row),
    )
