"""NoticeService: parse, call, render."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from privacy_service.access import Role
from privacy_service.desks.ports.notices import (
    ConfirmNotice,
    ExcuseNotice,
    ListNotices,
    NoticeDesk,
    PutNoticeAddress,
    SearchNotices,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.rpc.answers import numbers, parse_instant, render_audit, render_instant
from privacy_service.rpc.call import Call, admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.subjects.notices import Channel, Notice, NoticeKind, NoticeState
from privacy_service.v1 import notices_pb2 as pb
from privacy_service.v1 import notices_pb2_grpc as pb_grpc

KINDS: Final = numbers(NoticeKind, pb.NoticeKind)
STATES: Final = numbers(NoticeState, pb.NoticeState)
_KINDS: Final = {number: kind for kind, number in KINDS.items()}
_STATES: Final = {number: state for state, number in STATES.items()}
CHANNELS: Final = numbers(Channel, pb.NoticeChannel)


class NoticeServicer(pb_grpc.NoticeServiceServicer):
    """Answers NoticeService; every rule is behind the desk."""

    def __init__(self, desk: NoticeDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def ListNotices(
        self, request: pb.ListNoticesRequest, context: object
    ) -> pb.ListNoticesResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_notices(call.caller, asked, seconds=call.seconds())
        return pb.ListNoticesResponse(
            notices=[render_notice(_seen_by(call, notice)) for notice in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def SearchNotices(
        self, request: pb.SearchNoticesRequest, context: object
    ) -> pb.SearchNoticesResponse:
        call = admitted(context)
        asked = parse_search(request, self._pages.place(call, request))
        page = self._desk.search_notices(call.caller, asked, seconds=call.seconds())
        return pb.SearchNoticesResponse(
            notices=[render_notice(notice) for notice in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ConfirmNotice(
        self, request: pb.ConfirmNoticeRequest, context: object
    ) -> pb.ConfirmNoticeResponse:
        call = admitted(context)
        notice, audit = self._desk.confirm_notice(
            call.caller, parse_confirm(request), seconds=call.seconds()
        )
        return pb.ConfirmNoticeResponse(
            notice=render_notice(_seen_by(call, notice)), audit=render_audit(audit)
        )

    def ExcuseNotice(
        self, request: pb.ExcuseNoticeRequest, context: object
    ) -> pb.ExcuseNoticeResponse:
        call = admitted(context)
        notice, audit = self._desk.excuse_notice(
            call.caller, parse_excuse(request), seconds=call.seconds()
        )
        return pb.ExcuseNoticeResponse(notice=render_notice(notice), audit=render_audit(audit))

    def PutNoticeAddress(
        self, request: pb.PutNoticeAddressRequest, context: object
    ) -> pb.PutNoticeAddressResponse:
        call = admitted(context)
        secret, audit = self._desk.put_notice_address(
            call.caller, parse_address(request), seconds=call.seconds()
        )
        return pb.PutNoticeAddressResponse(secret=secret, audit=render_audit(audit))


def parse_list(request: pb.ListNoticesRequest, place: Place) -> ListNotices:
    return ListNotices(partner=request.partner, settled=request.settled, place=place)


def parse_search(request: pb.SearchNoticesRequest, place: Place) -> SearchNotices:
    return SearchNotices(
        recipient=request.recipient,
        states=tuple(_STATES[state] for state in request.states),
        kind=_KINDS.get(request.kind),
        request_id=request.subject_request_id,
        before=(
            parse_instant(request.deadline_before) if request.HasField("deadline_before") else None
        ),
        place=place,
    )


def parse_confirm(request: pb.ConfirmNoticeRequest) -> ConfirmNotice:
    return ConfirmNotice(notice_id=request.notice_id, request_id=request.request_id.lower())


def parse_excuse(request: pb.ExcuseNoticeRequest) -> ExcuseNotice:
    return ExcuseNotice(
        notice_id=request.notice_id,
        reason=request.reason,
        request_id=request.request_id.lower(),
    )


def parse_address(request: pb.PutNoticeAddressRequest) -> PutNoticeAddress:
    return PutNoticeAddress(
        partner=request.partner,
        url=request.url,
        email=request.email,
        language=request.language,
        new_secret=request.new_secret,
        request_id=request.request_id.lower(),
    )


def render_notice(notice: Notice) -> pb.Notice:
    return pb.Notice(
        notice_id=notice.id,
        subject_request_id=notice.request_id,
        recipient=notice.recipient,
        kind=KINDS[notice.kind],
        state=STATES[notice.state],
        channel=CHANNELS[notice.channel],
        disclosure_ids=notice.concerns.disclosures,
        tokens=notice.concerns.tokens,
        more=notice.concerns.more,
        corrected=[
            pb.CorrectedField(
                field=one.field,
                treatment=one.treatment,
                old_words=one.old_words,
                new_word=one.new_word,
            )
            for one in notice.concerns.corrected
        ],
        make_time=render_instant(notice.made_at),
        deadline=render_instant(notice.deadline),
        tell_time=render_instant(notice.told_at),
        confirm_time=render_instant(notice.confirmed_at),
        attempts=notice.attempts,
        reason=notice.reason or "",
        next_time=None if notice.settled else render_instant(notice.next_at),
        confirmed_by=notice.confirmed_by or "",
    )


def _seen_by(call: Call, notice: Notice) -> Notice:
    """The request behind a notice links what several recipients hold: it is for officers, as is the
    person who confirmed.
    """
    if Role.OFFICER in call.caller.roles:
        return notice
    return replace(notice, request_id="", confirmed_by=None)
