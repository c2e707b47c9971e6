"""Reinspections in the database: what is meant, and how far each is."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from privacy_service import errors
from privacy_service.breaches.reinspections import Reinspection, ReinspectionState
from privacy_service.errors import PrivacyError
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import reinspections

_r = reinspections.c
_MOVING: Final = (
    "state", "place", "looked", "wrong", "skipped", "found", "breaches", "ended_at",
)  # fmt: skip
_GET = select(*_r).where(_r.id == bindparam("named"))
_RUNNING = (
    select(*_r)
    .where(_r.state == ReinspectionState.RUNNING.value)
    .order_by(_r.begun_at, _r.id)
    .limit(bindparam("most"))
)
_ADD = insert_absent(reinspections)
_MOVE = (
    update(reinspections)
    .where(_r.id == bindparam("named"))
    .values({name: bindparam(name) for name in _MOVING})
)


class ReinspectionReading:
    """The reinspections that there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, reinspection_id: str) -> Reinspection:
        """Raises REINSPECTION_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": reinspection_id})
        if row is None:
            raise PrivacyError(errors.REINSPECTION_NOT_FOUND, reinspection=reinspection_id)
        return _reinspection(row)

    def running(self, *, limit: int) -> tuple[Reinspection, ...]:
        """Those that go on, the oldest first."""
        return tuple(_reinspection(row) for row in self._reads.all(_RUNNING, {"most": limit}))

    def list(self, *, after: str | None, limit: int) -> tuple[Reinspection, ...]:
        """All of them by id."""
        page = select(*_r) if after is None else select(*_r).where(_r.id > after)
        rows = self._reads.all(page.order_by(_r.id).limit(limit))
        return tuple(_reinspection(row) for row in rows)


class ReinspectionWriting(ReinspectionReading):
    """The reinspections, begun and moved on."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def begin(self, one: Reinspection) -> None:
        """Keeps one that was just begun."""
        values = {
            "id": one.id,
            "query": _said(one.query),
            "total": one.total,
            "until": one.until,
            "begun_by": one.begun_by,
            "begun_at": one.begun_at,
            **_moved(one),
        }
        self._writes.change(_ADD, values)

    def move(self, one: Reinspection) -> None:
        """Keeps how far it is."""
        self._writes.change(_MOVE, {"named": one.id, **_moved(one)})


def _moved(one: Reinspection) -> dict[str, object]:
    return {
        "state": one.state.value, "place": one.place, "looked": one.looked, "wrong": one.wrong,
        "skipped": dict(one.skipped), "found": dict(one.found), "breaches": list(one.breaches),
        "ended_at": one.ended_at,
    }  # fmt: skip


def _said(query: DisclosureQuery) -> dict[str, object]:
    times = {"since": query.since, "until": query.until}
    written = {name: at.isoformat() for name, at in times.items() if at is not None}
    asked = {name: value for name, value in asdict(query).items() if value is not None}
    return asked | written


def _query(said: dict[str, Any]) -> DisclosureQuery:
    for name in ("since", "until"):
        if name in said:
            said = said | {name: datetime.fromisoformat(said[name])}
    return DisclosureQuery(**said)


def _reinspection(row: Row[Any]) -> Reinspection:
    return Reinspection(
        id=row.id,
        query=_query(row.query),
        state=ReinspectionState(row.state),
        total=row.total,
        place=row.place,
        until=row.until,
        looked=row.looked,
        wrong=row.wrong,
        skipped=row.skipped,
        found=row.found,
        breaches=tuple(row.breaches),
        begun_by=row.begun_by,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
    )
