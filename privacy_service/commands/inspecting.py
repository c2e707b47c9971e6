"""`privacy-service inspect`: personal data in payloads, on this machine, without a service."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from privacy_service.app.detector import detector_settings, load_detector
from privacy_service.app.reading import reader
from privacy_service.clock import SystemClock
from privacy_service.commands.client import guessed_type
from privacy_service.commands.screen import AsJson, console, print_json, refusing
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.enforcement.answer import InspectAnswer
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.survey import survey
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document
from privacy_service.settings import DetectionSettings, LimitSettings, load_detection

_AT_A_TIME: Final = 64


@refusing
def inspect(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Payloads; none, or -, reads the standard input.")
    ] = None,
    content_type: Annotated[
        str | None, typer.Option("--type", help="The content type; else by the file's name.")
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help='Read lines {"id","text","content_type"}, write one line for each.'
        ),
    ] = False,
    threshold: Annotated[
        float, typer.Option(help="Leave out findings that score lower.")
    ] = USUAL_THRESHOLD,
    model: Annotated[
        str | None, typer.Option(help="The spaCy pipeline; `none` for patterns only.")
    ] = None,
    show_values: Annotated[
        bool, typer.Option(help="Also print the values that were found.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Finds personal data in payloads, under no contract. Nothing is sent anywhere.

    With --jsonl each output line is {"id", "findings": [{"entity", "start", "end", "score",
    "path"}]}; start and end are code points of the original text, whatever its content type.
    A text that does not parse as its content type is inspected as plain text, and its line says
    so under "error".

    Example: privacy-service inspect examples/payloads/order.json
    """
    given = {} if model is None else {"model": model}
    inspection = Inspection(load_detection(**given), threshold)
    if jsonl:
        _lines(inspection, files or [])
        return
    shown = []
    for name in files or [Path("-")]:
        payload = sys.stdin.buffer.read() if str(name) == "-" else name.read_bytes()
        kind = content_type or guessed_type(name)
        (answer,) = inspection.answers([inspection.read(kind, payload)])
        if as_json:
            shown.append({"file": str(name), **as_dict(answer)})
        else:
            text = payload.decode("utf-8") if show_values else None
            _print(answer, str(name), text)
    if as_json:
        print_json(shown)


class Inspection:
    """The detector of the settings, in this process."""

    def __init__(self, settings: DetectionSettings, threshold: float) -> None:
        self._detector = load_detector(detector_settings(settings))
        self._limits, self.read = reader(LimitSettings())
        self._threshold = threshold

    def answers(self, documents: Sequence[Document]) -> list[InspectAnswer]:
        """One answer per document."""
        return survey(
            documents,
            threshold=self._threshold,
            detector=self._detector,
            deadline=Deadline.after(None, SystemClock()),
            limits=self._limits,
        )


def as_dict(answer: InspectAnswer) -> dict[str, Any]:
    """The answer without values: where, what, how sure."""
    return {
        "findings": [
            {
                "entity": found.entity,
                "start": found.original_start,
                "end": found.original_end,
                "score": round(found.score, 4),
                "path": found.path,
                "place": found.place.value,
                "detector": found.detector,
            }
            for found in answer.findings
        ],
        "coverage": {
            "complete": answer.coverage.complete,
            "values": answer.coverage.values_total,
            "by_model": answer.coverage.values_by_model,
            "gaps": [
                {"kind": gap.kind.value, "path": gap.path, "count": gap.count}
                for gap in answer.coverage.gaps
            ],
        },
    }


# -- Lines in, lines out ------------------------------------------------------------------------


def _lines(inspection: Inspection, files: Sequence[Path]) -> None:
    lines = _read_lines(files)
    while batch := list(islice(lines, _AT_A_TIME)):
        asked = [_asked(line, number) for number, line in batch]
        read = [_read(inspection, one) for one in asked]
        answers = inspection.answers([document for document, _error in read])
        for one, (_document, error), answer in zip(asked, read, answers, strict=True):
            written: dict[str, Any] = {"id": one.get("id")}
            written["findings"] = [
                {
                    "entity": found.entity,
                    "start": found.original_start,
                    "end": found.original_end,
                    "score": round(found.score, 4),
                    "path": found.path,
                }
                for found in answer.findings
            ]
            if error is not None:
                written["error"] = {"reason": error.reason.code, "details": error.details}
            sys.stdout.write(json.dumps(written, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _read_lines(files: Sequence[Path]) -> Iterator[tuple[int, str]]:
    opened: Iterable[str]
    for name in files or [Path("-")]:
        if str(name) == "-":
            yield from enumerate(sys.stdin, 1)
        else:
            with name.open(encoding="utf-8") as opened:
                yield from enumerate(opened, 1)


def _asked(line: str, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        if not isinstance(asked["text"], str):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise typer.BadParameter(f'line {number} is not {{"id", "text", "content_type"}}') from None
    return dict(asked)


def _read(inspection: Inspection, asked: dict[str, Any]) -> tuple[Document, PrivacyError | None]:
    payload = asked["text"].encode("utf-8", "surrogatepass")
    kind = asked.get("content_type") or "text/plain"
    try:
        return inspection.read(kind, payload), None
    except PrivacyError as error:
        text = asked["text"].encode("utf-8", "replace")
        return inspection.read("text/plain", text), error


def _print(answer: InspectAnswer, name: str, text: str | None) -> None:
    console.print(f"[bold]{name}[/]: {len(answer.findings)} findings")
    columns = ["entity", "path", "start", "end", "score", "detector"]
    table = Table(*columns, *(["value"] if text else []), box=None, header_style="dim")
    for found in answer.findings:
        row = [
            found.entity,
            found.path or "/",
            str(found.original_start),
            str(found.original_end),
            f"{found.score:.2f}",
            found.detector,
        ]
        if text:
            row.append(text[found.original_start : found.original_end])
        table.add_row(*row)
    if answer.findings:
        console.print(table)
    for gap in answer.coverage.gaps:
        console.print(f"  not inspected whole: {gap.kind.value} at {gap.path or '/'}", style="red")
