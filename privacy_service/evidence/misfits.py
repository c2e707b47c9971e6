"""Entries whose bytes do not fit their place in the tree: changed, removed, inserted or moved.

The tree's leaf hashes are kept apart from the entries. Where an entry was removed and the later
ones moved up, each of them fits the next place; where one was slipped in, each fits the place
before. So a run of misfits tells what was done, while only the last one has to be remembered.
"""

from __future__ import annotations

from privacy_service.evidence.report import Fault, FaultKind


class Misfits:
    """Follows the entries in order, and tells each run of misfits apart when it ends."""

    __slots__ = ("_backward", "_forward", "_last", "_start")

    def __init__(self) -> None:
        self._start: int | None = None
        self._last = (b"", b"")
        self._forward = self._backward = False

    def follow(self, position: int, actual: bytes, placed: bytes) -> Fault | None:
        """Takes the hash of the entry there and the tree's. Answers with a run that just ended."""
        if actual == placed:
            return self.end(position)
        if self._start is None:
            self._start, self._forward, self._backward = position, True, True
        else:
            last_actual, last_placed = self._last
            self._forward &= last_actual == placed
            self._backward &= actual == last_placed
        self._last = (actual, placed)
        return None

    def end(self, position: int) -> Fault | None:
        """Closes the run, if there is one, before `position`."""
        if self._start is None:
            return None
        first, last = self._start, position - 1
        self._start = None
        kind, says = self._told(first, last)
        return Fault(kind=kind, says=says, first=first, last=last)

    def _told(self, first: int, last: int) -> tuple[FaultKind, str]:
        if first == last:
            return FaultKind.CHANGED, f"entry {first} was changed"
        if self._forward and self._backward:
            return FaultKind.ORDER, f"entries {first} and {last} were exchanged"
        if self._forward:
            return FaultKind.REMOVED, f"entry {first} was removed; later ones took its place"
        if self._backward:
            return FaultKind.INSERTED, f"an entry was inserted at {first}; it moved later ones"
        return FaultKind.CHANGED, f"entries {first} to {last} were changed"
