"""`privacy-service behavior`: lint, test and try behavior contracts, on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from privacy_service.app.judging import local_stage
from privacy_service.behavior.check import Checked
from privacy_service.behavior.compiled import Compiled, compiled
from privacy_service.behavior.diff import diff as compare
from privacy_service.behavior.lint import SetUp, check_contract
from privacy_service.behavior.lint import lint as faults_of
from privacy_service.behavior.model import Side, Source
from privacy_service.behavior.rehearse import Rehearsal, Stage, rehearse
from privacy_service.behavior.signals import SIGNALS
from privacy_service.behavior.subject import Company
from privacy_service.clock import SystemClock
from privacy_service.commands.behavior_stream import STDIN, check_here, pieces_of, write_line
from privacy_service.commands.client import guessed_type
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
from privacy_service.contracts.faults import ContractFault, Fault
from privacy_service.contracts.source import decode
from privacy_service.settings import LimitSettings, load_detection

behavior = typer.Typer(
    no_args_is_help=True,
    help="What an AI partner may answer: lint, test, diff, check, put, list, send, report.",
)

_SECONDS = 30.0
ContractFiles = Annotated[list[Path], typer.Argument(help="Behavior contracts (YAML).")]
Model = Annotated[str | None, typer.Option(help="The spaCy pipeline; `none` for patterns only.")]


@behavior.command()
def lint(files: ContractFiles, as_json: AsJson = False) -> None:
    """Names each fault with its line and column. Ends with 1 if any is an error.

    Example: privacy-service behavior lint examples/behavior/*.yaml
    """
    show_faults(files, faults_of_file, as_json=as_json)


@behavior.command("test")
def run_examples(files: ContractFiles, model: Model = None, as_json: AsJson = False) -> None:
    """Runs the examples that stand in each contract, with the real detector.

    Ends with 1 if any example is not as it states.

    Example: privacy-service behavior test examples/behavior/helpdesk-answers.yaml
    """
    show_examples(tried(files, model), as_json=as_json)


@behavior.command()
@refusing
def diff(
    old: Annotated[Path, typer.Argument(help="A behavior contract (YAML).")],
    new: Annotated[Path, typer.Argument(help="Another version of it.")],
    as_json: AsJson = False,
) -> None:
    """Says per change whether it tightens or weakens, and why. Ends with 1 if any weakens.

    Example: privacy-service behavior diff old.yaml new.yaml
    """
    before, after = (compiled_file(file).contract for file in (old, new))
    show_changes(compare(before, after), as_json=as_json)


@behavior.command("check")
@refusing
def check_text(
    file: Annotated[
        Path, typer.Argument(help="The output (or prompt) to judge; - for the standard input.")
    ],
    contract: Annotated[Path, typer.Option(help="The behavior contract (YAML).")],
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
    use_case: Annotated[str | None, typer.Option(help="One of the contract's.")] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Show what may go out while it comes.")
    ] = False,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Says what a contract makes of one output: every verdict, what fired, what would be released.

    Nothing is sent or stored, and personal data is left as it is. Ends with 1 where nothing would
    be released.

    Example: privacy-service behavior check answer.txt --contract helpdesk-answers.yaml
    Example: my-model | privacy-service behavior check - --stream --contract helpdesk-answers.yaml
    """
    company = Company(
        prompt=read_file(prompt),
        system_prompt=read_file(system_prompt),
        sources=tuple(Source(id=one.stem, text=text(one)) for one in source or ()),
        confidence=confidence,
        use_case=use_case,
    )
    typed = content_type or ("text/plain" if file == STDIN else guessed_type(file))
    if stream:
        checked = check_here(
            file, _stage(model), compiled_file(contract), typed, company, as_json=as_json
        )
    else:
        checked = _stage(model).checked(
            compiled_file(contract),
            side=side,
            content=b"".join(pieces_of(file)),
            content_type=typed,
            company=company,
        )
    if stream and not as_json:
        errors_console.print(f"\n[bold]{checked.outcome.value}[/]")
    elif stream:
        write_line(_checked(checked))
    elif as_json:
        print_json(_checked(checked))
    else:
        _print_checked(checked)
    if not checked.outcome.releases:
        end(Exit.NO)


@behavior.command()
def signals(as_json: AsJson = False) -> None:
    """Lists the signals that conditions of failure modes are written over.

    Example: privacy-service behavior signals
    """
    if as_json:
        print_json([{"name": s.name, "type": s.type, "says": s.says} for s in SIGNALS])
        return
    table = Table("signal", "type", "what it is", box=None, pad_edge=False)
    for signal in SIGNALS:
        table.add_row(signal.name, signal.type, signal.says)
    console.print(table)


def _stage(model: str | None) -> Stage:
    given = {} if model is None else {"model": model}
    return local_stage(load_detection(**given), LimitSettings(), SystemClock())


def faults_of_file(file: Path) -> tuple[Fault, ...]:
    """What is wrong with a behavior contract. Raises ContractFault for what is no YAML."""
    detection = load_detection()
    set_up = SetUp(
        tokenizers=detection.tokenizers or None, classifiers=detection.classifiers or None
    )
    today = datetime.now(UTC).date()
    return faults_of(text(file), name=str(file), today=today, set_up=set_up)


def tried(files: Sequence[Path], model: str | None) -> list[Tried]:
    """The examples of these contracts, run. Faults of a file end the command."""
    ready = [(file, compiled_file(file)) for file in files]
    if not ready:
        return []
    stage = _stage(model)
    done = [(file, one) for file, contract in ready for one in rehearse(contract, stage)]
    return [
        Tried(
            as_expected=one.as_expected,
            plain=_rehearsal(file, one),
            show=partial(_print_rehearsal, file, one),
        )
        for file, one in done
    ]


def text(file: Path) -> str:
    return decode(file.read_bytes(), name=str(file))


def read_file(file: Path | None) -> str | None:
    return None if file is None else text(file)


def compiled_file(file: Path) -> Compiled:
    """The file's contract; its faults end the command."""
    try:
        today = datetime.now(UTC).date()
        return compiled(check_contract(text(file), name=str(file), today=today))
    except ContractFault as faulty:
        end_by(file, faulty)


def _print_rehearsal(file: Path, done: Rehearsal) -> None:
    mark = "[green]ok[/]  " if done.as_expected else "[bold red]not[/] "
    outcome = done.outcome.value if done.outcome else done.error
    console.print(f"{mark} {file.name}: {done.example.name}: {outcome}")
    if done.as_expected:
        return
    wanted = done.example
    _print_difference("outcome", wanted.outcome and wanted.outcome.value, outcome)
    _print_difference("broken", wanted.broken, (*done.broken, *done.undetermined))
    _print_difference("failures", wanted.failures, done.failures)
    for name, why in done.why:
        console.print(f"     {name}: {why}", markup=False)


def _print_difference(name: str, wanted: object, came: object) -> None:
    if wanted is not None and wanted != came:
        console.print(f"     {name}: expected {_words(wanted)}, not {_words(came)}", markup=False)


def _words(value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _print_checked(checked: Checked) -> None:
    console.print(f"[bold]{checked.outcome.value}[/]")
    table = Table("expectation", "verdict", "count", "bound", "why", box=None, pad_edge=False)
    for one in checked.results:
        judged = one.judgement
        why = " ".join(filter(None, (judged.why, judged.name, judged.path)))
        table.add_row(
            one.expectation.id, judged.verdict.value, number(judged.count), number(judged.bound),
            why,
        )  # fmt: skip
    console.print(table)
    for mode in checked.failures:
        console.print(
            f"fired: {mode.id} ({mode.category.value}, {mode.severity.value})", markup=False
        )
    for ask in checked.ask:
        console.print(f"ask again: {ask}", markup=False)
    if checked.content is not None:
        console.print("\nwould be released:")
        console.print(checked.content.decode("utf-8", "replace"), markup=False)


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _checked(checked: Checked) -> dict[str, Any]:
    return {
        "outcome": checked.outcome.value,
        "expectations": [
            {
                "id": one.expectation.id,
                "verdict": one.judgement.verdict.value,
                "why": one.judgement.why,
                "count": one.judgement.count,
                "bound": one.judgement.bound,
                "name": one.judgement.name,
                "path": one.judgement.path,
            }
            for one in checked.results
        ],
        "failures": [
            {"id": m.id, "category": m.category.value, "severity": m.severity.value}
            for m in checked.failures
        ],
        "ask": list(checked.ask),
        "content_type": checked.content_type,
        "content": None if checked.content is None else checked.content.decode("utf-8", "replace"),
    }


def _rehearsal(file: Path, done: Rehearsal) -> dict[str, Any]:
    return {
        "file": str(file),
        "example": done.example.name,
        "as_expected": done.as_expected,
        "outcome": done.outcome.value if done.outcome else None,
        "error": done.error,
        "broken": list(done.broken),
        "undetermined": list(done.undetermined),
        "failures": list(done.failures),
    }
