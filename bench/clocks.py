"""Timing: rounds that take turns, and a load that arrives as calls do."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best seconds of several rounds: on the wall's clock, and of this process's processor."""

    wall: float
    processor: float


def side_by_side(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, seconds: float = 20.0
) -> dict[str, Best]:
    """The best of each, taking turns, so that a noisy neighbour troubles all alike.

    Stops early when `seconds` are used up, after one full round at least.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    began = time.perf_counter()
    for _ in range(rounds):
        for name, work in contenders.items():
            wall, processor = time.perf_counter(), time.process_time()
            work()
            taken[name].append((time.perf_counter() - wall, time.process_time() - processor))
        if time.perf_counter() - began > seconds:
            break
    return {
        name: Best(wall=min(wall for wall, _ in times), processor=min(own for _, own in times))
        for name, times in taken.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Latencies of one load, in milliseconds."""

    rate: float
    median: float
    p90: float
    p99: float
    worst: float


def latency(times: list[float], rate: float) -> Latency:
    """The distribution of times in seconds; `rate` is what was offered or reached, per second."""
    ordered = sorted(1000 * each for each in times)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Latency(rate=rate, median=at(0.5), p90=at(0.9), p99=at(0.99), worst=ordered[-1])


def saturated(call: Callable[[int], object], *, callers: int, seconds: float) -> Latency:
    """Callers that call again as soon as they are answered: the most that is reached."""
    until = time.perf_counter() + seconds

    def calls(caller: int) -> list[float]:
        times: list[float] = []
        at = caller
        while time.perf_counter() < until:
            before = time.perf_counter()
            call(at)
            times.append(time.perf_counter() - before)
            at += callers
        return times

    began = time.perf_counter()
    with ThreadPoolExecutor(callers) as threads:
        every = [each for times in threads.map(calls, range(callers)) for each in times]
    return latency(every, len(every) / (time.perf_counter() - began))


def offered(call: Callable[[int], object], *, rate: float, seconds: float) -> Latency:
    """Calls that arrive by chance (Poisson) at `rate`, whatever has been answered.

    A time counts from when the call should have been made, so that waiting is not left out.
    """
    chance = random.Random(1)
    due = [0.0]
    while due[-1] < seconds:
        due.append(due[-1] + chance.expovariate(rate))
    began = time.perf_counter()

    def timed(at: int) -> float:
        call(at)
        return time.perf_counter() - began - due[at]

    with ThreadPoolExecutor(64) as threads:
        waiting = []
        for at, when in enumerate(due):
            time.sleep(max(0.0, when - (time.perf_counter() - began)))
            waiting.append(threads.submit(timed, at))
        return latency([each.result() for each in waiting], rate)
