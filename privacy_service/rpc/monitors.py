"""MonitorService: parse, call, render."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from privacy_service.behavior.windows import signals_of
from privacy_service.desks.ports.monitors import (
    GetMonitors,
    MonitorDesk,
    Monitors,
    ObjectiveWatch,
    SeriesWatch,
    WindowWatch,
)
from privacy_service.rpc.answers import render_instant
from privacy_service.rpc.behavior import SEVERITIES
from privacy_service.rpc.call import admitted
from privacy_service.v1 import monitors_pb2 as pb
from privacy_service.v1 import monitors_pb2_grpc as pb_grpc


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
    )


def _series(one: SeriesWatch) -> pb.MonitorSeries:
    signals: dict[str, Any] = signals_of(one.watched)
    numbers = {name: float(it) for name, it in signals.items() if isinstance(it, int | float)}
    return pb.MonitorSeries(
        version=one.number,
        use_case=one.use_case or "",
        side=one.side.value,
        checks=one.watched.counts.checks,
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
