"""Every effect has its attempt: the entry that stands before it, for that it was tried."""

from __future__ import annotations

from collections.abc import Iterator

from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.evidence.report import Unfinished


class Attempts:
    """Matches effects to attempts as the log goes by; remembers only what is not answered yet."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._open)

    def follow(self, position: int, entry: AuditEntry) -> str | None:
        """Takes the next entry. Answers with what is wrong about it, if anything is."""
        if entry.kind is EntryKind.ATTEMPT:
            self._open[position] = entry.action
            return None
        if type(entry.attempt) is not int:  # what was read from JSON may be anything
            return f"effect {position} names no attempt"
        action = self._open.pop(entry.attempt, None)
        if action is None:
            return f"effect {position} names {entry.attempt}, which is not an unanswered attempt"
        if action != entry.action:
            return f"effect {position} is of another action than its attempt {entry.attempt}"
        return None

    def unfinished(self) -> Iterator[Unfinished]:
        """The attempts without an effect, in order."""
        for position, action in self._open.items():
            yield Unfinished(position=position, action=action)
