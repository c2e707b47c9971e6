"""A transfer's answer, set out for a terminal: before, after, decision, coverage, proof."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from privacy_service.commands.dates import in_words
from privacy_service.commands.screen import console
from privacy_service.v1 import answer_pb2

_COLOURS = {
    answer_pb2.EFFECT_ALLOW: "green",
    answer_pb2.EFFECT_TREATED: "green",
    answer_pb2.EFFECT_REFUSE: "red",
    answer_pb2.EFFECT_HOLD: "yellow",
}
_MOST_LINES = 80


def print_result(
    result: answer_pb2.TransferResult, before: bytes, *, title: str | None = None
) -> None:
    """Prints an answer beside the payload that it is for."""
    if title:
        console.rule(f"[bold]{title}", align="left")
    for part in _parts(result, before):
        console.print(Padding(part, (0, 0, 0, 2), expand=False), soft_wrap=False)
    console.print()


def _parts(result: answer_pb2.TransferResult, before: bytes) -> Iterator[RenderableType]:
    released = result.HasField("payload")
    yield _heading("before (-) and after (+)" if released else "before; nothing was released")
    yield _compared(before, result.payload if released else None)
    yield _heading("decision")
    yield _decision(result)
    if result.treatments:
        yield _heading("treatments")
        yield _treatments(result)
    yield _heading("coverage")
    yield _coverage(result.coverage)
    yield _heading("proof")
    yield _proof(result)


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold cyan")


def _compared(before: bytes, after: bytes | None) -> Text:
    """The payload as it came, with what was taken out marked, and what stands there now."""
    old = readable(before)
    shown = Text()
    if after is None:
        for line in old[:_MOST_LINES]:
            shown.append(f"  {line}\n")
        return _trimmed(shown)
    lines = list(_differences(old, readable(after)))
    for line in lines[:_MOST_LINES]:
        style = {"-": "red", "+": "green"}.get(line[0], "dim")
        shown.append(f"{line}\n", style=style)
    if len(lines) > _MOST_LINES:
        shown.append(f"  … {len(lines) - _MOST_LINES} more lines\n", style="dim")
    return _trimmed(shown)


def _differences(old: list[str], new: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield from (f"  {line}" for line in old[old_start:old_end])
        else:
            yield from (f"- {line}" for line in old[old_start:old_end])
            yield from (f"+ {line}" for line in new[new_start:new_end])


def _trimmed(text: Text) -> Text:
    text.rstrip()
    return text


def readable(payload: bytes) -> list[str]:
    """The payload in lines: JSON set out, other text as it is, bytes counted."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return [f"({len(payload)} bytes that are not text)"]
    try:
        lines = json.dumps(json.loads(text), ensure_ascii=False, indent=2).splitlines()
        # Without commas a line is the same whether or not another one follows it.
        return [line.rstrip(",") for line in lines]
    except ValueError:
        return text.splitlines()


def _decision(result: answer_pb2.TransferResult) -> RenderableType:
    effect = result.decision.effect
    shown = Text()
    shown.append(
        answer_pb2.Effect.Name(effect).removeprefix("EFFECT_"),
        style=f"bold {_COLOURS.get(effect, 'white')}",
    )
    for reason in result.decision.reasons:
        at = f" at {reason.path}" if reason.HasField("path") and reason.path else ""
        what = f" ({reason.entity})" if reason.HasField("entity") else ""
        shown.append(f"\n  {reason.code}{at}{what}: {reason.message}")
    for stamp in result.contracts:
        contract = stamp.contract
        shown.append(
            f"\n  under {contract.contract_id} version {contract.version}, terms of {stamp.party}, "
            f"{contract.digest[:19]}…"
        )
    for date in result.warnings:
        shown.append(f"\n  {in_words(date)}", style="yellow")
    return shown


def _treatments(result: answer_pb2.TransferResult) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in ("path", "entity", "treatment", "count", "whose term"):
        table.add_column(column, justify="right" if column == "count" else "left")
    for line in result.treatments:
        kind = answer_pb2.TreatmentKind.Name(line.treatment).removeprefix("TREATMENT_KIND_")
        changed = " (type changed)" if line.type_changed else ""
        table.add_row(
            Text(line.path or "/"),
            line.entity if line.HasField("entity") else "",
            kind.lower() + changed,
            str(line.count),
            answer_pb2.TermSource.Name(line.source).removeprefix("TERM_SOURCE_").lower(),
        )
    return table


def _coverage(coverage: answer_pb2.Coverage) -> Text:
    shown = Text()
    complete = "complete" if coverage.complete else "NOT COMPLETE"
    shown.append(complete, style="green" if coverage.complete else "bold red")
    shown.append(
        f": {coverage.values_inspected} of {coverage.values_total} values and "
        f"{coverage.keys_inspected} keys, {coverage.values_by_model} by the language model, "
        f"in {coverage.rounds} rounds"
    )
    for gap in coverage.gaps:
        kind = answer_pb2.GapKind.Name(gap.kind).removeprefix("GAP_KIND_").lower()
        shown.append(f"\n  {kind} at {gap.path or '/'}: {gap.count}")
    return shown


def _proof(result: answer_pb2.TransferResult) -> Text:
    if not result.HasField("audit"):
        return Text("none: a preview records nothing")
    audit = result.audit
    shown = Text(
        f"audit position {audit.position} in {audit.log_origin} (attempt {audit.attempt_position})"
    )
    if result.disclosure_id:
        shown.append(f"\ndisclosure {result.disclosure_id}")
    if result.record_id:
        shown.append(f"\nsealed copy {result.record_id}")
    return shown
