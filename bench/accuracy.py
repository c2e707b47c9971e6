"""Measures detection and writes docs/accuracy.md and docs/encodings.md: `make accuracy`.

Made-up sets come from `bench/samples`, the same at every run: *seen* ones, that rules were written
with in view, and ones of *other shapes*, that none was. `--folder FOLDER` measures other people's
sets as well (JSONL with `id`, `text`, `spans`), each in two halves by the MD5 of its ids.
Payloads go through the same walk as in the service: read by content type, one passage a value.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

from bench.matrix import Matrix, matrix
from bench.samples.make import HELD_OUT, SEEN, documents
from bench.samples.nobodys import KEYS, values
from privacy_service.app.reading import reader
from privacy_service.clock import SystemClock
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.detection.evaluate import Label, Report, Sample, evaluate
from privacy_service.detection.labelled_files import jsonl
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.significance import bootstrap
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.findings import Passage
from privacy_service.enforcement.survey import survey
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document
from privacy_service.settings import LimitSettings

DEFAULT: Final = DetectionSettings(second_opinion="rampart")
CONFIGURATIONS: Final[Mapping[str, DetectionSettings]] = {
    "default": DEFAULT,
    "Rampart alone": DetectionSettings(model=None, second_opinion="rampart"),
    "spaCy alone": DetectionSettings(),
    "patterns": DetectionSettings(model=None),
}
_DOCS: Final = Path(__file__).parent.parent / "docs"
_TYPES: Final = {"json": "application/json", "xml": "application/xml", "csv": "text/csv"}
_EACH: Final = 270
_NEGATIVES: Final = 150

Lines = Iterator[str]


def made() -> Iterator[tuple[str, list[Sample]]]:
    """The sets that are made up."""
    for name in SEEN:
        yield f"{name}, seen", [_made(name, one) for one in documents(name, _EACH)]
    for name in HELD_OUT:
        yield f"{name}, other shapes", held_out(name, _EACH)


def held_out(name: str, count: int) -> list[Sample]:
    """Documents of shapes that no rule was written with in view."""
    some = documents(name, count, held_out=True)
    return [_made(f"other {name}", one) for one in some]


def others(folder: Path) -> Iterator[tuple[str, list[Sample]]]:
    """The sets of a folder, in their halves."""
    for path in sorted(folder.glob("*.jsonl")):
        samples = list(jsonl(path))
        for half, name in ((0, "seen"), (1, "held out")):
            yield f"`{path.stem}`, {name}", [s for s in samples if _half(s.id) == half]


def _half(name: str) -> int:
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def _made(of: str, one: Mapping[str, object]) -> Sample:
    spans: Sequence[Mapping[str, object]] = one["spans"]  # type: ignore[assignment]
    return Sample(
        id=f"{of}:{one['id']}",
        text=str(one["text"]),
        labels=tuple(Label(s["start"], s["end"], s["label"]) for s in spans),  # type: ignore[arg-type]
        content_type=_TYPES.get(str(one["format"]), "text/plain"),
        language=str(one["lang"]),
    )


def measured(detector: LocalDetector, samples: Sequence[Sample]) -> tuple[Report, float]:
    """The report, and the processor time per document in milliseconds."""
    limits, read = reader(LimitSettings())
    found: dict[str, list[Label]] = {}
    started = time.process_time()
    for at in range(0, len(samples), 64):
        some = samples[at : at + 64]
        answers = survey(
            [_read(read, sample) for sample in some],
            threshold=USUAL_THRESHOLD,
            detector=detector,
            deadline=Deadline.after(None, SystemClock()),
            limits=limits,
        )
        for sample, answer in zip(some, answers, strict=True):
            found[sample.id] = [
                Label(one.original_start, one.original_end, one.entity) for one in answer.findings
            ]
    spent = (time.process_time() - started) / max(1, len(samples))
    return evaluate(samples, found), spent * 1e3


def _read(read: Callable[[str, bytes], Document], sample: Sample) -> Document:
    payload = sample.text.encode("utf-8", "surrogatepass")
    try:
        return read(sample.content_type, payload)
    except PrivacyError:
        return read("text/plain", payload)


def micro_f(report: Report) -> float:
    """F1 over all families."""
    return report.micro().f()


# -- Tables ------------------------------------------------------------------------------------


def table_of_sets(
    sets: Sequence[tuple[str, list[Sample]]], detectors: Mapping[str, LocalDetector]
) -> Lines:
    """One row for each set and configuration."""
    yield "| set | readers | F1 (95 %) | precision | recall | leak (95 %) | over | ms |"
    yield "|---|---|---|---|---|---|---|---|"
    for title, samples in sets:
        for name, detector in detectors.items():
            report, spent = measured(detector, samples)
            total = report.micro()
            f1 = bootstrap(report, micro_f, Random(1))
            leak = bootstrap(report, lambda one: one.leak, Random(1))
            yield (
                f"| {title}, {len(samples)} | {name} "
                f"| {total.f():.3f} ({f1.low:.2f}–{f1.high:.2f}) "
                f"| {total.precision:.3f} | {total.recall:.3f} "
                f"| {report.leak:.3f} ({leak.low:.2f}–{leak.high:.2f}) "
                f"| {report.over_redaction:.3f} | {spent:.1f} |"
            )


def table_of_families(sets: Sequence[tuple[str, list[Sample]]], detector: LocalDetector) -> Lines:
    """One row for each family of some sets together."""
    report, _ = measured(detector, [one for _title, several in sets for one in several])
    yield "| family | labels | precision | recall | F1 | F2 |"
    yield "|---|---|---|---|---|---|"
    for family, tally in report.by_family().items():
        yield (
            f"| {family} | {tally.labels} | {tally.precision:.3f} | {tally.recall:.3f} "
            f"| {tally.f():.3f} | {tally.f(2.0):.3f} |"
        )


def table_of_languages(
    sets: Sequence[tuple[str, list[Sample]]], detectors: Mapping[str, LocalDetector]
) -> Lines:
    """One row for each language of some sets together."""
    samples = [one for _title, several in sets for one in several]
    yield f"| language | texts | {' | '.join(f'{name}: F1 / leak' for name in detectors)} |"
    yield f"|---|---|{'---|' * len(detectors)}"
    for language in sorted({one.language or "" for one in samples}):
        some = [one for one in samples if one.language == language]
        reports = [measured(detector, some)[0] for detector in detectors.values()]
        cells = " | ".join(f"{one.micro().f():.3f} / {one.leak:.3f}" for one in reports)
        yield f"| {language} | {len(some)} | {cells} |"


def table_of_negatives(detector: LocalDetector) -> Lines:
    """One row for each kind of value that is nobody's."""
    rows = list(values(_NEGATIVES))
    total = Counter(kind for kind, _value in rows)
    keyed, bare = (false_alarms(detector, rows, keyed=keyed) for keyed in (True, False))
    yield "| kind | values | found under a field's name | found alone |"
    yield "|---|---|---|---|"
    for kind, count in total.items():
        yield f"| {kind} | {count} | {keyed[kind]} | {bare[kind]} |"
    yield (
        f"| all | {len(rows)} | {keyed.total()} ({keyed.total() / len(rows):.2%}) "
        f"| {bare.total()} ({bare.total() / len(rows):.2%}) |"
    )


