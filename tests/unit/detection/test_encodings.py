"""The published matrix of entities and encodings holds, without a model."""

from __future__ import annotations

import re
from pathlib import Path

from bench.matrix import matrix
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings

PAGE = Path(__file__).parents[3] / "docs" / "encodings.md"


def test_what_is_published_as_found_is_found() -> None:
    detector = LocalDetector.load(DetectionSettings(model=None))
    found = matrix(detector)
    listed = set(re.findall(r"^- `(\w+)`: (.+)$", PAGE.read_text("utf-8"), re.MULTILINE))
    assert found.cells.keys() == detector.entities
    assert set(found.missed()) <= listed
    assert found.found >= 0.97 * found.size
