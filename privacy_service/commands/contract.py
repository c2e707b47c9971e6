"""`privacy-service contract`: lint, test, show, compare and put contracts of either kind."""

from __future__ import annotations

import difflib
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.json_format import MessageToDict

from privacy_service.app.detector import detector_settings, load_detector
from privacy_service.app.keys import rehearsal_pseudonyms
from privacy_service.app.reading import reader
from privacy_service.behavior.canonical import digest as behavior_digest
from privacy_service.behavior.canonical import plain
from privacy_service.clock import SystemClock
from privacy_service.commands import behavior_local
from privacy_service.commands.behavior_live import put_behavior
from privacy_service.commands.client import Connection, calling
from privacy_service.commands.dates import print_dates
from privacy_service.commands.differences import show_changes
from privacy_service.commands.examples_run import Tried, show_examples
from privacy_service.commands.faults import end_by, show_faults
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
)
from privacy_service.contracts.canonical import digest
from privacy_service.contracts.diff import diff as compare
from privacy_service.contracts.faults import ContractFault, Fault
from privacy_service.contracts.lint import check
from privacy_service.contracts.lint import lint as faults_of
from privacy_service.contracts.model import ContractVersion
from privacy_service.contracts.source import decode
from privacy_service.contracts.write import write
from privacy_service.desks.either import says_behavior
from privacy_service.enforcement.rehearse import Rehearsal, rehearse
from privacy_service.settings import LimitSettings, load_detection
from privacy_service.v1 import contracts_pb2, contracts_pb2_grpc

contract = typer.Typer(
    no_args_is_help=True, help="Contracts of either kind: write, try, change and end them."
)

ContractFiles = Annotated[list[Path], typer.Argument(help="Contract files (YAML), of either kind.")]
ContractFile = Annotated[Path, typer.Argument(help="A contract file (YAML), of either kind.")]


@contract.command()
def lint(files: ContractFiles, as_json: AsJson = False) -> None:
    """Names each fault with its line and column. Ends with 1 if any is an error.

    Example: privacy-service contract lint examples/contracts/*.yaml examples/behavior/*.yaml
    """
    show_faults(files, _faults_of, as_json=as_json)