def false_alarms(
    detector: LocalDetector, made_up: Sequence[tuple[str, str]], *, keyed: bool
) -> Counter[str]:
    """How many values of each kind something is found in, under the name of a field or alone."""
    passages = [
        Passage(text=value, path=(KEYS.get(kind, "message"),) if keyed else ())
        for kind, value in made_up
    ]
    return Counter(
        kind
        for (kind, _), answer in zip(made_up, detector.detect(passages), strict=True)
        if any(span.score >= USUAL_THRESHOLD for span in answer.spans)
    )


def table_of_encodings(found: Matrix) -> Lines:
    """One row for each entity, one column for each encoding, and what is missed by name."""
    encodings = list(next(iter(found.cells.values())))
    yield f"{found.found} of {found.size} cells are found ({found.found / found.size:.1%})."
    yield ""
    yield from (f"{number}. {name}" for number, name in enumerate(encodings, 1))
    yield ""
    yield f"| entity | {' | '.join(str(number) for number in range(1, len(encodings) + 1))} |"
    yield f"|---|{'---|' * len(encodings)}"
    for entity, row in found.cells.items():
        yield f"| `{entity}` | {' | '.join('✓' if one else '–' for one in row.values())} |"
    yield ""
    yield "Not found:"
    yield ""
    yield from (f"- `{entity}`: {encoding}" for entity, encoding in found.missed())


# -- Documents ---------------------------------------------------------------------------------


def written(document: str, name: str, lines: Lines) -> str:
    """The document with the lines in the place of what was measured before."""
    text = "\n".join(lines)
    pattern = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- /measured -->)", re.DOTALL)
    assert pattern.search(document), name
    return pattern.sub(lambda at: f"{at[1]}{text}\n{at[2]}", document)


def main() -> None:
    """Measures and writes the documents; other people's sets only where they are given."""
    asked = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    asked.add_argument("--folder", type=Path, help="labelled sets of other people (JSONL)")
    folder = asked.parse_args().folder
    detectors = {name: LocalDetector.load(one) for name, one in CONFIGURATIONS.items()}
    ours = list(made())
    shapes = [(title, some) for title, some in ours if "other shapes" in title]
    languages = [(title, some) for title, some in ours if title.startswith("languages")]
    tables = {
        "made": table_of_sets(ours, detectors),
        "families": table_of_families(shapes, detectors["default"]),
        "languages": table_of_languages(languages, detectors),
        "negatives": table_of_negatives(detectors["default"]),
    }
    if folder is not None:
        tables["others"] = table_of_sets(list(others(folder)), detectors)
    _write("accuracy.md", tables)
    _write("encodings.md", {"encodings": table_of_encodings(matrix(detectors["default"]))})


def _write(name: str, tables: Mapping[str, Lines]) -> None:
    path = _DOCS / name
    document = path.read_text("utf-8")
    for table, lines in tables.items():
        document = written(document, table, lines)
    path.write_text(document, "utf-8")
    print(f"written: {path}")


if __name__ == "__main__":
    main()
