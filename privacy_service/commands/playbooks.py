"""`privacy-service playbooks`: what is done when an AI partner fails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final, TypeVar

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.table import Table

from privacy_service.commands.breach_options import stamp_of, zone_of
from privacy_service.commands.client import Connection, calling, plain
from privacy_service.commands.screen import AsJson, console, print_json, table
from privacy_service.commands.subjects import RequestId
from privacy_service.v1 import answer_pb2, behavior_pb2
from privacy_service.v1 import playbooks_pb2 as pb
from privacy_service.v1 import playbooks_pb2_grpc as pb_grpc

T = TypeVar("T")

playbooks = typer.Typer(
    no_args_is_help=True,
    help="What is done when an AI partner fails: list, show, start, done, resolve, halt, resume, "
    "curbs.",
)

_SECONDS: Final = 30.0
_RISKS: Final = {
    "none": pb.RESIDUAL_RISK_NONE,
    "low": pb.RESIDUAL_RISK_LOW,
    "medium": pb.RESIDUAL_RISK_MEDIUM,
    "high": pb.RESIDUAL_RISK_HIGH,
}
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
ContractOf = Annotated[str, typer.Option("--contract", help="Only those of this contract.")]
Reason = Annotated[str, typer.Option(help="Why. Name no person in it.")]
Began = Annotated[
    str | None, typer.Option(help="When it began, as 2026-06-05T16:00 (UTC unless it says else).")
]


@playbooks.command("list")
@calling
def list_runs(
    contract: ContractOf = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the runs of playbooks that are open, the newest first.

    Example: privacy-service playbooks list --token officer.jwt
    """
    request = pb.ListPlaybookRunsRequest(contract_id=contract, resolved=everything, page_size=1000)
    found: list[pb.PlaybookRun] = []
    while True:
        page = _call(connection, lambda stub, **how: stub.ListPlaybookRuns(request, **how))
        found += page.runs
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    found.sort(key=lambda run: run.detect_time.ToNanoseconds(), reverse=True)
    if as_json:
        print_json([plain(one) for one in found])
        return
    rows = table("run", "detected", "contract", "failure", "severity", "state", "missed")
    rows.columns[0].no_wrap = True
    for one in found:
        rows.add_row(
            one.run_id,
            _time(one.detect_time),
            one.contract_id,
            one.failure_id or f"({one.playbook_id})",
            _severity(one),
            _run_state(one),
            ", ".join(one.missed),
        )
    console.print(rows)


