"""Checks evidence offline: `python -m privacy_service.evidence.verify FILE --key KEY`.

FILE is an export of the audit log, an evidence archive or a proof of one entry (C2SP tlog-proof).
It needs the log's verifier key from a trustworthy place, and, to find history that was rewritten,
checkpoints that were kept outside. It needs no database, no settings and no network, reads an
export once, and holds one line of it at a time.

Exit status: 0 sound, 1 not sound, 2 the command or the files cannot be used.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from privacy_service.evidence.archive_unpack import MOST_BYTES
from privacy_service.evidence.archive_verify import verify_archive
from privacy_service.evidence.audit import Audit
from privacy_service.evidence.checkpoint import Checkpoint
from privacy_service.evidence.cosignature import WitnessKey, cosignatures
from privacy_service.evidence.export import ExportInvalid, read_entry, read_header
from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.evidence.report import FaultKind, Report
from privacy_service.evidence.stored_zip import LOCAL_MARK
from privacy_service.evidence.tlog_proof import HEADER, LogProof

MAX_LINE: Final = 16 << 20
"""Longest line that is read, in bytes."""


def verify_export(
    stream: BinaryIO,
    *,
    verifier_key: VerifierKey,
    earlier_checkpoints: Sequence[str] = (),
    retired_keys: Sequence[VerifierKey] = (),
    witnesses: Sequence[WitnessKey] = (),
) -> Report:
    """Everything that is wrong with the export, and where.

    `verifier_key` is trusted, the one in the export is not. `earlier_checkpoints` are notes that
    were kept elsewhere: the log must still begin with what they say. They, and the export's own,
    may be signed with one of `retired_keys`. Each of `witnesses` must have cosigned one of them.
    Raises OSError as the stream does.
    """
    audit = Audit((verifier_key, *retired_keys), tuple(witnesses))
    try:
        header = read_header(stream.readline(MAX_LINE))
    except ExportInvalid as invalid:
        audit.fault(FaultKind.UNREADABLE, f"line 1: {invalid}")
        return audit.report()
    audit.begin(header, earlier_checkpoints)
    for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE), b""), start=2):
        try:
            entry = read_entry(line)
        except ExportInvalid as invalid:
            audit.fault(FaultKind.UNREADABLE, f"line {number}: {invalid}")
        else:
            audit.follow(entry)
    audit.end()
    return audit.report()


def verify_proof(
    text: str,
    *,
    keys: Sequence[VerifierKey],
    witnesses: Sequence[WitnessKey] = (),
    leaf: bytes | None = None,
) -> Proven:
    """The entry that a proof file proves (`leaf`, where the file carries none).

    Raises ValueError that says why it proves nothing: NoteInvalid or ProofInvalid.
    """
    proof = LogProof.parse(text)
    proven = proof.leaf if leaf is None else leaf
    if not proven:
        raise NoteInvalid("the file has a proof and no entry: give the entry with --entry")
    checkpoint = proof.verify(*keys, leaf=proven)
    seen = cosignatures(proof.note, *witnesses)
    for witness in witnesses:
        if witness not in seen:
            raise NoteInvalid(f"the witness {witness.name} did not cosign the checkpoint")
    return Proven(index=proof.index, checkpoint=checkpoint, leaf=proven)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """An entry at its place in the log, as a checkpoint has it."""

    index: int
    checkpoint: Checkpoint
    leaf: bytes


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Trust:
    """What whoever verifies brings along."""

    keys: tuple[VerifierKey, ...]
    witnesses: tuple[WitnessKey, ...]
    kept: tuple[str, ...]
    leaf: bytes | None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Answers with the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        trust = _Trust(
            keys=tuple(VerifierKey.parse(key) for key in asked.key),
            witnesses=tuple(WitnessKey.parse(key) for key in asked.witness),
            kept=tuple(note for path in asked.checkpoint for note in _notes(path)),
            leaf=asked.entry.read_bytes() if asked.entry else None,
        )
        with asked.file.open("rb") as stream:
            look = _kind(asked.file, stream)
            sound, lines = look(stream, trust, as_json=asked.json)
    except (OSError, ValueError) as unusable:
        sys.stderr.write(f"cannot verify: {unusable}\n")
        return 2
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0 if sound else 1


_Look = Callable[..., tuple[bool, Iterable[str]]]


def _kind(path: Path, stream: BinaryIO) -> _Look:
    """What looks at such a file: by how it begins, and where that was damaged by its name."""
    begins = stream.read(len(HEADER))
    stream.seek(0)
    if begins == HEADER.encode() or path.suffix == ".tlog-proof":
        return _proof
    if begins.startswith(LOCAL_MARK) or path.suffix == ".zip":
        return _archive
    return _export


def _archive(stream: BinaryIO, trust: _Trust, *, as_json: bool) -> tuple[bool, Iterable[str]]:
    report = verify_archive(
        stream.read(MOST_BYTES + 1), keys=trust.keys, witnesses=trust.witnesses, kept=trust.kept
    )
    sound = not report.faults
    written = dataclasses.asdict(report) | {"sound": sound}
    return sound, [_json(written)] if as_json else report.lines()


def _export(stream: BinaryIO, trust: _Trust, *, as_json: bool) -> tuple[bool, Iterable[str]]:
    report = verify_export(
        stream,
        verifier_key=trust.keys[0],
        retired_keys=trust.keys[1:],
        earlier_checkpoints=trust.kept,
        witnesses=trust.witnesses,
    )
    sound = not report.faults
    written = dataclasses.asdict(report) | {"sound": sound}
    return sound, [_json(written)] if as_json else report.lines()


def _proof(stream: BinaryIO, trust: _Trust, *, as_json: bool) -> tuple[bool, Iterable[str]]:
    try:
        proven = verify_proof(
            stream.read(MAX_LINE).decode(),
            keys=trust.keys,
            witnesses=trust.witnesses,
            leaf=trust.leaf,
        )
    except ValueError as why:
        says = [_json({"sound": False, "fault": str(why)})] if as_json else [f"NOT SOUND: {why}"]
        return False, says
    checkpoint, entry = proven.checkpoint, proven.leaf.decode(errors="replace")
    if as_json:
        written = {
            "sound": True,
            "position": proven.index,
            "checkpoint": dataclasses.asdict(checkpoint),
            "entry": entry,
        }
        return True, [_json(written)]
    where = f"entry {proven.index} of {checkpoint.size} in {checkpoint.origin}"
    return True, [entry, where, "sound"]


def _notes(path: Path) -> list[str]:
    """A kept checkpoint, or all those of a directory to which they are published."""
    files = sorted(path.glob("*.note")) if path.is_dir() else [path]
    return [file.read_text(encoding="utf-8") for file in files]


def _json(written: object) -> str:
    def plain(value: object) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    return json.dumps(written, ensure_ascii=False, default=plain)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m privacy_service.evidence.verify",
        description="Check an export of the audit log, an archive, or a proof, offline.",
        epilog="Exit status: 0 sound, 1 not sound, 2 the command or the files cannot be used.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the export, archive or proof")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        help="the log's verifier key (name+id+key); repeat it for keys that were retired",
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a checkpoint that you kept, or a directory of published ones; repeatable",
    )
    parser.add_argument(
        "--witness",
        action="append",
        default=[],
        metavar="KEY",
        help="the key of a witness that must have cosigned; repeatable",
    )
    parser.add_argument(
        "--entry", type=Path, metavar="FILE", help="the entry, for a proof that carries none"
    )
    parser.add_argument("--json", action="store_true", help="write the report as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
