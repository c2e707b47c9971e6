"""What this process has seen of each job, for Prometheus. No label is a value."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Figures(Collector):
    """Counts by job. Thread-safe."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._success: dict[str, float] = {}
        self._waiting: dict[str, int] = {}

    def done(self, job: str, at: datetime) -> None:
        """A piece of work ended well."""
        with self._mutex:
            self._ended[job, "done"] += 1
            self._success[job] = at.timestamp()

    def failed(self, job: str) -> None:
        """A piece of work failed; it will be begun anew."""
        with self._mutex:
            self._ended[job, "failed"] += 1

    def waits(self, job: str, count: int) -> None:
        """So many rows wait, at the last look."""
        with self._mutex:
            self._waiting[job] = count

    def collect(self) -> Iterator[Metric]:
        """What Prometheus scrapes."""
        with self._mutex:
            ended, success, waiting = dict(self._ended), dict(self._success), dict(self._waiting)
        works = CounterMetricFamily(
            "privacy_job_work", "Work that ended here.", labels=["job", "outcome"]
        )
        for (job, outcome), count in ended.items():
            works.add_metric([job, outcome], count)
        last = GaugeMetricFamily(
            "privacy_job_last_success_timestamp_seconds", "Last success here.", labels=["job"]
        )
        for job, at in success.items():
            last.add_metric([job], at)
        waits = GaugeMetricFamily(
            "privacy_job_waiting", "Rows that wait, at the last tick here.", labels=["job"]
        )
        for job, count in waiting.items():
            waits.add_metric([job], count)
        yield from (works, last, waits)
