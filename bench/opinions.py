"""English text by each configuration, beside Presidio on the same small model: one core."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from faker import Faker

from bench import baseline, payloads
from bench.clocks import side_by_side
from bench.report import Report, Row
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.worker_program import keep_freed_memory, warm
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
    sentences = list(payloads.sentences()[:150])
    mails = [payloads.email(fake) for _ in range(10)]
    engine = baseline.analyzer()
    rows: list[Row] = []
    for name, texts in {"150 sentences": sentences, "ten e-mails of 1 KB": mails}.items():
        contenders: dict[str, Callable[[], object]] = {
            "Presidio": partial(baseline.analyzed, engine, texts)
        }
        for reader, settings in READERS.items():
            detector = LocalDetector.load(settings)
            warm(detector)
            asked = [Passage(text=text) for text in texts]
            contenders[reader] = partial(detector.detect, asked)
        taken = side_by_side(contenders, rounds=5)
        theirs = taken["Presidio"].processor
        rows += [
            {
                "texts": name,
                "characters": sum(map(len, texts)),
                "read by": reader,
                "processor ms": best.processor * 1e3,
                "times as fast as Presidio": theirs / best.processor,
            }
            for reader, best in taken.items()
        ]
    report.table("English, by who reads it", rows)
