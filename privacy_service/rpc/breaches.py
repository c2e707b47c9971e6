"""BreachService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.breaches.quarantine import Stopped
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.desks.ports.breaches import (
    BreachDesk,
    GetBreach,
    ListBreaches,
    OpenBreach,
    RecordStatement,
    ScopeBreach,
)
from privacy_service.desks.ports.containments import (
    ConfirmRelease,
    ContainmentDesk,
    ListQuarantines,
    ProposeRelease,
    QuarantinePartner,
)
from privacy_service.desks.ports.exposures import ExposureDesk, ReportExposedKey
from privacy_service.desks.ports.pages import Place
from privacy_service.desks.ports.reinspections import (
    CancelReinspection,
    ReinspectionDesk,
    ReinspectionsDesk,
    ReinspectRelease,
    StartReinspection,
)
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.rpc.answers import parse_instant, render_audit
from privacy_service.rpc.breach_answers import (
    STATES,
    STOPPED,
    render_breach,
    render_entry,
    render_obligation,
    render_quarantine,
    render_reinspection,
    render_scope,
)
from privacy_service.rpc.breach_statements import parse_natures, parse_statement, parse_time
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import breaches_pb2_grpc as pb_grpc

_STOPPED: Final = {number: stopped for stopped, number in STOPPED.items()}
_STATES: Final = {number: state for state, number in STATES.items()}


class BreachServicer(pb_grpc.BreachServiceServicer):
    """Answers BreachService; every rule is behind the desk."""

    def __init__(
        self,
        desk: BreachDesk,
        containment: ContainmentDesk,
        exposures: ExposureDesk,
        reinspections: ReinspectionDesk,
        many_reinspections: ReinspectionsDesk,
        pages: PageTokens,
    ) -> None:
        self._desk = desk
        self._containment = containment
        self._exposures = exposures
        self._reinspections = reinspections
        self._many_reinspections = many_reinspections
        self._pages = pages

    def OpenBreach(self, request: pb.OpenBreachRequest, context: object) -> pb.OpenBreachResponse:
        call = admitted(context)
        view, audit = self._desk.open_breach(
            call.caller, parse_open(request), seconds=call.seconds()
        )
        return pb.OpenBreachResponse(
            breach=render_breach(view),
            obligations=[render_obligation(one) for one in view.obligations],
            audit=render_audit(audit),
        )

    def GetBreach(self, request: pb.GetBreachRequest, context: object) -> pb.GetBreachResponse:
        call = admitted(context)
        asked = GetBreach(breach_id=request.breach_id, entry=request.as_of_entry or None)
        view = self._desk.get_breach(call.caller, asked, seconds=call.seconds())
        entries = view.breach.entries if request.with_entries else ()
        return pb.GetBreachResponse(
            breach=render_breach(view),
            obligations=[render_obligation(one) for one in view.obligations],
            entries=[render_entry(entry) for entry in entries],
        )

    def ListBreaches(
        self, request: pb.ListBreachesRequest, context: object
    ) -> pb.ListBreachesResponse:
        call = admitted(context)
        asked = parse_list(request, self._pages.place(call, request))
        page = self._desk.list_breaches(call.caller, asked, seconds=call.seconds())
        return pb.ListBreachesResponse(
            breaches=[render_breach(view) for view in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def RecordStatement(
        self, request: pb.RecordStatementRequest, context: object
    ) -> pb.RecordStatementResponse:
        call = admitted(context)
        view, audit = self._desk.record_statement(
            call.caller, parse_record(request), seconds=call.seconds()
        )
        return pb.RecordStatementResponse(
            breach=render_breach(view),
            obligations=[render_obligation(one) for one in view.obligations],
            audit=render_audit(audit),
        )

    def ScopeBreach(
        self, request: pb.ScopeBreachRequest, context: object
    ) -> pb.ScopeBreachResponse:
        call = admitted(context)
        asked = parse_scope(request)
        if not request.keep:
            found = self._desk.count_scope(call.caller, asked, seconds=call.seconds())
            return pb.ScopeBreachResponse(scope=render_scope(found))
        found, view, audit = self._desk.scope_breach(call.caller, asked, seconds=call.seconds())
        return pb.ScopeBreachResponse(
            scope=render_scope(found),
            breach=render_breach(view),
            obligations=[render_obligation(one) for one in view.obligations],
            audit=render_audit(audit),
        )

    def ReportExposedKey(
        self, request: pb.ReportExposedKeyRequest, context: object
    ) -> pb.ReportExposedKeyResponse:
        call = admitted(context)
        asked = ReportExposedKey(
            key=request.key, reason=request.reason, request_id=request.request_id.lower()
        )
        found = self._exposures.report_exposed_key(call.caller, asked, seconds=call.seconds())
        return pb.ReportExposedKeyResponse(
            breach_id=found.breach_id,
            scope=render_scope(found.scope),
            audit=render_audit(found.audit),
        )

    def ReinspectRelease(
        self, request: pb.ReinspectReleaseRequest, context: object
    ) -> pb.ReinspectReleaseResponse:
        call = admitted(context)
        asked = ReinspectRelease(
            disclosure_id=request.disclosure_id, request_id=request.request_id.lower()
        )
        found = self._reinspections.reinspect_release(call.caller, asked, seconds=call.seconds())
        return pb.ReinspectReleaseResponse(
            found=dict(found.found), breach_id=found.breach_id, audit=render_audit(found.audit)
        )

    def StartReinspection(
        self, request: pb.StartReinspectionRequest, context: object
    ) -> pb.StartReinspectionResponse:
        call, asked = admitted(context), parse_reinspection(request)
        if request.dry_run:
            releases = self._many_reinspections.count_releases(call.caller, asked)
            return pb.StartReinspectionResponse(releases=releases)
        one, audit = self._many_reinspections.start_reinspection(
            call.caller, asked, seconds=call.seconds()
        )
        return pb.StartReinspectionResponse(
            releases=one.total, reinspection=render_reinspection(one), audit=render_audit(audit)
        )

    def GetReinspection(
        self, request: pb.GetReinspectionRequest, context: object
    ) -> pb.GetReinspectionResponse:
        one = self._many_reinspections.get_reinspection(
            admitted(context).caller, request.reinspection_id
        )
        return pb.GetReinspectionResponse(reinspection=render_reinspection(one))

    def ListReinspections(
        self, request: pb.ListReinspectionsRequest, context: object
    ) -> pb.ListReinspectionsResponse:
        call = admitted(context)
        page = self._many_reinspections.list_reinspections(
            call.caller, self._pages.place(call, request)
        )
        return pb.ListReinspectionsResponse(
            reinspections=[render_reinspection(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def CancelReinspection(
        self, request: pb.CancelReinspectionRequest, context: object
    ) -> pb.CancelReinspectionResponse:
        call = admitted(context)
        asked = CancelReinspection(
            reinspection_id=request.reinspection_id, request_id=request.request_id.lower()
        )
        one, audit = self._many_reinspections.cancel_reinspection(
            call.caller, asked, seconds=call.seconds()
        )
        return pb.CancelReinspectionResponse(
            reinspection=render_reinspection(one), audit=render_audit(audit)
        )

    def Quarantine(self, request: pb.QuarantineRequest, context: object) -> pb.QuarantineResponse:
        call = admitted(context)
        one, audit = self._containment.quarantine(
            call.caller, parse_quarantine(request), seconds=call.seconds()
        )
        return pb.QuarantineResponse(quarantine=render_quarantine(one), audit=render_audit(audit))

    def ListQuarantines(
        self, request: pb.ListQuarantinesRequest, context: object
    ) -> pb.ListQuarantinesResponse:
        call = admitted(context)
        asked = ListQuarantines(lifted=request.lifted, place=self._pages.place(call, request))
        page = self._containment.list_quarantines(call.caller, asked, seconds=call.seconds())
        return pb.ListQuarantinesResponse(
            quarantines=[render_quarantine(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def ProposeRelease(
        self, request: pb.ProposeReleaseRequest, context: object
    ) -> pb.ProposeReleaseResponse:
        call = admitted(context)
        asked = ProposeRelease(
            quarantine_id=request.quarantine_id,
            reason=request.reason,
            request_id=request.request_id.lower(),
        )
        one, audit = self._containment.propose_release(call.caller, asked, seconds=call.seconds())
        return pb.ProposeReleaseResponse(
            quarantine=render_quarantine(one), audit=render_audit(audit)
        )

    def ConfirmRelease(
        self, request: pb.ConfirmReleaseRequest, context: object
    ) -> pb.ConfirmReleaseResponse:
        call = admitted(context)
        asked = ConfirmRelease(
            quarantine_id=request.quarantine_id, request_id=request.request_id.lower()
        )
        one, audit = self._containment.confirm_release(call.caller, asked, seconds=call.seconds())
        return pb.ConfirmReleaseResponse(
            quarantine=render_quarantine(one), audit=render_audit(audit)
        )


# -- In ---------------------------------------------------------------------------------------


def parse_reinspection(request: pb.StartReinspectionRequest) -> StartReinspection:
    query = DisclosureQuery(
        partner=request.partner or None,
        contract=request.contract_id or None,
        number=request.contract_version or None,
        since=parse_instant(request.since) if request.HasField("since") else None,
        until=parse_instant(request.until) if request.HasField("until") else None,
    )
    return StartReinspection(query=query, request_id=request.request_id.lower())


def parse_quarantine(request: pb.QuarantineRequest) -> QuarantinePartner:
    return QuarantinePartner(
        partner=request.partner,
        stopped=_STOPPED.get(request.stopped, Stopped.EVERYTHING),
        certificate=request.certificate_sha256 or None,
        not_known_yet=request.not_known_yet,
        breach_id=request.breach_id or None,
        reason=request.reason,
        request_id=request.request_id.lower(),
    )


def parse_open(request: pb.OpenBreachRequest) -> OpenBreach:
    return OpenBreach(
        title=request.title,
        natures=parse_natures(request.natures),
        capacities=tuple(request.capacities),
        seats=tuple(request.seats),
        times=tuple(parse_time(time) for time in request.times),
        drill=request.drill,
        says=request.says,
        request_id=request.request_id.lower(),
    )


def parse_list(request: pb.ListBreachesRequest, place: Place) -> ListBreaches:
    return ListBreaches(state=_STATES.get(request.state), drills=request.drills, place=place)


def parse_record(request: pb.RecordStatementRequest) -> RecordStatement:
    """Raises REQUEST_INVALID."""
    return RecordStatement(
        breach_id=request.breach_id,
        statement=parse_statement(request.statement),
        expected=request.expected_entry or None,
        request_id=request.request_id.lower(),
    )


def parse_scope(request: pb.ScopeBreachRequest) -> ScopeBreach:
    question = ScopeQuestion(
        since=parse_instant(request.since) if request.HasField("since") else None,
        until=parse_instant(request.until) if request.HasField("until") else None,
        partner=request.partner or None,
        contract=request.contract_id or None,
        version=request.contract_version or None,
        purpose=request.purpose or None,
        key=request.key_id or None,
        records=request.record_query or None,
    )
    return ScopeBreach(
        question=question,
        subject=parse_subject(request.subject) if request.HasField("subject") else None,
        breach_id=request.breach_id or None,
        request_id=request.request_id.lower(),
    )
