"""Breaches in the database: what was said of them, entry by entry. Entries never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Delete, Row, Table, bindparam, delete, select, tuple_, update

from privacy_service import errors
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.plain import plain, statement_of
from privacy_service.breaches.statements import Entry
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    breach_entries,
    breach_notices,
    breaches,
    incidents,
    mailing_letters,
    mailing_people,
    mailings,
    playbook_runs,
    quarantines,
)

_ENTRIES = (
    select(*breach_entries.c)
    .where(breach_entries.c.breach_id == bindparam("named"))
    .order_by(breach_entries.c.number)
)
_ADD = insert_absent(breaches)
_ADD_ENTRY = breach_entries.insert()
_MOVE = (
    update(breaches)
    .where(breaches.c.id == bindparam("named"))
    .values({name: bindparam(name) for name in ("state", "newest", "closed_at")})
)

_NOTICES = select(breach_notices.c.id).where(breach_notices.c.breach_id == bindparam("of"))


def _some(table: Table, key: Column[Any]) -> Delete:
    """Some rows of a table about the letters of a breach's notices."""
    row = tuple_(table.c.notice_id, key)
    page = select(table.c.notice_id, key).where(table.c.notice_id.in_(_NOTICES))
    return delete(table).where(row.in_(page.limit(bindparam("most"))))


_FORGET_LETTERS = (
    _some(mailing_people, mailing_people.c.subject),
    _some(mailing_letters, mailing_letters.c.recipient),
)
_FORGET = {
    "mailings": delete(mailings).where(mailings.c.notice_id.in_(_NOTICES)),
    "notices": delete(breach_notices).where(breach_notices.c.breach_id == bindparam("of")),
    "statements": delete(breach_entries).where(breach_entries.c.breach_id == bindparam("of")),
    "incidents": delete(incidents).where(incidents.c.breach_id == bindparam("of")),
}
_LET_GO = tuple(
    update(table).where(table.c.breach_id == bindparam("of")).values(breach_id=None)
    for table in (quarantines, playbook_runs)
)
_FORGET_IT = delete(breaches).where(breaches.c.id == bindparam("of"))


class BreachReading:
    """The breaches that there are."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, breach_id: str) -> Breach:
        """The breach, with all that was said of it. Raises BREACH_NOT_FOUND."""
        rows = self._reads.all(_ENTRIES, {"named": breach_id})
        if not rows:
            raise PrivacyError(errors.BREACH_NOT_FOUND, breach=breach_id)
        return Breach(id=breach_id, entries=tuple(_entry(row) for row in rows))

    def list(
        self,
        *,
        state: BreachState | None = None,
        drills: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Breach, ...]:
        """The breaches by id, real ones alone unless drills are asked for too."""
        page = select(breaches.c.id)
        if state is not None:
            page = page.where(breaches.c.state == state.value)
        if not drills:
            page = page.where(breaches.c.drill.is_(False))
        if after is not None:
            page = page.where(breaches.c.id > after)
        rows = self._reads.all(page.order_by(breaches.c.id).limit(limit))
        return tuple(self.get(row.id) for row in rows)


class BreachWriting(BreachReading):
    """The breaches, opened and added to."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def open(self, breach: Breach) -> None:
        """Keeps a breach that was just opened, with its first entries."""
        first = breach.entries[0]
        values = {
            "id": breach.id,
            "title": breach.opening.title,
            "drill": breach.opening.drill,
            "state": breach.state.value,
            "newest": breach.newest,
            "opened_at": first.at,
            "opened_by": first.by,
            "closed_at": None,
        }
        self._writes.change(_ADD, values)
        self._append(breach, after=0)

    def extend(self, breach: Breach, *, after: int) -> None:
        """Keeps the entries that came after the one of that number."""
        self._append(breach, after=after)
        values = {
            "named": breach.id,
            "state": breach.state.value,
            "newest": breach.newest,
            "closed_at": breach.closed_at,
        }
        self._writes.change(_MOVE, values)

    def forget_letters(self, breach_id: str, most: int) -> int:
        """Deletes some of the letters of its mailings, and of the people they were for. How many
        rows.
        """
        asked = {"of": breach_id, "most": most}
        return sum(self._writes.change(one, asked) for one in _FORGET_LETTERS)

    def forget(self, breach_id: str) -> Mapping[str, int]:
        """Deletes a breach, its notices, and mailings without letters; what else names it does so
        no more. How many rows of what there were.
        """
        asked = {"of": breach_id}
        gone = {what: self._writes.change(one, asked) for what, one in _FORGET.items()}
        for one in _LET_GO:
            self._writes.change(one, asked)
        self._writes.change(_FORGET_IT, asked)
        return gone

    def _append(self, breach: Breach, *, after: int) -> None:
        rows = [
            {
                "breach_id": breach.id,
                "number": entry.number,
                "at": entry.at,
                "by": entry.by,
                "kind": entry.statement.kind,
                "statement": plain(entry.statement),
            }
            for entry in breach.entries
            if entry.number > after
        ]
        self._writes.change_each(_ADD_ENTRY, rows)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        number=row.number,
        at=row.at,
        by=row.by,
        statement=statement_of(row.kind, row.statement),
    )
