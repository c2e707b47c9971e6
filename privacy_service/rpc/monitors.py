"""MonitorService: parse, call, render."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from privacy_service.behavior.windows import Standing, rests_on, signals_of
from privacy_service.desks.ports.monitors import (
    CriterionWatch,
    GetMonitors,
    MonitorDesk,
    Monitors,
    ObjectiveWatch,
    SeriesWatch,
    WindowWatch,
)
from privacy_service.rpc.answers import numbers, render_instant
from privacy_service.rpc.behavior import SEVERITIES
from privacy_service.rpc.call import admitted
from privacy_service.v1 import monitors_pb2 as pb
from privacy_service.v1 import monitors_pb2_grpc as pb_grpc

STANDINGS: Final = numbers(Standing, pb.CriterionStanding)


class MonitorServicer(pb_grpc.MonitorServiceServicer):
    """Answers MonitorService; every rule is behind the desk."""

    def __init__(self, desk: MonitorDesk) -> None:
        self._desk = desk

    def GetMonitors(
        self, request: pb.GetMonitorsRequest, context: object
    ) -> pb.GetMonitorsResponse:
        call = admitted(context)
        return render_monitors(
            self._desk.get_monitors(call.caller, parse_monitors(request), seconds=call.seconds())
        )


def parse_monitors(request: pb.GetMonitorsRequest) -> GetMonitors:
    if not request.last_seconds:
        return GetMonitors(contract_id=request.contract_id)
    return GetMonitors(
        contract_id=request.contract_id, last=timedelta(seconds=request.last_seconds)
    )


def render_monitors(found: Monitors) -> pb.GetMonitorsResponse:
    return pb.GetMonitorsResponse(
        contract_id=found.contract_id,
        version=found.number,
        since=render_instant(found.since),
        until=render_instant(found.until),
        series=[_series(one) for one in found.series],
        windows=[_window(one) for one in found.windows],
        objectives=[_objective(one) for one in found.objectives],
        criteria=[_criterion(one) for one in found.criteria],
        canary_version=0 if found.canary is None else found.canary.number,
        canary_percent=0.0 if found.canary is None else found.canary.percent,
        canary_curb_id=found.canary_held_by or "",
    )


def _series(one: SeriesWatch) -> pb.MonitorSeries:
    signals: dict[str, Any] = signals_of(one.watched)
    counts = one.watched.counts
    numbers = {
        name: float(it)
        for name, it in signals.items()
        if isinstance(it, int | float) and rests_on(name, counts)
    }
    return pb.MonitorSeries(
        version=one.number,
        use_case=one.use_case or "",
        side=one.side.value,
        checks=counts.checks,
        signals=numbers,
        broken_rate={name: rate for name, rate in signals["broken_rate"].items() if rate},
        failure_rate={name: rate for name, rate in signals["failure_rate"].items() if rate},
    )


def _window(one: WindowWatch) -> pb.WindowWatch:
    return pb.WindowWatch(
        failure_id=one.mode.id,
        severity=SEVERITIES[one.mode.severity],
        window_seconds=int(one.over.last.total_seconds()),
        checks=one.checks,
        least=one.over.least,
        fires=one.fires,
        run_id=one.run_id or "",
        version=one.number,
    )


def _objective(one: ObjectiveWatch) -> pb.ObjectiveWatch:
    return pb.ObjectiveWatch(
        objective_id=one.objective.id,
        share=one.objective.share,
        over_seconds=int(one.objective.over.total_seconds()),
        checks=one.checks,
        bad=one.bad,
        budget_spent=one.spent,
    )


def _criterion(one: CriterionWatch) -> pb.CriterionWatch:
    said = one.criterion
    return pb.CriterionWatch(
        criterion_id=said.id,
        says=said.says or "",
        signal=said.signal,
        at_least=said.at_least,
        at_most=said.at_most,
        variance=said.variance,
        over_seconds=int(said.over.total_seconds()),
        use_case=said.use_case or "",
        checks=one.checks,
        value=one.value,
        standing=STANDINGS[one.standing],
    )
