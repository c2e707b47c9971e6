"""What every detector promises: the one of the tests, the real one, and both in a pool."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.clock import SystemClock
from privacy_service.detection.loading import LocalLoad
from privacy_service.detection.local import LocalDetector
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.turns import TakingTurns
from privacy_service.enforcement.findings import Detector, Passage, Place
from privacy_service.errors import PrivacyError
from tests.ports.detectors import WordDetector

REAL = DetectionSettings()
ODD_TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b anna@example.org \x00",
    "\ud800 lone \udfff surrogates 4111111111111111",
    "👩‍👩‍👧‍👦 Anna 🇩🇪 met Bob ٤٢",
    "\u05d4\u05d8\u05dc\u05e4\u05d5\u05df \u05d4\u05d5\u05d0 \u200f050-1234567\u200f",
    "A\u0301nna\u0301 B\u0308ob",
    "\u200bJo\u200bhn\u00a0Smith",
    "Ｊｏｈｎ　Ｓｍｉｔｈ ４１１１",
    "\r\n\t\v\f",
    "x" * 9_000,
    "Anna " * 2_000,
]
TEXTS = [
    "Anna Kowalska met Bob in Paris about order 4711.",
    "Card 4111 1111 1111 1111, mail bob@example.org",
    "nothing of note",
    "42",
]


@contextmanager
def real_pool() -> Iterator[Detector]:
    load = LocalLoad(REAL)
    pooling = Pooling(processes=1, batch_chars=300)
    with pooled(load, inline=load.patterns_only(), pooling=pooling) as pool:
        yield wholly_ready(pool)


@contextmanager
def word_pool() -> Iterator[Detector]:
    pooling = Pooling(processes=2, batch_chars=60, inline_chars=200)
    with pooled(WordDetector, inline=WordDetector, pooling=pooling) as pool:
        yield wholly_ready(pool)


def wholly_ready(pool: PooledDetector) -> PooledDetector:
    """The pool, once it answers here as well as there."""
    pool.wait_until_ready(60)
    give_up = time.monotonic() + 60
    while not pool.inline_ready:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return pool


@contextmanager
def here(made: Callable[[], Detector]) -> Iterator[Detector]:
    yield made()


def in_turns() -> Detector:
    return TakingTurns(LocalDetector.load(REAL), seconds=60, clock=SystemClock())


OPENED = {
    "words": partial(here, WordDetector),
    "words, pooled": word_pool,
    "real": partial(here, partial(LocalDetector.load, REAL)),
    "real, in turns": partial(here, in_turns),
    "real, pooled": real_pool,
}


@pytest.fixture(scope="module", params=OPENED)
def detector(request: pytest.FixtureRequest) -> Iterator[Detector]:
    with OPENED[request.param]() as opened:
        yield opened


def passages(texts: Sequence[str]) -> list[Passage]:
    """Each text as a value, as a key, where the model is not asked, and asked for tokens alone."""
    return [
        passage
        for at, text in enumerate(texts)
        for passage in (
            Passage(text=text, path=("notes", at)),
            Passage(text=text, path=("notes", at), place=Place.KEY, prose=False),
            Passage(text=text, path=("notes", at), only=frozenset({"TOKEN"})),
        )
    ]


def test_no_passages_no_answers(detector: Detector) -> None:
    assert list(detector.detect([])) == []


def test_one_answer_per_passage_in_order_whatever_the_company(detector: Detector) -> None:
    asked = passages(TEXTS)
    assert list(detector.detect(asked)) == [detector.detect([one])[0] for one in asked]
    assert list(detector.detect(asked[::-1])) == list(detector.detect(asked))[::-1]


def test_the_same_text_under_another_key_is_another_passage(detector: Detector) -> None:
    under = [Passage(text="Anna 42", path=path) for path in [("code",), ("name",), ("name", 0)]]
    assert list(detector.detect(under)) == [detector.detect([one])[0] for one in under]


def test_spans_lie_in_the_text_in_order_and_apart(detector: Detector) -> None:
    asked = passages([*TEXTS, *ODD_TEXTS])
    for passage, answer in zip(asked, detector.detect(asked), strict=True):
        reached = 0
        for span in answer.spans:
            assert reached <= span.start < span.end <= len(passage.text)
            assert 0 < span.score <= 1
            assert span.entity in detector.entities
            assert span.detector
            reached = span.end


def test_the_model_reads_prose_alone(detector: Detector) -> None:
    asked = passages(TEXTS)
    for passage, answer in zip(asked, detector.detect(asked), strict=True):
        assert passage.prose or not answer.by_model


def test_no_time_no_answer(detector: Detector) -> None:
    for prose in (True, False):
        with pytest.raises(PrivacyError) as late:
            detector.detect([Passage(text="Anna", prose=prose)], seconds=0)
        assert late.value.reason is errors.DEADLINE_PASSED


@pytest.mark.parametrize("opened", ["words, pooled", "real, in turns", "real, pooled"])
def test_many_threads_are_answered_as_one(opened: str) -> None:
    asked = [passages([text, f"{text} and {at}"]) for at in range(2) for text in TEXTS]
    with OPENED[opened]() as detector, ThreadPoolExecutor(8) as threads:
        alone = [list(detector.detect(each)) for each in asked]
        together = list(threads.map(lambda each: list(detector.detect(each)), asked * 2))
    assert together == alone * 2


@pytest.fixture(scope="module")
def pool() -> Iterator[Detector]:
    with word_pool() as opened:
        yield opened


words = st.sampled_from(["Anna", "met", "Bob", "42", "7", "é", "\ud800", "🙂", ",", "x" * 70])
random_passages = st.builds(
    Passage,
    text=st.lists(words, max_size=12).map(" ".join),
    path=st.lists(st.sampled_from(["code", "name", "a"]), max_size=2).map(tuple),
    place=st.sampled_from(Place),
    expected=st.none() | st.just("PERSON"),
    prose=st.booleans(),
    language=st.sampled_from([None, "en", "tlh"]),
)


@given(asked=st.lists(random_passages, max_size=40))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pooled_answers_are_the_local_ones(pool: Detector, asked: list[Passage]) -> None:
    assert list(pool.detect(asked)) == WordDetector().detect(asked)
