"""Fields that a contract says hold something plain."""

from __future__ import annotations

import pytest

from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

DETECTOR = LocalDetector.load(DetectionSettings(model=None))


def found(text: str, path: tuple[str, ...], expected: str | None) -> set[str]:
    passage = Passage(text=text, path=path, expected=expected, prose=False)
    return {span.entity for span in DETECTOR.detect([passage])[0].spans}


def test_the_name_of_a_field_that_is_said_to_hold_a_code_suggests_nothing() -> None:
    assert found("DE", ("address", "country"), None) == {"LOCATION"}
    assert found("DE", ("address", "country"), "code") == set()


@pytest.mark.parametrize("expected", [None, "code", "identifier", "number"])
def test_a_checked_number_is_found_whatever_the_field_is_said_to_hold(expected: str | None) -> None:
    assert found("4111111111111111", ("quantity",), expected) == {"CREDIT_CARD"}
