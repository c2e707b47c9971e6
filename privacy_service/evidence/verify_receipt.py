"""Checks receipts offline: `python -m privacy_service.evidence.verify_receipt`.

Receipts of subject requests, and of what became of all that passed under a contract.

It needs the receipt's file and the log's verifier key from a trustworthy place; no database, no
settings and no network.

Exit status: 0 sound, 1 not sound, 2 the command or the file cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from privacy_service.evidence.note import NoteInvalid, VerifierKey
from privacy_service.evidence.proven_note import (
    DECOMMISSIONING,
    RECEIPT,
    Proven,
    ProvenNote,
    ProvenNoteInvalid,
)


def lines(proven: Proven) -> Iterator[str]:
    """A sound receipt, for a person."""
    said = proven.content
    yield f"sound: signed, and entry {proven.position} of {proven.checkpoint.origin}"
    yield f"request {said['request']} ({said['kind']}): {said['outcome']}"
    yield f"  received {said['received_at']}, started {said['started_at']}"
    if said["erased_at"]:
        done = "erased" if said["kind"] == "erasure" else "done"
        yield f"  {done} {said['erased_at']}"
    if said.get("purpose"):
        yield f"  purpose: {said['purpose']}"
    if said.get("withdrawn"):
        yield f"  withdrawn: {said['withdrawn']} consents"
    for one in said["deleted"]:
        yield f"  deleted: {one['count']} {one['what']} of {one['partner']}"
    for one in said.get("corrected", ()):
        yield f"  corrected: {one['count']} {one['what']} of {one['partner']}"
    if said.get("fields"):
        yield f"  fields: {', '.join(said['fields'])}"
    for one in said["kept"]:
        yield f"  kept: {one['count']} {one['what']} of {one['partner']}: {_why(one)}"
    for one in said["not_reached"]:
        yield f"  not reached: {one['what']} {one['name']}: {one['says']}"
    for one in said["told"]:
        when = one["confirmed_at"] or one["told_at"] or "not yet"
        of = f" of {one['of']}" if "of" in one else ""  # receipts of release 0.1 do not say
        yield f"  recipient {one['recipient']}{of}: {one['state']}, {when}"
    if said["backups"]:
        yield f"  backups: {said['backups']['says']}"
    yield f"  {'final' if said['final'] else 'another receipt follows'}"


def end_lines(proven: Proven) -> Iterator[str]:
    """A sound receipt of a contract's end, for a person."""
    said = proven.content
    yield f"sound: signed, and entry {proven.position} of {proven.checkpoint.origin}"
    yield f"{said['kind']} contract {said['about']} of {said['party']} and {said['other']}: ended"
    yield f"  retired {said['retired_at']} by {said['retired_by']}, at its end {said['ended_at']}"
    for version in said["versions"]:
        yield f"  version {version['number']}: {version['digest']}"
    for one in said["erased"]:
        yield f"  erased: {one['count']} {one['what']}"
    for one in said["kept"]:
        yield f"  kept: {one['count']} {one['what']}: {_why(one)}"
    for one in said["recipients"]:
        asked = f"asked to {one['asked_to']} {one['disclosures']} disclosures ({one['notice']})"
        yield f"  recipient {one['recipient']}: {asked}, {one['state']}"
    for sweep in said["sweeps"]:
        yield f"  sweep {sweep}, with its certificate"
    yield f"  {said['method']}"


def _why(kept: dict[str, Any]) -> str:
    return f"{kept['says']} ({kept['article']})"


_FORMS: Final = {
    RECEIPT.format: (RECEIPT, lines),
    DECOMMISSIONING.format: (DECOMMISSIONING, end_lines),
}


def _form_of(text: str) -> str:
    """The format that the file says that it has; that of a subject request's where it says none."""
    try:
        said = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return RECEIPT.format
    return said if isinstance(said, str) and said in _FORMS else RECEIPT.format


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Answers with the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m privacy_service.evidence.verify_receipt",
        description="Check the receipt of a subject request, or of a contract's end, offline.",
        epilog="Exit status: 0 sound, 1 not sound, 2 the command or the file cannot be used.",
    )
    parser.add_argument("receipt", type=Path, metavar="RECEIPT", help="the receipt's file")
    parser.add_argument(
        "--key", action="append", required=True,
        help="the log's verifier key (name+id+key); repeat it for keys that were retired",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="write what it says as JSON")
    asked = parser.parse_args(arguments)
    try:
        keys = [VerifierKey.parse(key) for key in asked.key]
        text = asked.receipt.read_text(encoding="utf-8")
    except (OSError, NoteInvalid, UnicodeDecodeError) as unusable:
        sys.stderr.write(f"cannot verify: {unusable}\n")
        return 2
    try:
        form, shown = _FORMS[_form_of(text)]
        proven = ProvenNote.parse(text, form).verify(*keys)
    except ProvenNoteInvalid as invalid:
        said = {"sound": False, "says": str(invalid)}
        sys.stdout.write(json.dumps(said) + "\n" if asked.json else f"not sound: {invalid}\n")
        return 1
    if asked.json:
        sys.stdout.write(json.dumps({"sound": True, "receipt": proven.content}) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in shown(proven))
    return 0


if __name__ == "__main__":
    sys.exit(main())
