"""BreachService: parse, call, render."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.breaches.breach import BreachState, Task
from privacy_service.breaches.obligations import Obligation as Asked
from privacy_service.breaches.obligations import Status
from privacy_service.breaches.plain import plain
from privacy_service.breaches.quarantine import Quarantine, Stopped
from privacy_service.breaches.questions import Question, questions
from privacy_service.breaches.reinspections import Reinspection, ReinspectionState
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.spans import spans
from privacy_service.breaches.statements import (
    Assessed,
    Closed,
    Entry,
    EvidenceTaken,
    ExtensionTaken,
    FactsSaid,
    Filed,
    MeasureTaken,
    Nature,
    Noticed,
    PauseSaid,
    Reopened,
    Scoped,
    Source,
    Statement,
    TaskDone,
    TaskSet,
    TimeSaid,
)
from privacy_service.desks.ports.breaches import (
    BreachDesk,
    BreachView,
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
from privacy_service.law.reach import Count
from privacy_service.lift import LiftState
from privacy_service.rpc.answers import numbers, parse_instant, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.holds import parse_day
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import breaches_pb2 as pb
from privacy_service.v1 import breaches_pb2_grpc as pb_grpc

SOURCES: Final = numbers(Source, pb.BreachSource)
NATURES: Final = numbers(Nature, pb.BreachNature)
STATES: Final = numbers(BreachState, pb.BreachState)
STATUSES: Final = numbers(Status, pb.ObligationStatus)
STOPPED: Final = numbers(Stopped, pb.Stopped)
QUARANTINE_STATES: Final = numbers(LiftState, pb.QuarantineState)
REINSPECTION_STATES: Final = numbers(ReinspectionState, pb.ReinspectionState)
_STOPPED: Final = {number: stopped for stopped, number in STOPPED.items()}
_NATURES: Final = {number: nature for nature, number in NATURES.items()}
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
        natures=tuple(_NATURES[nature] for nature in request.natures if nature in _NATURES),
        capacities=tuple(request.capacities),
        seats=tuple(request.seats),
        times=tuple(_time(time) for time in request.times),
        drill=request.drill,
        says=request.says,
        request_id=request.request_id.lower(),
    )


def parse_list(request: pb.ListBreachesRequest, place: Place) -> ListBreaches:
    return ListBreaches(state=_STATES.get(request.state), drills=request.drills, place=place)


def parse_record(request: pb.RecordStatementRequest) -> RecordStatement:
    """Raises REQUEST_INVALID."""
    kind = request.statement.WhichOneof("statement") or ""
    return RecordStatement(
        breach_id=request.breach_id,
        statement=_STATEMENTS[kind](getattr(request.statement, kind)),
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


def _count(count: pb.PeopleCount) -> Count:
    return Count(number=count.number, approximate=count.approximate)


def _time(said: pb.TimeStatement) -> TimeSaid:
    return TimeSaid(name=said.name, at=parse_instant(said.at), evidence=said.evidence)


def _facts(said: pb.FactsStatement) -> FactsSaid:
    natures = tuple(_NATURES[nature] for nature in said.natures if nature in _NATURES)
    return FactsSaid(
        total=_count(said.total) if said.HasField("total") else None,
        residents={place: _count(count) for place, count in sorted(said.residents.items())},
        capacities=tuple(said.capacities) or None,
        seats=tuple(said.seats) or None,
        natures=natures or None,
        encrypted=said.encrypted if said.HasField("encrypted") else None,
        key_exposed=said.key_exposed if said.HasField("key_exposed") else None,
        evidence=said.evidence,
    )


def _assessed(said: pb.AssessmentStatement) -> Assessed:
    return Assessed(
        method=said.method,
        factors=dict(sorted(said.factors.items())),
        decided=dict(sorted(said.decided.items())),
        decider=said.decider,
        reasons=said.reasons,
    )


def _pause(said: pb.PauseStatement) -> PauseSaid:
    return PauseSaid(
        id=said.pause_id,
        start=parse_instant(said.start),
        until=parse_instant(said.until) if said.HasField("until") else None,
        asked_by=said.asked_by,
        written=said.written,
    )


def _extension(said: pb.ExtensionStatement) -> ExtensionTaken:
    return ExtensionTaken(
        rule=said.rule_id,
        id=said.extension_id,
        told_at=parse_instant(said.told_at),
        reasons=said.reasons,
    )


def _filing(said: pb.FilingStatement) -> Filed:
    return Filed(
        rule=said.rule_id,
        at=parse_instant(said.at),
        channel=said.channel,
        reference=said.reference,
        place=said.place or None,
        reasons_for_delay=said.reasons_for_delay,
    )


def _measure(said: pb.MeasureStatement) -> MeasureTaken:
    return MeasureTaken(
        what=said.what, at=parse_instant(said.at), says=said.says, contained=said.contained
    )


def _task(said: pb.TaskStatement) -> TaskSet:
    return TaskSet(
        task=said.task_id,
        title=said.title,
        owner=said.owner,
        due_on=parse_day(said.due_date, field="due_date"),
        corrective=said.corrective,
    )


def _task_done(said: pb.TaskDoneStatement) -> TaskDone:
    return TaskDone(task=said.task_id, says=said.says)


def _closing(said: pb.ClosingStatement) -> Closed:
    return Closed(causes=said.causes, lessons=said.lessons, breach=not said.no_breach)


def _custody(said: pb.CustodyStatement) -> EvidenceTaken:
    return EvidenceTaken(sha256=said.sha256, to=said.to, reason=said.reason)


def _reopening(said: pb.ReopeningStatement) -> Reopened:
    return Reopened(reasons=said.reasons)


_STATEMENTS: Final[Mapping[str, Callable[[Any], Statement]]] = {
    "time": _time,
    "facts": _facts,
    "assessment": _assessed,
    "pause": _pause,
    "extension": _extension,
    "filing": _filing,
    "measure": _measure,
    "task": _task,
    "task_done": _task_done,
    "closing": _closing,
    "reopening": _reopening,
    "custody": _custody,
}


# -- Out --------------------------------------------------------------------------------------


def render_breach(view: BreachView) -> pb.Breach:
    breach, facts = view.breach, view.breach.facts
    taken = spans(breach)
    measured = {
        "detect": taken.to_detect,
        "contain": taken.to_contain,
        "notify": taken.to_notify,
        "close": taken.to_close,
    }
    return pb.Breach(
        breach_id=breach.id,
        title=breach.opening.title,
        drill=breach.opening.drill,
        state=STATES[breach.state],
        source=SOURCES[breach.opening.source],
        reported_by=breach.opening.reported_by or "",
        natures=[NATURES[nature] for nature in breach.natures],
        open_time=render_instant(breach.opened_at),
        opened_by=breach.entries[0].by,
        close_time=render_instant(breach.closed_at),
        newest_entry=breach.newest,
        scope=render_scope(breach.scope) if breach.scope else None,
        total=_rendered(facts.total) if facts.total else None,
        residents={place: _rendered(count) for place, count in facts.residents.items()},
        decided=dict(facts.decided),
        times={name: _stamp(said.at) for name, said in breach.times.items()},
        doubts=list(breach.doubts),
        keep_until=view.keep_until.isoformat() if view.keep_until else "",
        delete_after=view.delete_after.isoformat() if view.delete_after else "",
        tasks=[_rendered_task(task) for task in breach.tasks],
        seconds_to={name: int(span.total_seconds()) for name, span in measured.items() if span},
        signs=[render_sign(one) for one in breach.all(Noticed)],
        questions=[render_question(one) for one in questions(view.obligations)],
    )


def render_reinspection(one: Reinspection) -> pb.Reinspection:
    asked = one.query
    return pb.Reinspection(
        reinspection_id=one.id,
        state=REINSPECTION_STATES[one.state],
        partner=asked.partner or "",
        contract_id=asked.contract or "",
        contract_version=asked.number or 0,
        since=render_instant(asked.since),
        until=render_instant(asked.until),
        total=one.total,
        looked_at=one.looked,
        wrong=one.wrong,
        skipped=one.skipped,
        found=one.found,
        breach_ids=one.breaches,
        started_by=one.begun_by,
        start_time=render_instant(one.begun_at),
        end_time=render_instant(one.ended_at),
    )


def render_question(one: Question) -> pb.OpenQuestion:
    return pb.OpenQuestion(
        question_id=one.id,
        asks=one.asks,
        answer=one.answer,
        rule_ids=one.rules,
        earliest_due_time=render_instant(one.earliest),
    )


def render_sign(one: Noticed) -> pb.BreachSign:
    return pb.BreachSign(
        cause=one.cause,
        about=one.about,
        severity=one.severity,
        says=one.says,
        positions=one.positions,
        named=one.named,
        counts=dict(one.counts),
    )


def render_quarantine(one: Quarantine) -> pb.PartnerQuarantine:
    lift = one.lift
    return pb.PartnerQuarantine(
        quarantine_id=one.id,
        partner=one.partner,
        stopped=STOPPED[one.stopped],
        certificate_sha256=one.certificate or "",
        breach_id=one.breach or "",
        reason=one.reason,
        state=QUARANTINE_STATES[one.state],
        placed_by=one.placed_by,
        place_time=render_instant(one.placed_at),
        lift_proposed_by=lift.proposed_by if lift else "",
        lift_propose_time=render_instant(lift.proposed_at) if lift else None,
        lift_reason=lift.reason if lift else "",
        lifted_by=(lift.confirmed_by or "") if lift else "",
        lift_time=render_instant(lift.confirmed_at) if lift else None,
    )


def render_scope(scope: Scoped) -> pb.BreachScope:
    return pb.BreachScope(
        question=dict(scope.question),
        subjects=scope.subjects,
        disclosures=scope.disclosures,
        unnamed_disclosures=scope.unnamed,
        records=scope.records,
        tokens=scope.tokens,
        categories=dict(scope.categories),
        recipients=dict(scope.recipients),
        contracts=dict(scope.contracts),
        approximate_regions=dict(scope.regions),
        protection=dict(scope.protection),
        exposed_records=dict(scope.exposed),
    )


def render_obligation(one: Asked) -> pb.Obligation:
    return pb.Obligation(
        rule_id=one.rule,
        rule_digest=one.rule_digest,
        title=one.title,
        regime=one.regime,
        duty=one.duty,
        recipient=one.recipient,
        to=one.to,
        citation=one.citation,
        standing=one.standing,
        place=one.place,
        status=STATUSES[one.status],
        clock=one.state,
        legal_due_time=render_instant(one.legal),
        conservative_due_time=render_instant(one.conservative),
        waits_for=list(one.waits_for),
        because=list(one.because),
        depends_on=one.asks,
        why_then=list(one.why),
        filed_time=render_instant(one.filed.at if one.filed else None),
        reference=one.filed.reference if one.filed else "",
    )


def render_entry(entry: Entry) -> pb.BreachEntry:
    return pb.BreachEntry(
        number=entry.number,
        time=render_instant(entry.at),
        by=entry.by,
        kind=entry.statement.kind,
        statement_json=json.dumps(plain(entry.statement), sort_keys=True, ensure_ascii=False),
    )


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def _rendered(count: Count) -> pb.PeopleCount:
    return pb.PeopleCount(number=count.number, approximate=count.approximate)


def _rendered_task(task: Task) -> pb.BreachTask:
    return pb.BreachTask(
        task_id=task.set.task,
        title=task.set.title,
        owner=task.set.owner,
        due_date=task.set.due_on.isoformat(),
        corrective=task.set.corrective,
        done_time=render_instant(task.done_at),
    )
