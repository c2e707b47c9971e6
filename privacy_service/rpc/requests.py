"""SubjectRequestService: parse, call, render."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from privacy_service.desks.ports.pages import Place
from privacy_service.desks.ports.subject_requests import (
    ListRequests,
    NamedIdentifier,
    RequestDetails,
    StepKind,
    SubjectRequestDesk,
    SubmitRequest,
    TakeStep,
)
from privacy_service.rpc.answers import numbers, parse_instant, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.notices import render_notice
from privacy_service.rpc.pages import PageTokens
from privacy_service.subjects.corrections import Correction, Corrections, Statement
from privacy_service.subjects.erasures import Count
from privacy_service.subjects.reasons import JUSTIFICATIONS
from privacy_service.subjects.record_query import RecordQuery
from privacy_service.subjects.requests import IdentityLevel, RequestKind, RequestState
from privacy_service.v1 import requests_pb2 as pb
from privacy_service.v1 import requests_pb2_grpc as pb_grpc

KINDS: Final = numbers(RequestKind, pb.SubjectRequestKind)
STATES: Final = numbers(RequestState, pb.SubjectRequestState)
LEVELS: Final = numbers(IdentityLevel, pb.IdentityLevel)
_KINDS: Final = {number: kind for kind, number in KINDS.items()}
_LEVELS: Final = {number: level for level, number in LEVELS.items()}


_SAYS: Final = ("code", "text", "public_key")


class SubjectRequestServicer(pb_grpc.SubjectRequestServiceServicer):
    """Answers SubjectRequestService; every rule is behind the desk."""

    def __init__(self, desk: SubjectRequestDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def SubmitRequest(
        self, request: pb.SubmitRequestRequest, context: object
    ) -> pb.SubmitRequestResponse:
        call = admitted(context)
        found, audit = self._desk.submit_request(
            call.caller, parse_submit(request), seconds=call.seconds()
        )
        return pb.SubmitRequestResponse(request=render_request(found), audit=render_audit(audit))

    def GetRequest(self, request: pb.GetRequestRequest, context: object) -> pb.GetRequestResponse:
        call = admitted(context)
        found = self._desk.get_request(
            call.caller, request.subject_request_id, seconds=call.seconds()
        )
        return pb.GetRequestResponse(request=render_request(found))

    def ListRequests(
        self, request: pb.ListRequestsRequest, context: object
    ) -> pb.ListRequestsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_requests(call.caller, asked, seconds=call.seconds())
        return pb.ListRequestsResponse(
            requests=[render_request(found) for found in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def TakeStep(self, request: pb.TakeStepRequest, context: object) -> pb.TakeStepResponse:
        call = admitted(context)
        found, audit = self._desk.take_step(
            call.caller, parse_step(request), seconds=call.seconds()
        )
        return pb.TakeStepResponse(request=render_request(found), audit=render_audit(audit))

    def PlanErasure(
        self, request: pb.PlanErasureRequest, context: object
    ) -> pb.PlanErasureResponse:
        call = admitted(context)
        plan = self._desk.plan_erasure(
            call.caller, request.subject_request_id, seconds=call.seconds()
        )
        return pb.PlanErasureResponse(
            deleted=_counts(plan.deleted), kept=_counts(plan.kept), recipients=plan.recipients
        )

    def PlanCorrection(
        self, request: pb.PlanCorrectionRequest, context: object
    ) -> pb.PlanCorrectionResponse:
        call = admitted(context)
        plan = self._desk.plan_correction(
            call.caller,
            request.subject_request_id,
            parse_corrections(request.correct),
            seconds=call.seconds(),
        )
        return pb.PlanCorrectionResponse(
            counts=[
                pb.CorrectionCount(
                    partner=one.partner, field=one.field, count=one.count, reason=one.reason
                )
                for one in plan.lines
            ],
            recipients=plan.recipients,
            more=plan.more,
        )

    def GetErasureReceipt(
        self, request: pb.GetErasureReceiptRequest, context: object
    ) -> pb.GetErasureReceiptResponse:
        call = admitted(context)
        receipt = self._desk.get_erasure_receipt(
            call.caller, request.subject_request_id, seconds=call.seconds()
        )
        return pb.GetErasureReceiptResponse(receipt=receipt)

    def GetBundlePart(
        self, request: pb.GetBundlePartRequest, context: object
    ) -> pb.GetBundlePartResponse:
        call = admitted(context)
        part = self._desk.get_bundle_part(
            call.caller, request.subject_request_id, request.number, seconds=call.seconds()
        )
        return pb.GetBundlePartResponse(sealed=part.sealed, parts=part.parts)


def parse_submit(request: pb.SubmitRequestRequest) -> SubmitRequest:
    received = request.receive_time if request.HasField("receive_time") else None
    return SubmitRequest(
        kind=_KINDS[request.kind],
        identifiers=tuple(_identifier(one) for one in request.identifiers),
        regime=request.regime,
        place=request.place,
        received_at=None if received is None else parse_instant(received),
        purpose=request.purpose or None,
        request_id=request.request_id.lower(),
    )


def parse_list(request: pb.ListRequestsRequest, place: Place) -> ListRequests:
    subject = parse_subject(request.subject) if request.HasField("subject") else None
    return ListRequests(
        closed=request.closed, overdue=request.overdue, subject=subject, place=place
    )


def parse_step(request: pb.TakeStepRequest) -> TakeStep:
    name = request.WhichOneof("step") or ""
    step = getattr(request, name)
    checked = request.check_identity if name == "check_identity" else None
    return TakeStep(
        subject_request_id=request.subject_request_id,
        step=StepKind(name),
        says=next((getattr(step, one) for one in _SAYS if hasattr(step, one)), ""),
        level=None if checked is None else _LEVELS[checked.level],
        evidence="" if checked is None else checked.evidence_sha256,
        corrections=parse_corrections(request.correct) if name == "correct" else None,
        request_id=request.request_id.lower(),
    )


def parse_corrections(correct: pb.Correct) -> Corrections:
    """Raises REQUEST_INVALID, QUERY_INVALID."""
    return Corrections(
        corrections=tuple(
            Correction(
                partner=one.partner,
                path=one.field,
                value=one.value,
                was=one.was if one.HasField("was") else None,
                identifier=one.identifier or None,
                records=RecordQuery.parse(one.record_query) if one.record_query else None,
            )
            for one in correct.corrections
        ),
        statement=Statement(partner=correct.statement.partner, text=correct.statement.text)
        if correct.HasField("statement")
        else None,
    )


def render_request(found: RequestDetails) -> pb.SubjectRequest:
    request, why = found.request, JUSTIFICATIONS.get(found.request.reason or "")
    return pb.SubjectRequest(
        subject_request_id=request.id,
        kind=KINDS[request.kind],
        state=STATES[request.state],
        subject_digests=request.digests,
        regime=request.regime,
        place=request.place,
        receive_time=render_instant(request.received_at),
        opened_by=request.opened_by,
        due=pb.Due(
            legal_time=render_instant(request.deadline.legal),
            safe_time=render_instant(request.deadline.conservative),
            rule=request.deadline.rule,
            standing=request.deadline.standing,
            why=request.deadline.why,
        ),
        overdue=found.overdue,
        extended=request.extended is not None,
        identity_level=LEVELS.get(request.identity_level, pb.IDENTITY_LEVEL_UNSPECIFIED),
        purpose=request.purpose or "",
        reason=request.reason or "",
        reason_term=why.term if why else "",
        reason_article=why.article if why else "",
        merged=request.merged,
        close_time=render_instant(request.closed_at),
        acknowledge_time=render_instant(request.acknowledge_by),
        notices=[render_notice(notice) for notice in found.notices],
        history=[
            pb.HistoryLine(
                time=render_instant(line.at),
                actor=line.by,
                step=line.step,
                state=line.state,
                says=line.says,
            )
            for line in found.history
        ],
    )


def _identifier(one: pb.Identifier) -> NamedIdentifier:
    return NamedIdentifier(
        type=one.subject.type, value=one.subject.value, partner=one.partner or None
    )


def _counts(counts: Iterable[Count]) -> list[pb.ThingCount]:
    return [
        pb.ThingCount(
            partner=one.partner,
            thing=one.thing.value,
            count=one.count,
            reason=one.reason,
            article=JUSTIFICATIONS[one.reason].article if one.reason else "",
        )
        for one in counts
    ]
