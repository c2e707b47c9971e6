"""Monitors, runs and curbs for Prometheus, read from the database when they are scraped.

Every replica exports the same, of all of them: take `max by (contract, …)`. The number of label
values is bounded: at most `MOST_CONTRACTS` contracts, those with the most checks, and of each a
fixed list of signals, for the version in force and a canary. No label is a value from a payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from privacy_service.behavior.model import Side
from privacy_service.behavior.windows import budget_spent, rests_on, signals_of
from privacy_service.clock import Clock
from privacy_service.contracts.dates import DateWarning
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.contract_dates import near_dates
from privacy_service.custody.monitors import (
    deciding_versions,
    objective_counts,
    watch,
    watched_contracts,
)
from privacy_service.custody.shadowing import Shadowing
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.views import View

MOST_CONTRACTS: Final = 100
NAMES: Final = (
    "privacy_behavior_checks",
    "privacy_behavior_signal",
    "privacy_behavior_budget_spent",
    "privacy_behavior_curbs",
    "privacy_playbook_runs_open",
    "privacy_playbook_targets_missed",
)
"""Every gauge."""
DATES: Final = ("privacy_contract_due_seconds", "privacy_contract_refused_seconds")
"""The gauges of contracts whose dates come near."""
SHADOWS: Final = "privacy_shadow_requests"
"""The counter of shadows, with `_total` behind it."""
VERSIONS: Final = ("active", "canary")
"""By which words the version in force and a canary go: numbers would be ever more labels."""
WINDOW: Final = timedelta(hours=1)
"""Of which time the signals are."""
SIGNALS: Final = (
    "acceptance_rate", "violation_rate", "abstention_rate", "refusal_rate", "ask_again_rate",
    "partial_rate", "held_rate", "personal_data_per_thousand", "mean_confidence",
    "calibration_error", "brier", "mean_words", "mean_latency_ms", "latency_p95_ms",
    "drift_outcomes", "drift_violations", "drift_confidence", "drift_length", "drift_latency",
    "drift_personal_data",
)  # fmt: skip
_SECONDS: Final = 15.0
_DATES_SECONDS: Final = 300.0
_MOST_RUNS: Final = 1000


@dataclass(slots=True, kw_only=True, eq=False)
class MonitorFigures(Collector):
    """The gauges. A database that does not answer leaves them out; it is looked at once in 15
    seconds however often it is scraped.
    """

    database: Database
    clock: Clock
    _looked: float = float("-inf")
    _found: tuple[Metric, ...] = ()

    def collect(self) -> Iterator[Metric]:
        """What Prometheus scrapes."""
        now = self.clock.monotonic()
        if now - self._looked >= _SECONDS:
            self._looked, self._found = now, ()
            with suppress(PrivacyError), self.database.reading() as view:
                self._found = (*self._windows(view), *self._budgets(view), *self._acts(view))
        yield from self._found

    def _windows(self, view: View) -> Iterator[Metric]:
        checks = GaugeMetricFamily(
            "privacy_behavior_checks",
            "Outputs checked in the last hour.",
            labels=["contract", "version"],
        )
        rates = GaugeMetricFamily(
            "privacy_behavior_signal",
            "Signals of the outputs checked in the last hour.",
            labels=["contract", "version", "signal"],
        )
        now = self.clock.now()
        for contract_id in watched_contracts(view, now)[:MOST_CONTRACTS]:
            deciding = deciding_versions(view, contract_id, now)
            for role, version in zip(VERSIONS, deciding, strict=False):
                bins = view.counts.bins(
                    contract_id, since=now - WINDOW, until=now, side=Side.OUTPUT,
                    number=version.number,
                )  # fmt: skip
                watched = watch(
                    view, version, bins, since=now - WINDOW, side=Side.OUTPUT, use_case=None,
                    now=now,
                )  # fmt: skip
                checks.add_metric([contract_id, role], watched.counts.checks)
                signals = signals_of(watched)
                if watched.counts.checks:
                    for name in SIGNALS:
                        if rests_on(name, watched.counts):
                            rates.add_metric([contract_id, role, name], float(str(signals[name])))
        yield from (checks, rates)

    def _budgets(self, view: View) -> Iterator[Metric]:
        spent = GaugeMetricFamily(
            "privacy_behavior_budget_spent",
            "What is spent of an objective's error budget: 1 is all of it.",
            labels=["contract", "objective"],
        )
        now = self.clock.now()
        for contract_id in watched_contracts(view, now)[:MOST_CONTRACTS]:
            for one in as_behavior(view.behavior.newest(contract_id)).contract.monitor.objectives:
                counts = objective_counts(view, contract_id, one, now)
                spent.add_metric([contract_id, one.id], budget_spent(one, counts))
        yield spent

    def _acts(self, view: View) -> Iterator[Metric]:
        now = self.clock.now()
        runs = view.playbooks.list(limit=_MOST_RUNS)
        curbs = view.curbs.list(limit=_MOST_RUNS)
        contracts = sorted(
            {run.contract_id for run in runs} | {curb.contract_id for curb in curbs}
        )[:MOST_CONTRACTS]
        open_ = GaugeMetricFamily(
            "privacy_playbook_runs_open", "Runs of playbooks that are open.",
            labels=["contract", "failure_severity"],
        )  # fmt: skip
        missed = GaugeMetricFamily(
            "privacy_playbook_targets_missed", "Open runs that have missed a target.",
            labels=["contract", "target"],
        )  # fmt: skip
        held = GaugeMetricFamily(
            "privacy_behavior_curbs", "What stands in the path of checks.",
            labels=["contract", "kind"],
        )  # fmt: skip
        for contract_id in contracts:
            own = [one for one in runs if one.contract_id == contract_id]
            for severity in sorted({_severity(one.severity) for one in own}):
                count = sum(_severity(one.severity) == severity for one in own)
                open_.add_metric([contract_id, severity], count)
            for target in ("detect", "contain", "resolve"):
                count = sum(target in one.missed(now) for one in own)
                missed.add_metric([contract_id, target], count)
            for kind in sorted({one.kind for one in curbs if one.contract_id == contract_id}):
                count = sum((one.contract_id, one.kind) == (contract_id, kind) for one in curbs)
                held.add_metric([contract_id, kind], count)
        yield from (open_, missed, held)


@dataclass(slots=True, kw_only=True, eq=False)
class DateFigures(Collector):
    """How long it is until contracts are due, and until nothing passes under them: those whose
    dates come near or are past, at most 100. A database that does not answer leaves them out.
    """

    database: Database
    clock: Clock
    _looked: float = float("-inf")
    _found: tuple[DateWarning, ...] = ()

    def collect(self) -> Iterator[Metric]:
        """What Prometheus scrapes."""
        ticks, now = self.clock.monotonic(), self.clock.now()
        if ticks - self._looked >= _DATES_SECONDS:
            self._looked, self._found = ticks, ()
            with suppress(PrivacyError), self.database.reading() as view:
                self._found = tuple(near_dates(view, now))[:MOST_CONTRACTS]
        due = GaugeMetricFamily(
            DATES[0], "Seconds until a date of a contract; below 0 it is past.",
            labels=["contract", "kind"],
        )  # fmt: skip
        refused = GaugeMetricFamily(
            DATES[1], "Seconds until nothing passes under a contract, if nobody does anything.",
            labels=["contract", "kind"],
        )  # fmt: skip
        for one in self._found:
            labels = [one.contract_id, one.kind.value]
            due.add_metric(labels, (one.due - now).total_seconds())
            if one.refused_from is not None:
                refused.add_metric(labels, (one.refused_from - now).total_seconds())
        yield from (due, refused)


@dataclass(frozen=True, slots=True, eq=False)
class ShadowFigures(Collector):
    """What shadows of this process took, by contract and by what became of it."""

    shadowing: Shadowing

    def collect(self) -> Iterator[Metric]:
        """What Prometheus scrapes."""
        taken = CounterMetricFamily(
            SHADOWS,
            "Requests that a version judged, or should have, beside the one in force.",
            labels=["contract", "result"],
        )
        for (contract_id, fate), count in sorted(self.shadowing.sampled.items()):
            taken.add_metric([contract_id, fate.value], count)
        yield taken


def _severity(severity: object) -> str:
    return "none" if severity is None else str(severity)
