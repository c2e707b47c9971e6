"""PlaybookService: parse, call, render."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from privacy_service.behavior.curbs import CurbKind, CurbState
from privacy_service.behavior.model import FallBack, Halt, Throttle
from privacy_service.behavior.runs import Cause, Event, Risk, RunState, RunTask
from privacy_service.desks.ports.pages import Place
from privacy_service.desks.ports.playbooks import (
    CompleteTask,
    CurbView,
    HaltChecks,
    ListCurbs,
    ListRuns,
    PlaybookDesk,
    ResolveRun,
    ResumeCurb,
    RunView,
    StartPlaybook,
)
from privacy_service.rpc.answers import numbers, parse_instant, render_audit, render_instant
from privacy_service.rpc.behavior import SEVERITIES
from privacy_service.rpc.call import admitted
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import behavior_pb2
from privacy_service.v1 import playbooks_pb2 as pb
from privacy_service.v1 import playbooks_pb2_grpc as pb_grpc

CAUSES: Final = numbers(Cause, pb.RunCause)
STATES: Final = numbers(RunState, pb.RunState)
RISKS: Final = numbers(Risk, pb.ResidualRisk)
CURB_KINDS: Final = numbers(CurbKind, pb.CurbKind)
CURB_STATES: Final = numbers(CurbState, pb.CurbState)
_RISK_OF: Final[dict[int, Risk]] = {number: risk for risk, number in RISKS.items()}
_USUAL_PROBES: Final = 3


class PlaybookServicer(pb_grpc.PlaybookServiceServicer):
    """Answers PlaybookService; every rule is behind the desk."""

    def __init__(self, desk: PlaybookDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def ListPlaybookRuns(
        self, request: pb.ListPlaybookRunsRequest, context: object
    ) -> pb.ListPlaybookRunsResponse:
        call = admitted(context)
        asked = parse_runs(request, self._pages.place(call, request))
        page = self._desk.list_runs(call.caller, asked, seconds=call.seconds())
        return pb.ListPlaybookRunsResponse(
            runs=[render_run(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def GetPlaybookRun(
        self, request: pb.GetPlaybookRunRequest, context: object
    ) -> pb.GetPlaybookRunResponse:
        call = admitted(context)
        view = self._desk.get_run(call.caller, request.run_id, seconds=call.seconds())
        return pb.GetPlaybookRunResponse(run=render_run(view))

    def StartPlaybook(
        self, request: pb.StartPlaybookRequest, context: object
    ) -> pb.StartPlaybookResponse:
        call = admitted(context)
        view, stamp = self._desk.start_playbook(
            call.caller, parse_start(request), seconds=call.seconds()
        )
        return pb.StartPlaybookResponse(run=render_run(view), audit=render_audit(stamp))

    def CompletePlaybookTask(
        self, request: pb.CompletePlaybookTaskRequest, context: object
    ) -> pb.CompletePlaybookTaskResponse:
        call = admitted(context)
        view, stamp = self._desk.complete_task(
            call.caller, parse_complete(request), seconds=call.seconds()
        )
        return pb.CompletePlaybookTaskResponse(run=render_run(view), audit=render_audit(stamp))

    def ResolvePlaybookRun(
        self, request: pb.ResolvePlaybookRunRequest, context: object
    ) -> pb.ResolvePlaybookRunResponse:
        call = admitted(context)
        view, stamp = self._desk.resolve_run(
            call.caller, parse_resolve(request), seconds=call.seconds()
        )
        return pb.ResolvePlaybookRunResponse(run=render_run(view), audit=render_audit(stamp))

    def HaltChecks(self, request: pb.HaltChecksRequest, context: object) -> pb.HaltChecksResponse:
        call = admitted(context)
        view, stamp = self._desk.halt_checks(
            call.caller, parse_halt(request), seconds=call.seconds()
        )
        return pb.HaltChecksResponse(curb=render_curb(view), audit=render_audit(stamp))

    def ResumeChecks(
        self, request: pb.ResumeChecksRequest, context: object
    ) -> pb.ResumeChecksResponse:
        call = admitted(context)
        view, stamp = self._desk.resume_curb(
            call.caller, parse_resume(request), seconds=call.seconds()
        )
        return pb.ResumeChecksResponse(curb=render_curb(view), audit=render_audit(stamp))

    def ListCurbs(self, request: pb.ListCurbsRequest, context: object) -> pb.ListCurbsResponse:
        call = admitted(context)
        asked = parse_curbs(request, self._pages.place(call, request))
        page = self._desk.list_curbs(call.caller, asked, seconds=call.seconds())
        return pb.ListCurbsResponse(
            curbs=[render_curb(one) for one in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )


# -- In ---------------------------------------------------------------------------------------


def parse_runs(request: pb.ListPlaybookRunsRequest, place: Place) -> ListRuns:
    return ListRuns(contract_id=request.contract_id or None, resolved=request.resolved, place=place)


def parse_start(request: pb.StartPlaybookRequest) -> StartPlaybook:
    return StartPlaybook(
        contract_id=request.contract_id,
        playbook=request.playbook_id,
        reason=request.reason,
        began_at=_instant(request.began_time) if request.HasField("began_time") else None,
        request_id=request.request_id.lower(),
    )


def parse_complete(request: pb.CompletePlaybookTaskRequest) -> CompleteTask:
    return CompleteTask(
        run_id=request.run_id,
        step=request.step,
        evidence=request.evidence,
        request_id=request.request_id.lower(),
    )


def parse_resolve(request: pb.ResolvePlaybookRunRequest) -> ResolveRun:
    return ResolveRun(
        run_id=request.run_id,
        residual=_RISK_OF[request.residual_risk],
        says=request.says,
        began_at=_instant(request.began_time) if request.HasField("began_time") else None,
        request_id=request.request_id.lower(),
    )


def parse_halt(request: pb.HaltChecksRequest) -> HaltChecks:
    after = request.half_open_seconds
    return HaltChecks(
        contract_id=request.contract_id,
        reason=request.reason,
        half_open_after=timedelta(seconds=after) if after else None,
        probes=request.probes or _USUAL_PROBES,
        request_id=request.request_id.lower(),
    )


def parse_resume(request: pb.ResumeChecksRequest) -> ResumeCurb:
    return ResumeCurb(
        curb_id=request.curb_id, reason=request.reason, request_id=request.request_id.lower()
    )


def parse_curbs(request: pb.ListCurbsRequest, place: Place) -> ListCurbs:
    return ListCurbs(contract_id=request.contract_id or None, lifted=request.lifted, place=place)


def _instant(stamp: Timestamp) -> datetime:
    return parse_instant(stamp)


# -- Out --------------------------------------------------------------------------------------


def render_run(view: RunView) -> pb.PlaybookRun:
    run = view.run
    aims = {
        "detect": run.targets.detect,
        "contain": run.targets.contain,
        "resolve": run.targets.resolve,
    }
    took = {"detect": run.to_detect, "contain": run.to_contain, "resolve": run.to_resolve}
    return pb.PlaybookRun(
        run_id=run.id,
        contract_id=run.contract_id,
        version=run.number,
        party=run.party,
        provider=run.provider,
        playbook_id=run.playbook,
        failure_id=run.failure_mode or "",
        severity=SEVERITIES[run.severity] if run.severity else behavior_pb2.SEVERITY_UNSPECIFIED,
        cause=CAUSES[run.cause],
        state=STATES[run.state],
        use_case=run.use_case or "",
        reason=run.reason,
        started_by=run.started_by,
        began_time=render_instant(run.began_at),
        detect_time=render_instant(run.detected_at),
        contain_time=render_instant(run.contained_at),
        resolve_time=render_instant(run.resolved_at),
        resolved_by=run.resolved_by or "",
        residual_risk=RISKS[run.residual] if run.residual else pb.RESIDUAL_RISK_UNSPECIFIED,
        residual_says=run.residual_says,
        target_seconds={name: _seconds(aim) for name, aim in aims.items() if aim is not None},
        seconds_to={name: _seconds(span) for name, span in took.items() if span is not None},
        missed=view.missed,
        steps_done=run.step,
        steps=run.steps,
        breach_id=run.breach_id or "",
        timeline=[_event(one) for one in run.timeline],
        tasks=[_task(one) for one in run.tasks],
        curbs=[render_curb(one) for one in view.curbs],
    )


def render_curb(view: CurbView) -> pb.Curb:
    curb, does = view.curb, view.curb.does
    rendered = pb.Curb(
        curb_id=curb.id,
        contract_id=curb.contract_id,
        kind=CURB_KINDS[curb.kind],
        state=CURB_STATES[view.state],
        run_id=curb.run_id or "",
        reason=curb.reason,
        placed_by=curb.placed_by,
        place_time=render_instant(curb.placed_at),
        lifted_by=curb.lifted_by or "",
        lift_time=render_instant(curb.lifted_at),
    )
    match does:
        case Halt():
            rendered.half_open_seconds = _seconds(does.half_open_after or timedelta(0))
            rendered.probes = does.probes
            rendered.probes_well = curb.tally.well
            rendered.rounds = curb.tally.round
        case Throttle():
            rendered.most = does.most
            rendered.per_seconds = _seconds(does.per)
        case FallBack():
            rendered.instead = does.provider or ""
            rendered.version = curb.to_number or 0
    return rendered


def _event(event: Event) -> pb.RunEvent:
    return pb.RunEvent(
        time=render_instant(event.at),
        what=event.what,
        by=event.by,
        step=event.step,
        says=event.says,
    )


def _task(task: RunTask) -> pb.RunTask:
    return pb.RunTask(
        step=task.step,
        kind=task.kind.value,
        title=task.title,
        owner=task.owner,
        due_time=render_instant(task.due_at),
        done_time=render_instant(task.done_at),
        done_by=task.done_by or "",
        evidence=task.evidence,
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
