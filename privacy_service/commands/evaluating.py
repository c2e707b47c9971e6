"""`privacy-service evaluate`: how well the running configuration finds what is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from privacy_service.commands.inspecting import Inspection
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, refusing
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.detection.evaluate import Label, Report, Sample, Tally
from privacy_service.detection.evaluate import evaluate as score
from privacy_service.detection.families import Families, families
from privacy_service.detection.labelled_files import read_labelled
from privacy_service.detection.significance import Difference, bootstrap, compare, wilson
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document
from privacy_service.settings import DetectionSettings, load_detection

_AT_A_TIME: Final = 64
_SEED: Final = 20261123
"""The resampling is the same at every run: it measures, it keeps no secret."""
_CONFUSED: Final = 10
"""Rows of the confusion that are shown."""
_MEASURES: Final = {
    "f1": lambda report: report.micro().f(),
    "leak": lambda report: report.leak,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is evaluated: detection settings, and the score from which findings count."""

    settings: DetectionSettings
    threshold: float

    def but(self, changes: str) -> Configuration:
        """The configuration with `name=value,name=value` changed. Raises BadParameter."""
        settings, threshold = self.settings, self.threshold
        for change in changes.split(","):
            name, equals, value = change.partition("=")
            if name == "threshold" and equals:
                threshold = float(value)
            elif name in ("model", "second_opinion") and equals:
                settings = settings.model_copy(update={name: value})
            elif name == "rules" and equals:
                rules = (*settings.detectors, Path(value))
                settings = settings.model_copy(update={"detectors": rules})
            else:
                raise typer.BadParameter(
                    f"{name} is none of model=…, second_opinion=…, threshold=…, rules=FILE, parted "
                    "by commas"
                )
        return Configuration(settings=settings, threshold=threshold)

    def report(self, samples: Sequence[Sample], known: Families) -> Report:
        """The samples, inspected and scored."""
        inspection = Inspection(self.settings, self.threshold)
        found: dict[str, list[Label]] = {}
        for start in range(0, len(samples), _AT_A_TIME):
            batch = samples[start : start + _AT_A_TIME]
            answers = inspection.answers([_document(inspection, sample) for sample in batch])
            for sample, answer in zip(batch, answers, strict=True):
                found[sample.id] = [
                    Label(one.original_start, one.original_end, one.entity)
                    for one in answer.findings
                ]
        return score(samples, found, known)


