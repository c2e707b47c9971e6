"""When recipients must have deleted what they were given, and whether they were asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from privacy_service.evidence.disclosures import Disclosure
from privacy_service.store.disclosures import DISCLOSURE_COLUMNS, disclosure_of
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import disclosures, recipient_ends

_e = recipient_ends.c
_DUE = (
    select(*DISCLOSURE_COLUMNS)
    .join(recipient_ends, _e.position == disclosures.c.position)
    .where(_e.notice_id.is_(None), _e.due_at <= bindparam("now"))
    .order_by(_e.due_at, _e.position)
    .limit(bindparam("most"))
)
_ASKED = (
    update(recipient_ends)
    .where(_e.position == bindparam("at"))
    .values(notice_id=bindparam("notice"))
)
_LATER = (
    update(recipient_ends).where(_e.position == bindparam("at")).values(due_at=bindparam("until"))
)


class RecipientEndReading:
    """What recipients may no longer keep."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def due(self, now: datetime, *, limit: int) -> tuple[Disclosure, ...]:
        """Disclosures whose recipient has to have deleted them and was not asked, oldest first."""
        rows = self._reads.all(_DUE, {"now": now, "most": limit})
        return tuple(disclosure_of(row) for row in rows)


class RecipientEndWriting(RecipientEndReading):
    """The ends, with what was asked. They come with their disclosures."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def asked(self, positions: Sequence[int], notice_id: str) -> None:
        """Keeps by which notice the recipient was asked."""
        rows = [{"at": position, "notice": notice_id} for position in positions]
        self._writes.change_each(_ASKED, rows)

    def look_later(self, positions: Sequence[int], until: datetime) -> None:
        """They are looked at again then."""
        rows = [{"at": position, "until": until} for position in positions]
        self._writes.change_each(_LATER, rows)