@contract.command("test")
def run_examples(
    files: ContractFiles,
    model: Annotated[
        str | None, typer.Option(help="The spaCy pipeline; `none` for patterns only.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Runs the examples that stand in each contract, with the real detector.

    In sharing contracts, tokens, hashes and shifts are made with a key that is the same on every
    machine and for tests only, so that expected outputs can hold them. Ends with 1 if any example
    is not as expected.

    Example: privacy-service contract test examples/contracts/acme-shop-orders.yaml
    """
    shared = [file for file in files if not _is_behavior(file)]
    judged = [file for file in files if file not in shared]
    show_examples([*_tried(shared, model), *behavior_local.tried(judged, model)], as_json=as_json)


@contract.command()
@refusing
def show(file: ContractFile, as_json: AsJson = False) -> None:
    """Prints the contract as the service understands it, and its digest.

    Example: privacy-service contract show examples/contracts/acme-shop-orders.yaml
    """
    if _is_behavior(file):
        _show_behavior(file, as_json=as_json)
        return
    version = _version(file)
    if as_json:
        print_json({"digest": version.digest, "contract": write(version.contract)})
        return
    console.print(f"# {version.digest}", markup=False)
    console.print(write(version.contract), markup=False)


@contract.command()
def diff(old: ContractFile, new: ContractFile, as_json: AsJson = False) -> None:
    """Says per change whether it tightens or weakens, and why. Ends with 1 if any weakens.

    Example: privacy-service contract diff old.yaml new.yaml
    """
    kinds = {_is_behavior(file) for file in (old, new)}
    if len(kinds) > 1:
        errors_console.print("one is a sharing contract and the other a behavior contract")
        end(Exit.USAGE)
    if kinds == {True}:
        behavior_local.diff(old, new, as_json=as_json)
    else:
        show_changes(compare(_version(old).contract, _version(new).contract), as_json=as_json)


@contract.command()
@refusing
@calling
def put(
    file: ContractFile,
    expected_version: Annotated[
        int | None,
        typer.Option(help="The version that you built on; 0 for a new contract."),
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Puts a contract into a running service as the party that it belongs to.

    Example: privacy-service contract put orders.yaml --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    if _is_behavior(file):
        put_behavior(file, expected_version, connection, as_json=as_json)
        return
    source = _text(file)
    _checked(source, file)
    request = contracts_pb2.PutContractRequest(source=source, request_id=str(uuid.uuid4()))
    if expected_version is not None:
        request.expected_version = expected_version
    with connection.open() as channel:
        stub = contracts_pb2_grpc.ContractServiceStub(channel)
        done = stub.PutContract(request, timeout=30, metadata=connection.metadata).contract
    if as_json:
        print_json(_stored(done))
    else:
        console.print(
            f"{done.contract_id} version {done.version} is stored, {done.digest}", markup=False
        )


@contract.command("list")
@calling
def list_contracts(
    partner: Annotated[str, typer.Option(help="Only those of this partner.")] = "",
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Lists the newest version of each sharing contract that you may see (`behavior list`: others).

    Example: privacy-service contract list --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    found: list[contracts_pb2.SharingContract] = []
    with connection.open() as channel:
        stub = contracts_pb2_grpc.ContractServiceStub(channel)
        request = contracts_pb2.ListContractsRequest(partner=partner, page_size=200)
        while True:
            page = stub.ListContracts(request, timeout=30, metadata=connection.metadata)
            found += page.contracts
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
    if as_json:
        print_json([_stored(one) for one in found])
        return
    for one in found:
        console.print(
            f"{one.contract_id} version {one.version}: {one.party} → {one.counterparty}, "
            f"{', '.join(one.purposes)}",
            markup=False,
        )
        print_dates(one.warnings)


def _text(file: Path) -> str:
    return decode(file.read_bytes(), name=str(file))


def _version(file: Path) -> ContractVersion:
    """The file as if it were put now; its faults end the command."""
    source = _text(file)
    checked = _checked(source, file)
    return ContractVersion(
        contract=checked,
        number=1,
        digest=digest(checked),
        source=source,
        put_at=datetime.now(UTC),
        put_by=str(file),
    )


def _checked(source: str, file: Path) -> Any:
    try:
        return check(source, name=str(file), today=datetime.now(UTC).date())
    except ContractFault as faulty:
        end_by(file, faulty)


def _is_behavior(file: Path) -> bool:
    return says_behavior(_text(file))


def _faults_of(file: Path) -> tuple[Fault, ...]:
    if _is_behavior(file):
        return behavior_local.faults_of_file(file)
    return faults_of(_text(file), name=str(file), today=datetime.now(UTC).date())


def _show_behavior(file: Path, *, as_json: bool) -> None:
    contract = behavior_local.compiled_file(file).contract
    shown = {"digest": behavior_digest(contract), "contract": plain(contract)}
    if as_json:
        print_json(shown)
        return
    console.print(f"# {shown['digest']}", markup=False)
    console.print(json.dumps(shown["contract"], indent=2, ensure_ascii=False), markup=False)


def _tried(files: Sequence[Path], model: str | None) -> list[Tried]:
    """The examples of these sharing contracts, run."""
    versions = [(file, _version(file)) for file in files]
    if not versions:
        return []
    given = {} if model is None else {"model": model}
    detector = load_detector(detector_settings(load_detection(**given)))
    limits, read = reader(LimitSettings())
    with rehearsal_pseudonyms() as pseudonyms:
        done = [
            (file, one)
            for file, version in versions
            for one in rehearse(
                version, detector=detector, pseudonyms=pseudonyms, decode=read,
                clock=SystemClock(), limits=limits,
            )
        ]  # fmt: skip
    return [
        Tried(
            as_expected=one.as_expected,
            plain=_rehearsal(file, one),
            show=partial(_print_rehearsal, file, one),
        )
        for file, one in done
    ]


def _print_rehearsal(file: Path, rehearsal: Rehearsal) -> None:
    mark = "[green]ok[/]  " if rehearsal.as_expected else "[bold red]not[/] "
    console.print(f"{mark} {file.name}: {rehearsal.name}: {rehearsal.effect}")
    if rehearsal.as_expected:
        return
    if rehearsal.expected_effect not in (None, rehearsal.effect):
        console.print(f"     expected {rehearsal.expected_effect}", markup=False)
    if rehearsal.reasons:
        console.print(f"     {', '.join(rehearsal.reasons)}", markup=False)
    if rehearsal.expected_output is not None:
        lines = difflib.unified_diff(
            rehearsal.expected_output.splitlines(),
            (rehearsal.output or "").splitlines(),
            "expected",
            "came out",
            lineterm="",
        )
        for line in lines:
            console.print(f"     {line}", markup=False)


def _rehearsal(file: Path, rehearsal: Rehearsal) -> dict[str, Any]:
    return {
        "file": str(file),
        "example": rehearsal.name,
        "as_expected": rehearsal.as_expected,
        "effect": rehearsal.effect,
        "expected_effect": rehearsal.expected_effect,
        "reasons": list(rehearsal.reasons),
        "output": rehearsal.output,
    }


def _stored(one: contracts_pb2.SharingContract) -> dict[str, Any]:
    shown: dict[str, Any] = MessageToDict(one, preserving_proto_field_name=True)
    return shown
