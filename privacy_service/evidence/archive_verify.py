"""Checks an evidence archive offline, and places what is wrong: in which file, on which line.

Nothing of the archive is believed but by signature: the manifest's, under the log's key, fixes
every other byte. Beyond that, each entry is proven under the checkpoint, each disclosure is held
against its entry, each contract against the digest that entries name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from privacy_service.evidence import archive as made
from privacy_service.evidence.archive_span import (
    SPAN,
    Span,
    completeness,
    faults,
    is_of_period_alone,
    misplaced,
)
from privacy_service.evidence.archive_unpack import unpack
from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint
from privacy_service.evidence.cosignature import WitnessKey, cosignatures
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.evidence.export import ExportInvalid, leaf_of
from privacy_service.evidence.merkle import (
    ProofInvalid,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from privacy_service.evidence.note import NoteInvalid, VerifierKey, decode_base64
from privacy_service.evidence.stored_zip import LayoutInvalid

MOST_FAULTS: Final = 1000

_NOTES: Final = (made.CHECKPOINT, made.ANCHOR_NOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misplaced:
    """One thing that is wrong: in which file (empty: of the archive itself), and on which line."""

    file: str
    says: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.file or "the archive"
        return f"{where}, line {self.line}: {self.says}" if self.line else f"{where}: {self.says}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """The outcome: sound if there are no faults. `notes` are worth knowing and no faults.

    `checkpoint` is None where its signature does not hold. `asked` is what the archive says that it
    is about.
    """

    checkpoint: Checkpoint | None
    asked: str
    entries: int
    disclosures: int
    contracts: int
    faults: tuple[Misplaced, ...]
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The report for people, line by line."""
        if self.checkpoint is not None:
            yield f"log: {self.checkpoint.origin}, of {self.checkpoint.size} entries"
        yield f"asked: {self.asked}"
        yield (
            f"entries: {self.entries}; disclosures: {self.disclosures}; "
            f"contract versions: {self.contracts}"
        )
        yield from self.notes
        yield "sound" if not self.faults else f"NOT SOUND: {len(self.faults)} faults"
        for fault in self.faults:
            yield f"  {fault}"


def verify_archive(
    content: bytes,
    *,
    keys: Sequence[VerifierKey],
    witnesses: Sequence[WitnessKey] = (),
    kept: Sequence[str] = (),
) -> ArchiveReport:
    """Everything that is wrong with the archive, and where.

    `keys` are the log's, the present one first. Each of `witnesses` must have cosigned the
    archive's checkpoint or the published one that it continues. `kept` are checkpoints that were
    kept elsewhere: one of the size of either must be the same.
    """
    look = _Look(tuple(keys))
    try:
        unpacked = unpack(content, look.keys, look.fault)
    except LayoutInvalid as invalid:
        look.fault("", str(invalid))
        return look.report()
    look.asked, files = unpacked.asked, unpacked.files
    look.checkpoints(files, witnesses, kept)
    look.entries(files)
    look.span(files)
    look.disclosures(files)
    look.contracts(files)
    return look.report()


