"""What ends with a contract: copies that we keep, and what recipients were given under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, or_, select, tuple_, update

from privacy_service.store.columns import Instant
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import (
    disclosure_contracts,
    disclosures,
    notices,
    recipient_ends,
    records,
)

_UNDER = (
    select(disclosure_contracts.c.position)
    .distinct()
    .where(disclosure_contracts.c.contract_id == bindparam("named"))
)
_KEPT: Final = tuple_(records.c.partner, records.c.id).in_(
    select(disclosures.c.sender, disclosures.c.record).where(
        disclosures.c.position.in_(_UNDER), disclosures.c.record.is_not(None)
    )
)
_COPIES = select(func.count().label("copies")).select_from(records).where(_KEPT)
_TOLD = (
    select(
        disclosures.c.recipient,
        notices.c.id.label("notice"),
        notices.c.state,
        func.count().label("disclosures"),
    )
    .outerjoin(recipient_ends, recipient_ends.c.position == disclosures.c.position)
    .outerjoin(notices, notices.c.id == recipient_ends.c.notice_id)
    .where(disclosures.c.position.in_(_UNDER))
    .group_by(disclosures.c.recipient, notices.c.id, notices.c.state)
    .order_by(disclosures.c.recipient, notices.c.id)
)
_END_COPIES = (
    update(records)
    .where(_KEPT, or_(records.c.keep_until.is_(None), records.c.keep_until > bindparam("now")))
    .values(keep_until=bindparam("now"))
)
_END_SOONER = (
    update(recipient_ends)
    .where(
        recipient_ends.c.position.in_(_UNDER),
        recipient_ends.c.notice_id.is_(None),
        recipient_ends.c.due_at > bindparam("now"),
    )
    .values(due_at=bindparam("now"))
)
_END_TOO = recipient_ends.insert().from_select(
    ["position", "due_at"],
    select(disclosures.c.position, bindparam("now", type_=Instant())).where(
        disclosures.c.position.in_(_UNDER),
        disclosures.c.position.not_in(select(recipient_ends.c.position)),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """So many disclosures to a recipient, the notice that asked it to delete them, and how far that
    is; None: it was not asked yet.
    """

    recipient: str
    disclosures: int
    notice: str | None
    state: str | None


class EndingReading:
    """What there still is under a contract."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def copies(self, contract_id: str) -> int:
        """How many sealed copies of what was released under it are kept."""
        row = self._reads.one(_COPIES, {"named": contract_id})
        return 0 if row is None else int(row.copies)

    def told(self, contract_id: str) -> tuple[Told, ...]:
        """What recipients were given under it, by notice."""
        rows = self._reads.all(_TOLD, {"named": contract_id})
        return tuple(Told(**row._asdict()) for row in rows)


class EndingWriting(EndingReading):
    """Ending what is kept under a contract. The jobs that keep promises then do it."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def end(self, contract_id: str, now: datetime) -> None:
        """From now on our copies are due for deletion, and recipients to be asked to delete."""
        values = {"named": contract_id, "now": now}
        for statement in (_END_COPIES, _END_SOONER, _END_TOO):
            self._writes.change(statement, values)
