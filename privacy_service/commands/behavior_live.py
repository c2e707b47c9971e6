"""`privacy-service behavior put|list|send`: behavior contracts in a running service."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, cast

import grpc
import typer
from rich.table import Table

from privacy_service.behavior.model import BehaviorContract, Side
from privacy_service.behavior.outcomes import OutcomeKind
from privacy_service.commands.behavior_local import behavior, compiled_file, number, read_file, text
from privacy_service.commands.behavior_stream import STDIN, check_there, pieces_of, write_line
from privacy_service.commands.client import Connection, calling, guessed_type, plain
from privacy_service.commands.dates import print_dates
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
)
from privacy_service.commands.subjects import subject_refs
from privacy_service.v1 import (
    answer_pb2,
    behavior_pb2,
    behavior_pb2_grpc,
    contracts_pb2,
    contracts_pb2_grpc,
)

_SECONDS = 30.0


@behavior.command()
@refusing
@calling
def put(
    file: Annotated[Path, typer.Argument(help="A behavior contract (YAML).")],
    expected_version: Annotated[
        int | None, typer.Option(help="The version that you built on; 0 for a new contract.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Puts a behavior contract into a running service, as its party.

    Example: privacy-service behavior put answers.yaml --cert acme.pem --key acme-key.pem
    """
    put_behavior(file, expected_version, connection, as_json=as_json)


def put_behavior(
    file: Path, expected_version: int | None, connection: Connection, *, as_json: bool
) -> None:
    """Puts a behavior contract, and says what it lacks to be of use."""
    contract = compiled_file(file).contract
    request = behavior_pb2.PutBehaviorContractRequest(
        source=text(file), request_id=str(uuid.uuid4())
    )
    if expected_version is not None:
        request.expected_version = expected_version
    with connection.open() as channel:
        stub = behavior_pb2_grpc.BehaviorServiceStub(channel)
        done = stub.PutBehaviorContract(
            request, timeout=_SECONDS, metadata=connection.metadata
        ).contract
    if as_json:
        print_json(plain(done))
        return
    console.print(
        f"{done.contract_id} version {done.version} is stored, {done.digest}", markup=False
    )
    _say_what_lacks(contract, connection)


def _say_what_lacks(contract: BehaviorContract, connection: Connection) -> None:
    """Says where no sharing contract covers the personal data: until one does, nothing passes."""
    if contract.personal_data_purpose is None:
        return
    ways = {
        "outputs": (contract.provider, contract.party),
        "prompts": (contract.party, contract.provider),
    }
    with connection.open() as channel:
        stub = contracts_pb2_grpc.ContractServiceStub(channel)
        for what, (sender, recipient) in ways.items():
            asked = contracts_pb2.GetContractInForceRequest(
                sender=sender, recipient=recipient, purpose=contract.personal_data_purpose
            )
            try:
                stub.GetContractInForce(asked, timeout=_SECONDS, metadata=connection.metadata)
            except grpc.RpcError as error:
                why = cast("grpc.Call", error).details()
                console.print(f"{what} are refused as things stand: {why}", markup=False)


