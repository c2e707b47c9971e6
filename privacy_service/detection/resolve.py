"""Overlapping claims settled: the better founded one wins, never merely the longer one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from privacy_service.detection.candidates import Candidate


def resolve(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates that do not overlap, in order.

    The higher score wins; among equals the longer, then the earlier. n log n in their number.
    """
    starts: list[int] = []
    kept: list[Candidate] = []
    ranked = sorted(candidates, key=lambda c: (-c.score, c.start - c.end, c.start, c.entity))
    for candidate in ranked:
        at = bisect_left(starts, candidate.end)
        if at and kept[at - 1].end > candidate.start:
            continue
        starts.insert(at, candidate.start)
        kept.insert(at, candidate)
    return kept
