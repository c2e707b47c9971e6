"""Checks an export of the audit log offline: `python -m privacy_service.evidence.verify`.

It needs the export, the log's verifier key from a trustworthy place, and, to find history that
was rewritten, checkpoints that the auditor kept. It needs no database, no settings and no network,
reads the export once, and holds one line of it at a time.

Exit status: 0 sound, 1 not sound, 2 the command or the files cannot be used.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from privacy_service.evidence.audit import Audit
from privacy_service.evidence.export import ExportInvalid, read_entry, read_header
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.report import FaultKind, Report

MAX_LINE: Final = 16 << 20
"""Longest line that is read, in bytes."""


def verify_export(
    stream: BinaryIO,
    *,
    verifier_key: VerifierKey,
    earlier_checkpoints: Sequence[str] = (),
    retired_keys: Sequence[VerifierKey] = (),
) -> Report:
    """Everything that is wrong with the export, and where.

    `verifier_key` is trusted, the one in the export is not. `earlier_checkpoints` are notes that
    were kept elsewhere: the log must still begin with what they say. They, and the export's own,
    may be signed with one of `retired_keys`. Raises OSError as the stream does.
    """
    audit = Audit((verifier_key, *retired_keys))
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


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Answers with the exit status."""
    asked = _parser().parse_args(arguments)
    try:
        keys = [VerifierKey.parse(key) for key in asked.key]
        kept = [path.read_text(encoding="utf-8") for path in asked.checkpoint]
        with asked.export.open("rb") as stream:
            report = verify_export(
                stream, verifier_key=keys[0], retired_keys=keys[1:], earlier_checkpoints=kept
            )
    except (OSError, ValueError) as unusable:
        sys.stderr.write(f"cannot verify: {unusable}\n")
        return 2
    sys.stdout.writelines(f"{line}\n" for line in _rendered(report, as_json=asked.json))
    return 1 if report.faults else 0


def _rendered(report: Report, *, as_json: bool) -> Iterator[str]:
    if not as_json:
        yield from report.lines()
        return
    written = dataclasses.asdict(report) | {"sound": not report.faults}
    yield json.dumps(written, ensure_ascii=False, default=lambda digest: digest.hex())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m privacy_service.evidence.verify",
        description="Check an export of the audit log offline.",
        epilog="Exit status: 0 sound, 1 not sound, 2 the command or the files cannot be used.",
    )
    parser.add_argument("export", type=Path, metavar="EXPORT", help="the export, as JSON lines")
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
        help="a checkpoint that you kept; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="write the report as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
