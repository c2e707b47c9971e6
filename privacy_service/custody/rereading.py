"""Whether the log still holds what it held: every entry read again, against the tree of its hashes.

A place in the log is remembered, so that each look is bounded and a log of any size is read
through. What was published is another witness: `publish-checkpoint` holds the head to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.clock import Clock
from privacy_service.custody.incidents import Incidents
from privacy_service.evidence.merkle import Frontier, leaf_hash
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

_PLACE: Final = "reread"
_AT_ONCE: Final = 2000
LOG: Final = "the audit log"
PUBLISHED: Final = "the audit log, as it was published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """Reads the log again, a part at a time."""

    database: Database
    incidents: Incidents
    clock: Clock

    def look(self) -> bool:
        """Reads the next part. Whether there is more; after the last the next look begins anew."""
        with self.database.reading() as view:
            before, size = view.incidents.place(_PLACE), view.audit.size()
            start = min(before or 0, size)
            end = min(start + _AT_ONCE, size)
            sign = _misfit(view, start, end, size)

        def work(tx: Writing) -> bool:
            if tx.incidents.place(_PLACE) != before:
                return True
            if sign is not None:
                self.incidents.notice(tx, sign, at=self.clock.now())
            tx.incidents.move(_PLACE, 0 if end == size else end)
            return end < size

        return self.database.commit(work)

    def contradicted(self) -> None:
        """The log does not continue what was published of it."""
        with self.database.reading() as view:
            size = view.audit.size()
        sign = Sign(
            cause=Cause.LOG_MISMATCH,
            about=PUBLISHED,
            says=f"It has {size} entries and does not continue a checkpoint that was published.",
        )
        now = self.clock.now()
        self.database.commit(lambda tx: self.incidents.notice(tx, sign, at=now))


def _misfit(view: View, start: int, end: int, size: int) -> Sign | None:
    """What is wrong between the two places, if something is."""
    read = {one.position: one for one in view.audit.entries(start, end - start)}
    wrong = [
        position
        for position in range(start, end)
        if (one := read.get(position)) is None or leaf_hash(one.leaf) != one.digest
    ]
    if not wrong:
        tree, _ = Frontier.at(start, view.audit.node).append_many(
            read[position].digest for position in range(start, end)
        )
        kept = view.audit.frontier() if end == size else view.audit.frontier(end)
        if tree == kept:
            return None
        where = f"entries {start} to {end - 1} do not make the tree that was kept of them"
        positions: tuple[int, ...] = (start, end - 1)
    else:
        where = f"{len(wrong)} entries from {wrong[0]} on are gone, or were changed"
        positions = tuple(wrong)
    return Sign(
        cause=Cause.LOG_MISMATCH,
        about=LOG,
        says=f"Read again, {where}.",
        positions=positions,
        counts={"entries": max(len(wrong), 1)},
    )
