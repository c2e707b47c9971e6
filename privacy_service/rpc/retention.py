"""RetentionService: parse, call, render."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from privacy_service.desks.ports.retention import (
    ControlSweep,
    ExplainRecord,
    PutSchedule,
    RetentionDesk,
    ScheduleVersion,
    SetSweepTimes,
    StartSweep,
    SweepControl,
)
from privacy_service.rpc.answers import numbers, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.schedules.sweep import Outcome, Sweep, SweepState, Tally
from privacy_service.schedules.verdict import Span
from privacy_service.v1 import retention_pb2 as pb
from privacy_service.v1 import retention_pb2_grpc as pb_grpc

STATES: Final = numbers(SweepState, pb.SweepState)
OUTCOMES: Final = numbers(Outcome, pb.SweepOutcome)
_CONTROLS: Final = {
    number: control for control, number in numbers(SweepControl, pb.SweepControl).items()
}


class RetentionServicer(pb_grpc.RetentionServiceServicer):
    """Answers RetentionService; every rule is behind the desk."""

    def __init__(self, desk: RetentionDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def PutSchedule(
        self, request: pb.PutScheduleRequest, context: object
    ) -> pb.PutScheduleResponse:
        call = admitted(context)
        asked = PutSchedule(source=request.source, request_id=request.request_id.lower())
        version, audit = self._desk.put_schedule(call.caller, asked, seconds=call.seconds())
        return pb.PutScheduleResponse(schedule=render_schedule(version), audit=render_audit(audit))

    def ListSchedules(
        self, request: pb.ListSchedulesRequest, context: object
    ) -> pb.ListSchedulesResponse:
        del request
        call = admitted(context)
        found = self._desk.list_schedules(call.caller, seconds=call.seconds())
        return pb.ListSchedulesResponse(schedules=[render_schedule(one) for one in found])

    def ExplainRecord(
        self, request: pb.ExplainRecordRequest, context: object
    ) -> pb.ExplainRecordResponse:
        call = admitted(context)
        asked = ExplainRecord(partner=request.partner, record_id=request.record_id)
        found = self._desk.explain_record(call.caller, asked, seconds=call.seconds())
        return pb.ExplainRecordResponse(
            erase=_spans(found.verdict.erase),
            anonymise=_spans(found.verdict.anonymise),
            restrict=_spans(found.verdict.restrict),
            demands=_spans(found.verdict.demands),
            due="" if found.due is None else found.due.value,
            demanded_by=found.demanded_by or "",
            protected_by=found.protected_by or "",
            restrict_time=render_instant(found.restricted_at),
        )

    def StartSweep(self, request: pb.StartSweepRequest, context: object) -> pb.StartSweepResponse:
        call = admitted(context)
        asked = StartSweep(force=request.force, request_id=request.request_id.lower())
        sweep, audit = self._desk.start_sweep(call.caller, asked, seconds=call.seconds())
        return pb.StartSweepResponse(sweep=render_sweep(sweep), audit=render_audit(audit))

    def ControlSweep(
        self, request: pb.ControlSweepRequest, context: object
    ) -> pb.ControlSweepResponse:
        call = admitted(context)
        asked = ControlSweep(
            sweep_id=request.sweep_id,
            control=_CONTROLS[request.control],
            request_id=request.request_id.lower(),
        )
        sweep, audit = self._desk.control_sweep(call.caller, asked, seconds=call.seconds())
        return pb.ControlSweepResponse(sweep=render_sweep(sweep), audit=render_audit(audit))

    def GetSweep(self, request: pb.GetSweepRequest, context: object) -> pb.GetSweepResponse:
        call = admitted(context)
        sweep = self._desk.get_sweep(call.caller, request.sweep_id, seconds=call.seconds())
        return pb.GetSweepResponse(sweep=render_sweep(sweep))

    def ListSweeps(self, request: pb.ListSweepsRequest, context: object) -> pb.ListSweepsResponse:
        call = admitted(context)
        place = self._pages.place(call, request)
        page = self._desk.list_sweeps(call.caller, place, seconds=call.seconds())
        return pb.ListSweepsResponse(
            sweeps=[render_sweep(sweep) for sweep in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def GetCertificate(
        self, request: pb.GetCertificateRequest, context: object
    ) -> pb.GetCertificateResponse:
        call = admitted(context)
        file = self._desk.get_certificate(call.caller, request.sweep_id, seconds=call.seconds())
        return pb.GetCertificateResponse(certificate=file)

    def SetSweepTimes(
        self, request: pb.SetSweepTimesRequest, context: object
    ) -> pb.SetSweepTimesResponse:
        call = admitted(context)
        asked = SetSweepTimes(cron=request.cron, request_id=request.request_id.lower())
        times, audit = self._desk.set_sweep_times(call.caller, asked, seconds=call.seconds())
        return pb.SetSweepTimesResponse(
            next_time=render_instant(times.next), audit=render_audit(audit)
        )

    def GetSweepTimes(
        self, request: pb.GetSweepTimesRequest, context: object
    ) -> pb.GetSweepTimesResponse:
        del request
        call = admitted(context)
        times = self._desk.get_sweep_times(call.caller, seconds=call.seconds())
        return pb.GetSweepTimesResponse(cron=times.cron, next_time=render_instant(times.next))


def render_schedule(version: ScheduleVersion) -> pb.RetentionSchedule:
    schedule = version.schedule
    return pb.RetentionSchedule(
        schedule_id=schedule.id,
        version=version.number,
        digest=version.digest,
        title=schedule.title,
        in_force=version.in_force,
        trigger=schedule.trigger.value,
        at_least=str(schedule.at_least or ""),
        at_most=str(schedule.at_most or ""),
        action=schedule.action.value,
        authority=schedule.authority.citation,
        owner=schedule.owner,
        review_date=schedule.review_on.isoformat(),
        put_time=render_instant(version.put_at),
        put_by=version.put_by,
        source=version.source,
    )


def render_sweep(sweep: Sweep) -> pb.Sweep:
    return pb.Sweep(
        sweep_id=sweep.id,
        state=STATES[sweep.state],
        as_of=render_instant(sweep.as_of),
        made_by=sweep.made_by,
        make_time=render_instant(sweep.made_at),
        run_by=sweep.run_by,
        schedules=dict(sweep.schedules),
        planned=[_count(one) for one in sweep.planned],
        done=[_count(one) for one in sweep.done],
        begin_time=render_instant(sweep.begun_at),
        end_time=render_instant(sweep.ended_at),
    )


def _count(tally: Tally) -> pb.SweepCount:
    return pb.SweepCount(
        schedule_id=tally.schedule,
        things=tally.kind,
        action=tally.action,
        outcome=OUTCOMES[tally.outcome],
        because=tally.because,
        count=tally.count,
        due_from=render_instant(tally.first),
        due_until=render_instant(tally.last),
        samples=tally.samples,
    )


def _spans(spans: Iterable[Span]) -> list[pb.RetentionSpan]:
    return [
        pb.RetentionSpan(schedule_id=span.schedule, until=render_instant(span.until))
        for span in spans
    ]
