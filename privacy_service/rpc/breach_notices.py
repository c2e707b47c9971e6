"""BreachNoticeService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.breaches.notices import BreachNotice, Decision, NoticeState, Phase
from privacy_service.breaches.paper import as_html, page_of
from privacy_service.desks.ports.breach_notices import (
    BreachNoticeDesk,
    ConfirmBreachNotice,
    DecideBreachNotice,
    DraftBreachNotice,
    ListPartnerBreachNotices,
    PrintForm,
    SendBreachNotice,
)
from privacy_service.rpc.answers import numbers, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import breach_notices_pb2 as pb
from privacy_service.v1 import breach_notices_pb2_grpc as pb_grpc

PHASES: Final = numbers(Phase, pb.BreachNoticePhase)
STATES: Final = numbers(NoticeState, pb.BreachNoticeState)
DECISIONS: Final = numbers(Decision, pb.BreachNoticeDecision)
FORMS: Final = numbers(PrintForm, pb.BreachNoticeForm)
_PHASES: Final = {number: phase for phase, number in PHASES.items()}
_FORMS: Final = {number: form for form, number in FORMS.items()}
_DECISIONS: Final = {number: decision for decision, number in DECISIONS.items()}


class BreachNoticeServicer(pb_grpc.BreachNoticeServiceServicer):
    """Answers BreachNoticeService; every rule is behind the desk."""

    def __init__(self, desk: BreachNoticeDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def DraftBreachNotice(
        self, request: pb.DraftBreachNoticeRequest, context: object
    ) -> pb.DraftBreachNoticeResponse:
        call = admitted(context)
        notice, audit = self._desk.draft_notice(
            call.caller, parse_draft(request), seconds=call.seconds()
        )
        return pb.DraftBreachNoticeResponse(notice=render_notice(notice), audit=render_audit(audit))

    def GetBreachNotice(
        self, request: pb.GetBreachNoticeRequest, context: object
    ) -> pb.GetBreachNoticeResponse:
        call = admitted(context)
        notice = self._desk.get_notice(call.caller, request.notice_id, seconds=call.seconds())
        rendered = render_notice(notice)
        rendered.html = as_html(page_of(notice))
        return pb.GetBreachNoticeResponse(notice=rendered)

    def ListBreachNotices(
        self, request: pb.ListBreachNoticesRequest, context: object
    ) -> pb.ListBreachNoticesResponse:
        call = admitted(context)
        found = self._desk.list_notices(call.caller, request.breach_id, seconds=call.seconds())
        return pb.ListBreachNoticesResponse(notices=[render_notice(notice) for notice in found])

    def DecideBreachNotice(
        self, request: pb.DecideBreachNoticeRequest, context: object
    ) -> pb.DecideBreachNoticeResponse:
        call = admitted(context)
        notice, audit = self._desk.decide_notice(
            call.caller, parse_decide(request), seconds=call.seconds()
        )
        return pb.DecideBreachNoticeResponse(
            notice=render_notice(notice), audit=render_audit(audit)
        )

    def PrintBreachNotice(
        self, request: pb.PrintBreachNoticeRequest, context: object
    ) -> pb.PrintBreachNoticeResponse:
        call = admitted(context)
        form = _FORMS.get(request.form, PrintForm.PDF)
        printed = self._desk.print_notice(
            call.caller, request.notice_id, form, seconds=call.seconds()
        )
        return pb.PrintBreachNoticeResponse(
            content_type=printed.content_type, content=printed.content, digest=printed.digest
        )

    def SendBreachNotice(
        self, request: pb.SendBreachNoticeRequest, context: object
    ) -> pb.SendBreachNoticeResponse:
        call = admitted(context)
        asked = SendBreachNotice(
            notice_id=request.notice_id,
            digest=request.digest,
            request_id=request.request_id.lower(),
        )
        notice, audit = self._desk.send_notice(call.caller, asked, seconds=call.seconds())
        return pb.SendBreachNoticeResponse(notice=render_notice(notice), audit=render_audit(audit))

    def ListPartnerBreachNotices(
        self, request: pb.ListPartnerBreachNoticesRequest, context: object
    ) -> pb.ListPartnerBreachNoticesResponse:
        call = admitted(context)
        asked = ListPartnerBreachNotices(
            partner=request.partner, place=self._pages.place(call, request)
        )
        page = self._desk.list_partner_notices(call.caller, asked, seconds=call.seconds())
        return pb.ListPartnerBreachNoticesResponse(
            notices=[render_for_partner(notice) for notice in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ConfirmBreachNotice(
        self, request: pb.ConfirmBreachNoticeRequest, context: object
    ) -> pb.ConfirmBreachNoticeResponse:
        call = admitted(context)
        asked = ConfirmBreachNotice(
            notice_id=request.notice_id,
            digest=request.digest,
            request_id=request.request_id.lower(),
        )
        notice, audit = self._desk.confirm_notice(call.caller, asked, seconds=call.seconds())
        return pb.ConfirmBreachNoticeResponse(
            notice=render_for_partner(notice), audit=render_audit(audit)
        )


def parse_draft(request: pb.DraftBreachNoticeRequest) -> DraftBreachNotice:
    return DraftBreachNotice(
        breach_id=request.breach_id,
        rule_id=request.rule_id,
        place=request.place or None,
        phase=_PHASES.get(request.phase, Phase.INITIAL),
        language=request.language,
        contents=dict(sorted(request.contents.items())),
        to=request.to,
        partner=request.partner,
        reasons_for_delay=request.reasons_for_delay,
        request_id=request.request_id.lower(),
    )


def parse_decide(request: pb.DecideBreachNoticeRequest) -> DecideBreachNotice:
    return DecideBreachNotice(
        notice_id=request.notice_id,
        digest=request.digest,
        decision=_DECISIONS[request.decision],
        says=request.says,
        request_id=request.request_id.lower(),
    )


def render_notice(notice: BreachNotice) -> pb.BreachNotice:
    return pb.BreachNotice(
        notice_id=notice.id,
        breach_id=notice.breach,
        rule_id=notice.rule,
        place=notice.place,
        phase=PHASES[notice.phase],
        language=notice.language,
        subject=notice.subject,
        text=notice.text,
        missing=notice.missing,
        to=notice.to,
        partner=notice.partner,
        drill=notice.drill,
        state=STATES[notice.state],
        digest=notice.digest,
        drafted_by=notice.drafted_by,
        draft_time=render_instant(notice.drafted_at),
        approved_by=notice.approved_by or "",
        approve_time=render_instant(notice.approved_at),
        attempts=notice.attempts,
        send_time=render_instant(notice.sent_at),
        reference=notice.reference,
        said=notice.said,
    )


def render_for_partner(notice: BreachNotice) -> pb.PartnerBreachNotice:
    return pb.PartnerBreachNotice(
        notice_id=notice.id,
        breach_id=notice.breach,
        rule_id=notice.rule,
        phase=PHASES[notice.phase],
        language=notice.language,
        subject=notice.subject,
        text=notice.text,
        digest=notice.digest,
        send_time=render_instant(notice.sent_at),
        received=notice.state is NoticeState.RECEIVED,
    )