@dataclass(slots=True)
class _Look:
    """One reading of one archive."""

    keys: tuple[VerifierKey, ...]
    found: list[Misplaced] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    asked: str = "unknown"
    read: dict[int, AuditEntry] = field(default_factory=dict)
    digests: dict[int, bytes] = field(default_factory=dict)
    count: int = 0
    disclosed: int = 0
    texts: int = 0

    def fault(self, file: str, says: str, line: int | None = None) -> None:
        if len(self.found) < MOST_FAULTS:
            self.found.append(Misplaced(file=file, says=says, line=line))

    def report(self) -> ArchiveReport:
        return ArchiveReport(
            checkpoint=self.checkpoint,
            asked=self.asked,
            entries=self.count,
            disclosures=self.disclosed,
            contracts=self.texts,
            faults=tuple(self.found),
            notes=tuple(self.notes),
        )

    # -- Checkpoints --------------------------------------------------------------------------

    def checkpoints(
        self, files: dict[str, bytes], witnesses: Sequence[WitnessKey], kept: Sequence[str]
    ) -> None:
        self.checkpoint = self._opened(files, made.CHECKPOINT)
        anchor = self._opened(files, made.ANCHOR_NOTE) if made.ANCHOR_NOTE in files else None
        if anchor is not None and self.checkpoint is not None:
            self._continues(files, anchor, self.checkpoint)
        confirmed = self._remembered(kept, [one for one in (self.checkpoint, anchor) if one])
        notes = {name: files.get(name, b"").decode(errors="replace") for name in _NOTES}
        self._witnessed(notes | confirmed, witnesses)

    def _opened(self, files: dict[str, bytes], name: str) -> Checkpoint | None:
        try:
            return open_checkpoint(files[name].decode(), *self.keys)
        except KeyError:
            self.fault(name, "it is missing")
        except UnicodeDecodeError:
            self.fault(name, "it is not UTF-8")
        except NoteInvalid as invalid:
            self.fault(name, str(invalid))
        return None

    def _continues(
        self, files: dict[str, bytes], anchor: Checkpoint, checkpoint: Checkpoint
    ) -> None:
        """Holds the archive's checkpoint against the published one."""
        try:
            proof = files.get(made.ANCHOR_PROOF, b"").decode("ascii").splitlines()
            verify_consistency(
                first=anchor.size,
                first_root=anchor.root,
                second=checkpoint.size,
                second_root=checkpoint.root,
                proof=[decode_base64(line) for line in proof],
            )
        except (ProofInvalid, NoteInvalid, UnicodeDecodeError) as invalid:
            self.fault(made.ANCHOR_PROOF, f"the published checkpoint is not continued: {invalid}")
            return
        # Whether it holds takes an authority to trust and more than this room has.
        stamped = ", with a time stamp (not checked here)" if made.ANCHOR_STAMP in files else ""
        self.notes.append(f"continues the published checkpoint of {anchor.size} entries{stamped}")

    def _remembered(self, kept: Sequence[str], known: list[Checkpoint]) -> dict[str, str]:
        """Holds kept checkpoints against those of the archive that have their size. The notes that
        are confirmed by that, by name.
        """
        confirmed, others = dict[str, str](), 0
        for number, note in enumerate(kept, start=1):
            try:
                checkpoint = open_checkpoint(note, *self.keys)
            except NoteInvalid as invalid:
                self.fault("", f"kept checkpoint {number}: {invalid}")
                continue
            same = [one for one in known if one.size == checkpoint.size]
            others += not same
            name = f"kept checkpoint {number} (size {checkpoint.size})"
            if any(one.root != checkpoint.root for one in same):
                self.fault("", f"{name} has another root: history was rewritten")
            elif same:
                self.notes.append(f"{name} is confirmed")
                confirmed[name] = note
        if others:
            self.notes.append(f"kept checkpoints of other sizes, not compared: {others}")
        return confirmed

    def _witnessed(self, notes: dict[str, str], witnesses: Sequence[WitnessKey]) -> None:
        """Each witness must have cosigned one of the notes."""
        seen = dict[WitnessKey, str]()
        for name, note in notes.items():
            try:
                seen |= dict.fromkeys(cosignatures(note, *witnesses), name)
            except NoteInvalid:
                continue  # the fault is told already, or there is no such file
        for witness in witnesses:
            if witness in seen:
                self.notes.append(f"witness {witness.name} cosigned {seen[witness]}")
            else:
                says = f"the witness {witness.name} cosigned neither it nor the published one"
                self.fault(made.CHECKPOINT, says)

    # -- What it holds ------------------------------------------------------------------------

    def entries(self, files: dict[str, bytes]) -> None:
        last = -1
        for number, line in self._lines(files, made.ENTRIES):
            self.count += 1
            entry = self._entry(line, number)
            if entry is None:
                continue
            if entry.position <= last:
                says = f"entry {entry.position} comes after entry {last}"
                self.fault(made.ENTRIES, says, number)
            last = entry.position
            self._proven(entry, number)
        self._paired()

    def _entry(self, line: bytes, number: int) -> made.ProvenEntry | None:
        try:
            fields = json.loads(line)
            entry = made.ProvenEntry(
                position=fields["position"],
                leaf=leaf_of(fields),
                hashes=tuple(decode_base64(one) for one in fields["proof"]),
            )
            if type(entry.position) is not int or made.entry_line(entry).encode() != line:
                raise ValueError("not in canonical form")
        except (ValueError, KeyError, TypeError, RecursionError, ExportInvalid):
            self.fault(made.ENTRIES, "the line is not an entry with its proof", number)
            return None
        return entry

    def span(self, files: dict[str, bytes]) -> None:
        """Whether entries of the period were left out, as far as that is shown."""
        asked = self._question()
        if self.checkpoint is None or asked is None:
            return
        size, span = self.checkpoint.size, None
        if SPAN in files:
            try:
                span = Span.parse(files[SPAN].decode("ascii"))
            except ValueError as invalid:
                self.fault(SPAN, f"it can't be read: {invalid}")
                return
            root = self.checkpoint.root
            for says in faults(span, asked, digests=self.digests, size=size, root=root):
                self.fault(SPAN, says)
            for says in misplaced(span, asked, read=self.read, size=size):
                self.fault(SPAN, says)
        elif is_of_period_alone(asked):
            self.fault(SPAN, "it is missing: nothing shows that the period is whole")
        self.notes.append(completeness(asked, span, self.digests, size))

    def _question(self) -> dict[str, Any] | None:
        """What was asked, as the signed manifest has it."""
        try:
            asked = json.loads(self.asked)
        except ValueError:
            return None
        return asked if isinstance(asked, dict) else None

    def _proven(self, entry: made.ProvenEntry, number: int) -> None:
        digest = leaf_hash(entry.leaf)
        self.digests[entry.position] = digest
        if self.checkpoint is not None:
            try:
                verify_inclusion(
                    digest,
                    index=entry.position,
                    size=self.checkpoint.size,
                    proof=entry.hashes,
                    root=self.checkpoint.root,
                )
            except ProofInvalid as invalid:
                says = f"entry {entry.position} is not proven: {invalid}"
                self.fault(made.ENTRIES, says, number)
                return
        try:
            self.read[entry.position] = AuditEntry.from_bytes(entry.leaf)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.fault(made.ENTRIES, f"entry {entry.position} is not an audit entry", number)

    def _paired(self) -> None:
        """Each effect has its attempt beside it, and that is of the same action."""
        for position, entry in self.read.items():
            if entry.kind is not EntryKind.EFFECT:
                continue
            attempt = self.read.get(-1 if entry.attempt is None else entry.attempt)
            if attempt is None or attempt.kind is not EntryKind.ATTEMPT:
                self.fault(made.ENTRIES, f"effect {position} has no attempt beside it")
            elif attempt.action != entry.action:
                self.fault(made.ENTRIES, f"effect {position} is of another action than its attempt")

    def disclosures(self, files: dict[str, bytes]) -> None:
        for number, line in self._lines(files, made.DISCLOSURES):
            self.disclosed += 1
            try:
                said = json.loads(line)
                if (made.compact(said) + "\n").encode() != line:
                    raise ValueError("not in canonical form")
                position, told = said["position"], _told(said)
                entry = self.read.get(position)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                self.fault(made.DISCLOSURES, "the line is not a disclosure", number)
                continue
            if entry is None:
                self.fault(made.DISCLOSURES, f"its entry {position} is not proven here", number)
            elif told != _logged(entry):
                self.fault(made.DISCLOSURES, f"it says other than entry {position}", number)

    def contracts(self, files: dict[str, bytes]) -> None:
        named = {
            (ref.id, ref.number): ref.digest for e in self.read.values() for ref in e.contracts
        }
        for (contract, number), digest in sorted(named.items()):
            source = made.contract_name(contract, number, "yaml")
            if source not in files:
                self.fault(source, "entries name this contract version, and it is missing")
            canonical = files.get(made.contract_name(contract, number, "json"))
            if canonical is None:
                continue
            self.texts += 1
            if f"sha256:{hashlib.sha256(canonical).hexdigest()}" != digest:
                says = "it is not the contract version that entries name"
                self.fault(made.contract_name(contract, number, "json"), says)

    def _lines(self, files: dict[str, bytes], name: str) -> Iterator[tuple[int, bytes]]:
        if name not in files:
            self.fault(name, "it is missing")
            return
        yield from enumerate(files[name].splitlines(keepends=True), start=1)


def _told(disclosure: dict[str, Any]) -> tuple[Any, ...]:
    return (
        disclosure.get("sender"),
        disclosure.get("recipient"),
        disclosure.get("purpose"),
        [[ref["id"], ref["number"], ref["digest"]] for ref in disclosure.get("contracts", ())],
        disclosure.get("subjects"),
        [
            [one["entity"], one["treatment"], one["count"]]
            for one in disclosure.get("categories", ())
        ],
    )


def _logged(entry: AuditEntry) -> tuple[Any, ...]:
    return (
        entry.partner,
        entry.counterparty,
        entry.purpose,
        [[ref.id, ref.number, ref.digest] for ref in entry.contracts],
        list(entry.subjects),
        [[one.entity, one.treatment, one.count] for one in entry.categories],
    )
