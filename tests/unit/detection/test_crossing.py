"""What crosses the pipe comes out as it went in, and a failure crosses without its message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.detection import crossing
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Place, Span
from privacy_service.errors import PrivacyError

texts = st.text(st.characters(codec=None), max_size=30)
passages = st.builds(
    Passage,
    text=texts,
    path=st.lists(texts | st.integers(0, 9), max_size=4).map(tuple),
    place=st.sampled_from(Place),
    expected=st.none() | st.just("US_SSN"),
    prose=st.booleans(),
    language=st.none() | st.just("de"),
    only=st.none() | st.frozensets(st.sampled_from(["PERSON", "TOKEN"])),
)
spans = st.builds(
    Span,
    entity=st.sampled_from(["PERSON", "US_SSN"]),
    start=st.integers(0, 10**6),
    end=st.integers(0, 10**7),
    score=st.floats(0, 1, exclude_min=True),
    detector=texts,
)
answers = st.builds(
    Inspected,
    spans=st.lists(spans, max_size=3).map(tuple),
    gaps=st.lists(st.sampled_from(Gap), max_size=2).map(tuple),
    by_model=st.booleans(),
)


def crossed(row: object) -> object:
    return crossing.read(crossing.write(row))


@given(passage=passages)
def test_passages_cross(passage: Passage) -> None:
    assert crossing.passage(crossed(crossing.passage_row(passage))) == passage


@given(answer=answers)
def test_answers_cross(answer: Inspected) -> None:
    assert crossing.answer(crossed(crossing.answer_row(answer))) == answer


def test_a_refusal_crosses_with_its_code_and_details() -> None:
    refusal = PrivacyError(errors.SETTINGS_INVALID, setting="detection.model", line=3)
    met = crossing.failure(crossed(crossing.failure_row(refusal)))
    assert met.reason is errors.SETTINGS_INVALID
    assert met.details == {"setting": "detection.model", "line": 3}


def test_any_other_failure_crosses_as_the_name_of_its_type() -> None:
    row = crossing.failure_row(ValueError("anna@example.org"))
    assert b"anna" not in crossing.write(row)
    met = crossing.failure(crossed(row))
    assert met.reason is errors.DETECTOR_UNAVAILABLE
    assert met.details == {"cause": "ValueError"}
