"""Of which obligations somebody is to be reminded, and how urgently: at shares of the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service.breaches.breach import Breach
from privacy_service.breaches.obligations import Obligation, Status

STAGES: Final = ((0.5, "half"), (0.75, "three_quarters"), (0.9, "last_tenth"), (1.0, "safe_time"))
"""Shares of the time from the start of the clock to the safe time, and what each is called."""
OVERDUE: Final = "overdue"
_OPEN: Final = frozenset({Status.OPEN, Status.SOON, Status.OVERDUE, Status.TO_DECIDE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One thing to remind of. `level` counts up: the higher, the more people hear of it."""

    obligation: Obligation
    stage: str
    level: int


def reminders(breach: Breach, asked: Iterable[Obligation], now: datetime) -> Iterator[Reminder]:
    """The latest stage of each obligation that has been reached and not been told of yet."""
    told = {(one.rule, one.place, one.stage, one.due) for one in breach.reminders}
    for obligation in asked:
        if obligation.status not in _OPEN or obligation.conservative is None:
            continue
        stage = _stage(breach, obligation, now)
        due = obligation.conservative.isoformat()
        if stage is None or (obligation.rule, obligation.place, stage[1], due) in told:
            continue
        yield Reminder(obligation=obligation, stage=stage[1], level=stage[0])


def _stage(breach: Breach, one: Obligation, now: datetime) -> tuple[int, str] | None:
    assert one.conservative is not None
    if one.legal is not None and now > one.legal:
        return len(STAGES), OVERDUE
    begun = one.started or breach.opened_at
    whole = (one.conservative - begun).total_seconds()
    share = (now - begun).total_seconds() / whole if whole > 0 else 1.0
    reached = [(level, name) for level, (from_, name) in enumerate(STAGES) if share >= from_]
    return reached[-1] if reached else None
