"""A detector that dies, hangs, fails or is full: refused or done again, never wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.clock import SystemClock
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.turns import TakingTurns
from privacy_service.enforcement.findings import Passage
from privacy_service.errors import PrivacyError, Reason
from tests.ports.detectors import Failing, FailingLater, MoodyDetector, WordDetector

pytestmark = pytest.mark.alone

SOON = 10.0
ORDINARY = [Passage(text="Anna met Bob 42"), Passage(text="7 and Carl")]
RIGHT = WordDetector().detect(ORDINARY)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as opened:
        yield opened


@pytest.fixture
def pool() -> Iterator[PooledDetector]:
    with moody(processes=2) as opened:
        yield opened


def moody(**pooling: float) -> pooled:
    settings = Pooling(**({"processes": 1, "seconds": SOON} | pooling))
    return pooled(MoodyDetector, inline=MoodyDetector, pooling=settings)


def refused(call: Callable[[], object], reason: Reason) -> PrivacyError:
    with pytest.raises(PrivacyError) as raised:
        call()
    assert raised.value.reason is reason
    return raised.value


def until(condition: Callable[[], object]) -> None:
    """Waits until something is so, and fails if it does not become so soon."""
    give_up = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def workers_of(pid: int) -> set[int]:
    """The live detector processes among the children of a process."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    found = {int(child) for listed in children for child in listed.read_text().split()}
    return {child for child in found if alive(child)}


def alive(pid: int) -> bool:
    """Whether a process runs a worker (and is not one that has ended and waits to be reaped)."""
    try:
        return b"detection.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def worker_pid(pool: PooledDetector) -> int:
    """The process that answers now: a `MoodyDetector` says it as the end of a span."""
    (answer,) = pool.detect([Passage(text="<worker>")])
    return answer.spans[0].end


# -- A worker that dies -------------------------------------------------------------------------


