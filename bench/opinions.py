"""English text by each configuration, beside Presidio on the same small model: one core.

How quickly, and what is found: the second table has the made-up texts whose shapes no rule was
written with in view (docs/accuracy.md), scored for all alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from faker import Faker

from bench import baseline, payloads
from bench.accuracy import held_out, measured
from bench.clocks import side_by_side
from bench.report import Report, Row
from privacy_service.contracts.model import USUAL_THRESHOLD
from privacy_service.detection.evaluate import Label, evaluate
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.worker_program import keep_freed_memory, keep_what_is_loaded, warm
from privacy_service.enforcement.findings import Passage

READERS: Final = {
    "patterns": DetectionSettings(model=None),
    "small model": DetectionSettings(),
    "small model and Rampart (default)": DetectionSettings(second_opinion="rampart"),
}


def run(report: Report, *, full: bool) -> None:
    """Sentences in one request, and e-mails one by one."""
    del full  # there is nothing more
    keep_freed_memory()
    fake = Faker("en_US")
    fake.seed_instance(4)
    kinds = {
        "150 sentences, made up": list(payloads.made_up_sentences()[:150]),
        "ten e-mails of 1 KB": [payloads.email(fake) for _ in range(10)],
    }
    if payloads.SAMPLE.exists():
        kinds["150 sentences, presidio-research"] = list(payloads.sentences()[:150])
    engine = baseline.analyzer()
    detectors = {reader: LocalDetector.load(settings) for reader, settings in READERS.items()}
    for detector in detectors.values():
        warm(detector)
    keep_what_is_loaded()  # as in a worker; Presidio is the quicker for it as well
    report.table("English, by who reads it", list(_speeds(engine, detectors, kinds)))
    report.table("What each finds in English text", list(_found(engine, detectors)))


def _speeds(
    engine: Any, detectors: Mapping[str, LocalDetector], kinds: Mapping[str, Sequence[str]]
) -> Iterator[Row]:
    for name, texts in kinds.items():
        asked = [Passage(text=text) for text in texts]
        contenders: dict[str, Callable[[], object]] = {
            "Presidio": partial(baseline.analyzed, engine, texts)
        }
        for reader, detector in detectors.items():
            contenders[reader] = partial(detector.detect, asked)
        taken = side_by_side(contenders, rounds=5)
        theirs = taken["Presidio"].processor
        for reader, best in taken.items():
            yield {
                "texts": name,
                "characters": sum(map(len, texts)),
                "read by": reader,
                "processor ms": best.processor * 1e3,
                "times as fast as Presidio": theirs / best.processor,
            }


def _found(engine: Any, detectors: Mapping[str, LocalDetector]) -> Iterator[Row]:
    """Findings from the usual threshold on, Presidio's too: without it, it fares worse."""
    samples = held_out("english", 270)
    theirs = {
        sample.id: [
            Label(one.start, one.end, one.entity_type)
            for one in engine.analyze(sample.text, "en", score_threshold=USUAL_THRESHOLD)
        ]
        for sample in samples
    }
    reports = {"Presidio": evaluate(samples, theirs)}
    reports |= {name: measured(detector, samples)[0] for name, detector in detectors.items()}
    for reader, scored in reports.items():
        total = scored.micro()
        yield {
            "read by": reader,
            "F1": total.f(),
            "precision": total.precision,
            "recall": total.recall,
            "leak": scored.leak,
        }
