"""RecordService: parse, call, render."""

from __future__ import annotations

from privacy_service.desks.ports.pages import Place
from privacy_service.desks.ports.records import (
    DeleteRecord,
    GetRecord,
    ListRecords,
    PutRecord,
    Record,
    RecordDesk,
)
from privacy_service.rpc.answers import render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import records_pb2 as pb
from privacy_service.v1 import records_pb2_grpc as pb_grpc


class RecordServicer(pb_grpc.RecordServiceServicer):
    """Answers RecordService; every rule is behind the desk."""

    def __init__(self, desk: RecordDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def PutRecord(self, request: pb.PutRecordRequest, context: object) -> pb.PutRecordResponse:
        call = admitted(context)
        record = self._desk.put_record(call.caller, parse_put(request), seconds=call.seconds())
        return pb.PutRecordResponse(record=render_record(record))

    def GetRecord(self, request: pb.GetRecordRequest, context: object) -> pb.GetRecordResponse:
        call = admitted(context)
        record = self._desk.get_record(call.caller, parse_get(request), seconds=call.seconds())
        return pb.GetRecordResponse(record=render_record(record))

    def ListRecords(
        self, request: pb.ListRecordsRequest, context: object
    ) -> pb.ListRecordsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_records(call.caller, asked, seconds=call.seconds())
        return pb.ListRecordsResponse(
            records=[render_record(record) for record in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def DeleteRecord(
        self, request: pb.DeleteRecordRequest, context: object
    ) -> pb.DeleteRecordResponse:
        call = admitted(context)
        stamp = self._desk.delete_record(call.caller, parse_delete(request), seconds=call.seconds())
        return pb.DeleteRecordResponse(audit=render_audit(stamp))


def parse_put(request: pb.PutRecordRequest) -> PutRecord:
    return PutRecord(
        partner=request.partner,
        record_id=request.record_id,
        content_type=request.content_type,
        content=request.content,
        subjects=tuple(parse_subject(subject) for subject in request.subjects),
        request_id=request.request_id.lower(),
    )


def parse_get(request: pb.GetRecordRequest) -> GetRecord:
    return GetRecord(
        partner=request.partner, record_id=request.record_id, claim=request.hold_id or None
    )


def parse_list(request: pb.ListRecordsRequest, place: Place) -> ListRecords:
    return ListRecords(partner=request.partner, place=place)


def parse_delete(request: pb.DeleteRecordRequest) -> DeleteRecord:
    return DeleteRecord(
        partner=request.partner,
        record_id=request.record_id,
        request_id=request.request_id.lower(),
    )


def render_record(record: Record) -> pb.Record:
    return pb.Record(
        partner=record.partner,
        record_id=record.id,
        content_type=record.content_type,
        size=record.size,
        create_time=render_instant(record.created_at),
        content=record.content,
    )