@refusing
def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Labelled files, or brat folders.")],
    model: Annotated[
        str | None, typer.Option(help="The spaCy pipeline; `none` for patterns only.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(help="Findings that score lower do not count.")
    ] = USUAL_THRESHOLD,
    compare_with: Annotated[
        str | None,
        typer.Option(
            "--compare",
            help="A second configuration: model=none,threshold=0.5,second_opinion=…,rules=FILE",
        ),
    ] = None,
    rules: Annotated[list[Path] | None, typer.Option(help="Rule files of your own.")] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--label", help="What a label of yours means: STAFF=PERSON; STAFF= leaves it out."
        ),
    ] = None,
    worst: Annotated[int, typer.Option(help="List so many of the worst misses.")] = 0,
    show_values: Annotated[
        bool, typer.Option(help="With --worst: also print the texts that were missed.")
    ] = False,
    fail_under: Annotated[
        float | None, typer.Option(help="End with 1 where the micro F1 is lower.")
    ] = None,
    fail_over_leak: Annotated[
        float | None, typer.Option(help="End with 1 where the leak is larger.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Scores the running configuration on labelled files.

    JSONL ({"id","text","spans":[{"start","end","label"}]}), Presidio-research JSON, CoNLL or brat.
    The leak is the share of labelled characters that no finding covers; over-redaction the share of
    the others that one does. Intervals are 95 %.

    Example: privacy-service evaluate sample.jsonl --compare model=none --fail-under 0.85
    """
    known = _families(labels or ())
    samples = _samples(files)
    given: dict[str, Any] = {} if model is None else {"model": model}
    if rules:
        given["detectors"] = tuple(rules)
    configuration = Configuration(settings=load_detection(**given), threshold=threshold)
    report = configuration.report(samples, known)
    differences: dict[str, Difference] = {}
    if compare_with is not None:
        other = configuration.but(compare_with).report(samples, known)
        differences = {
            name: compare(report, other, measure, _drawing()) for name, measure in _MEASURES.items()
        }
    texts = {sample.id: sample.text for sample in samples} if show_values else {}
    unknown = sorted(
        {one.name for sample in samples for one in sample.labels if not known.knows(one.name)}
    )
    if as_json:
        print_json(_as_dict(report, differences, worst, texts) | {"unknown_labels": unknown})
    else:
        _print(report, differences, worst, texts)
        for name in unknown:
            console.print(
                f"no entity is known under the label {name}, so that it counts as missed: "
                f"--label {name}=PERSON says what it means, --label {name}= leaves it out",
                markup=False,
            )
    failed = fail_under is not None and report.micro().f() < fail_under
    if failed or (fail_over_leak is not None and report.leak > fail_over_leak):
        end(Exit.NO)


def _families(given: Sequence[str]) -> Families:
    """Our table with the user's words. Raises BadParameter for a family that there is none of."""
    own: dict[str, str | None] = {}
    for one in given:
        label, equals, meant = one.partition("=")
        if not (label and equals) or (meant and not families().knows(meant)):
            raise typer.BadParameter("write LABEL=ENTITY, as in STAFF=PERSON, or LABEL=")
        own[label] = families().of(meant) if meant else None
    return replace(families(), own=own)


def _drawing() -> Random:
    return Random(_SEED)  # noqa: S311 - no secret


def _samples(files: Sequence[Path]) -> list[Sample]:
    """All samples, their ids made distinct by their file."""
    samples = []
    for file in files:
        for sample in read_labelled(file):
            name = f"{file.name}:{sample.id}" if len(files) > 1 else sample.id
            samples.append(
                Sample(
                    id=name,
                    text=sample.text,
                    labels=sample.labels,
                    content_type=sample.content_type,
                    language=sample.language,
                )
            )
    return samples


def _document(inspection: Inspection, sample: Sample) -> Document:
    """The sample by its content type; a text that does not parse as it is plain text."""
    try:
        return inspection.read(sample.content_type, sample.text.encode())
    except PrivacyError:
        return inspection.read("text/plain", sample.text.encode("utf-8", "replace"))


def _as_dict(
    report: Report, differences: dict[str, Difference], worst: int, texts: dict[str, str]
) -> dict[str, Any]:
    f1 = bootstrap(report, _MEASURES["f1"], _drawing())
    leak = bootstrap(report, _MEASURES["leak"], _drawing())
    return {
        "samples": len(report.outcomes),
        "micro": _tally(report.micro()) | {"f1_interval": [f1.low, f1.high]},
        "leak": report.leak,
        "leak_interval": [leak.low, leak.high],
        "over_redaction": report.over_redaction,
        "families": {name: _tally(tally) for name, tally in report.by_family().items()},
        "confusion": [
            {"labelled": wanted, "found": found or None, "count": count}
            for (wanted, found), count in report.confusion().most_common()
            if wanted != found
        ],
        "comparison": {
            name: {"gain": difference.gain, "p_value": difference.p_value}
            for name, difference in differences.items()
        },
        "worst": [
            {
                "sample": miss.sample,
                "family": miss.family,
                "start": miss.start,
                "end": miss.end,
                "kind": miss.kind,
                **({"text": texts[miss.sample][miss.start : miss.end]} if texts else {}),
            }
            for miss in report.worst(worst)
        ],
    }


def _tally(tally: Tally) -> dict[str, Any]:
    recall = wilson(tally.found, tally.labels)
    precision = wilson(tally.right, tally.findings)
    return {
        "labels": tally.labels,
        "findings": tally.findings,
        "precision": tally.precision,
        "precision_interval": [precision.low, precision.high],
        "recall": tally.recall,
        "recall_interval": [recall.low, recall.high],
        "f1": tally.f(),
        "f2": tally.f(2.0),
    }


def _print(
    report: Report, differences: dict[str, Difference], worst: int, texts: dict[str, str]
) -> None:
    table = Table(box=None, header_style="dim")
    for column in ("family", "labels", "precision", "recall", "F1", "F2"):
        table.add_column(column, justify="left" if column == "family" else "right")
    for name, tally in (*report.by_family().items(), ("all (micro)", report.micro())):
        table.add_row(
            name,
            str(tally.labels),
            _share(tally.right, tally.findings),
            _share(tally.found, tally.labels),
            f"{tally.f():.3f}",
            f"{tally.f(2.0):.3f}",
        )
    console.print(table)
    f1 = bootstrap(report, _MEASURES["f1"], _drawing())
    leak = bootstrap(report, _MEASURES["leak"], _drawing())
    console.print(
        f"{len(report.outcomes)} samples; micro F1 {report.micro().f():.3f} "
        f"({f1.low:.3f}–{f1.high:.3f}); leak {report.leak:.3f} ({leak.low:.3f}–{leak.high:.3f}); "
        f"over-redaction {report.over_redaction:.3f}"
    )
    for name, difference in differences.items():
        console.print(
            f"compared: {name} {difference.gain:+.4f}, p = {difference.p_value:.3f} "
            "(paired randomization)"
        )
    mixed = [
        (pair, count) for pair, count in report.confusion().most_common() if len(set(pair)) > 1
    ]
    for (wanted, found), count in mixed[:_CONFUSED]:
        console.print(
            f"labelled {wanted}, found {f'as {found}' if found else 'not at all'}: {count}"
        )
    for miss in report.worst(worst):
        shown = f" {texts[miss.sample][miss.start : miss.end]!r}" if texts else ""
        console.print(
            f"{miss.kind}: {miss.family} in {miss.sample}, {miss.start}–{miss.end}{shown}",
            markup=False,
        )


def _share(part: int, whole: int) -> str:
    interval = wilson(part, whole)
    return f"{part / whole if whole else 1.0:.3f} ({interval.low:.2f}–{interval.high:.2f})"
