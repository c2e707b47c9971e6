"""Bundles for people in the database: how far each is, and its encrypted parts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import bundle_parts, bundles
from privacy_service.subjects.bundles import Bundle, BundlePhase

_b = bundles.c
_GET = select(*_b).where(_b.request_id == bindparam("named"))
_MAKING = (
    select(_b.request_id)
    .where(_b.phase == BundlePhase.MAKING.value)
    .order_by(_b.request_id)
    .limit(bindparam("most"))
)
_OLD = (
    select(_b.request_id)
    .where(_b.phase == BundlePhase.READY.value, _b.ready_at < bindparam("before"))
    .order_by(_b.request_id)
    .limit(bindparam("most"))
)
_PART = select(bundle_parts.c.sealed).where(
    bundle_parts.c.request_id == bindparam("named"), bundle_parts.c.number == bindparam("number")
)
_ADD = insert_absent(bundles)
_CHANGE = (
    update(bundles)
    .where(_b.request_id == bindparam("named"))
    .values({column.name: bindparam(column.name) for column in _b if column.name != "request_id"})
)
_ADD_PART = insert_absent(bundle_parts)
_DROP = delete(bundle_parts).where(bundle_parts.c.request_id == bindparam("named"))


class BundleReading:
    """Which bundles there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, request_id: str) -> Bundle | None:
        row = self._reads.one(_GET, {"named": request_id})
        return None if row is None else _bundle(row)

    def part(self, request_id: str, number: int) -> str | None:
        """One part, encrypted."""
        row = self._reads.one(_PART, {"named": request_id, "number": number})
        return None if row is None else str(row.sealed)

    def making(self, limit: int) -> tuple[str, ...]:
        """The requests whose bundles are not ready."""
        return tuple(row.request_id for row in self._reads.all(_MAKING, {"most": limit}))

    def ready_before(self, before: object, limit: int) -> tuple[str, ...]:
        """The requests whose bundles were ready before an instant, and are there still."""
        asked = {"before": before, "most": limit}
        return tuple(row.request_id for row in self._reads.all(_OLD, asked))


class BundleWriting(BundleReading):
    """The bundles, part by part."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def begin(self, bundle: Bundle) -> None:
        """Adds a bundle, where the request has none."""
        self._writes.change(_ADD, {"request_id": bundle.request_id, **_values(bundle)})

    def keep(self, bundle: Bundle) -> None:
        """Keeps how far a bundle is."""
        self._writes.change(_CHANGE, {"named": bundle.request_id, **_values(bundle)})

    def put_part(self, request_id: str, number: int, sealed: str) -> None:
        """Adds a part, where it is not there yet."""
        values = {"request_id": request_id, "number": number, "sealed": sealed}
        self._writes.change(_ADD_PART, values)

    def drop_parts(self, request_id: str) -> None:
        """Deletes all parts of a bundle."""
        self._writes.change(_DROP, {"named": request_id})


def _values(bundle: Bundle) -> dict[str, object]:
    return {
        "key": bundle.key,
        "phase": bundle.phase.value,
        "cursor": bundle.cursor,
        "parts": bundle.parts,
        "withheld": bundle.withheld,
        "begun_at": bundle.begun_at,
        "ready_at": bundle.ready_at,
    }


def _bundle(row: Row[Any]) -> Bundle:
    return Bundle(**{**row._asdict(), "phase": BundlePhase(row.phase)})
