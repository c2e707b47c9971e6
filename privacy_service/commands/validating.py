"""`privacy-service contract validate`: scenarios, played end to end through a behavior contract."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from privacy_service.app.judging import local_stage
from privacy_service.behavior.canonical import digest
from privacy_service.behavior.compiled import Compiled
from privacy_service.clock import SystemClock
from privacy_service.commands.behavior_local import compiled_file, text
from privacy_service.commands.client import Connection, calling
from privacy_service.commands.contract import contract
from privacy_service.commands.contract_shadow import instant_of
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    errors_console,
    print_json,
    refusing,
)
from privacy_service.commands.validating_cases import Keeping, Remembering
from privacy_service.commands.validating_partners import (
    ChatPartner,
    NotARecording,
    Recording,
    ServiceJudge,
    recorded,
    web_client,
)
from privacy_service.contracts.faults import ContractFault
from privacy_service.evidence.entries import ContractRef
from privacy_service.scenarios import report
from privacy_service.scenarios.judge import LocalJudge
from privacy_service.scenarios.model import Play
from privacy_service.scenarios.play import Player, StepResult
from privacy_service.scenarios.ports import AnsweringPartner, Judge
from privacy_service.scenarios.read import BUILTIN, builtin, read
from privacy_service.settings import LimitSettings, load_detection


@contract.command()
@refusing
@calling
def validate(
    behavior_contract: Annotated[Path, typer.Argument(help="A behavior contract (YAML).")],
    scenarios: Annotated[list[Path] | None, typer.Argument(help="Scenario files (YAML).")] = None,
    shipped: Annotated[
        list[str] | None,
        typer.Option("--builtin", help=f"Scenarios that ship: {', '.join(BUILTIN)}."),
    ] = None,
    use_case: Annotated[
        str | None, typer.Option(help="Of scenarios that name none; else the contract's first.")
    ] = None,
    recording: Annotated[
        Path | None, typer.Option("--recorded", help="JSON lines with what the partner answered.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option(help="An OpenAI-compatible address: https://host/v1.")
    ] = None,
    partner_model: Annotated[str, typer.Option(help="The model that is asked there.")] = "default",
    partner_key: Annotated[
        str, typer.Option(help="The environment variable that holds the key.")
    ] = "PARTNER_API_KEY",
    record: Annotated[
        Path | None, typer.Option(help="Write down what the partner answers, for --recorded.")
    ] = None,
    service: Annotated[
        bool, typer.Option("--service", help="Have a running service judge, playbooks and all.")
    ] = False,
    keep_cases: Annotated[
        str | None,
        typer.Option(
            help="Have a running service keep what comes out as expected as recorded cases, which "
            "are replayed before a change is in force: for how long (90d), or until when."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Where to write the report for people.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Where to write JUnit XML.")] = None,
    model: Annotated[
        str | None, typer.Option(help="The spaCy pipeline; `none` for patterns only.")
    ] = None,
    *,
    connection: Connection,
    as_json: AsJson = False,
) -> None:
    """Plays scenarios end to end, and reports what is not as it has to be. Ends with 1 if any is.

    Answers stand in the scenarios, in a recording, or come from a live partner. The report names no
    word that was asked or answered.

    Example: privacy-service contract validate examples/behavior/helpdesk-answers.yaml
    examples/scenarios/helpdesk.yaml --builtin adversarial --html report.html --junit report.xml
    Example: privacy-service contract validate answers.yaml journeys.yaml --recorded answers.jsonl
    --keep-cases 90d --ca ca.pem --cert acme.pem --key acme-key.pem
    """
    compiled = compiled_file(behavior_contract)
    plays = [*_read(scenarios or []), *_shipped(shipped or [])]
    if not plays:
        errors_console.print("name scenario files, or --builtin adversarial")
        end(Exit.USAGE)
    until = None if keep_cases is None else instant_of(keep_cases, datetime.now(UTC))
    usual = use_case or next(iter(compiled.contract.scope.use_cases), None)
    with ExitStack() as opened:
        answering = _answering(opened, recording, partner, partner_model, partner_key, record)
        judge: Judge
        if service:
            judge = ServiceJudge(
                channel=opened.enter_context(connection.open()),
                metadata=connection.metadata,
                party=compiled.contract.party,
                provider=compiled.contract.provider,
            )
        else:
            given = {} if model is None else {"model": model}
            stage = local_stage(load_detection(**given), LimitSettings(), SystemClock())
            judge = LocalJudge(compiled, stage)
        keeping = Keeping(contract=compiled.contract, judge=Remembering(judge))
        player = Player(partner=answering, judge=keeping.judge, clock=SystemClock())
        results = [
            (play.title, keeping.take(result))
            for play in plays
            for result in player.play(_in(play, usual))
        ]
    whose = partner or (str(recording) if recording else "the scenarios")
    validation = report.Validation(
        contract=_reference(compiled),
        partner=whose,
        at=datetime.now(UTC),
        results=tuple(results),
    )
    if html is not None:
        html.write_text(report.as_html(validation), "utf-8")
    if junit is not None:
        junit.write_text(report.as_junit(validation), "utf-8")
    if as_json:
        print_json(report.as_json(validation))
    else:
        _print(validation)
    if until is not None:
        keeping.keep(connection, until, says=not as_json)
    if not validation.passed:
        end(Exit.NO)


def _read(files: list[Path]) -> Iterator[Play]:
    """Each file's scenarios; faults end the command."""
    for file in files:
        try:
            yield read(text(file), name=str(file))
        except ContractFault as faulty:
            for fault in faulty.faults:
                errors_console.print(f"{file}:{fault}", markup=False)
            end(Exit.NO)


def _shipped(names: list[str]) -> Iterator[Play]:
    for name in names:
        if name not in BUILTIN:
            errors_console.print(f"--builtin is one of {', '.join(BUILTIN)}", markup=False)
            end(Exit.USAGE)
        yield builtin(name)


def _in(play: Play, use_case: str | None) -> Play:
    scenarios = (
        one if one.use_case is not None else replace(one, use_case=use_case)
        for one in play.scenarios
    )
    return replace(play, scenarios=tuple(scenarios))


def _answering(
    opened: ExitStack,
    recording: Path | None,
    partner: str | None,
    model: str,
    key: str,
    record: Path | None,
) -> AnsweringPartner | None:
    if recording is not None:
        try:
            return recorded(recording)
        except NotARecording as wrong:
            errors_console.print(f"{recording}:{wrong.line}: error: {wrong.says}", markup=False)
            end(Exit.NO)
    if partner is None:
        return None
    chat = ChatPartner(
        address=partner,
        model=model,
        key=os.environ.get(key),
        client=opened.enter_context(web_client()),
    )
    if record is None:
        return chat
    return Recording(chat, opened.enter_context(record.open("w", encoding="utf-8")))


def _reference(compiled: Compiled) -> ContractRef:
    contract = compiled.contract
    return ContractRef(id=contract.id, number=0, digest=digest(contract))


def _print(validation: report.Validation) -> None:
    for title, one in validation.results:
        if one.faults:
            _print_step(title, one)
    counts = report.counts(validation)
    console.print(
        f"{counts['steps']} steps: {counts['as_expected']} as expected, {counts['faults']} not, "
        f"{counts['known_misses']} known to go through"
    )


def _print_step(title: str, one: StepResult) -> None:
    mark = "[yellow]known miss[/]" if one.passed else "[bold red]not[/]"
    console.print(f"{mark} {title}: {report.name_of(one)}: {one.outcome}")
    for says in (one.step.known_miss,) if one.passed else one.faults:
        console.print(f"     {says}", markup=False)
