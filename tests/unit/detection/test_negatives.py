"""Values of nobody stay unfound: what false alarms cost is trust."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.samples.nobodys import KEYS, values
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

THRESHOLD = 0.4


@pytest.fixture(scope="module")
def detector() -> LocalDetector:
    return LocalDetector.load(DetectionSettings())


@pytest.mark.parametrize(("keyed", "most"), [(True, 0.003), (False, 0.01)])
def test_false_alarms(detector: LocalDetector, keyed: bool, most: float) -> None:
    made = list(values(150))
    assert len(made) > 4_000
    passages = [
        Passage(text=value, path=(KEYS.get(kind, "message"),) if keyed else ())
        for kind, value in made
    ]
    alarms = Counter(
        kind
        for (kind, _), answer in zip(made, detector.detect(passages), strict=True)
        if any(span.score >= THRESHOLD for span in answer.spans)
    )
    assert alarms.total() <= most * len(made), alarms
