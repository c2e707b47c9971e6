"""Wrapped data keys: one live key per subject and partner, until it is shredded.

A shredded key leaves a tombstone row behind, without key material, and while that stands no new
key can take its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.rows import StoredDataKey, UnwrittenTombstone
from privacy_service.store.statements import Dialectal, Reads, Writes, insert_absent
from privacy_service.store.tables import data_keys
from privacy_service.store.tombstones import TombstoneWriting

# How many values one statement may look for; SQLite takes 32,766 at most.
_ROOM: Final = 1000
_COLUMNS = [column for column in data_keys.c if column.name != "shredded_at"]
_LIVE = select(*_COLUMNS).where(data_keys.c.shredded_at.is_(None))
_ONE = (data_keys.c.partner == bindparam("of"), data_keys.c.subject == bindparam("about"))
_GET = _LIVE.where(*_ONE)
_TOMBSTONE = select(data_keys.c.shredded_at).where(*_ONE, data_keys.c.shredded_at.is_not(None))
_MANY = _LIVE.where(
    data_keys.c.partner == bindparam("of"),
    data_keys.c.subject.in_(bindparam("subjects", expanding=True)),
)
_BY_ONE_ID = _LIVE.where(data_keys.c.id == bindparam("named"))
_BY_ID = _LIVE.where(data_keys.c.id.in_(bindparam("ids", expanding=True)))
_UNDER = (
    _LIVE.where(data_keys.c.wrapping_key == bindparam("under"), data_keys.c.id > bindparam("after"))
    .order_by(data_keys.c.id)
    .limit(bindparam("most"))
)
_UNDER_OF = _UNDER.where(data_keys.c.partner == bindparam("of"))
_OF = (
    _LIVE.where(data_keys.c.partner == bindparam("of"), data_keys.c.subject > bindparam("after"))
    .order_by(data_keys.c.subject)
    .limit(bindparam("most"))
)
# The next word in order: one step in an index, however many rows hold it.
_NEXT_PARTNER = select(func.min(data_keys.c.partner)).where(
    data_keys.c.partner > bindparam("after")
)
_NEXT_WRAPPING = select(func.min(data_keys.c.wrapping_key)).where(
    data_keys.c.partner == bindparam("of"), data_keys.c.wrapping_key > bindparam("after")
)
_COUNTS = (
    select(data_keys.c.partner, data_keys.c.wrapping_key, func.count().label("many"))
    .where(data_keys.c.wrapping_key.is_not(None))
    .group_by(data_keys.c.partner, data_keys.c.wrapping_key)
)
_COUNTS_OF = _COUNTS.where(data_keys.c.partner == bindparam("of"))
_SHREDDED = select(data_keys.c.id).where(
    data_keys.c.id.in_(bindparam("ids", expanding=True)), data_keys.c.shredded_at.is_not(None)
)
_ADD = insert_absent(data_keys)
_REWRAP = (
    update(data_keys)
    .where(data_keys.c.id == bindparam("named"), data_keys.c.wrapping_key == bindparam("under"))
    .values(wrapping_key=bindparam("to"), wrapped=bindparam("bytes"))
)
_BURIED = {"wrapping_key": None, "wrapped": None}


def _shred() -> Dialectal:
    def bury(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[data_keys.c.partner, data_keys.c.subject],
            set_={"shredded_at": insert.excluded.shredded_at, **_BURIED},
            where=data_keys.c.shredded_at.is_(None),
        )

    return Dialectal(
        sqlite=bury(sqlite.insert(data_keys)), postgresql=bury(postgresql.insert(data_keys))
    )


_SHRED = _shred()


class DataKeyReading:
    """The live keys. A shredded key is as absent as one that never was."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, partner: str, subject: str) -> StoredDataKey | None:
        row = self._reads.one(_GET, {"of": partner, "about": subject})
        return None if row is None else _stored(row)

    def get_many(self, partner: str, subjects: Iterable[str]) -> dict[str, StoredDataKey]:
        """The live keys of those subjects that have one, by subject."""
        return {
            row.subject: _stored(row)
            for part in _parts(subjects)
            for row in self._reads.all(_MANY, {"of": partner, "subjects": part})
        }

    def by_id(self, ids: Iterable[str]) -> dict[str, StoredDataKey]:
        """The live keys among these ids, by id."""
        ids = list(ids)
        if len(ids) == 1:  # nearly every transfer is about one person: no list to expand
            row = self._reads.one(_BY_ONE_ID, {"named": ids[0]})
            return {} if row is None else {row.id: _stored(row)}
        return {
            row.id: _stored(row)
            for part in _parts(ids)
            for row in self._reads.all(_BY_ID, {"ids": part})
        }

    def is_shredded(self, partner: str, subject: str) -> bool:
        """Whether a tombstone stands where the subject's key would be."""
        return self._reads.one(_TOMBSTONE, {"of": partner, "about": subject}) is not None

    def under(
        self, wrapping_key: str, *, after: str = "", limit: int = 100, partner: str | None = None
    ) -> tuple[StoredDataKey, ...]:
        """Keys (of one partner) that are wrapped by one key, by id, from after `after` on."""
        values = {"under": wrapping_key, "after": after, "most": limit, "of": partner}
        if partner is None:
            del values["of"]
        rows = self._reads.all(_UNDER if partner is None else _UNDER_OF, values)
        return tuple(_stored(row) for row in rows)

    def of(self, partner: str, *, after: str = "", limit: int = 100) -> tuple[StoredDataKey, ...]:
        """A partner's keys by subject, from the one after `after` on."""
        values = {"of": partner, "after": after, "most": limit}
        return tuple(_stored(row) for row in self._reads.all(_OF, values))

    def partners(self) -> Iterator[str]:
        """Who has keys, live or shredded, in order."""
        return _steps(lambda after: self._reads.one(_NEXT_PARTNER, {"after": after}))

    def wrapping_keys(self, partner: str) -> tuple[str, ...]:
        """The keys that wrap this partner's live keys, in order."""
        return tuple(
            _steps(lambda after: self._reads.one(_NEXT_WRAPPING, {"of": partner, "after": after}))
        )

    def counts(self, partner: str | None = None) -> dict[tuple[str, str], int]:
        """How many live keys there are, by partner and by what wraps them."""
        rows = (
            self._reads.all(_COUNTS)
            if partner is None
            else self._reads.all(_COUNTS_OF, {"of": partner})
        )
        return {(row.partner, row.wrapping_key): row.many for row in rows}

    def shredded(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of the ids whose keys were shredded."""
        return frozenset(
            row.id for part in _parts(ids) for row in self._reads.all(_SHREDDED, {"ids": part})
        )


class DataKeyWriting(DataKeyReading):
    """The keys, with those that come, change their wrapping, and go."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        self._tombstones = TombstoneWriting(writes)

    def put(self, key: StoredDataKey) -> StoredDataKey:
        """The key, or the one that was put for its subject and partner before it.

        Raises SUBJECT_SHREDDED where the subject's key was shredded.
        """
        values = {column.name: getattr(key, column.name) for column in _COLUMNS}
        if self._writes.change(_ADD, values):
            return key
        winner = self.get(key.partner, key.subject)
        if winner is None:
            raise PrivacyError(errors.SUBJECT_SHREDDED, partner=key.partner)
        return winner

    def update_wrapping(
        self, key_id: str, *, under: str, wrapping_key: str, wrapped: bytes
    ) -> bool:
        """Wraps a live key anew, if it is still wrapped by `under`. Whether it was."""
        values = {"named": key_id, "under": under, "to": wrapping_key, "bytes": wrapped}
        return self._writes.change(_REWRAP, values) == 1

    def shred(self, partner: str, subject: str, *, at: datetime) -> bool:
        """Destroys the wrapped key and leaves a tombstone, also where there was no key.

        Whether there was a live key. The tombstone journal gets to know of it.
        """
        live = self.get(partner, subject) is not None
        values = {"partner": partner, "subject": subject, "created_at": at, "shredded_at": at}
        if self._writes.change(_SHRED, values):
            buried = UnwrittenTombstone(kind="key", partner=partner, word=subject, at=at)
            self._tombstones.note(buried)
        return live


def _steps(following: Callable[[str], Row[Any] | None]) -> Iterator[str]:
    """One word after the other, until there is none."""
    word = ""
    while (row := following(word)) is not None and row[0] is not None:
        word = row[0]
        yield word


def _parts(words: Iterable[str]) -> Iterator[list[str]]:
    """The words in lists that a statement has room for."""
    several = list(words)
    return (several[start : start + _ROOM] for start in range(0, len(several), _ROOM))


def _stored(row: Row[Any]) -> StoredDataKey:
    return StoredDataKey(**{**row._asdict(), "wrapped": bytes(row.wrapped)})
