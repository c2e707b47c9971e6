"""What is asked of the record desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`size` is the content's in bytes; `content` is None but in the answer to `get_record`."""

    partner: str
    id: str
    content_type: str
    size: int
    created_at: datetime
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRecord:
    partner: str
    record_id: str
    content_type: str
    content: bytes = field(repr=False)
    subjects: tuple[SubjectRef, ...] = ()
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRecord:
    """`claim` is the id of the legal hold for whose matter it is opened."""

    partner: str
    record_id: str
    claim: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRecords:
    partner: str
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRecord:
    partner: str
    record_id: str
    request_id: str


class RecordDesk(Protocol):
    """RecordService. Records come sorted by id."""

    def put_record(
        self, caller: Caller, request: PutRecord, *, seconds: float | None
    ) -> Record: ...

    def get_record(
        self, caller: Caller, request: GetRecord, *, seconds: float | None
    ) -> Record: ...

    def list_records(
        self, caller: Caller, request: ListRecords, *, seconds: float | None
    ) -> Page[Record]: ...

    def delete_record(
        self, caller: Caller, request: DeleteRecord, *, seconds: float | None
    ) -> AuditStamp: ...
