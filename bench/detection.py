"""Detection: `LocalDetector` and a pool of two beside Presidio's `AnalyzerEngine`, same model.

"local" and the pool have the small model alone, "default" has the second opinion as well.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from bench import baseline, payloads
from bench.accuracy import DEFAULT
from bench.clocks import Latency, offered, saturated, side_by_side
from bench.machine import processor_seconds
from bench.report import Report, Row
from bench.runtimes import whole
from privacy_service.detection.loading import LocalLoad
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.settings import DetectionSettings
from privacy_service.detection.worker_program import keep_freed_memory, keep_what_is_loaded, warm
from privacy_service.enforcement.findings import Detector, Passage

SETTINGS = DetectionSettings()
KB = 1024
SECONDS = 3600.0

Case = tuple[str, int, list[Passage]]


def run(report: Report, *, full: bool) -> None:
    """Every table. `full` goes on to 10 MB, which takes the better part of an hour."""
    began = time.perf_counter()
    load, inline = LocalLoad(SETTINGS), LocalLoad(SETTINGS).patterns_only()
    pooling = Pooling(processes=2, seconds=SECONDS)
    with pooled(load, inline=inline, pooling=pooling) as pool:
        pool.wait_until_ready(60)
        ready = time.perf_counter() - began
        whole(pool)
        keep_freed_memory()  # as in a worker; Presidio is the quicker for it as well
        local, default, engine = load(), LocalLoad(DEFAULT)(), baseline.analyzer()
        warm(default)
        keep_what_is_loaded()
        report.table("Start", [{"what": "pool of two, first worker warm", "s": ready}])
        report.table("Short texts", _short_texts(engine, local, default, pool))
        report.table("By size", list(_by_size(engine, local, default, pool, full=full)))
        report.table("Under load, pool of two", list(_under_load(pool)))


def _short_texts(engine: Any, local: Detector, default: Detector, pool: Detector) -> list[Row]:
    """Sentences one by one for Presidio; for us one request of all of them."""
    texts = payloads.sentences()[:300]
    asked = [Passage(text=text) for text in texts]
    return [_compared(f"{len(texts)} sentences", asked, engine, local, default, pool, rounds=3)]


def _by_size(
    engine: Any, local: Detector, default: Detector, pool: Detector, *, full: bool
) -> Iterator[Row]:
    sizes = (KB, 10 * KB, 100 * KB, 1000 * KB)
    for size in (*sizes, 10_000 * KB) if full else sizes:
        for dense in (True, False):
            cases = _cases(size, dense=dense)
            for name, asked in cases.items():
                yield _compared(name, asked, engine, local, default, pool, dense=dense, rounds=5)


def _cases(size: int, *, dense: bool) -> dict[str, list[Passage]]:
    records = payloads.structured(size, dense=dense)
    return {
        "English": [Passage(text=payloads.english(size, dense=dense))],
        "structured": payloads.passages(records, prose=True),
        "structured, declared": payloads.passages(records, prose=False),
    }


def _compared(
    name: str,
    asked: list[Passage],
    engine: Any,
    local: Detector,
    default: Detector,
    pool: Detector,
    *,
    rounds: int,
    dense: bool = True,
) -> Row:
    """Presidio and we in this process, by its processor; a pool of two by the clock on the wall."""
    size = sum(len(passage.text) for passage in asked)
    texts = [passage.text for passage in asked]
    contenders: dict[str, Callable[[], object]] = {
        "local": partial(local.detect, asked),
        "default": partial(default.detect, asked),
        "pooled": partial(pool.detect, asked, seconds=SECONDS),
    }
    # Presidio is quadratic in its findings and takes no text of more than a million characters.
    if size <= 200 * KB and max(map(len, texts)) <= baseline.SPACY_MOST:
        contenders["presidio"] = partial(baseline.analyzed, engine, texts)
    taken = side_by_side(contenders, rounds=rounds)
    ours, both, theirs = taken["local"], taken["default"], taken.get("presidio")
    return {
        "payload": name,
        "filled": "dense" if dense else "sparse",
        "characters": size,
        "texts": len(texts),
        "presidio ms": theirs and theirs.processor * 1e3,
        "local ms": ours.processor * 1e3,
        "local us/char": ours.processor / size * 1e6,
        "presidio/local": theirs and theirs.processor / ours.processor,
        "default ms": both.processor * 1e3,
        "presidio/default": theirs and theirs.processor / both.processor,
        "pooled wall ms": taken["pooled"].wall * 1e3,
        "presidio wall/pooled wall": theirs and theirs.wall / taken["pooled"].wall,
    }


def _under_load(pool: PooledDetector) -> Iterator[Row]:
    """What is reached when callers never pause, and how long calls take at half of it.

    "cores" is what the workers got: less than their number where the load is full means that
    other programs took the rest, and then the times say little.
    """
    mails = [payloads.email(payloads.Faker()) for _ in range(50)]
    for name, texts in {"sentence": payloads.sentences(), "1 KB e-mail": mails}.items():
        call = partial(_one, pool, texts)
        most, cores = _with_cores(lambda call=call: saturated(call, callers=16, seconds=5))
        yield _load_row(name, "16 callers, no pause", most, cores)
        rate = most.rate / 2
        half, cores = _with_cores(lambda call=call, rate=rate: offered(call, rate=rate, seconds=8))
        yield _load_row(name, "half of that, Poisson", half, cores)


def _with_cores(work: Callable[[], Latency]) -> tuple[Latency, float]:
    """What it measured, and how many cores the workers had on average."""
    used = processor_seconds(os.getpid(), children_only=True)
    began = time.perf_counter()
    measured = work()
    took = time.perf_counter() - began
    return measured, (processor_seconds(os.getpid(), children_only=True) - used) / took


def _load_row(name: str, load: str, measured: Latency, cores: float) -> Row:
    return {
        "text": name,
        "load": load,
        "calls/s": measured.rate,
        "cores": cores,
        "median ms": measured.median,
        "p90 ms": measured.p90,
        "p99 ms": measured.p99,
        "worst ms": measured.worst,
        "p99/median": measured.p99 / measured.median,
    }


def _one(pool: Detector, texts: Sequence[str], at: int) -> object:
    return pool.detect([Passage(text=texts[at % len(texts)])], seconds=60)
