"""The lift of what two people lift, in the columns that its table has for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table, Update, bindparam, update

from privacy_service.lift import Lift

_COLUMNS = ("lift_proposed_by", "lift_proposed_at", "lift_reason", "lifted_by", "lifted_at")


def keeping_lift(table: Table) -> Update:
    """The statement that keeps the lift of one row; `lift_values` has what it takes."""
    columns: dict[str, Any] = {name: bindparam(name) for name in _COLUMNS}
    return update(table).where(table.c.id == bindparam("named")).values(columns)


def lift_values(named: str, lift: Lift | None) -> dict[str, Any]:
    """What `keeping_lift` takes for one row. Raises ValueError where there is no lift."""
    if lift is None:
        raise ValueError("there is no lift to keep")
    return {
        "named": named,
        "lift_proposed_by": lift.proposed_by,
        "lift_proposed_at": lift.proposed_at,
        "lift_reason": lift.reason,
        "lifted_by": lift.confirmed_by,
        "lifted_at": lift.confirmed_at,
    }


def lift_of(row: Row[Any]) -> Lift | None:
    """The lift that a row has, if one was proposed."""
    if row.lift_proposed_at is None:
        return None
    return Lift(
        proposed_by=row.lift_proposed_by,
        proposed_at=row.lift_proposed_at,
        reason=row.lift_reason,
        confirmed_by=row.lifted_by,
        confirmed_at=row.lifted_at,
    )
