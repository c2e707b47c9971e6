"""Deletions that the tombstone journal does not have yet, and how far the database is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.store.rows import JournalHead, UnwrittenTombstone
from privacy_service.store.statements import Dialectal, Reads, Writes, insert_absent
from privacy_service.store.tables import data_keys, tombstone_journal, tombstones_unwritten

NOT_BEGUN: Final = JournalHead(number=0, digest="-")

_UNWRITTEN = (
    select(*tombstones_unwritten.c).order_by(tombstones_unwritten.c.at).limit(bindparam("most"))
)
_HEAD = select(tombstone_journal.c.number, tombstone_journal.c.digest).where(
    tombstone_journal.c.origin == bindparam("of")
)
_NOTE = insert_absent(tombstones_unwritten)
_FORGET = delete(tombstones_unwritten).where(
    *(column == bindparam(f"its_{column.name}") for column in tombstones_unwritten.primary_key)
)
_END = delete(tombstone_journal).where(tombstone_journal.c.origin == bindparam("of"))


def _note_shredded() -> Dialectal:
    shredded = select(
        literal("key"), data_keys.c.partner, data_keys.c.subject, data_keys.c.shredded_at
    ).where(data_keys.c.shredded_at.is_not(None))
    names = [column.name for column in tombstones_unwritten.c]

    def note(insert: Any) -> Any:
        return insert.from_select(names, shredded).on_conflict_do_nothing()

    return Dialectal(
        sqlite=note(sqlite.insert(tombstones_unwritten)),
        postgresql=note(postgresql.insert(tombstones_unwritten)),
    )


_NOTE_SHREDDED = _note_shredded()
_BEGIN = insert_absent(tombstone_journal)
_ADVANCE = (
    update(tombstone_journal)
    .where(
        tombstone_journal.c.origin == bindparam("of"),
        tombstone_journal.c.number == bindparam("was"),
    )
    .values(number=bindparam("to"), digest=bindparam("hash"))
)


class TombstoneReading:
    """What the journal lacks."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def unwritten(self, limit: int = 100) -> tuple[UnwrittenTombstone, ...]:
        """Deletions that the journal does not have yet, oldest first."""
        rows = self._reads.all(_UNWRITTEN, {"most": limit})
        return tuple(UnwrittenTombstone(**row._asdict()) for row in rows)

    def head(self, origin: str) -> JournalHead:
        """The newest note of the journal whose deletions are all done here."""
        row = self._reads.one(_HEAD, {"of": origin})
        return NOT_BEGUN if row is None else JournalHead(**row._asdict())


class TombstoneWriting(TombstoneReading):
    """What the journal lacks, with more and with less."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def note(self, tombstone: UnwrittenTombstone) -> None:
        """Puts a deletion down for the journal, in the unit of work that does it."""
        self.note_each((tombstone,))

    def note_each(self, tombstones: Sequence[UnwrittenTombstone]) -> None:
        """As `note`, for many that are deleted together."""
        self._writes.change_each(
            _NOTE,
            [
                {name: getattr(one, name) for name in ("kind", "partner", "word", "at")}
                for one in tombstones
            ],
        )

    def advance(self, origin: str, was: JournalHead, to: JournalHead) -> bool:
        """Says that all up to `to` are done here. Whether it was `was` until now."""
        if was == NOT_BEGUN:
            values = {"origin": origin, "number": to.number, "digest": to.digest}
            return self._writes.change(_BEGIN, values) == 1
        values = {"of": origin, "was": was.number, "to": to.number, "hash": to.digest}
        return self._writes.change(_ADVANCE, values) == 1

    def begin_again(self, origin: str) -> None:
        """Puts every shredded key down anew, for a journal that has nothing yet."""
        self._writes.change(_END, {"of": origin})
        self._writes.change(_NOTE_SHREDDED, {})

    def forget(self, written: Sequence[UnwrittenTombstone]) -> None:
        """Drops what the journal has by now."""
        self._writes.change_each(
            _FORGET,
            [{"its_kind": t.kind, "its_partner": t.partner, "its_word": t.word} for t in written],
        )