@behavior.command("list")
@calling
def list_contracts(
    partner: Annotated[str, typer.Option(help="Only those of this partner.")] = "",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the newest version of each behavior contract that you may see.

    Example: privacy-service behavior list --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    found: list[behavior_pb2.BehaviorContract] = []
    request = behavior_pb2.ListBehaviorContractsRequest(partner=partner, page_size=200)
    with connection.open() as channel:
        stub = behavior_pb2_grpc.BehaviorServiceStub(channel)
        while True:
            page = stub.ListBehaviorContracts(
                request, timeout=_SECONDS, metadata=connection.metadata
            )
            found += page.contracts
            request.page_token = page.next_page_token
            if not request.page_token:
                break
    if as_json:
        print_json([plain(one) for one in found])
        return
    for one in found:
        console.print(
            f"{one.contract_id} version {one.version}: {one.party} of {one.provider}"
            f"{', suspended' if one.suspended else ''}",
            markup=False,
        )
        print_dates(one.warnings)


@behavior.command("report")
@calling
def show_report(
    contract_id: Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's id.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back from now.")] = 7,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says how a contract was kept: outcomes, and how often each expectation broke and mode fired.

    Example: privacy-service behavior report helpdesk-answers --days 30 --token officer.jwt
    """
    request = behavior_pb2.GetBehaviorReportRequest(contract_id=contract_id)
    request.since.FromDatetime(datetime.now(UTC) - timedelta(days=days))
    with connection.open() as channel:
        found = behavior_pb2_grpc.BehaviorServiceStub(channel).GetBehaviorReport(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json(plain(found))
        return
    for name, side in (("prompts", found.prompts), ("outputs", found.outputs)):
        console.print(f"[bold]{side.checks} {name}[/], {side.violations} broke an expectation")
        for one in side.outcomes:
            share = one.count / side.checks
            word = _word(behavior_pb2.Outcome, one.outcome)
            console.print(f"  {word:10} {one.count:8} {share:7.1%}", markup=False)
        for said, value in (
            ("words on average", side.words if side.HasField("words") else None),
            ("confidence on average", side.confidence if side.HasField("confidence") else None),
            ("ms on average", side.latency_ms if side.HasField("latency_ms") else None),
        ):
            if value is not None:
                console.print(f"  {value:.4g} {said}", markup=False)
    for title, counts in (("broken", found.broken), ("fired", found.failures)):
        table = Table(title, "times", box=None, pad_edge=False)
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            table.add_row(name, str(count))
        console.print(table)


@behavior.command("outcome")
@calling
def report_outcome(
    check_id: Annotated[
        str, typer.Argument(metavar="CHECK", help="The request id with which it was checked.")
    ],
    party: Annotated[str, typer.Option(help="Your partner's name.")],
    kind: Annotated[OutcomeKind, typer.Option(help="What is said of it.")],
    broken: Annotated[
        list[str] | None, typer.Option(help="An expectation that it truly breaks.")
    ] = None,
    failure: Annotated[str, typer.Option(help="The failure mode that it shows.")] = "",
    request_id: Annotated[
        str | None, typer.Option(help="A UUID of your own; the same one has one effect.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Says how a check came out: what is true of it, a complaint, praise, a correction.

    Example: privacy-service behavior outcome 6f0c… --party acme-shop --kind ground-truth
    --broken numbers-from-the-order --failure invents-facts --cert acme.pem --key acme-key.pem
    """
    request = behavior_pb2.ReportOutcomeRequest(
        party=party,
        check_id=check_id,
        kind=behavior_pb2.OutcomeKind.Value(f"OUTCOME_KIND_{kind.name}"),
        broken=broken or [],
        failure_id=failure,
        request_id=request_id or str(uuid.uuid4()),
    )
    with connection.open() as channel:
        told = behavior_pb2_grpc.BehaviorServiceStub(channel).ReportOutcome(
            request, timeout=_SECONDS, metadata=connection.metadata
        )
    if as_json:
        print_json(plain(told))
        return
    console.print(f"kept as outcome {told.outcome_id} under {told.contract_id}", markup=False)
    if told.run_id:
        console.print(f"began playbook run {told.run_id}", markup=False)


@behavior.command()
@calling
def send(
    file: Annotated[
        Path, typer.Argument(help="The output (or prompt) to judge; - for the standard input.")
    ],
    party: Annotated[str, typer.Option(help="Your partner's name.")],
    provider: Annotated[str, typer.Option(help="The partner whose model it is.")],
    side: Annotated[Side, typer.Option(help="Which of the two it is.")] = Side.OUTPUT,
    content_type: Annotated[
        str | None, typer.Option("--type", help="The content type; else by the file's name.")
    ] = None,
    prompt: Annotated[Path | None, typer.Option(help="What was asked.")] = None,
    system_prompt: Annotated[Path | None, typer.Option(help="The system prompt.")] = None,
    source: Annotated[
        list[Path] | None, typer.Option(help="What it rests on; cited by the name without ending.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="The confidence that the model states.")
    ] = None,
    latency_ms: Annotated[int, typer.Option(min=0, help="How long the model took.")] = 0,
    attempt: Annotated[int, typer.Option(min=1, help="Which try of the same question it is.")] = 1,
    use_case: Annotated[str, typer.Option(help="One of the contract's.")] = "",
    conversation: Annotated[
        str, typer.Option(help="What belongs together: one version judges all of it.")
    ] = "",
    stream: Annotated[
        bool, typer.Option("--stream", help="Send it while it comes, and show what may go out.")
    ] = False,
    intent: Annotated[str, typer.Option(help="What the person wanted; for a reviewer.")] = "",
    rationale: Annotated[str, typer.Option(help="Why the model says so; for a reviewer.")] = "",
    subject: Annotated[
        list[str] | None, typer.Option(help="Whom it is about: email=…; repeatable.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option(help="A UUID of your own; the same one has one effect.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write what may be passed on.")] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Has a running service judge one output or prompt by the contract in force, for good.

    Ends with 1 where nothing may be passed on.

    Example: privacy-service behavior send answer.txt --party acme-shop --provider parrot-ai
    --prompt question.txt --ca ca.pem --cert acme.pem --key acme-key.pem
    Example: my-model | privacy-service behavior send - --stream --party acme-shop
    --provider parrot-ai --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    common: dict[str, Any] = {
        "party": party,
        "provider": provider,
        "use_case": use_case,
        "content_type": content_type or ("text/plain" if file == STDIN else guessed_type(file)),
        "content": b"" if stream else b"".join(pieces_of(file)),
        "request_id": request_id or str(uuid.uuid4()),
        "conversation": conversation,
        "subjects": subject_refs(subject or []),
    }
    with connection.open() as channel:
        stub = behavior_pb2_grpc.BehaviorServiceStub(channel)
        if side is Side.PROMPT:
            result = stub.CheckPrompt(
                behavior_pb2.CheckPromptRequest(**common),
                timeout=_SECONDS,
                metadata=connection.metadata,
            ).result
        else:
            request = behavior_pb2.CheckOutputRequest(
                **common,
                prompt=read_file(prompt) or "",
                system_prompt=read_file(system_prompt) or "",
                latency_ms=latency_ms,
                attempt=attempt,
                sources=[behavior_pb2.Source(id=one.stem, text=text(one)) for one in source or ()],
            )
            if confidence is not None:
                request.confidence = confidence
            request.intent, request.rationale = intent, rationale
            if stream:
                result = check_there(file, stub, request, connection.metadata, as_json=as_json)
            else:
                result = stub.CheckOutput(
                    request, timeout=_SECONDS, metadata=connection.metadata
                ).result
    if not as_json:
        console.print(f"check {common['request_id']}", markup=False)
    show_checked(result, out, as_json=as_json, shown=stream)


def show_checked(
    result: behavior_pb2.CheckResult, out: Path | None, *, as_json: bool, shown: bool = False
) -> None:
    """Shows what became of a check, and ends with 1 where nothing may be passed on. `shown`: what
    may be passed on was shown already.
    """
    if out is not None and result.HasField("content"):
        out.write_bytes(result.content)
    if as_json and shown:
        write_line(plain(result))
    elif as_json:
        print_json(plain(result))
    elif shown:
        errors_console.print(f"\n[bold]{_word(behavior_pb2.Outcome, result.outcome)}[/]")
    else:
        _print_result(result)
    if not result.HasField("content"):
        end(Exit.NO)


def _print_result(result: behavior_pb2.CheckResult) -> None:
    """What a service answered, for a person."""
    console.print(f"[bold]{_word(behavior_pb2.Outcome, result.outcome)}[/]")
    print_dates(result.warnings)
    table = Table("expectation", "verdict", "count", "bound", "why", box=None, pad_edge=False)
    for one in result.verdicts:
        table.add_row(
            one.expectation_id,
            _word(behavior_pb2.Verdict, one.verdict),
            number(one.count if one.HasField("count") else None),
            number(one.bound if one.HasField("bound") else None),
            " ".join(filter(None, (one.why, one.name, one.path))),
        )
    if result.verdicts:
        console.print(table)
    if result.outcome == behavior_pb2.OUTCOME_HELD:
        console.print(f"waits for a person, as review {result.review_id}", markup=False)
    for failure in result.failures:
        console.print(f"fired: {failure.failure_id} ({failure.category})", markup=False)
    for ask in result.ask:
        console.print(f"ask again: {ask}", markup=False)
    for line in result.personal_data.treatments:
        kind = _word(answer_pb2.TreatmentKind, line.treatment).lower()
        console.print(f"treated: {line.entity or line.path}: {kind}, {line.count}", markup=False)
    under = f"under {result.contract.contract_id} version {result.contract.version}"
    if result.HasField("audit"):
        under += f", audit position {result.audit.position} in {result.audit.log_origin}"
    console.print(under, markup=False)
    if result.HasField("content"):
        console.print("\nmay be passed on:")
        console.print(result.content.decode("utf-8", "replace"), markup=False)


def _word(enumeration: Any, number: int) -> str:
    """`ACCEPTED` for `OUTCOME_ACCEPTED`; the number for one that this release does not know."""
    try:
        name: str = enumeration.Name(number)
    except ValueError:
        return str(number)
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enumeration.DESCRIPTOR.name).upper()
    return name.removeprefix(f"{prefix}_")
