"""`privacy-service monitors`: how checks under a behavior contract come out over time."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

import typer
from google.protobuf.json_format import MessageToDict
from rich.table import Table

from privacy_service.commands.client import Connection, calling
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, table
from privacy_service.v1 import monitors_pb2 as pb
from privacy_service.v1 import monitors_pb2_grpc as pb_grpc

monitors = typer.Typer(
    no_args_is_help=True, help="How checks under a behavior contract come out over time: show."
)

_SECONDS: Final = 30.0
_RATES: Final = (
    "acceptance_rate", "violation_rate", "abstention_rate", "refusal_rate", "ask_again_rate",
    "held_rate",
    "personal_data_per_thousand", "mean_confidence", "calibration_error", "brier", "mean_words",
    "mean_latency_ms", "latency_p95_ms", "drift_outcomes", "drift_violations", "drift_confidence",
    "drift_length", "drift_latency", "drift_personal_data",
)  # fmt: skip


@monitors.callback()
def _monitors() -> None:
    """Keeps `show` a command of its own."""


@monitors.command()
@calling
def show(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help="The behavior contract.")],
    hours: Annotated[float, typer.Option(min=0.02, max=2160, help="How far back from now.")] = 1.0,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows success, rates, drift and error budgets, and what fires. Ends with 1 where something
    does, or a success criterion is missed.

    Example: privacy-service monitors show helpdesk-answers --hours 24 --token officer.jwt
    """
    request = pb.GetMonitorsRequest(contract_id=contract, last_seconds=round(hours * 3600))
    with connection.open() as channel:
        stub = pb_grpc.MonitorServiceStub(channel)
        found = stub.GetMonitors(request, timeout=_SECONDS, metadata=connection.metadata)
    if as_json:
        print_json(MessageToDict(found, preserving_proto_field_name=True))
    else:
        _print(found)
    missed = (one.standing == pb.CRITERION_STANDING_MISSED for one in found.criteria)
    if any(one.fires for one in found.windows) or any(missed):
        end(Exit.NO)


def _print(found: pb.GetMonitorsResponse) -> None:
    if found.canary_version:
        console.print(canary_says(found))
    if found.criteria:
        console.print(_criteria(found))
    if not found.series:
        console.print(
            "No checks were counted in this time; a service counts them every ten seconds."
        )
    else:
        console.print(_rates(found))
    for one in found.series:
        for what, rates in (("broken", one.broken_rate), ("fired", one.failure_rate)):
            for name in sorted(rates):
                console.print(f"{_of(one)}: {what} {name}: {rates[name]:.3g}", markup=False)
    if found.windows:
        rows = table("failure mode", "of", "window", "checks", "fires", "run")
        for watch in found.windows:
            enough = "" if watch.checks >= watch.least else f" (of {watch.least} at least)"
            rows.add_row(
                watch.failure_id,
                f"v{watch.version}",
                _span(watch.window_seconds),
                f"{watch.checks}{enough}",
                "yes" if watch.fires else "no",
                watch.run_id,
            )
        console.print(rows)
    if found.objectives:
        rows = table("objective", "share", "over", "outputs", "bad", "budget spent")
        for one_ in found.objectives:
            rows.add_row(
                one_.objective_id,
                f"{one_.share:g}",
                _span(one_.over_seconds),
                str(one_.checks),
                str(one_.bad),
                f"{100 * one_.budget_spent:.0f} %",
            )
        console.print(rows)


def canary_says(found: pb.GetMonitorsResponse) -> str:
    """What is tried beside the version in force."""
    tried = f"version {found.canary_version} is tried on {found.canary_percent:g} %"
    back = f", but {found.canary_curb_id} has it all fall back" if found.canary_curb_id else ""
    return f"version {found.version} is in force, {tried}{back}"


def _criteria(found: pb.GetMonitorsResponse) -> Table:
    rows = table("success", "signal", "target", "over", "outputs", "is", "stands")
    for one in found.criteria:
        rows.add_row(
            one.criterion_id,
            f"{one.signal} of {one.use_case}" if one.use_case else one.signal,
            target_of(one),
            _span(one.over_seconds),
            str(one.checks),
            f"{one.value:.4g}" if one.HasField("value") else "",
            pb.CriterionStanding.Name(one.standing).removeprefix("CRITERION_STANDING_").lower(),
        )
    return rows


def target_of(one: pb.CriterionWatch) -> str:
    """The target of a criterion, and how far from it it may be."""
    way, target = (
        ("at least", one.at_least) if one.HasField("at_least") else ("at most", one.at_most)
    )
    return f"{way} {target:g}" + (f" ± {one.variance:g}" if one.variance else "")


def _rates(found: pb.GetMonitorsResponse) -> Table:
    rows = table("signal", *(_of(one) for one in found.series))
    rows.add_row("checks", *(str(one.checks) for one in found.series))
    for name in _RATES:
        rows.add_row(name, *(_signal(one, name) for one in found.series))
    return rows


def _signal(one: pb.MonitorSeries, name: str) -> str:
    return f"{one.signals[name]:.4g}" if name in one.signals else "unknown"


def _of(one: pb.MonitorSeries) -> str:
    use_case = f" {one.use_case}" if one.use_case else ""
    return f"{one.side}s{use_case} v{one.version}"


def _span(seconds: int) -> str:
    """`7 days`, `1 day, 6:00:00`, `1:00:00`."""
    whole = timedelta(seconds=seconds)
    return str(whole).removesuffix(", 0:00:00")