def test_a_worker_killed_at_work_costs_its_request_nothing_but_time(
    pool: PooledDetector, threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    pool.wait_until_ready(SOON)
    asked = [*ORDINARY, Passage(text=f"<die once {tmp_path / 'died'}> 9")]
    companions = [threads.submit(pool.detect, ORDINARY) for _ in range(8)]
    assert list(pool.detect(asked))[:2] == RIGHT
    assert [list(each.result(SOON)) for each in companions] == [RIGHT] * 8
    until(lambda: pool.figures.lost == 1)


def test_a_text_that_kills_every_worker_is_refused_and_its_companions_are_not(
    pool: PooledDetector, threads: ThreadPoolExecutor
) -> None:
    pool.wait_until_ready(SOON)
    held = [threads.submit(pool.detect, [Passage(text="<rest 0.2>")]) for _ in range(2)]
    until(lambda: pool.figures.waiting == 2)
    deadly = threads.submit(pool.detect, [Passage(text="<die>")])
    companions = [threads.submit(pool.detect, ORDINARY) for _ in range(4)]
    refused(lambda: deadly.result(SOON), errors.DETECTOR_UNAVAILABLE)
    assert [list(each.result(SOON)) for each in companions] == [RIGHT] * 4
    assert all(future.result(SOON) for future in held)
    until(lambda: pool.figures.warm == 2)
    assert list(pool.detect(ORDINARY)) == RIGHT


def test_an_idle_worker_that_is_killed_is_replaced_before_anyone_asks() -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        first = worker_pid(pool)
        os.kill(first, signal.SIGKILL)
        until(lambda: not pool.ready)
        until(lambda: pool.ready)
        assert worker_pid(pool) != first
        until(lambda: pool.figures.lost == 1)


def test_killed_workers_never_cause_a_wrong_answer(
    pool: PooledDetector, threads: ThreadPoolExecutor
) -> None:
    pool.wait_until_ready(SOON)
    asked: list[Future[object]] = []
    for _ in range(6):
        asked += [threads.submit(pool.detect, ORDINARY) for _ in range(20)]
        for pid in list(workers_of(os.getpid()))[:1]:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    for each in asked:
        failure = each.exception(SOON)
        if failure is None:
            assert list(each.result()) == RIGHT
        else:
            assert failure.reason is errors.DETECTOR_UNAVAILABLE


# -- A worker that hangs ------------------------------------------------------------------------


def test_a_worker_that_hangs_past_the_deadline_is_ended_and_replaced() -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        first = worker_pid(pool)
        before = time.monotonic()
        refused(lambda: pool.detect([Passage(text="<hang>")], seconds=0.2), errors.DEADLINE_PASSED)
        assert time.monotonic() - before < 0.7
        until(lambda: not alive(first))
        assert list(pool.detect(ORDINARY)) == RIGHT


def test_who_shares_a_batch_with_a_text_that_hangs_is_answered(
    threads: ThreadPoolExecutor,
) -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        held = threads.submit(pool.detect, [Passage(text="<rest 0.2>")])
        until(lambda: pool.figures.batches == 1)
        hangs = threads.submit(pool.detect, [Passage(text="<hang>")], seconds=0.4)
        companion = threads.submit(pool.detect, ORDINARY)
        refused(lambda: hangs.result(SOON), errors.DEADLINE_PASSED)
        assert list(companion.result(SOON)) == RIGHT
        assert held.result()


def test_a_caller_in_a_hurry_costs_nobody_a_worker() -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        first = worker_pid(pool)
        for _ in range(3):
            refused(
                lambda: pool.detect([Passage(text="<rest 0.1>")], seconds=0.01),
                errors.DEADLINE_PASSED,
            )
        assert worker_pid(pool) == first


def test_work_that_cannot_start_in_time_is_not_started(
    threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        held = threads.submit(pool.detect, [Passage(text="<rest 0.4>")])
        until(lambda: pool.figures.batches == 1)
        late = [Passage(text=f"<die once {tmp_path / 'started'}>")]
        refused(lambda: pool.detect(late, seconds=0.1), errors.DEADLINE_PASSED)
        assert held.result(SOON)
        assert list(pool.detect(ORDINARY)) == RIGHT
        assert not (tmp_path / "started").exists()


def test_a_stopped_worker_does_not_stop_its_callers() -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        os.kill(worker_pid(pool), signal.SIGSTOP)
        refused(lambda: pool.detect(ORDINARY, seconds=0.2), errors.DEADLINE_PASSED)
        assert list(pool.detect(ORDINARY)) == RIGHT


# -- A full queue -------------------------------------------------------------------------------


def test_a_full_queue_is_busy_and_recovers(threads: ThreadPoolExecutor) -> None:
    with moody(queue=2) as pool:
        pool.wait_until_ready(SOON)
        held = [threads.submit(pool.detect, [Passage(text="<rest 0.3>")]) for _ in range(2)]
        until(lambda: pool.figures.waiting == 2)
        full = refused(lambda: pool.detect(ORDINARY), errors.DETECTOR_BUSY)
        until(lambda: pool.inline_ready)
        assert full.details == {"limit": "queue", "most": 2}
        plain = [Passage(text="Anna 42", prose=False)]
        assert list(pool.detect(plain)) == WordDetector().detect(plain)
        assert all(each.result(SOON) for each in held)
        assert list(pool.detect(ORDINARY)) == RIGHT


# -- A detector that raises ---------------------------------------------------------------------


@pytest.mark.parametrize("prose", [True, False])
def test_a_detector_that_raises_is_a_refusal_without_the_text(
    pool: PooledDetector, prose: bool
) -> None:
    until(lambda: pool.inline_ready)
    asked = [Passage(text="<raise> anna@example.org", prose=prose)]
    failure = refused(lambda: pool.detect(asked), errors.DETECTOR_UNAVAILABLE)
    assert failure.details == {"cause": "ValueError"}
    assert failure.__cause__ is None
    assert "anna" not in f"{failure}{failure.args}"
    assert list(pool.detect(ORDINARY)) == RIGHT
    assert pool.figures.lost == 0


def test_who_shares_a_batch_with_a_text_that_raises_is_answered(
    threads: ThreadPoolExecutor,
) -> None:
    with moody() as pool:
        pool.wait_until_ready(SOON)
        held = threads.submit(pool.detect, [Passage(text="<rest 0.2>")])
        until(lambda: pool.figures.batches == 1)
        raises = threads.submit(pool.detect, [Passage(text="<raise>")])
        companion = threads.submit(pool.detect, ORDINARY)
        refused(lambda: raises.result(SOON), errors.DETECTOR_UNAVAILABLE)
        assert list(companion.result(SOON)) == RIGHT
        assert held.result()


def test_a_refusal_of_the_detector_keeps_its_reason(pool: PooledDetector) -> None:
    met = refused(lambda: pool.detect([Passage(text="<refuse>")]), errors.CONTRACT_INVALID)
    assert met.details == {"rule": "names-7"}


def test_a_detector_in_turns_waits_no_longer_than_it_may(threads: ThreadPoolExecutor) -> None:
    turns = TakingTurns(MoodyDetector(), seconds=SOON, clock=SystemClock())
    held = threads.submit(turns.detect, [Passage(text="<rest 0.3>")])
    until(held.running)
    time.sleep(0.05)
    refused(lambda: turns.detect(ORDINARY, seconds=0.1), errors.DEADLINE_PASSED)
    assert held.result(SOON)
    failure = refused(lambda: turns.detect([Passage(text="<raise>")]), errors.DETECTOR_UNAVAILABLE)
    assert failure.details == {"cause": "ValueError"}
    assert list(turns.detect(ORDINARY)) == RIGHT


# -- A detector that does not load --------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("refuse", errors.SETTINGS_INVALID),
        ("raise", errors.DETECTOR_UNAVAILABLE),
        ("exit", errors.DETECTOR_UNAVAILABLE),
    ],
)
def test_a_detector_that_does_not_load_says_why(
    threads: ThreadPoolExecutor, how: str, reason: Reason
) -> None:
    with pooled(Failing(how), inline=WordDetector, pooling=Pooling(processes=1)) as pool:
        early = threads.submit(pool.detect, ORDINARY)
        failure = refused(lambda: pool.wait_until_ready(SOON), reason)
        assert "should not cross" not in f"{failure}{failure.details}"
        assert not pool.ready
        refused(lambda: early.result(SOON), errors.DETECTOR_UNAVAILABLE)
        refused(lambda: pool.detect(ORDINARY), errors.DETECTOR_UNAVAILABLE)


