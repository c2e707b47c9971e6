"""What a pool adds to a detector: two places of work, one answer, shared fairly."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

import pytest

from privacy_service import errors
from privacy_service.clock import SystemClock
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.remembered import Remembered
from privacy_service.detection.windows import AFTER, STRETCH
from privacy_service.enforcement.findings import Inspected, Passage
from privacy_service.errors import PrivacyError
from tests.ports.detectors import Failing, MoodyDetector, WordDetector

pytestmark = pytest.mark.alone

SOON = 10.0
POOLING = Pooling(processes=1, inline_chars=400, batch_chars=400, seconds=SOON)


@pytest.fixture(scope="module")
def pool() -> Iterator[PooledDetector]:
    with pooled(MoodyDetector, inline=MoodyDetector, pooling=POOLING) as opened:
        opened.wait_until_ready(SOON)
        until(lambda: opened.inline_ready)
        yield opened


def until(condition: Callable[[], object]) -> None:
    """Waits until something is so, and fails if it does not become so soon."""
    give_up = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def done(pool: PooledDetector, asked: list[Passage]) -> tuple[list[Inspected], dict[str, int]]:
    """The answers, and by how much the figures grew."""
    before = pool.figures
    answers = list(pool.detect(asked))
    after = pool.figures
    names = ("inspected", "inline", "repeated", "remembered", "batches")
    return answers, {name: getattr(after, name) - getattr(before, name) for name in names}


def where(answers: list[Inspected]) -> list[bool]:
    """For each answer to `<worker>`: whether this process gave it."""
    return [answer.spans[0].end == os.getpid() for answer in answers]


def asking(count: int, *, prose: bool) -> list[Passage]:
    return [Passage(text=f"<worker> {at}", prose=prose) for at in range(count)]


def test_little_without_prose_stays_here_and_the_rest_crosses(pool: PooledDetector) -> None:
    plain, prose = asking(3, prose=False), asking(3, prose=True)
    asked = [one for pair in zip(plain, prose, strict=True) for one in pair]
    answers, grown = done(pool, asked)
    assert where(answers) == [True, False] * 3
    assert grown["inline"] == 3
    assert grown["batches"] == 1


def test_much_without_prose_crosses(pool: PooledDetector) -> None:
    answers, grown = done(pool, asking(40, prose=False))
    assert where(answers) == [False] * 40
    assert grown["inline"] == 0
    assert grown["batches"] > 1


def test_what_would_have_to_wait_its_turn_here_crosses(pool: PooledDetector) -> None:
    with ThreadPoolExecutor(1) as threads:
        before = pool.figures.batches
        held = threads.submit(pool.detect, [Passage(text="<rest 0.3>", prose=False)])
        time.sleep(0.1)
        answers, grown = done(pool, asking(1, prose=False))
        assert where(answers) == [False]
        assert grown["batches"] == 1
        assert held.result()
    assert pool.figures.batches == before + 1, "the one that rested did so here"


def test_what_is_repeated_is_inspected_once(pool: PooledDetector) -> None:
    asked = [Passage(text="Anna 42", path=("names", at)) for at in range(50)]
    asked += [Passage(text="Anna 42", path=("code", at)) for at in range(50)]
    answers, grown = done(pool, asked)
    assert answers == WordDetector().detect(asked)
    assert grown["repeated"] == 98
    assert grown["inspected"] == 2


def test_a_text_longer_than_a_window_is_answered_whole(pool: PooledDetector) -> None:
    words = "anna " * ((STRETCH * 2 + AFTER) // 5)
    text = f"{words[: STRETCH - 3]} Bob-42 {words}"
    asked = [Passage(text="Carl"), Passage(text=text), Passage(text="7")]
    assert list(pool.detect(asked)) == WordDetector().detect(asked)


def test_a_huge_request_does_not_starve_small_ones(pool: PooledDetector) -> None:
    """The small ones come after the huge one, and are answered long before it."""
    huge = [Passage(text=f"<rest 0.02> {at}" + "x" * 350) for at in range(40)]
    order: list[str] = []
    with ThreadPoolExecutor(8) as threads:
        asked = {threads.submit(pool.detect, huge): "huge"}
        time.sleep(0.1)
        asked |= {threads.submit(pool.detect, [Passage(text=f"{at}")]): "small" for at in range(5)}
        order += [asked[each] for each in as_completed(asked)]
    assert order == ["small"] * 5 + ["huge"]


def test_short_requests_share_batches(pool: PooledDetector) -> None:
    before = pool.figures.batches
    with ThreadPoolExecutor(17) as threads:
        held = threads.submit(pool.detect, [Passage(text="<rest 0.3>")])
        until(lambda: pool.figures.batches > before)
        asked = [threads.submit(pool.detect, [Passage(text=f"Anna {at}")]) for at in range(16)]
        assert all(each.result() for each in asked)
        assert held.result()
    assert pool.figures.batches - before <= 5


def test_an_idle_pool_does_not_wait_for_company() -> None:
    pooling = replace(POOLING, batch_wait=5.0)
    with pooled(WordDetector, inline=WordDetector, pooling=pooling) as pool:
        pool.wait_until_ready(SOON)
        before = time.monotonic()
        pool.detect([Passage(text="Anna")])
        assert time.monotonic() - before < 1


def test_memory_answers_across_requests() -> None:
    memory = Remembered(key=bytes(32), entries=10, seconds=60, clock=SystemClock())
    asked = [Passage(text="Anna 42"), Passage(text="Klingon 7", language="tlh")]
    with pooled(WordDetector, inline=WordDetector, pooling=POOLING, memory=memory) as pool:
        pool.wait_until_ready(SOON)
        assert done(pool, asked)[1]["remembered"] == 0
        answers, grown = done(pool, [asked[1], Passage(text="new"), asked[0]])
        assert answers == WordDetector().detect([asked[1], Passage(text="new"), asked[0]])
        assert grown["remembered"] == 1, "an answer with a gap is not remembered"


def test_workers_are_relieved_and_no_request_is_dropped() -> None:
    pooling = replace(POOLING, processes=2, recycle_after=20)
    asked = [Passage(text="Anna"), Passage(text="<worker>")]
    pids = set()
    with (
        pooled(MoodyDetector, inline=MoodyDetector, pooling=pooling) as pool,
        ThreadPoolExecutor(4) as threads,
    ):
        give_up = time.monotonic() + SOON
        while pool.figures.warm < 2:
            assert time.monotonic() < give_up
            time.sleep(0.01)
        while pool.figures.relieved < 3:
            assert time.monotonic() < give_up
            for answers in threads.map(pool.detect, [asked] * 8):
                assert answers[0] == WordDetector().detect(asked)[0]
                pids.add(answers[1].spans[0].end)
        assert pool.figures.lost == 0
        assert pool.figures.warm == 2
    assert len(pids) >= 4


def test_a_worker_that_grew_is_relieved() -> None:
    pooling = replace(POOLING, recycle_growth=0)
    with pooled(WordDetector, inline=WordDetector, pooling=pooling) as pool:
        pool.wait_until_ready(SOON)
        give_up = time.monotonic() + SOON
        at = 0
        while not pool.figures.relieved:
            assert time.monotonic() < give_up
            pool.detect([Passage(text="Anna " * 1000 + str(at))])
            at += 1


def test_signals_to_the_group_do_not_reach_the_workers() -> None:
    with pooled(MoodyDetector, inline=MoodyDetector, pooling=POOLING) as pool:
        pool.wait_until_ready(SOON)
        (answer,) = pool.detect([Passage(text="<worker>")])
        for stop in (signal.SIGINT, signal.SIGTERM):
            os.kill(answer.spans[0].end, stop)
        time.sleep(0.1)
        assert list(pool.detect([Passage(text="<worker>")])) == [answer]


def test_it_is_not_ready_before_a_worker_is_warm() -> None:
    with pooled(WordDetector, inline=WordDetector, pooling=POOLING) as pool:
        assert not pool.ready
        assert pool.entities == WordDetector.entities
        assert pool.ready


def test_workers_answer_everything_while_nothing_is_loaded_here() -> None:
    asked = [Passage(text="Anna 42", prose=prose) for prose in (True, False)]
    with pooled(WordDetector, inline=Failing("raise"), pooling=POOLING) as pool:
        pool.wait_until_ready(SOON)
        for _ in range(2):
            assert list(pool.detect(asked)) == WordDetector().detect(asked)
        assert not pool.inline_ready
        assert pool.figures.inline == 0


@pytest.mark.parametrize(
    "wrong", [{"processes": 0}, {"queue": 0}, {"seconds": -1.0}, {"batch_wait": float("nan")}]
)
def test_pooling_that_does_not_hold_up_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(PrivacyError) as refused:
        Pooling(**wrong)
    assert refused.value.reason is errors.SETTINGS_INVALID
    assert refused.value.details == {"setting": f"detection.{next(iter(wrong))}"}
