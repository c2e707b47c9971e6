"""How far a window of checks has moved from what they were before.

For each of what is compared: the chi-square test of homogeneity between the two histograms
(`scipy.stats.chi2_contingency`; bins with an expected count below 5 are put together with their
neighbours), with p-values corrected by Holm for all that are compared at a time. What is
significant has drifted, by its total variation distance: the share of the checks, from 0 to 1, that
lie elsewhere than they did. What is not significant has not: it is 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from privacy_service.behavior.counts import Counts
from privacy_service.behavior.model import Outcome

SIGNIFICANCE: Final = 0.001
_LEAST_EXPECTED: Final = 5.0
COMPARED: Final = ("outcomes", "violations", "confidence", "length", "latency", "personal_data")
"""What is compared, by the names of its signals."""


def drift(
    window: Counts, baseline: Counts, *, significance: float = SIGNIFICANCE
) -> dict[str, float]:
    """How far each has moved; 0 where that is not significant, or nothing is there to compare."""
    found = dict.fromkeys(COMPARED, 0.0)
    tables = {
        name: table
        for name, (now, before) in _histograms(window, baseline).items()
        if (table := _binned(now, before)) is not None
    }
    if not tables:
        return found
    p_values = {name: _p_value(table) for name, table in tables.items()}
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        if p_values[name] * (len(p_values) - rank) > significance:
            break  # Holm: from the first that is not, none is
        found[name] = _distance(tables[name])
    return found


_Table = tuple[Sequence[int], Sequence[int]]
_Histograms = Mapping[str, tuple[Mapping[int, int], Mapping[int, int]]]


def _histograms(window: Counts, baseline: Counts) -> _Histograms:
    return {
        "outcomes": (_by_place(window), _by_place(baseline)),
        "violations": (_split(window, window.violations), _split(baseline, baseline.violations)),
        "confidence": (window.confidences, baseline.confidences),
        "length": (window.lengths, baseline.lengths),
        "latency": (window.latencies, baseline.latencies),
        "personal_data": (
            _split(window, window.treated_checks),
            _split(baseline, baseline.treated_checks),
        ),
    }


def _by_place(counts: Counts) -> dict[int, int]:
    return {place: counts.outcomes.get(outcome, 0) for place, outcome in enumerate(Outcome)}


def _split(counts: Counts, some: int) -> dict[int, int]:
    return {0: counts.checks - some, 1: some}


def _binned(now: Mapping[int, int], before: Mapping[int, int]) -> _Table | None:
    """Two rows of which each column can be expected to hold enough; None where there are not two
    such columns.
    """
    totals = sum(now.values()), sum(before.values())
    if not all(totals):
        return None
    smaller = min(totals) / sum(totals)
    columns: list[tuple[int, int]] = []
    held = (0, 0)
    for bin_ in sorted({*now, *before}):
        held = held[0] + now.get(bin_, 0), held[1] + before.get(bin_, 0)
        if sum(held) * smaller >= _LEAST_EXPECTED:
            columns.append(held)
            held = (0, 0)
    if columns and any(held):
        last = columns.pop()
        columns.append((last[0] + held[0], last[1] + held[1]))
    if len(columns) < 2:
        return None
    return tuple(one for one, _ in columns), tuple(other for _, other in columns)


def _p_value(table: _Table) -> float:
    from scipy.stats import chi2_contingency  # takes a second, and few processes need it

    return float(chi2_contingency(table, correction=False).pvalue)


def _distance(table: _Table) -> float:
    totals = sum(table[0]), sum(table[1])
    apart = (abs(n / totals[0] - b / totals[1]) for n, b in zip(*table, strict=True))
    return round(sum(apart) / 2, 6)
