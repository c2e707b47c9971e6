"""`privacy-service failures`: the ways in which AI partners fail, and how often they did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json
from privacy_service.v1 import behavior_pb2, behavior_pb2_grpc

_SECONDS = 30.0


@calling
def failures(
    contract_id: Annotated[
        str, typer.Argument(metavar="[CONTRACT]", help="Only those of this contract.")
    ] = "",
    failure_id: Annotated[
        str, typer.Argument(metavar="[FAILURE]", help="This one alone, with all that is known.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back from now.")] = 30,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the failure modes of behavior contracts, with how often each fired and was reported.

    Example: privacy-service failures helpdesk-answers --days 90 --token officer.jwt
    """
    since = datetime.now(UTC) - timedelta(days=days)
    with connection.open() as channel:
        stub = behavior_pb2_grpc.BehaviorServiceStub(channel)
        if failure_id:
            _show_one(stub, connection, contract_id, failure_id, since, as_json=as_json)
            return
        found = _listed(stub, connection, contract_id, since)
    if as_json:
        print_json(plain(found))
        return
    _print_modes(found)
    _print_accuracies(found)


def _listed(
    stub: behavior_pb2_grpc.BehaviorServiceStub,
    connection: Connection,
    contract_id: str,
    since: datetime,
) -> behavior_pb2.ListFailureModesResponse:
    """All pages as one."""
    found = behavior_pb2.ListFailureModesResponse()
    request = behavior_pb2.ListFailureModesRequest(contract_id=contract_id, page_size=200)
    request.since.FromDatetime(since)
    request.until.FromDatetime(datetime.now(UTC))
    while True:
        page = stub.ListFailureModes(request, timeout=_SECONDS, metadata=connection.metadata)
        found.failures.extend(page.failures)
        found.accuracies.extend(page.accuracies)
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


def _show_one(
    stub: behavior_pb2_grpc.BehaviorServiceStub,
    connection: Connection,
    contract_id: str,
    failure_id: str,
    since: datetime,
    *,
    as_json: bool,
) -> None:
    request = behavior_pb2.GetFailureModeRequest(contract_id=contract_id, failure_id=failure_id)
    request.since.FromDatetime(since)
    one = stub.GetFailureMode(request, timeout=_SECONDS, metadata=connection.metadata).failure
    if as_json:
        print_json(plain(one))
        return
    console.print(f"{one.failure_id} of {one.contract_id} version {one.version}", markup=False)
    for said, value in (
        ("category", one.category),
        ("severity", _severity(one)),
        ("fires when", one.condition),
        ("remedy", one.remedy),
        ("playbook", one.playbook),
        ("symptoms", one.symptoms),
        ("impact", one.impact),
        ("owner", one.owner),
        ("fired", str(one.fired)),
        ("last", _last(one)),
        ("reported", _reported(one)),
        *((f"  version {n}", str(count)) for n, count in sorted(one.fired_by_version.items())),
        *((f"  {day}", str(count)) for day, count in sorted(one.fired_by_day.items())),
    ):
        if value:
            console.print(f"  {said:12} {value}", markup=False)


def _print_modes(found: behavior_pb2.ListFailureModesResponse) -> None:
    table = Table(
        "contract", "failure", "category", "severity", "fired", "last", "reported", "playbook",
        "owner", box=None, pad_edge=False,
    )  # fmt: skip
    for one in found.failures:
        table.add_row(
            one.contract_id, one.failure_id, one.category, _severity(one), str(one.fired),
            _last(one), _reported(one), one.playbook, one.owner,
        )  # fmt: skip
    console.print(table)


def _print_accuracies(found: behavior_pb2.ListFailureModesResponse) -> None:
    if not found.accuracies:
        return
    table = Table(
        "contract", "expectation", "told", "false accepts", "false alarms", box=None, pad_edge=False
    )
    for one in found.accuracies:
        accepts = f"{one.missed} of {one.missed + one.noticed}"
        alarms = f"{one.alarmed} of {one.alarmed + one.passed}"
        if one.HasField("false_accept_rate"):
            accepts += f", {one.false_accept_rate:.1%}"
        if one.HasField("false_alarm_rate"):
            alarms += f", {one.false_alarm_rate:.1%}"
        told = one.noticed + one.missed + one.alarmed + one.passed
        table.add_row(one.contract_id, one.expectation_id, str(told), accepts, alarms)
    console.print(table)


def _severity(one: behavior_pb2.FailureMode) -> str:
    return behavior_pb2.Severity.Name(one.severity).removeprefix("SEVERITY_").lower()


def _last(one: behavior_pb2.FailureMode) -> str:
    if not one.HasField("last_fire_time"):
        return "never"
    return one.last_fire_time.ToDatetime().isoformat(sep=" ", timespec="minutes") + "Z"


def _reported(one: behavior_pb2.FailureMode) -> str:
    names = (
        (behavior_pb2.OutcomeKind.Name(told.kind).removeprefix("OUTCOME_KIND_"), told.count)
        for told in one.reported
    )
    return ", ".join(f"{count} {name.lower().replace('_', '-')}" for name, count in names)
