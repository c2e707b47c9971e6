"""Where the second opinion is asked, and that it loses nothing where it is not."""

from __future__ import annotations

import pytest

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.doubts import in_doubt
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.enforcement.findings import Passage

ORDINARY = "Thank you for your order. It was sent this morning, and you will have it soon.\n"


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        (ORDINARY, False),
        ("Please ring Chidi about it", True),
        ("please ring chidi about it", True),
        ("please ring rose about it", True),  # where nothing has capitals, a word may be a name
        ("Please bring a red rose. We love it", False),
        ("GOOD MORNING, MY NAME IS ROBERT", True),
        ("Вчера пришла Анна", True),
    ],
)
def test_a_text_is_read_where_a_word_may_be_a_name(text: str, doubted: bool) -> None:
    assert in_doubt(text, []) == ([(0, len(text))] if doubted else [])


def test_what_is_known_is_in_no_doubt() -> None:
    text = "Please ring Chidi about it"
    assert in_doubt(text, [Candidate("PERSON", 12, 17, 0.8, "x")]) == []
    assert in_doubt(text, [Candidate("PERSON", 12, 17, 0.45, "x")]) == [(0, len(text))]


def test_of_a_long_text_the_sentences_around_a_doubt_are_read() -> None:
    text = 6 * ORDINARY + "It is for Chidi, who sits next door. " + 6 * ORDINARY
    ((start, end),) = in_doubt(text, [])
    assert "Chidi" in text[start:end]
    assert end - start < 400
    assert text[start:end].strip().startswith("It was sent")
    assert text[start:end].endswith("your order.")


def test_a_name_in_a_long_text_is_found_at_its_place() -> None:
    settings = DetectionSettings(model=None, second_opinion="rampart")
    detector = LocalDetector.load(settings)
    text = 6 * ORDINARY + "It is for Chukwuemeka, who sits next door. " + 6 * ORDINARY
    (answer,) = detector.detect([Passage(text=text)])
    assert [text[span.start : span.end] for span in answer.spans] == ["Chukwuemeka"]