def test_a_successor_that_does_not_load_leaves_the_old_worker_at_work(tmp_path: Path) -> None:
    load = FailingLater(tmp_path / "loaded")
    pooling = Pooling(processes=1, recycle_after=1)
    with pooled(load, inline=WordDetector, pooling=pooling) as pool:
        pool.wait_until_ready(SOON)
        first = worker_pid(pool)
        for _ in range(30):
            assert list(pool.detect(ORDINARY)) == RIGHT
            time.sleep(0.01)
        assert worker_pid(pool) == first
        assert pool.figures.relieved == 0


# -- The end ------------------------------------------------------------------------------------


def test_closing_refuses_what_is_at_work_and_leaves_no_process(
    threads: ThreadPoolExecutor,
) -> None:
    with moody(processes=2) as pool:
        pool.wait_until_ready(SOON)
        asked = [threads.submit(pool.detect, [Passage(text="<hang>")]) for _ in range(3)]
        until(lambda: pool.figures.batches >= 1)
        before = time.monotonic()
    assert time.monotonic() - before < 2
    for each in asked:
        refused(lambda each=each: each.result(SOON), errors.DETECTOR_UNAVAILABLE)
    assert not workers_of(os.getpid())
    refused(lambda: pool.detect(ORDINARY), errors.DETECTOR_UNAVAILABLE)


PARENT = """
import sys, threading, time
from privacy_service.clock import SystemClock
from privacy_service.detection.pool import Pooling, pooled
from privacy_service.enforcement.findings import Passage
from tests.ports.detectors import MoodyDetector

if __name__ == "__main__":
    with pooled(MoodyDetector, inline=MoodyDetector, pooling=Pooling(processes=2)) as pool:
        pool.wait_until_ready(10)
        hangs = threading.Thread(target=pool.detect, args=([Passage(text="<hang>")],))
        hangs.start()
        time.sleep(0.2)
        print("working", flush=True)
        time.sleep(60)
"""


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    """One of the two is idle, one is inside a match that never lets go of the interpreter."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ["PATH"]}
    with subprocess.Popen([sys.executable, script], env=paths, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"working\n"
        workers = workers_of(parent.pid)
        assert len(workers) == 2
        parent.kill()
    until(lambda: not any(alive(worker) for worker in workers))
