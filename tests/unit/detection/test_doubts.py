"""Where the second opinion is asked, and that it loses nothing where it is not."""

from __future__ import annotations

import pytest

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.doubts import in_doubt
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.shortened import shortened
from privacy_service.enforcement.findings import Passage

ORDINARY = "Thank you for your order. It was sent this morning, and you will have it soon.\n"


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        (ORDINARY, False),
        ("It wasn't sent, and I can't say why", False),
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


def test_a_long_sentence_explains_itself() -> None:
    told = (
        "It is for Chidi, who sits next door and has asked for it more often than anybody else has."
    )
    text = 6 * ORDINARY + told + "\n" + 6 * ORDINARY
    ((start, end),) = in_doubt(text, [])
    assert text[start:end].strip() == told


def test_a_name_in_a_long_text_is_found_at_its_place() -> None:
    settings = DetectionSettings(model=None, second_opinion="rampart")
    detector = LocalDetector.load(settings)
    text = 6 * ORDINARY + "It is for Chukwuemeka, who sits next door. " + 6 * ORDINARY
    (answer,) = detector.detect([Passage(text=text)])
    assert [text[span.start : span.end] for span in answer.spans] == ["Chukwuemeka"]


def test_what_is_claimed_is_read_in_short() -> None:
    text = "Chidi Obi <chidi.obi@example.org> of 4 Mill Lane rang on 1999-12-31."
    claims = [
        Candidate("EMAIL_ADDRESS", 11, 32, 0.95, "x"),
        Candidate("STREET_ADDRESS", 37, 48, 0.8, "x"),  # explains what stands beside it
        Candidate("DATE_TIME", 57, 67, 0.6, "x"),
        Candidate("DATE_TIME", 57, 61, 0.3, "x"),
    ]
    short = shortened(text, claims)
    assert short.text == "Chidi Obi <x> of 4 Mill Lane rang on x."
    for word in ("Chidi", "Obi", "of", "Mill", "rang"):
        start, end = short.text.index(word), short.text.index(word) + len(word)
        assert text[short.place(start) : short.place(end)] == word
    assert (short.place(11), short.place(12)) == (11, 32)
    assert short.place(len(short.text)) == len(text)


def test_of_a_piece_of_a_text_its_own_claims_are_read_in_short() -> None:
    claims = [
        Candidate("IBAN_CODE", 0, 22, 0.95, "x"),
        Candidate("EMAIL_ADDRESS", 30, 49, 0.9, "x"),
    ]
    short = shortened("to someone@example.org.", claims, 27)
    assert short.text == "to x."
