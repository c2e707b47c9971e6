"""EnforcementService: parse, call, render."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.rpc.status_pb2 import Status

from privacy_service.desks.ports.enforcement import EnforcementDesk
from privacy_service.desks.ports.reveals import RevealDesk
from privacy_service.enforcement.answer import RestoreAnswer
from privacy_service.enforcement.request import (
    Consent,
    InspectRequest,
    PreviewRequest,
    RestoreRequest,
    RevealRequest,
    SubjectRef,
    TransferRequest,
)
from privacy_service.rpc.answers import (
    parse_instant,
    render_audit,
    render_inspection,
    render_result,
)
from privacy_service.rpc.call import Call, admitted
from privacy_service.subjects.opt_out import SIGNAL
from privacy_service.v1 import enforcement_pb2 as pb
from privacy_service.v1 import enforcement_pb2_grpc as pb_grpc


class EnforcementServicer(pb_grpc.EnforcementServiceServicer):
    """Answers EnforcementService; every rule is behind the desk."""

    def __init__(self, desk: EnforcementDesk, revealing: RevealDesk) -> None:
        self._desk = desk
        self._revealing = revealing

    def Transfer(self, request: pb.TransferRequest, context: object) -> pb.TransferResponse:
        return self._transfer(admitted(context), request)

    def Preview(self, request: pb.PreviewRequest, context: object) -> pb.PreviewResponse:
        call = admitted(context)
        asked = parse_preview(request, opted_out=opted_out(call))
        answer = self._desk.preview(call.caller, asked, seconds=call.seconds())
        return pb.PreviewResponse(result=render_result(answer))

    def TransferStream(
        self, request_iterator: Iterator[pb.TransferStreamRequest], context: object
    ) -> Iterator[pb.TransferStreamResponse]:
        call = admitted(context)
        for item in request_iterator:
            answer = call.attempt(item, lambda item: self._transfer(call, item.request))
            yield _stream_answer(item.item_id, answer)

    def Inspect(self, request: pb.InspectRequest, context: object) -> pb.InspectResponse:
        call = admitted(context)
        answer = self._desk.inspect(call.caller, parse_inspect(request), seconds=call.seconds())
        return render_inspection(answer)

    def Reveal(self, request: pb.RevealRequest, context: object) -> pb.RevealResponse:
        call = admitted(context)
        answer = self._revealing.reveal(call.caller, parse_reveal(request), seconds=call.seconds())
        return pb.RevealResponse(value=answer.value, audit=render_audit(answer.audit))

    def Restore(self, request: pb.RestoreRequest, context: object) -> pb.RestoreResponse:
        call = admitted(context)
        answer = self._revealing.restore(
            call.caller, parse_restore(request), seconds=call.seconds()
        )
        return render_restored(answer)

    def _transfer(self, call: Call, request: pb.TransferRequest) -> pb.TransferResponse:
        asked = parse_transfer(request, opted_out=opted_out(call))
        answer = self._desk.transfer(call.caller, asked, seconds=call.seconds())
        return pb.TransferResponse(result=render_result(answer))


def opted_out(call: Call) -> bool:
    """Whether the call's metadata says `sec-gpc: 1`. Any other value says nothing."""
    return (SIGNAL, "1") in {(name, value) for name, value in call.context.invocation_metadata()}


def parse_transfer(request: pb.TransferRequest, *, opted_out: bool = False) -> TransferRequest:
    """Raises REQUEST_INVALID for what the .proto file has no rule for."""
    return TransferRequest(
        **_shipment(request, opted_out),
        request_id=request.request_id.lower(),
        claim=request.hold_id or None,
    )


def parse_preview(request: pb.PreviewRequest, *, opted_out: bool = False) -> PreviewRequest:
    return PreviewRequest(**_shipment(request, opted_out))


def parse_inspect(request: pb.InspectRequest) -> InspectRequest:
    asked = {"threshold": request.threshold} if request.HasField("threshold") else {}
    return InspectRequest(content_type=request.content_type, payload=request.payload, **asked)


def parse_reveal(request: pb.RevealRequest) -> RevealRequest:
    return RevealRequest(
        sender=request.sender,
        recipient=request.recipient,
        purpose=request.purpose,
        token=request.token,
        reason=request.reason,
        claim=request.hold_id or None,
        subjects=tuple(parse_subject(subject) for subject in request.subjects),
    )


def parse_restore(request: pb.RestoreRequest) -> RestoreRequest:
    return RestoreRequest(
        sender=request.sender,
        recipient=request.recipient,
        purpose=request.purpose,
        content_type=request.content_type,
        content=request.content,
        reason=request.reason,
        subjects=tuple(parse_subject(subject) for subject in request.subjects),
    )


def render_restored(answer: RestoreAnswer) -> pb.RestoreResponse:
    return pb.RestoreResponse(
        content=answer.content,
        content_type=answer.content_type,
        restored=[pb.RestoredEntity(entity=one.entity, count=one.count) for one in answer.restored],
        left=answer.left,
        audit=render_audit(answer.audit),
    )


def parse_subject(subject: pb.SubjectRef) -> SubjectRef:
    return SubjectRef(type=subject.type, value=subject.value)


def _consent(consent: pb.Consent) -> Consent:
    checked = parse_instant(consent.check_time) if consent.HasField("check_time") else None
    return Consent(record_id=consent.record_id, checked_at=checked)


def _shipment(
    request: pb.TransferRequest | pb.PreviewRequest,
    opted_out: bool,  # noqa: FBT001 -- said at each call
) -> dict[str, Any]:
    return {
        "sender": request.sender,
        "recipient": request.recipient,
        "purpose": request.purpose,
        "content_type": request.content_type,
        "payload": request.payload,
        "subjects": tuple(parse_subject(subject) for subject in request.subjects),
        "consent": _consent(request.consent) if request.HasField("consent") else None,
        "recipient_region": request.recipient_region or None,
        "opted_out": request.opted_out or opted_out,
    }


def _stream_answer(item_id: str, answer: pb.TransferResponse | Status) -> pb.TransferStreamResponse:
    if isinstance(answer, Status):
        return pb.TransferStreamResponse(item_id=item_id, status=answer)
    return pb.TransferStreamResponse(item_id=item_id, response=answer)
