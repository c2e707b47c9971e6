"""MailingService: parse, call, render."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from privacy_service.breaches.bounces import Came, Returned
from privacy_service.breaches.mailings import (
    DEFAULT_BATCH,
    Contacts,
    LetterState,
    MailingAct,
    MailingState,
    Progress,
    Reach,
)
from privacy_service.desks.ports.mailings import (
    ControlMailing,
    MailingDesk,
    MailingView,
    PlanMailing,
    RecordBounce,
    RecordReturned,
    ReturnedMailDesk,
    StartMailing,
)
from privacy_service.rpc.answers import numbers, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.v1 import mailings_pb2 as pb
from privacy_service.v1 import mailings_pb2_grpc as pb_grpc

STATES: Final = numbers(MailingState, pb.MailingState)
ACTS: Final = numbers(MailingAct, pb.MailingAct)
CAME: Final = numbers(Came, pb.ReturnedMailKind)
_ACTS: Final = {number: act for act, number in ACTS.items()}


class MailingServicer(pb_grpc.MailingServiceServicer):
    """Answers MailingService; every rule is behind the desk."""

    def __init__(self, desk: MailingDesk, returned: ReturnedMailDesk) -> None:
        self._desk = desk
        self._returned = returned

    def PlanMailing(
        self, request: pb.PlanMailingRequest, context: object
    ) -> pb.PlanMailingResponse:
        call = admitted(context)
        plan, audit = self._desk.plan_mailing(
            call.caller, parse_plan(request), seconds=call.seconds()
        )
        return pb.PlanMailingResponse(
            people=plan.people,
            reach=render_reach(plan.reached),
            batches=plan.batches,
            looked_at=plan.sampled,
            audit=render_audit(audit),
        )

    def StartMailing(
        self, request: pb.StartMailingRequest, context: object
    ) -> pb.StartMailingResponse:
        call = admitted(context)
        view, audit = self._desk.start_mailing(
            call.caller, parse_start(request), seconds=call.seconds()
        )
        return pb.StartMailingResponse(mailing=render_mailing(view), audit=render_audit(audit))

    def ControlMailing(
        self, request: pb.ControlMailingRequest, context: object
    ) -> pb.ControlMailingResponse:
        call = admitted(context)
        asked = ControlMailing(
            notice_id=request.notice_id,
            act=_ACTS[request.act],
            request_id=request.request_id.lower(),
        )
        view, audit = self._desk.control_mailing(call.caller, asked, seconds=call.seconds())
        return pb.ControlMailingResponse(mailing=render_mailing(view), audit=render_audit(audit))

    def GetMailing(self, request: pb.GetMailingRequest, context: object) -> pb.GetMailingResponse:
        call = admitted(context)
        view = self._desk.get_mailing(call.caller, request.notice_id, seconds=call.seconds())
        return pb.GetMailingResponse(mailing=render_mailing(view))

    def RecordBounce(
        self, request: pb.RecordBounceRequest, context: object
    ) -> pb.RecordBounceResponse:
        call = admitted(context)
        asked = RecordBounce(reference=request.reference, request_id=request.request_id.lower())
        view, audit = self._desk.record_bounce(call.caller, asked, seconds=call.seconds())
        return pb.RecordBounceResponse(mailing=render_mailing(view), audit=render_audit(audit))

    def RecordReturnedMail(
        self, request: pb.RecordReturnedMailRequest, context: object
    ) -> pb.RecordReturnedMailResponse:
        call = admitted(context)
        asked = RecordReturned(
            messages=tuple(request.messages), request_id=request.request_id.lower()
        )
        returned, audit = self._returned.record_returned(call.caller, asked, seconds=call.seconds())
        return pb.RecordReturnedMailResponse(
            returned=[render_returned(one) for one in returned], audit=render_audit(audit)
        )


def parse_plan(request: pb.PlanMailingRequest) -> PlanMailing:
    return PlanMailing(
        notice_id=request.notice_id,
        contacts=parse_contacts(request.contacts),
        batch=request.batch_size or DEFAULT_BATCH,
    )


def parse_start(request: pb.StartMailingRequest) -> StartMailing:
    return StartMailing(
        notice_id=request.notice_id,
        digest=request.digest,
        contacts=parse_contacts(request.contacts),
        batch=request.batch_size or DEFAULT_BATCH,
        request_id=request.request_id.lower(),
    )


def parse_contacts(contacts: pb.Contacts) -> Contacts:
    return Contacts(partner=contacts.partner, fields=tuple(contacts.fields))


def render_mailing(view: MailingView) -> pb.Mailing:
    mailing = view.mailing
    return pb.Mailing(
        notice_id=mailing.notice,
        state=STATES[mailing.state],
        contacts=pb.Contacts(partner=mailing.contacts.partner, fields=mailing.contacts.fields),
        people=mailing.people,
        batch_size=mailing.batch,
        batches_done=mailing.batches,
        reach=render_reach(view.progress.reached),
        letters=render_letters(view.progress),
        started_by=mailing.begun_by,
        start_time=render_instant(mailing.begun_at),
        next_time=render_instant(mailing.not_before if mailing.ended_at is None else None),
        end_time=render_instant(mailing.ended_at),
    )


def render_reach(reached: Mapping[Reach, int]) -> pb.MailingReach:
    return pb.MailingReach(**{reach.value: reached.get(reach, 0) for reach in Reach})


def render_letters(progress: Progress) -> pb.MailingLetters:
    counts = {state.value: progress.letters.get(state, 0) for state in LetterState}
    return pb.MailingLetters(**counts, refused_because=progress.refused)


def render_returned(one: Returned) -> pb.ReturnedMail:
    return pb.ReturnedMail(
        kind=CAME[one.came], notice_id=one.notice, letter=one.letter, status=one.status
    )
