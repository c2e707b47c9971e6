"""Records are made anonymous: opened, cut to what a schedule lets stay, and sealed as nobody's.

What stays is a record of its own: another id, no index by person, instants cut to their day, sealed
under a key of the partner that is no person's. The record that it was made of is deleted with it,
in the one transaction (`custody/sweeping.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.enforcement.anonymise import anonymous
from privacy_service.enforcement.examine import Decode
from privacy_service.errors import Kind, PrivacyError
from privacy_service.records.seal import Sealer, Slot
from privacy_service.schedules.schedule import Staying
from privacy_service.store.rows import RecordSummary, StoredDataKey, StoredRecord
from privacy_service.store.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous:
    """What becomes of a record that was sealed as `was`; `record` None: nothing of it stays."""

    was: bytes = field(repr=False)
    record: StoredRecord | None = None
    keys: tuple[StoredDataKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A record that was opened, and what stays of its content."""

    record: StoredRecord
    left: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymising:
    """Makes records anonymous. Thread-safe. `new_id` gives a fresh id."""

    sealer: Sealer
    keys: SubjectKeys
    decode: Decode
    new_id: Callable[[], str]
    clock: Clock

    def opened(self, view: View, row: RecordSummary, staying: Sequence[Staying]) -> Opened:
        """The record, and what stays: nothing of one that is not of its content type, or that
        cannot be opened any more. Raises RECORD_NOT_FOUND, KEYS_UNAVAILABLE.
        """
        record = view.records.get(row.partner, row.id)
        keys = tuple(view.data_keys.by_id(record.data_keys).values())
        try:
            content = self.sealer.open(record.sealed, slot=_of(record), keys=keys)
            left = anonymous(self.decode(record.content_type, content), staying)
        except PrivacyError as error:
            if error.reason.kind is Kind.UNAVAILABLE or error.reason is errors.RECORD_NOT_FOUND:
                raise
            left = None
        return Opened(record=record, left=left)

    def made(self, opened: Opened) -> Anonymous:
        """What takes the record's place, sealed."""
        record, left = opened.record, opened.left
        if left is None:
            return Anonymous(was=record.sealed)
        keys = self.keys.of(record.partner, scopes((), record.partner), seconds=None)
        made = replace(
            record,
            id=f"anonymous-{self.new_id()}",
            size=len(left),
            subjects=(),
            data_keys=tuple(key.id for key in keys),
            created_at=_day(record.created_at),
            keep_until=record.keep_until and _day(record.keep_until),
            used_at=None,
            restricted_at=None,
            anonymised_at=_day(self.clock.now()),
        )
        sealed = self.sealer.seal(left, slot=_of(made), keys=keys)
        return Anonymous(was=record.sealed, record=replace(made, sealed=sealed), keys=keys)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _of(record: RecordSummary) -> Slot:
    return Slot(partner=record.partner, record=record.id, field=PAYLOAD)
