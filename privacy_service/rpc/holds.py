"""LegalHoldService: parse, call, render."""

from __future__ import annotations

from datetime import date
from typing import Final

from privacy_service import errors
from privacy_service.desks.ports.holds import (
    ConfirmLift,
    LegalHoldDesk,
    ListHolds,
    PlaceHold,
    ProposeLift,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.errors import PrivacyError
from privacy_service.lift import LiftState
from privacy_service.rpc.answers import numbers, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.subjects.holds import HeldUse, LegalHold
from privacy_service.v1 import holds_pb2 as pb
from privacy_service.v1 import holds_pb2_grpc as pb_grpc

STATES: Final = numbers(LiftState, pb.HoldState)
USES: Final = numbers(HeldUse, pb.HeldUse)
_USES: Final = {number: use for use, number in USES.items()}


class LegalHoldServicer(pb_grpc.LegalHoldServiceServicer):
    """Answers LegalHoldService; every rule is behind the desk."""

    def __init__(self, desk: LegalHoldDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def PlaceHold(self, request: pb.PlaceHoldRequest, context: object) -> pb.PlaceHoldResponse:
        call = admitted(context)
        hold, audit = self._desk.place_hold(
            call.caller, parse_place(request), seconds=call.seconds()
        )
        return pb.PlaceHoldResponse(hold=render_hold(hold), audit=render_audit(audit))

    def GetHold(self, request: pb.GetHoldRequest, context: object) -> pb.GetHoldResponse:
        call = admitted(context)
        hold = self._desk.get_hold(call.caller, request.hold_id, seconds=call.seconds())
        return pb.GetHoldResponse(hold=render_hold(hold))

    def ListHolds(self, request: pb.ListHoldsRequest, context: object) -> pb.ListHoldsResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_holds(call.caller, asked, seconds=call.seconds())
        return pb.ListHoldsResponse(
            holds=[render_hold(hold) for hold in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ProposeLift(
        self, request: pb.ProposeLiftRequest, context: object
    ) -> pb.ProposeLiftResponse:
        call = admitted(context)
        hold, audit = self._desk.propose_lift(
            call.caller, parse_propose(request), seconds=call.seconds()
        )
        return pb.ProposeLiftResponse(hold=render_hold(hold), audit=render_audit(audit))

    def ConfirmLift(
        self, request: pb.ConfirmLiftRequest, context: object
    ) -> pb.ConfirmLiftResponse:
        call = admitted(context)
        hold, audit = self._desk.confirm_lift(
            call.caller, parse_confirm(request), seconds=call.seconds()
        )
        return pb.ConfirmLiftResponse(hold=render_hold(hold), audit=render_audit(audit))


def parse_place(request: pb.PlaceHoldRequest) -> PlaceHold:
    """Raises REQUEST_INVALID for a day that no calendar has."""
    return PlaceHold(
        subjects=tuple(parse_subject(subject) for subject in request.subjects),
        partner=request.partner or None,
        contract=request.contract_id or None,
        query=request.record_query or None,
        matter=request.matter,
        reason=request.reason,
        approver=request.approver,
        review_on=parse_day(request.review_date, field="review_date"),
        use=_USES.get(request.use, HeldUse.RESTRICTED),
        breach_id=request.breach_id or None,
        request_id=request.request_id.lower(),
    )


def parse_list(request: pb.ListHoldsRequest, place: Place) -> ListHolds:
    subject = parse_subject(request.subject) if request.HasField("subject") else None
    return ListHolds(lifted=request.lifted, subject=subject, place=place)


def parse_propose(request: pb.ProposeLiftRequest) -> ProposeLift:
    return ProposeLift(
        hold_id=request.hold_id, reason=request.reason, request_id=request.request_id.lower()
    )


def parse_confirm(request: pb.ConfirmLiftRequest) -> ConfirmLift:
    return ConfirmLift(hold_id=request.hold_id, request_id=request.request_id.lower())


def parse_day(text: str, *, field: str) -> date:
    """Raises REQUEST_INVALID."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PrivacyError(
            errors.REQUEST_INVALID, field=field, says="write a day as 2026-06-05"
        ) from None


def render_hold(hold: LegalHold) -> pb.LegalHold:
    scope, lift = hold.scope, hold.lift
    return pb.LegalHold(
        hold_id=hold.id,
        scope=pb.HoldScope(
            subject_digests=sorted(scope.subjects or ()),
            partner=scope.partner or "",
            contract_id=scope.contract or "",
            record_query=scope.query.text if scope.query else "",
        ),
        matter=hold.matter,
        reason=hold.reason,
        approver=hold.approver,
        review_date=hold.review_on.isoformat(),
        use=USES[hold.use],
        state=STATES[hold.state],
        placed_by=hold.placed_by,
        place_time=render_instant(hold.placed_at),
        lift_proposed_by=lift.proposed_by if lift else "",
        lift_propose_time=render_instant(lift.proposed_at) if lift else None,
        lift_reason=lift.reason if lift else "",
        lifted_by=(lift.confirmed_by or "") if lift else "",
        lift_time=render_instant(lift.confirmed_at) if lift else None,
    )
