"""How far people who looked at the same things agree.

Krippendorff's alpha for nominal data, after K. Krippendorff, "Computing Krippendorff's
Alpha-Reliability" (2011): one minus the disagreement that was seen over the one that chance alone
would make. It bears that not everybody looked at everything, which Cohen's kappa does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of `judged` things, `doubly` were judged by more than one person. `agreed` is the share of
    those on which all said the same, `alpha` Krippendorff's; None where nothing can be said: too
    little, or all judgements are the same. `labels` counts what was said of all.
    """

    judged: int
    doubly: int
    agreed: float | None
    alpha: float | None
    labels: Mapping[str, int]


def agreement(units: Iterable[Sequence[str]]) -> Agreement:
    """The agreement on things, each with the labels that people gave it."""
    known = [unit for unit in units if unit]
    doubly = [unit for unit in known if len(unit) > 1]
    same = sum(1 for unit in doubly if len(set(unit)) == 1)
    return Agreement(
        judged=len(known),
        doubly=len(doubly),
        agreed=round(same / len(doubly), 6) if doubly else None,
        alpha=alpha(doubly),
        labels=dict(Counter(label for unit in known for label in unit)),
    )


def alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Krippendorff's alpha, nominal."""
    alike, totals = 0.0, Counter[str]()
    for unit in units:
        pairs = len(unit) - 1
        if pairs < 1:
            continue
        counts = Counter(unit)
        alike += sum(count * (count - 1) for count in counts.values()) / pairs
        totals.update(counts)
    n = sum(totals.values())
    by_chance = n * n - sum(count * count for count in totals.values())
    if not by_chance:
        return None
    return round(1 - (n - 1) * (n - alike) / by_chance, 6)
