"""Stored behavior contract rows, read back into versions."""

from __future__ import annotations

from functools import lru_cache

from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.read import read
from privacy_service.store.behavior_rows import StoredBehavior


def as_behavior(row: StoredBehavior) -> BehaviorVersion:
    """The version with its contract read again. Versions never change, so each is read once.

    A source that an older release took and this one does not raises CONTRACT_INVALID.
    """
    return BehaviorVersion(
        contract=_contract(row.id, row.number, row.source),
        number=row.number,
        digest=row.digest,
        source=row.source,
        put_at=row.put_at,
        put_by=row.put_by,
    )


@lru_cache(maxsize=1024)
def _contract(id: str, number: int, source: str) -> BehaviorContract:  # noqa: A002
    return read(source, name=f"{id}@{number}")
