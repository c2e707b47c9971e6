"""The record desk: sealed records, by partner."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.burials import note_deleted
from privacy_service.custody.kept import kept_record
from privacy_service.custody.keys import SubjectKeys, scopes
from privacy_service.custody.ledger import PAYLOAD, require_not_erased
from privacy_service.custody.once import Once
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.records import (
    DeleteRecord,
    GetRecord,
    ListRecords,
    PutRecord,
    Record,
)
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.payloads.media import parsed
from privacy_service.records.seal import Sealer, Slot
from privacy_service.store.database import Database
from privacy_service.store.rows import (
    RecordSummary,
    StoredDataKey,
    StoredRecord,
)
from privacy_service.store.views import Writing
from privacy_service.subjects.holds import for_claim

PUT: Final = "RecordService/PutRecord"
GET: Final = "RecordService/GetRecord"
DELETE: Final = "RecordService/DeleteRecord"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsDesk:
    """Answers RecordService. A partner has its own records, and knows of no others."""

    database: Database
    acts: Acts
    keys: SubjectKeys
    sealer: Sealer
    once: Once
    digest: Callable[[str, str], str]
    journaled: Callable[[], None]
    clock: Clock

    def put_record(self, caller: Caller, request: PutRecord, *, seconds: float | None) -> Record:
        """Seals and keeps a record. Raises RECORD_EXISTS, REQUEST_ID_REUSED, SUBJECT_ERASED,
        SUBJECT_SHREDDED, and CONTENT_TYPE_UNKNOWN for what is no media type.
        """
        caller.require_partner(request.partner)
        content_type = parsed(request.content_type).kept
        commitment = self.once.request(
            PUT, request.record_id, request.content_type, _sha256(request.content)
        )
        subjects = tuple(sorted({self.digest(ref.type, ref.value) for ref in request.subjects}))
        keys = self.keys.of(request.partner, scopes(subjects, request.partner), seconds=seconds)
        now = self.clock.now()
        slot = Slot(partner=request.partner, record=request.record_id, field=PAYLOAD)
        record = StoredRecord(
            id=request.record_id,
            partner=request.partner,
            content_type=content_type,
            size=len(request.content),
            data_keys=tuple(key.id for key in keys),
            subjects=subjects,
            created_at=now,
            sealed=self.sealer.seal(request.content, slot=slot, keys=keys),
        )
        attempt = self._attempt(caller, PUT, request.partner, request.record_id)

        def work(tx: Writing, effect: Effect) -> RecordSummary:
            once = self.once
            if once.replayed(tx, request.partner, request.request_id, commitment) is not None:
                effect("REPLAYED", subjects=subjects)
                return tx.records.get(request.partner, request.record_id)
            require_not_erased(tx, subjects, request.partner)
            self.keys.require_live(tx, keys)
            tx.records.put(record)
            at = effect("PUT", subjects=subjects)
            once.remember(tx, request.partner, request.request_id, commitment, at)
            return record

        return _described(self.acts.act(attempt, work, seconds=seconds))

    def get_record(self, caller: Caller, request: GetRecord, *, seconds: float | None) -> Record:
        """Opens a record. Raises RECORD_NOT_FOUND, RECORD_UNREADABLE, USE_RESTRICTED. Audited."""
        _require_own(caller, request.partner, request.record_id)
        attempt = replace(
            self._attempt(caller, GET, request.partner, request.record_id),
            reason=for_claim(request.claim),
        )

        def work(tx: Writing, effect: Effect) -> tuple[StoredRecord, tuple[StoredDataKey, ...]]:
            record = tx.records.get(request.partner, request.record_id)
            tx.holds.active(record.subjects).require_usable(
                (kept_record(record),), claim=request.claim, now=self.clock.now()
            )
            tx.records.touch(request.partner, request.record_id, at=self.clock.now())
            # Recorded first: a record that was opened unseen is worse than an entry for one that
            # then did not open.
            effect("OPENED", subjects=record.subjects)
            return record, tuple(tx.data_keys.by_id(record.data_keys).values())

        record, keys = self.acts.act(attempt, work, seconds=seconds)
        slot = Slot(partner=request.partner, record=request.record_id, field=PAYLOAD)
        return _described(record, self.sealer.open(record.sealed, slot=slot, keys=keys))

    def list_records(
        self, caller: Caller, request: ListRecords, *, seconds: float | None
    ) -> Page[Record]:
        """A partner's records by id, without what they hold."""
        del seconds
        if Role.OFFICER not in caller.roles:
            caller.require_partner(request.partner)
        limit = request.place.limit
        with self.database.reading() as view:
            rows = view.records.list(request.partner, after=request.place.after, limit=limit + 1)
        more = rows[limit - 1].id if len(rows) > limit else None
        return Page(items=tuple(_described(row) for row in rows[:limit]), next=more)

    def delete_record(
        self, caller: Caller, request: DeleteRecord, *, seconds: float | None
    ) -> AuditStamp:
        """Deletes a record, for good: no backup brings it back once this returns.

        Raises RECORD_NOT_FOUND, REQUEST_ID_REUSED, UNDER_LEGAL_HOLD, and TOMBSTONES_UNAVAILABLE
        where it is deleted, but a backup could still bring it back.
        """
        if Role.OFFICER not in caller.roles:
            _require_own(caller, request.partner, request.record_id)
        commitment = self.once.request(DELETE, request.record_id)
        attempt = self._attempt(caller, DELETE, request.partner, request.record_id)

        def work(tx: Writing, effect: Effect) -> AuditStamp:
            once = self.once
            done = once.replayed(tx, request.partner, request.request_id, commitment)
            if done is not None:
                effect("REPLAYED")
                return once.stamp_of(tx, done)
            record = tx.records.get(request.partner, request.record_id)
            tx.holds.active(record.subjects).require_deletable(kept_record(record))
            tx.records.delete(request.partner, request.record_id)
            note_deleted(tx, (record,), at=self.clock.now())
            at = effect("DELETED", subjects=record.subjects)
            once.remember(tx, request.partner, request.request_id, commitment, at)
            return once.stamp(at, effect.position)

        stamp = self.acts.act(attempt, work, seconds=seconds)
        self.journaled()
        return stamp

    def _attempt(self, caller: Caller, action: str, partner: str, record_id: str) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            partner=partner,
            resource=record_id,
        )


def _require_own(caller: Caller, partner: str, record_id: str) -> None:
    """What is another partner's is not there."""
    if caller.partner != partner:
        raise PrivacyError(errors.RECORD_NOT_FOUND, record=record_id)


def _described(record: RecordSummary, content: bytes | None = None) -> Record:
    return Record(
        partner=record.partner,
        id=record.id,
        content_type=record.content_type,
        size=record.size,
        created_at=record.created_at,
        content=content,
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
