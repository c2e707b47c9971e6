"""What an audit of an export found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from privacy_service.evidence.checkpoint import Checkpoint
from privacy_service.evidence.merkle import ProofInvalid


class FaultKind(StrEnum):
    """What is wrong. Each is explained in docs/evidence.md."""

    UNREADABLE = "unreadable"
    FOREIGN = "foreign"
    SIGNATURE = "signature"
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    ORDER = "order"
    TAIL_CUT = "tail-cut"
    UNPROVEN = "unproven"
    UNWITNESSED = "unwitnessed"
    REWRITTEN = "rewritten"
    NOT_AN_ENTRY = "not-an-entry"
    EFFECT_WITHOUT_ATTEMPT = "effect-without-attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, and the positions that it is about (`first` to `last`), if any."""

    kind: FaultKind
    says: str
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An attempt that has no effect in the log: still under way, or stopped half way."""

    position: int
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """The largest checkpoint here that one witness cosigned, and when."""

    name: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome: sound if there are no faults.

    `entries` were read; `checkpoint` is the one they were held against, None if its signature
    does not hold. `checkpoints` counts all that were confirmed, that one included. Lists are cut
    at a thousand; `fault_count` and `unfinished_count` are whole.
    """

    entries: int
    checkpoint: Checkpoint | None
    checkpoints: int
    witnessed: tuple[Witnessed, ...] = ()
    faults: tuple[Fault, ...]
    fault_count: int
    unfinished: tuple[Unfinished, ...]
    unfinished_count: int

    def require_sound(self) -> None:
        """Raises ProofInvalid, saying the first fault, unless there is none."""
        if self.faults:
            raise ProofInvalid(self.faults[0].says)

    def lines(self) -> Iterator[str]:
        """The report for people, line by line."""
        size = self.checkpoint.size if self.checkpoint else "unknown"
        yield f"entries read: {self.entries}; signed size: {size}"
        yield f"checkpoints confirmed: {self.checkpoints}"
        for seen in self.witnessed:
            yield f"witness {seen.name}: saw {seen.size} entries at {seen.at.isoformat()}"
        yield f"attempts without an effect: {self.unfinished_count}"
        for attempt in self.unfinished:
            yield f"  {attempt.position}: {attempt.action}"
        yield "sound" if not self.faults else f"NOT SOUND: {self.fault_count} faults"
        for fault in self.faults:
            yield f"  {fault.kind.value}: {fault.says}"
