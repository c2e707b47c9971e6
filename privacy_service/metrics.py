"""Prometheus metrics, fed by the log's events and by the detector's counts. No label is a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from privacy_service import errors
from privacy_service.errors import PrivacyError

CALLS: Final = frozenset({"rpc_answered", "item_answered"})
"""The events that calls, and items of streams, leave in the log."""


INCIDENT: Final = "incident_opened"
"""The event that a breach leaves there that the service opened."""


class Metrics:
    """The metrics of one service, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "privacy_calls_total",
            "Calls answered, by method, gRPC code and reason.",
            ["method", "code", "reason"],
            registry=self.registry,
        )
        self._decisions = Counter(
            "privacy_decisions_total",
            "Decisions, by effect.",
            ["effect"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "privacy_call_seconds",
            "How long calls took.",
            ["method"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
            registry=self.registry,
        )

        self._incidents = Counter(
            "privacy_incidents_total",
            "Breaches that the service opened by itself, by cause.",
            ["cause"],
            registry=self.registry,
        )

    def observe(self, event: Mapping[str, Any]) -> None:
        """Counts an event, whether the log writes it or not."""
        if event.get("event") == INCIDENT:
            self._incidents.labels(str(event.get("cause", ""))).inc()
        if event.get("event") not in CALLS:
            return
        method = str(event.get("method", ""))
        self._calls.labels(method, str(event.get("code", "")), str(event.get("reason") or "")).inc()
        self._seconds.labels(method).observe(float(event.get("duration_ms", 0.0)) / 1000)
        if event.get("effect"):
            self._decisions.labels(str(event["effect"])).inc()

    def watch(self, figures: Callable[[], Mapping[str, int]]) -> None:
        """Exports the detector's counts, read when they are scraped."""
        self.registry.register(_Figures(figures))

    def serve(self, address: str) -> Callable[[], None]:
        """Serves them over HTTP at host:port; the function that is returned stops it. Raises
        SETTINGS_INVALID for an address that cannot be had.
        """
        host, _, port = address.rpartition(":")
        try:
            server, thread = start_http_server(int(port), host, registry=self.registry)
        except OSError as error:
            raise PrivacyError(
                errors.SETTINGS_INVALID,
                setting="server.metrics_address",
                address=address,
                says=error.strerror or "it cannot be had",
            ) from None

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop


_GAUGES = frozenset({"warm", "waiting"})


@dataclass(frozen=True, slots=True)
class _Figures(Collector):
    figures: Callable[[], Mapping[str, int]]

    def collect(self) -> Iterator[Metric]:
        for name, value in self.figures().items():
            if name in _GAUGES:
                yield GaugeMetricFamily(f"privacy_detector_{name}", name, value=value)
            else:
                yield CounterMetricFamily(f"privacy_detector_{name}", name, value=value)
