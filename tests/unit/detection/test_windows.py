"""Long text in windows: nothing is missed at a border, nothing is found twice."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.detection.windows import AFTER, BEFORE, joined, split, windows
from privacy_service.enforcement.findings import Gap, Inspected, Passage, Span

STRETCH = 700


def tokens(text: str) -> Inspected:
    """A detector whose finds depend on a word before them, as context words do."""
    spans = tuple(
        Span(entity="ID", start=at.start(1), end=at.end(1), score=0.9, detector="test")
        for at in re.finditer(r"\bid (\w+)", text)
    )
    return Inspected(spans=spans)


@given(
    words=st.lists(st.sampled_from(["id ", "x" * 40 + " ", "y" * 3000 + " ", "z "]), max_size=60)
)
@settings(deadline=None, max_examples=60)
def test_windows_answer_as_the_whole_text_does(words: list[str]) -> None:
    text = "".join(words)
    answers = [tokens(part.text) for part in split(Passage(text=text), stretch=STRETCH)]
    assert joined(len(text), answers, stretch=STRETCH) == tokens(text)


@given(length=st.integers(0, 40_000), stretch=st.integers(600, 9_000))
def test_stretches_cover_the_text_once_and_windows_hold_them(length: int, stretch: int) -> None:
    cut = list(windows(length, stretch=stretch))
    assert cut[0].own_start == 0
    assert cut[-1].own_stop == length
    assert all(one.own_stop == two.own_start for one, two in pairwise(cut))
    for window in cut:
        assert window.start == max(0, window.own_start - BEFORE)
        assert min(length, window.own_stop + AFTER) == window.stop


def test_a_short_text_is_one_window() -> None:
    passage = Passage(text="a" * (STRETCH + AFTER))
    assert split(passage, stretch=STRETCH) == [passage]
    assert len(split(Passage(text="a" * (STRETCH + AFTER + 1)), stretch=STRETCH)) == 2


@pytest.mark.parametrize(
    ("left", "right"),
    [((650, 720), (690, 760)), ((650, 760), (660, 720)), ((690, 705), (650, 900))],
)
def test_spans_that_two_windows_disagree_about_become_one_that_covers_both(
    left: tuple[int, int], right: tuple[int, int]
) -> None:
    length = STRETCH + AFTER + 1
    first, second = windows(length, stretch=STRETCH)
    answers = [
        Inspected(spans=(span("LEFT", *left, offset=first.start),)),
        Inspected(spans=(span("RIGHT", *right, offset=second.start),)),
    ]
    (found,) = joined(length, answers, stretch=STRETCH).spans
    assert (found.start, found.end) == (min(left[0], right[0]), max(left[1], right[1]))
    longer = left if left[1] - left[0] >= right[1] - right[0] else right
    assert found.entity == ("LEFT" if longer is left else "RIGHT")


def test_a_span_that_each_window_leaves_to_the_other_is_kept() -> None:
    """The first sees it begin after its stretch, the second before its own."""
    length = STRETCH + AFTER + 1
    second = list(windows(length, stretch=STRETCH))[1]
    answers = [
        Inspected(spans=(span("NAME", 705, 720),)),
        Inspected(spans=(span("NAME", 690, 720, offset=second.start),)),
    ]
    (found,) = joined(length, answers, stretch=STRETCH).spans
    assert (found.start, found.end) == (690, 720)


def test_gaps_and_the_model_of_any_window_are_those_of_the_text() -> None:
    answers = [
        Inspected(gaps=(Gap.TIMED_OUT,)),
        Inspected(gaps=(Gap.RECOGNIZER_FAILED, Gap.TIMED_OUT), by_model=True),
    ]
    whole = joined(STRETCH + AFTER + 1, answers, stretch=STRETCH)
    assert whole.gaps == (Gap.TIMED_OUT, Gap.RECOGNIZER_FAILED)
    assert whole.by_model


def span(entity: str, start: int, end: int, *, offset: int = 0) -> Span:
    """A span of the whole text as a window that starts at `offset` says it."""
    return Span(entity=entity, start=start - offset, end=end - offset, score=0.5, detector="t")
