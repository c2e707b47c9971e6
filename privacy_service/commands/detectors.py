"""`privacy-service detectors`: what is looked for, your own rules, and why something was found."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from privacy_service.app.detector import detector_settings
from privacy_service.commands.screen import (
    AsJson,
    Exit,
    console,
    end,
    print_json,
    refusing,
)
from privacy_service.detection.rule_files import RuleFile
from privacy_service.enforcement.findings import Passage, Place
from privacy_service.settings import DetectionSettings, load_detection

detectors = typer.Typer(
    no_args_is_help=True, help="What is looked for, rules of your own, and why something was found."
)

RuleFiles = Annotated[list[Path], typer.Argument(help="Rule files (YAML).")]


@detectors.command("list")
@refusing
def list_rules(as_json: AsJson = False) -> None:
    """Lists every rule: what it finds, how sure it is alone and in context, what checks it.

    Example: privacy-service detectors list
    """
    from privacy_service.detection.rule_files import our_rules

    rules = sorted(our_rules(), key=lambda rule: (rule.entity, rule.name))
    if as_json:
        print_json(
            [
                {
                    "rule": rule.name,
                    "entity": rule.entity,
                    "score": rule.score,
                    "in_context": rule.in_context,
                    "validator": rule.validator,
                    "languages": list(rule.languages),
                }
                for rule in rules
            ]
        )
        return
    table = Table("entity", "rule", "alone", "in context", "check", box=None, header_style="dim")
    for rule in rules:
        alone = f"{rule.score:.2f}" if rule.score else "–"
        table.add_row(rule.entity, rule.name, alone, f"{rule.in_context:.2f}", rule.validator or "")
    console.print(table)


@detectors.command()
def lint(files: RuleFiles, as_json: AsJson = False) -> None:
    """Reads rule files and runs the examples that stand in them. Ends with 1 on a fault.

    Every fault is listed, with the line at which its rule begins.

    Example: privacy-service detectors lint detectors/loyalty.yaml
    """
    from privacy_service.contracts.entities import catalogue
    from privacy_service.detection.rule_examples import tried
    from privacy_service.detection.rule_files import read_rules

    read = {str(file): tried(read_rules(file)) for file in files}
    named = {rule.entity for one in read.values() for rule in one.rules}
    unnamed = sorted(named - catalogue().keys())
    if as_json:
        print_json({name: _linted(one) for name, one in read.items()})
    else:
        for name, one in read.items():
            _print_linted(name, one)
        for entity in unnamed:
            console.print(f"{entity}: no contract can name it, so that its `default` treats it")
    if any(one.faults for one in read.values()):
        end(Exit.NO)


def _linted(read: RuleFile) -> dict[str, Any]:
    return {"rules": len(read.rules), "faults": [asdict(fault) for fault in read.faults]}


def _print_linted(name: str, read: RuleFile) -> None:
    for fault in read.faults:
        console.print(f"{name}:{fault}", markup=False, highlight=False)
    if not read.faults:
        count = len(read.rules)
        console.print(
            f"{name}: {count} {'rule' if count == 1 else 'rules'}, no fault", markup=False
        )


@detectors.command("test")
@refusing
def run_rules(
    file: Annotated[Path, typer.Argument(help="A rule file (YAML).")],
    text: Annotated[str, typer.Argument(help="A text; - reads the standard input.")],
    as_json: AsJson = False,
) -> None:
    """Shows what is found in a text with your rules beside ours, without a model.

    Example: privacy-service detectors test detectors/loyalty.yaml "my card is ACME-1234-5678"
    """
    settings = load_detection(model="none", detectors=(file,))
    _explain(settings, _read(text), field=None, place=Place.VALUE, as_json=as_json)


@detectors.command()
@refusing
def explain(
    text: Annotated[str, typer.Argument(help="A text; - reads the standard input.")],
    field: Annotated[
        str | None, typer.Option(help="The path of the field it stands in: customer.phone")
    ] = None,
    is_key: Annotated[bool, typer.Option("--key", help="It is a member's name.")] = False,
    model: Annotated[
        str | None, typer.Option(help="The spaCy pipeline; `none` for patterns only.")
    ] = None,
    rules: Annotated[list[Path] | None, typer.Option(help="Rule files of your own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows every claim on a text, its score, what spoke for it, and what became of it.

    Example: privacy-service detectors explain "call 030 901820" --field customer.note
    """
    given: dict[str, Any] = {} if model is None else {"model": model}
    if rules:
        given["detectors"] = tuple(rules)
    settings = load_detection(**given)
    place = Place.KEY if is_key else Place.VALUE
    _explain(settings, _read(text), field=field, place=place, as_json=as_json)


@detectors.command("hash")
@refusing
def hash_list(
    file: Annotated[Path, typer.Argument(help="A list: ENTITY, a tab and a value a line.")],
    as_json: AsJson = False,
) -> None:
    """Prints a list of values as digests, so that a file of them holds no personal data.

    Example: privacy-service detectors hash staff.txt > staff.hashed
    """
    from privacy_service.detection.lists import digest

    salt = os.urandom(16)
    hashed = []
    for line in file.read_text(encoding="utf-8").splitlines():
        entity, tab, value = line.partition("\t")
        if tab and not line.startswith("#"):
            hashed.append((entity, digest(salt, value)))
    if as_json:
        print_json({"salt": salt.hex(), "values": [list(pair) for pair in hashed]})
        return
    typer.echo(f"salt\t{salt.hex()}")
    for entity, word in hashed:
        typer.echo(f"{entity}\t{word}")


def _read(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _explain(
    settings: DetectionSettings, text: str, *, field: str | None, place: Place, as_json: bool
) -> None:
    from privacy_service.detection.local import LocalDetector

    detector = LocalDetector.load(detector_settings(settings))
    path = tuple(field.split(".")) if field else ()
    claims = detector.explain(Passage(text=text, path=path, place=place))
    if as_json:
        print_json(
            [
                {
                    "entity": claim.candidate.entity,
                    "start": claim.candidate.start,
                    "end": claim.candidate.end,
                    "score": round(claim.candidate.score, 4),
                    "detector": claim.candidate.detector,
                    "because": claim.candidate.because,
                    "verdict": claim.verdict,
                }
                for claim in claims
            ]
        )
        return
    table = Table(
        "text", "entity", "score", "detector", "because", "verdict", box=None, header_style="dim"
    )
    for claim in claims:
        one = claim.candidate
        table.add_row(
            text[one.start : one.end],
            one.entity,
            f"{one.score:.2f}",
            one.detector,
            one.because,
            claim.verdict,
        )
    console.print(table if claims else "nothing claims any of it")
