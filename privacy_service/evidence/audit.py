"""One reading of an export: every entry against the tree, the tree against the checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from privacy_service.evidence.attempts import Attempts
from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint
from privacy_service.evidence.cosignature import WitnessKey, cosignatures
from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.export import ExportHeader, LoggedEntry
from privacy_service.evidence.merkle import Frontier, leaf_hash
from privacy_service.evidence.misfits import Misfits
from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.evidence.report import Fault, FaultKind, Report, Witnessed

MAX_LISTED: Final = 1000
"""How many faults, and how many unfinished attempts, a report lists."""


class Audit:
    """One reading of one export: begin, follow each entry, end, report.

    `keys` are trusted; the first is the log's present one, and its name is the log's origin. Each
    of `witnesses` must have cosigned a checkpoint, the export's or a kept one.
    """

    def __init__(
        self, keys: tuple[VerifierKey, ...], witnesses: tuple[WitnessKey, ...] = ()
    ) -> None:
        self._keys = keys
        self._witnesses = witnesses
        self._witnessed: dict[WitnessKey, Witnessed] = {}
        self._faults: list[Fault] = []
        self._fault_count = 0
        self._frontier = Frontier()
        self._expected = 0
        self._entries = 0
        self._misfits = Misfits()
        self._attempts = Attempts()
        self._checkpoint: Checkpoint | None = None
        self._awaited: list[tuple[Checkpoint, str]] = []
        self._confirmed: list[int] = []

    def fault(
        self, kind: FaultKind, says: str, first: int | None = None, last: int | None = None
    ) -> None:
        """Adds what is wrong; `last` is `first` where it is about one position."""
        last = first if last is None else last
        self._note(Fault(kind=kind, says=says, first=first, last=last))

    def begin(self, header: ExportHeader, kept: Sequence[str]) -> None:
        """Opens every checkpoint; the smallest is awaited first."""
        if header.origin != self._keys[0].name:
            self.fault(FaultKind.FOREIGN, f"the export is of the log {header.origin!r}")
        if header.verifier_key not in map(str, self._keys):
            self.fault(FaultKind.FOREIGN, "the export names a verifier key that is not trusted")
        self._checkpoint = self._opened(header.checkpoint, "the export's checkpoint")
        for number, note in enumerate(header.earlier_checkpoints, start=1):
            self._opened(note, f"earlier checkpoint {number} of the export")
        for number, note in enumerate(kept, start=1):
            self._opened(note, f"kept checkpoint {number}")
        self._awaited.sort(key=lambda awaited: awaited[0].size, reverse=True)
        self._confirm()

    def follow(self, entry: LoggedEntry) -> None:
        """Takes the next entry line."""
        self._entries += 1
        if not self._in_order(entry.position):
            return
        self._note(self._misfits.follow(entry.position, leaf_hash(entry.leaf), entry.digest))
        self._frontier, _ = self._frontier.append(entry.digest)
        self._confirm()
        self._read(entry)

    def end(self) -> None:
        """What can be told only when the last entry is read."""
        self._note(self._misfits.end(self._expected))
        size = self._checkpoint.size if self._checkpoint else 0
        if self._checkpoint and self._expected > size:
            says = f"entries from {size} on are beyond the signed size, so nothing proves them"
            self.fault(FaultKind.UNPROVEN, says, size, self._expected - 1)
        for witness in self._witnesses:
            if witness not in self._witnessed:
                says = f"no checkpoint that is here was cosigned by the witness {witness.name}"
                self.fault(FaultKind.UNWITNESSED, says)
        for checkpoint, name in reversed(self._awaited):
            says = f"{name} proves {checkpoint.size} entries; the export ends at {self._expected}"
            self.fault(FaultKind.TAIL_CUT, says, self._expected, checkpoint.size - 1)

    def report(self) -> Report:
        """What was found so far."""
        return Report(
            entries=self._entries,
            checkpoint=self._checkpoint,
            checkpoints=len(self._confirmed),
            witnessed=tuple(self._witnessed.values()),
            faults=tuple(self._faults),
            fault_count=self._fault_count,
            unfinished=tuple(islice(self._attempts.unfinished(), MAX_LISTED)),
            unfinished_count=len(self._attempts),
        )

    def _opened(self, note: str, name: str) -> Checkpoint | None:
        try:
            checkpoint = open_checkpoint(note, *self._keys)
        except NoteInvalid as invalid:
            self.fault(FaultKind.SIGNATURE, f"{name}: {invalid}")
            return None
        if checkpoint.origin != self._keys[0].name:
            self.fault(FaultKind.FOREIGN, f"{name} is of the log {checkpoint.origin!r}")
            return None
        self._awaited.append((checkpoint, f"{name} (size {checkpoint.size})"))
        self._look_for_witnesses(note, checkpoint, name)
        return checkpoint

    def _look_for_witnesses(self, note: str, checkpoint: Checkpoint, name: str) -> None:
        """Remembers the largest checkpoint that each witness cosigned."""
        try:
            found = cosignatures(note, *self._witnesses)
        except NoteInvalid as invalid:
            self.fault(FaultKind.SIGNATURE, f"{name}, by a witness: {invalid}")
            return
        for witness, at in found.items():
            before = self._witnessed.get(witness)
            if before is None or before.size <= checkpoint.size:
                at_instant = datetime.fromtimestamp(at, UTC)
                self._witnessed[witness] = Witnessed(
                    name=witness.name, size=checkpoint.size, at=at_instant
                )

    def _in_order(self, position: int) -> bool:
        """Whether the entry stands where it must; a gap is reported, and the count catches up."""
        expected = self._expected
        if position < expected:
            says = f"entry {position} comes after entry {expected - 1}"
            self.fault(FaultKind.ORDER, says, position)
            return False
        if position > expected:
            self._note(self._misfits.end(expected))
            last = position - 1
            says = f"entry {last}" if last == expected else f"entries {expected} to {last}"
            self.fault(FaultKind.REMOVED, f"missing: {says}", expected, last)
        self._expected = position + 1
        return True

    def _confirm(self) -> None:
        """Holds the tree against the checkpoints of the size that it has just reached."""
        while self._awaited and self._awaited[-1][0].size <= self._expected:
            checkpoint, name = self._awaited.pop()
            if self._frontier.size == checkpoint.size == self._expected:
                self._compare(checkpoint, name)
            else:
                says = f"{name} cannot be confirmed: entries before it are missing"
                self.fault(FaultKind.UNPROVEN, says, 0, checkpoint.size - 1)

    def _compare(self, checkpoint: Checkpoint, name: str) -> None:
        if self._frontier.root() == checkpoint.root:
            self._confirmed.append(checkpoint.size)
            return
        since = max(self._confirmed, default=0)
        says = f"{name} has another root: history was rewritten between {since} and its size"
        self.fault(FaultKind.REWRITTEN, says, since, max(since, checkpoint.size - 1))

    def _read(self, entry: LoggedEntry) -> None:
        try:
            read = AuditEntry.from_bytes(entry.leaf)
            canonical = read.to_bytes() == entry.leaf
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            canonical = False
        if not canonical:
            says = f"entry {entry.position} is not an audit entry in canonical form"
            self.fault(FaultKind.NOT_AN_ENTRY, says, entry.position)
            return
        wrong = self._attempts.follow(entry.position, read)
        if wrong:
            self.fault(FaultKind.EFFECT_WITHOUT_ATTEMPT, wrong, entry.position)

    def _note(self, fault: Fault | None) -> None:
        if fault is None:
            return
        self._fault_count += 1
        if len(self._faults) < MAX_LISTED:
            self._faults.append(fault)