@playbooks.command()
@calling
def show(
    run: RunId,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows one run: how it stands, its timeline, what people have to do, and what it took.

    Example: privacy-service playbooks show run-3f6d12ab9c0e4477 --token officer.jwt
    """
    request = pb.GetPlaybookRunRequest(run_id=run)
    found = _call(connection, lambda stub, **how: stub.GetPlaybookRun(request, **how)).run
    _show_run(found, None, as_json=as_json)


@playbooks.command()
@calling
def start(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help="The behavior contract.")],
    playbook: Annotated[str, typer.Argument(metavar="PLAYBOOK", help="Its playbook.")],
    reason: Reason,
    began: Began = None,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Starts a playbook, for what no condition has noticed.

    Example: privacy-service playbooks start helpdesk-answers stop-inventing
    --reason "Customers report wrong dates" --began 2026-06-05T16:00 --token officer.jwt
    """
    request = pb.StartPlaybookRequest(
        contract_id=contract,
        playbook_id=playbook,
        reason=reason,
        began_time=_began(began),
        request_id=request_id or str(uuid.uuid4()),
    )
    answer = _call(connection, lambda stub, **how: stub.StartPlaybook(request, **how))
    _show_run(answer.run, answer.audit, as_json=as_json)


@playbooks.command()
@calling
def done(
    run: RunId,
    step: Annotated[int, typer.Argument(min=0, metavar="STEP", help="The task's step.")],
    evidence: Annotated[
        str, typer.Option(help="What shows it: a link, a change, a document. Name no person.")
    ],
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Shows that a task of a run was done.

    Example: privacy-service playbooks done run-3f6d12ab9c0e4477 3
    --evidence https://tickets.example/PM-12 --token officer.jwt
    """
    request = pb.CompletePlaybookTaskRequest(
        run_id=run, step=step, evidence=evidence, request_id=request_id or str(uuid.uuid4())
    )
    answer = _call(connection, lambda stub, **how: stub.CompletePlaybookTask(request, **how))
    _show_run(answer.run, answer.audit, as_json=as_json)


@playbooks.command()
@calling
def resolve(
    run: RunId,
    risk: Annotated[str, typer.Option(help="What risk is left: none, low, medium or high.")],
    says: Annotated[str, typer.Option(help="What is to say of that. Name no person.")],
    began: Began = None,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says that a run is over and what risk is left, once its tasks are done and nothing is halted.

    Example: privacy-service playbooks resolve run-3f6d12ab9c0e4477 --risk low
    --says "Retrained; the old texts are out of the index" --token officer.jwt
    """
    if risk not in _RISKS:
        raise typer.BadParameter(f"write one of {', '.join(_RISKS)}", param_hint="--risk")
    request = pb.ResolvePlaybookRunRequest(
        run_id=run,
        residual_risk=_RISKS[risk],
        says=says,
        began_time=_began(began),
        request_id=request_id or str(uuid.uuid4()),
    )
    answer = _call(connection, lambda stub, **how: stub.ResolvePlaybookRun(request, **how))
    _show_run(answer.run, answer.audit, as_json=as_json)


@playbooks.command()
@calling
def halt(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help="The behavior contract.")],
    reason: Reason,
    half_open_after: Annotated[
        int, typer.Option(min=0, help="Seconds until some checks are let through; 0: never.")
    ] = 0,
    probes: Annotated[int, typer.Option(min=1, max=1000, help="How many have to go well.")] = 3,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Halts every check under a contract: at once, on every replica.

    Example: privacy-service playbooks halt helpdesk-answers --reason "It answers in riddles"
    --cert acme.pem --key acme-key.pem
    """
    request = pb.HaltChecksRequest(
        contract_id=contract,
        reason=reason,
        half_open_seconds=half_open_after,
        probes=probes,
        request_id=request_id or str(uuid.uuid4()),
    )
    answer = _call(connection, lambda stub, **how: stub.HaltChecks(request, **how))
    _show_curb(answer.curb, answer.audit, as_json=as_json)


@playbooks.command()
@calling
def resume(
    curb: Annotated[str, typer.Argument(metavar="CURB", help="The curb's id.")],
    reason: Reason,
    request_id: RequestId = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lifts a curb (a halt, a throttle, a fall-back): checks pass as before.

    Example: privacy-service playbooks resume curb-3f6d12ab9c0e4477 --reason "New model is out"
    --cert acme.pem --key acme-key.pem
    """
    request = pb.ResumeChecksRequest(
        curb_id=curb, reason=reason, request_id=request_id or str(uuid.uuid4())
    )
    answer = _call(connection, lambda stub, **how: stub.ResumeChecks(request, **how))
    _show_curb(answer.curb, answer.audit, as_json=as_json)


@playbooks.command()
@calling
def curbs(
    contract: ContractOf = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists what stands in the path of checks: halts, throttles, fall-backs.

    Example: privacy-service playbooks curbs --token officer.jwt
    """
    request = pb.ListCurbsRequest(contract_id=contract, lifted=everything, page_size=1000)
    found: list[pb.Curb] = []
    while True:
        page = _call(connection, lambda stub, **how: stub.ListCurbs(request, **how))
        found += page.curbs
        request.page_token = page.next_page_token
        if not request.page_token:
            break
    if as_json:
        print_json([plain(one) for one in found])
        return
    rows = table("curb", "contract", "does", "state", "placed by", "run")
    rows.columns[0].no_wrap = True
    for one in found:
        rows.add_row(
            one.curb_id,
            one.contract_id,
            _does(one),
            _curb_state(one),
            one.placed_by,
            one.run_id,
        )
    console.print(rows)


# -- Parts ------------------------------------------------------------------------------------


def _call(connection: Connection, call: Callable[..., T]) -> T:
    with connection.open() as channel:
        stub = pb_grpc.PlaybookServiceStub(channel)
        return call(stub, timeout=_SECONDS, metadata=connection.metadata)


def _show_run(one: pb.PlaybookRun, audit: answer_pb2.AuditStamp | None, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one) | ({"audit": plain(audit)} if audit else {}))
        return
    facts = (
        ("run", one.run_id),
        ("playbook", f"{one.playbook_id} of {one.contract_id} version {one.version}"),
        ("partners", f"{one.party} of {one.provider}"),
        ("failure", f"{one.failure_id}, {_severity(one)}" if one.failure_id else ""),
        ("cause", _word(pb.RunCause.Name(one.cause), "RUN_CAUSE_")),
        ("reason", one.reason),
        ("state", f"{_run_state(one)}, {one.steps_done} of {one.steps} steps done"),
        ("breach", one.breach_id),
        *((f"to {name}", _took(one, name)) for name in ("detect", "contain", "resolve")),
        ("residual risk", _residual(one)),
        ("proof", f"audit position {audit.position} in {audit.log_origin}" if audit else ""),
    )
    _print_facts(facts)
    lines = table("when", "what", "by", "step", "says")
    lines.columns[0].no_wrap = True
    for event in one.timeline:
        step = str(event.step) if event.HasField("step") else ""
        lines.add_row(_time(event.time), event.what, event.by, step, event.says)
    console.print(lines)
    for task in one.tasks:
        how = f"done by {task.done_by}" if task.done_by else f"due {_time(task.due_time)}"
        console.print(
            f"task {task.step} ({task.kind}): {task.title}; {task.owner}; {how}", markup=False
        )
    for curb in one.curbs:
        console.print(
            f"in the path: {_does(curb)}, {_curb_state(curb)} ({curb.curb_id})", markup=False
        )


def _show_curb(one: pb.Curb, audit: answer_pb2.AuditStamp, *, as_json: bool) -> None:
    if as_json:
        print_json(plain(one) | {"audit": plain(audit)})
        return
    _print_facts(
        (
            ("curb", one.curb_id),
            ("contract", one.contract_id),
            ("does", _does(one)),
            ("state", _curb_state(one)),
            ("reason", one.reason),
            ("placed", f"{_time(one.place_time)} by {one.placed_by}"),
            ("lifted", f"{_time(one.lift_time)} by {one.lifted_by}" if one.lifted_by else ""),
            ("proof", f"audit position {audit.position} in {audit.log_origin}"),
        )
    )


def _print_facts(facts: tuple[tuple[str, str], ...]) -> None:
    shown = Table(box=None, show_header=False)
    for name, value in facts:
        if value:
            shown.add_row(name, value)
    console.print(shown)


def _does(curb: pb.Curb) -> str:
    word = _word(pb.CurbKind.Name(curb.kind), "CURB_KIND_")
    match curb.kind:
        case pb.CURB_KIND_HALT if curb.half_open_seconds:
            after = timedelta(seconds=curb.half_open_seconds)
            return f"{word}, half open after {after}, {curb.probes_well} of {curb.probes} probes"
        case pb.CURB_KIND_THROTTLE:
            return f"{word} to {curb.most} in {timedelta(seconds=curb.per_seconds)}"
        case pb.CURB_KIND_FALL_BACK:
            return f"{word} to {curb.instead or f'version {curb.version}'}"
    return word


def _took(run: pb.PlaybookRun, name: str) -> str:
    """How long it took beside what was aimed at."""
    parts = []
    if name in run.seconds_to:
        parts.append(str(timedelta(seconds=run.seconds_to[name])))
    if name in run.target_seconds:
        missed = ", missed" if name in run.missed else ""
        parts.append(f"(target {timedelta(seconds=run.target_seconds[name])}{missed})")
    return " ".join(parts)


def _residual(run: pb.PlaybookRun) -> str:
    if not run.residual_risk:
        return ""
    word = _word(pb.ResidualRisk.Name(run.residual_risk), "RESIDUAL_RISK_")
    return f"{word}: {run.residual_says} ({run.resolved_by})"


def _run_state(run: pb.PlaybookRun) -> str:
    return _word(pb.RunState.Name(run.state), "RUN_STATE_")


def _curb_state(curb: pb.Curb) -> str:
    return _word(pb.CurbState.Name(curb.state), "CURB_STATE_")


def _severity(run: pb.PlaybookRun) -> str:
    if not run.severity:
        return ""
    return _word(behavior_pb2.Severity.Name(run.severity), "SEVERITY_")


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", "-")


def _time(stamp: Timestamp) -> str:
    return f"{stamp.ToDatetime().isoformat(timespec='seconds')}Z"


def _began(text: str | None) -> Timestamp | None:
    return None if text is None else stamp_of(text, zone_of("UTC"))
