"""`privacy-service retention`: schedules, and the sweeps that keep them."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
    table,
)
from privacy_service.commands.subjects import RequestId
from privacy_service.contracts.faults import Severity
from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.evidence.proven_note import CERTIFICATE, ProvenNote, ProvenNoteInvalid
from privacy_service.schedules.read import lint as lint_schedule
from privacy_service.v1 import retention_pb2, retention_pb2_grpc

retention = typer.Typer(
    no_args_is_help=True, help="Retention: schedules, sweeps and certificates of destruction."
)

_SECONDS = 30.0
_LOOK_EVERY = 1.0
SweepId = Annotated[str, typer.Argument(metavar="SWEEP", help="The sweep's id.")]
_ENDED = (
    retention_pb2.SWEEP_STATE_PLANNED,
    retention_pb2.SWEEP_STATE_PAUSED,
    retention_pb2.SWEEP_STATE_CANCELLED,
    retention_pb2.SWEEP_STATE_DONE,
)


@retention.command()
@calling
def schedules(
    put: Annotated[
        list[Path] | None, typer.Option("--put", help="Puts this file's schedule; repeatable.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the schedules, the newest version of each; with --put, puts new versions first.

    Example: privacy-service retention schedules --put orders-tax.yaml --token officer.jwt
    """
    with connection.open() as channel:
        stub = retention_pb2_grpc.RetentionServiceStub(channel)
        for file in put or ():
            stub.PutSchedule(
                retention_pb2.PutScheduleRequest(
                    source=file.read_text(encoding="utf-8"), request_id=str(uuid.uuid4())
                ),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
        found = stub.ListSchedules(
            retention_pb2.ListSchedulesRequest(), timeout=_SECONDS, metadata=connection.metadata
        ).schedules
    if as_json:
        print_json([plain(one) for one in found])
        return
    columns = ("schedule", "version", "from", "at least", "at most", "then", "authority", "review")
    rows = table(*columns)
    for one in found:
        name = one.schedule_id if one.in_force else f"{one.schedule_id} (not in force)"
        rows.add_row(
            name, str(one.version), one.trigger, one.at_least or "–", one.at_most or "–",
            one.action, one.authority, one.review_date,
        )  # fmt: skip
    console.print(rows)


@retention.command()
@refusing
def lint(
    file: Annotated[Path, typer.Argument(help="A retention schedule in YAML.")],
    as_json: AsJson = False,
) -> None:
    """Checks a schedule, and names each fault with its line and column.

    Example: privacy-service retention lint orders-tax.yaml
    """
    faults = lint_schedule(
        file.read_text(encoding="utf-8"), name=file.name, today=datetime.now(UTC).date()
    )
    if as_json:
        print_json(
            [
                {"line": one.line, "column": one.column, "path": one.path, "says": one.says,
                 "fix": one.fix, "severity": one.severity.value}
                for one in faults
            ]
        )  # fmt: skip
    else:
        for fault in faults:
            console.print(f"{file}:{fault}", markup=False)
        if not faults:
            console.print("it holds up", markup=False)
    if any(one.severity is Severity.ERROR for one in faults):
        end(Exit.NO)


@retention.command()
@calling
def explain(
    record: Annotated[str, typer.Argument(help="The record's id.")],
    partner: Annotated[str, typer.Option(help="The partner that it belongs to.")],
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says how long one record stays: the shortest that is allowed, and the longest demanded.

    Example: privacy-service retention explain SO-1 --partner acme-shop --token officer.jwt
    """
    with connection.open() as channel:
        found = retention_pb2_grpc.RetentionServiceStub(channel).ExplainRecord(
            retention_pb2.ExplainRecordRequest(partner=partner, record_id=record),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    if as_json:
        print_json(plain(found))
        return
    rows = table("says", "schedule", "until", "")
    for says, spans, wins in (
        ("erase after", found.erase, 0),
        ("anonymise after", found.anonymise, 0),
        ("restrict after", found.restrict, 0),
        ("keep until", found.demands, len(found.demands) - 1),
    ):
        for number, span in enumerate(spans):
            mark = ("holds" if says == "keep until" else "wins") if number == wins else ""
            rows.add_row(says, span.schedule_id, _day(span.until), mark)
    console.print(rows)
    console.print(f"due now: {found.due or 'nothing'}", markup=False)
    for says, why in (("demanded by", found.demanded_by), ("protected by", found.protected_by)):
        if why:
            console.print(f"stays all the same, {says} {why}", markup=False)


@retention.command()
@calling
def sweep(
    force: Annotated[
        bool, typer.Option("--force", help="Deletes what is due. Else only shows it.")
    ] = False,
    run: Annotated[
        str | None, typer.Option("--run", metavar="SWEEP", help="Deletes what this plan showed.")
    ] = None,
    wait: Annotated[float, typer.Option(help="How long to wait for it, in seconds.")] = 300.0,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what is due now, by which schedule, and what stays and why; deletes it only if told to.

    Example: privacy-service retention sweep --token officer.jwt
    """
    _sweep(connection, force=force, run=run, wait=wait, request_id=request_id, as_json=as_json)


def _sweep(
    connection: Connection,
    *,
    force: bool = False,
    run: str | None = None,
    wait: float,
    request_id: str | None,
    as_json: bool,
) -> None:
    chosen = request_id or str(uuid.uuid4())
    with connection.open() as channel:
        stub = retention_pb2_grpc.RetentionServiceStub(channel)
        if run is not None:
            begun = stub.ControlSweep(
                retention_pb2.ControlSweepRequest(
                    sweep_id=run, control=retention_pb2.SWEEP_CONTROL_RUN, request_id=chosen
                ),
                timeout=_SECONDS,
                metadata=connection.metadata,
            ).sweep
        else:
            begun = stub.StartSweep(
                retention_pb2.StartSweepRequest(force=force, request_id=chosen),
                timeout=_SECONDS,
                metadata=connection.metadata,
            ).sweep
        found = _awaited(stub, connection, begun, wait)
    _show(found, as_json=as_json)
    if found.state not in _ENDED:
        errors_console.print("it goes on; see `retention status`. Is a worker running?")
        end(Exit.UNREACHABLE)


@retention.command()
@calling
def plan(
    wait: Annotated[float, typer.Option(help="How long to wait for it, in seconds.")] = 300.0,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows what a sweep would delete now. The same as `retention sweep` without --force.

    Example: privacy-service retention plan --token officer.jwt
    """
    _sweep(connection, wait=wait, request_id=request_id, as_json=as_json)


@retention.command()
@calling
def status(
    sweep_id: Annotated[
        str | None, typer.Argument(metavar="[SWEEP]", help="One sweep; else the newest ones.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows how far a sweep is, or lists the newest ones.

    Example: privacy-service retention status --token officer.jwt
    """
    with connection.open() as channel:
        stub = retention_pb2_grpc.RetentionServiceStub(channel)
        if sweep_id is not None:
            _show(_got(stub, connection, sweep_id), as_json=as_json)
            return
        found = stub.ListSweeps(
            retention_pb2.ListSweepsRequest(), timeout=_SECONDS, metadata=connection.metadata
        ).sweeps
    if as_json:
        print_json([plain(one) for one in found])
        return
    columns = ("sweep", "state", "as of", "would go", "went", "by")
    rows = table(*columns)
    for one in found:
        rows.add_row(
            one.sweep_id, _state(one), _day(one.as_of), str(_due(one.planned)),
            str(_due(one.done)), one.run_by or one.made_by,
        )  # fmt: skip
    console.print(rows)


@retention.command()
@calling
def pause(
    sweep_id: SweepId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Stops a sweep where it is, until it is resumed.

    Example: privacy-service retention pause sweep-3f6d12ab9c0e4477 --token officer.jwt
    """
    _control(connection, sweep_id, retention_pb2.SWEEP_CONTROL_PAUSE, as_json=as_json)


@retention.command()
@calling
def resume(
    sweep_id: SweepId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lets a paused sweep go on.

    Example: privacy-service retention resume sweep-3f6d12ab9c0e4477 --token officer.jwt
    """
    _control(connection, sweep_id, retention_pb2.SWEEP_CONTROL_RESUME, as_json=as_json)


@retention.command()
@calling
def cancel(
    sweep_id: SweepId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Ends a sweep where it is. What went is gone; the rest stays.

    Example: privacy-service retention cancel sweep-3f6d12ab9c0e4477 --token officer.jwt
    """
    _control(connection, sweep_id, retention_pb2.SWEEP_CONTROL_CANCEL, as_json=as_json)


@retention.command()
@calling
def certificate(
    sweep_id: SweepId,
    out: Annotated[Path | None, typer.Option(help="Write the certificate here.")] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Gets the certificate of destruction of a sweep that is done, with its proof.

    Example: privacy-service retention certificate sweep-3f6d12ab9c0e4477 --out swept.json
    --token officer.jwt
    """
    with connection.open() as channel:
        file = (
            retention_pb2_grpc.RetentionServiceStub(channel)
            .GetCertificate(
                retention_pb2.GetCertificateRequest(sweep_id=sweep_id),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
            .certificate
        )
    if out is None:
        typer.echo(file, nl=False)
        return
    out.write_text(file, encoding="utf-8")
    if as_json:
        print_json({"certificate": str(out)})
    else:
        console.print(f"{out}: check it with `retention verify`", markup=False)


@retention.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A certificate of destruction.")],
    key: Annotated[
        list[str], typer.Option(help="The log's verifier key, from a source that you trust.")
    ],
    as_json: AsJson = False,
) -> None:
    """Checks a certificate offline: its signature, and that the audit log holds its digest.

    Example: privacy-service retention verify swept.json --key demo.example/audit+1a2b3c4d+AY...
    """
    try:
        keys = [VerifierKey.parse(text) for text in key]
        certified = ProvenNote.parse(file.read_text(encoding="utf-8"), CERTIFICATE)
        proven = certified.verify(*keys)
    except (OSError, NoteInvalid) as unusable:
        errors_console.print(f"cannot verify: {unusable}", markup=False)
        end(Exit.USAGE)
    except ProvenNoteInvalid as invalid:
        if as_json:
            print_json({"sound": False, "because": str(invalid)})
        else:
            errors_console.print(f"NOT SOUND: {invalid}", markup=False)
        end(Exit.NO)
    if as_json:
        print_json({"sound": True, "position": proven.position, "says": proven.content})
        return
    size = proven.checkpoint.size
    console.print(
        f"sound: {proven.content['about']}, entry {proven.position} of {size}", markup=False
    )
    for one in proven.content["counts"]:
        console.print(
            f"  {one['count']} {one['things']}: {one['action']}, {one['outcome']},"
            f" by {one['schedule']}",
            markup=False,
        )


@retention.command()
@calling
def cron(
    expression: Annotated[
        str | None, typer.Argument(help="Five fields, in UTC; `never` to stop. Else it is shown.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Sets when sweeps begin by themselves, and delete what is due; or shows it.

    Example: privacy-service retention cron '17 3 * * *' --token officer.jwt
    """
    with connection.open() as channel:
        stub = retention_pb2_grpc.RetentionServiceStub(channel)
        if expression is not None:
            stub.SetSweepTimes(
                retention_pb2.SetSweepTimesRequest(
                    cron="" if expression == "never" else expression, request_id=str(uuid.uuid4())
                ),
                timeout=_SECONDS,
                metadata=connection.metadata,
            )
        times = stub.GetSweepTimes(
            retention_pb2.GetSweepTimesRequest(), timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json(plain(times))
    elif times.cron:
        console.print(f"{times.cron} (UTC), next at {_instant(times.next_time)}", markup=False)
    else:
        console.print("never by themselves", markup=False)


def _awaited(
    stub: retention_pb2_grpc.RetentionServiceStub,
    connection: Connection,
    begun: retention_pb2.Sweep,
    seconds: float,
) -> retention_pb2.Sweep:
    """The sweep once it waits for somebody or has ended, or as it is when the time is over."""
    until = time.monotonic() + seconds
    found = begun
    while found.state not in _ENDED and time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
        found = _got(stub, connection, begun.sweep_id)
    return found


def _got(
    stub: retention_pb2_grpc.RetentionServiceStub, connection: Connection, sweep_id: str
) -> retention_pb2.Sweep:
    request = retention_pb2.GetSweepRequest(sweep_id=sweep_id)
    return stub.GetSweep(request, timeout=_SECONDS, metadata=connection.metadata).sweep


def _control(
    connection: Connection,
    sweep_id: str,
    control: retention_pb2.SweepControl.ValueType,
    *,
    as_json: bool,
) -> None:
    with connection.open() as channel:
        answer = retention_pb2_grpc.RetentionServiceStub(channel).ControlSweep(
            retention_pb2.ControlSweepRequest(
                sweep_id=sweep_id, control=control, request_id=str(uuid.uuid4())
            ),
            timeout=_SECONDS,
            metadata=connection.metadata,
        )
    _show(answer.sweep, as_json=as_json)


def _show(found: retention_pb2.Sweep, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(found))
        return
    console.print(f"{found.sweep_id}: {_state(found)}, as of {_instant(found.as_of)}", markup=False)
    _counts("planned", found.planned)
    _counts("done", found.done)
    if found.state == retention_pb2.SWEEP_STATE_PLANNED:
        console.print(
            f"nothing was deleted; to delete this: retention sweep --run {found.sweep_id}",
            markup=False,
        )


def _counts(title: str, counts: Any) -> None:
    if not counts:
        return
    columns = (title, "things", "by schedule", "due from", "until", "such as")
    rows = table(*columns)
    for one in counts:
        outcome = retention_pb2.SweepOutcome.Name(one.outcome).removeprefix("SWEEP_OUTCOME_")
        says = {
            "DUE": one.action,
            "DEMANDED": f"stays: demanded by {one.because}",
            "HELD": "stays: under a legal hold",
            "ASKED_FOR": "stays: somebody has asked for it",
        }[outcome]
        rows.add_row(
            says, f"{one.count} {one.things}", one.schedule_id, _day(one.due_from),
            _day(one.due_until), ", ".join(one.samples[:2]),
        )  # fmt: skip
    console.print(rows)


def _due(counts: Any) -> int:
    return sum(one.count for one in counts if one.outcome == retention_pb2.SWEEP_OUTCOME_DUE)


def _state(found: retention_pb2.Sweep) -> str:
    return retention_pb2.SweepState.Name(found.state).removeprefix("SWEEP_STATE_").lower()


def _day(at: Any) -> str:
    return str(at.ToDatetime().date().isoformat())


def _instant(at: Any) -> str:
    return f"{at.ToDatetime().isoformat(timespec='seconds')}Z"
