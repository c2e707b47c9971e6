"""A placeholder is not read twice by a model, and hides nothing."""

from __future__ import annotations

import json

import pytest

from privacy_service.clock import SystemClock
from privacy_service.enforcement.deadline import Deadline
from privacy_service.enforcement.findings import Passage
from privacy_service.enforcement.survey import survey
from tests.unit.enforcement.stage import LIMITS, PATTERNS, PatternDetector, decoded


class Noting(PatternDetector):
    """Remembers what a model would have read."""

    def __init__(self) -> None:
        super().__init__({"EMAIL_ADDRESS": PATTERNS["EMAIL_ADDRESS"]})
        self.asked: list[Passage] = []

    def detect(self, passages, *, seconds=None):  # type: ignore[no-untyped-def]
        self.asked += passages
        return super().detect(passages, seconds=seconds)


def inspected(text: str) -> tuple[list[bool], int]:
    """Which forms of a text a model may read, and how many findings there are."""
    detector = Noting()
    (answer,) = survey(
        [decoded("application/json", json.dumps([text]).encode())],
        threshold=0.4,
        detector=detector,
        deadline=Deadline.after(None, SystemClock()),
        limits=LIMITS,
    )
    return [passage.prose for passage in detector.asked], len(answer.findings)


@pytest.mark.parametrize(
    "text",
    [
        "Please ring at <PERSON>, 2nd floor.",
        "<PERSON> met <PERSON> in <LOCATION>.",
        "Dear <PERSON>,\n<STREET_ADDRESS>",
    ],
)
def test_a_model_reads_a_text_with_placeholders_once(text: str) -> None:
    assert inspected(text) == ([True, False], 0)


@pytest.mark.parametrize(
    "text",
    [
        "write to maria<PERSON>@mail.example",
        "write to <PERSON>maria@mail<X>.example",
        "write to maria@<b>mail.example</b>",
    ],
)
def test_nothing_hides_behind_a_placeholder(text: str) -> None:
    assert inspected(text)[1] == 1


@pytest.mark.parametrize(
    "text",
    ["Tell Kasi<PERSON>mira about it", "Tell <i>Kasimira</i> about it", "<A>x<B>y and <C x>z"],
)
def test_a_model_reads_what_taking_tags_out_may_have_joined(text: str) -> None:
    assert inspected(text)[0] == [True, True]
