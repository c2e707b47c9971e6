"""Sealed records, by partner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, update

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import ContractRef
from privacy_service.store.rows import RecordSummary, StoredRecord
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import record_subjects, records

SUMMARY_COLUMNS = [column for column in records.c if column.name != "sealed"]
_SUMMARY = tuple(column.name for column in SUMMARY_COLUMNS)
_ONE = (records.c.partner == bindparam("of"), records.c.id == bindparam("named"))
_GET = select(*records.c).where(*_ONE)
_ABOUT = select(func.count()).where(
    record_subjects.c.partner == bindparam("of"), record_subjects.c.subject == bindparam("about")
)
# The next partner in order: one step in the index, however many records it has.
_NEXT_PARTNER = select(func.min(records.c.partner)).where(records.c.partner > bindparam("after"))
_ADD = insert_absent(records)
_ADD_SUBJECT = record_subjects.insert()
_DELETE = delete(records).where(*_ONE)
_REPLACE = (
    update(records)
    .where(*_ONE, records.c.sealed == bindparam("was"))
    .values(
        size=bindparam("new_size"),
        data_keys=bindparam("new_keys"),
        subjects=bindparam("new_subjects"),
        sealed=bindparam("new_sealed"),
    )
)
_FORGET_SUBJECTS = delete(record_subjects).where(
    record_subjects.c.partner == bindparam("of"), record_subjects.c.record_id == bindparam("named")
)
_TOUCH = update(records).where(*_ONE).values(used_at=bindparam("at"))


class RecordReading:
    """What is kept for each partner."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, partner: str, record_id: str) -> StoredRecord:
        """Raises RECORD_NOT_FOUND."""
        row = self._reads.one(_GET, {"of": partner, "named": record_id})
        if row is None:
            raise PrivacyError(errors.RECORD_NOT_FOUND, record=record_id)
        values = row._asdict()
        return StoredRecord(**_described(values) | {"sealed": bytes(row.sealed)})

    def list(
        self,
        partner: str,
        *,
        subject: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[RecordSummary, ...]:
        """One partner's records (about one subject) by id, from the one after `after` on."""
        page = select(*SUMMARY_COLUMNS).where(records.c.partner == partner)
        if subject is not None:
            about = select(record_subjects.c.record_id).where(
                record_subjects.c.partner == partner, record_subjects.c.subject == subject
            )
            page = page.where(records.c.id.in_(about))
        if after is not None:
            page = page.where(records.c.id > after)
        rows = self._reads.all(page.order_by(records.c.id).limit(limit))
        return tuple(summary_of(row) for row in rows)

    def about(self, partner: str, subject: str) -> int:
        """How many of a partner's records are about a subject."""
        row = self._reads.one(_ABOUT, {"of": partner, "about": subject})
        return 0 if row is None else int(row[0])

    def partners(self) -> Iterator[str]:
        """Who has records, in order."""
        word = ""
        while (row := self._reads.one(_NEXT_PARTNER, {"after": word})) and row[0] is not None:
            word = row[0]
            yield word


class RecordWriting(RecordReading):
    """The records, with what comes and goes."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def put(self, record: StoredRecord) -> None:
        """Raises RECORD_EXISTS where the partner has a record with this id."""
        if self._writes.change(_ADD, _values(record)) == 0:
            raise PrivacyError(errors.RECORD_EXISTS, record=record.id)
        self._index(record)

    def replace(self, record: StoredRecord, *, was: bytes) -> bool:
        """Puts new sealed bytes in the place of the old ones, with whom they are about. Whether the
        old ones were still there.
        """
        place = {"of": record.partner, "named": record.id}
        new = {
            "was": was,
            "new_size": record.size,
            "new_keys": list(record.data_keys),
            "new_subjects": list(record.subjects),
            "new_sealed": record.sealed,
        }
        if self._writes.change(_REPLACE, place | new) == 0:
            return False
        self._writes.change(_FORGET_SUBJECTS, place)
        self._index(record)
        return True

    def _index(self, record: StoredRecord) -> None:
        about = [
            {"partner": record.partner, "subject": subject, "record_id": record.id}
            for subject in dict.fromkeys(record.subjects)
        ]
        self._writes.change_each(_ADD_SUBJECT, about)

    def touch(self, partner: str, record_id: str, *, at: datetime) -> None:
        """Keeps when the record was used last."""
        self._writes.change(_TOUCH, {"of": partner, "named": record_id, "at": at})

    def delete(self, partner: str, record_id: str) -> None:
        """Deletes the row with its sealed bytes. Raises RECORD_NOT_FOUND."""
        if self._writes.change(_DELETE, {"of": partner, "named": record_id}) == 0:
            raise PrivacyError(errors.RECORD_NOT_FOUND, record=record_id)


def refs_to_columns(refs: Iterable[ContractRef]) -> list[list[object]]:
    """Contract references as a JSON column keeps them."""
    return [[ref.id, ref.number, ref.digest] for ref in refs]


def refs_from_columns(stored: Iterable[Any]) -> tuple[ContractRef, ...]:
    """The references that `refs_to_columns` wrote."""
    return tuple(ContractRef(id=i, number=n, digest=d) for i, n, d in stored)


def _values(record: StoredRecord) -> dict[str, object]:
    values: dict[str, object] = {column.name: getattr(record, column.name) for column in records.c}
    values["data_keys"] = list(record.data_keys)
    values["subjects"] = list(record.subjects)
    values["contracts"] = refs_to_columns(record.contracts)
    return values


def summary_of(row: Row[Any]) -> RecordSummary:
    """The record of a row of `SUMMARY_COLUMNS`."""
    values = dict(zip(_SUMMARY, row, strict=True))
    return RecordSummary(**_described(values))


def _described(values: dict[str, Any]) -> dict[str, Any]:
    values["data_keys"] = tuple(values["data_keys"])
    values["subjects"] = tuple(values["subjects"])
    values["contracts"] = refs_from_columns(values["contracts"])
    return values
