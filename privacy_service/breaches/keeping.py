"""How long the record of a breach is kept: as long as a law asks, and as own policy has it.

A breach that is open is kept. One that is closed is deleted once both times are over and nothing
holds it: a legal hold that was placed for it, or whose matter is its id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.statements import MeasureTaken

HELD: Final = "held_evidence"
"""What a hold is called in the timeline of the breach that it was placed for."""
_HOLD: Final = re.compile(r"hold-[0-9a-f]{16}")


def delete_after(breach: Breach, *, by_law: date | None, years: int) -> date | None:
    """The day after which its record is deleted; None: it is kept. `by_law` is until when a law
    asks for it, `years` how long it is kept after its end by own policy; 0: for good.
    """
    closed_at = breach.closed_at
    if years == 0 or closed_at is None or breach.state is BreachState.OPEN:
        return None
    closed = closed_at.date()
    try:
        own = closed.replace(year=closed.year + years)
    except ValueError:  # 29 February
        own = date(closed.year + years, 3, 1)
    return max(own, by_law or own)


def holds_named(breach: Breach) -> frozenset[str]:
    """The holds that were placed for it, as its timeline has them."""
    said = (one.says for one in breach.all(MeasureTaken) if one.what == HELD)
    return frozenset(hold for says in said for hold in _HOLD.findall(says))


def is_held(breach: Breach, holding: Iterable[tuple[str, str]]) -> bool:
    """Whether one of the holds that hold (id and matter) is for it."""
    named = holds_named(breach)
    return any(hold in named or matter == breach.id for hold, matter in holding)
