"""What an evidence archive is read by: a page, tables, and how to check it all by hand."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, Template

from privacy_service.evidence.archive import (
    ATTACHED,
    Case,
    asked,
    contract_name,
    plain,
)
from privacy_service.evidence.archive_span import completeness
from privacy_service.evidence.checkpoint import claimed
from privacy_service.evidence.disclosures import table
from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.stored_zip import PackedFile

_SHOWN: Final = (
    "at", "kind", "action", "actor", "partner", "counterparty", "purpose", "outcome", "attempt",
    "resource", "reason", "subjects",
)  # fmt: skip

_README: Final = """\
Evidence from the log {origin}

{complete}.

Open index.html. To check that all of it is what the log says, with the log's public key (from a
source that you trust, and not from this archive):

    privacy-service evidence verify ARCHIVE.zip --key KEY

or, with nothing but the evidence package of it: python -m privacy_service.evidence.verify
ARCHIVE.zip --key KEY

By hand:

- manifest.note is a signed note (https://c2sp.org/signed-note) under the log's Ed25519 key. Each
  line "file" has the SHA-256, the length and the name of another file here.
- checkpoint.note is the signed size and root hash of the log (https://c2sp.org/tlog-checkpoint).
- entries.jsonl has an entry a line. SHA-256 over a zero byte and the bytes of "entry" is a leaf of
  the log's tree; "proof" has the hashes beside the way to the root (RFC 9162, 2.1.3.2).
- disclosures.jsonl says who received what, each at the "position" of the entry that proves it.
- contracts/ has each contract version as it was put (.yaml), and in the canonical form (.json)
  whose SHA-256 the entries name.
- span.txt, where a period was asked for, has the leaf hashes of every entry from its first to its
  last; with the hashes "before" and "after" they make the root (RFC 9162, 2.1.1), so that none of
  them is missing.
- anchor/published.note is a checkpoint that was published before; consistency.txt proves that the
  log continues it (RFC 9162, 2.1.4.2), and published.tsr is its RFC 3161 time stamp.
"""


def index_files(case: Case) -> tuple[PackedFile, ...]:
    """README.txt, index.html, index.json and disclosures.csv of the case."""
    said = _said(case)
    written = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    page = _template().render(
        **said,
        checkpoint=case.checkpoint,
        anchor=case.anchor.note if case.anchor else "",
        stamped=case.anchor is not None and case.anchor.stamp is not None,
    )
    return (
        PackedFile(name="README.txt", content=_readme(case.origin, said["complete"])),
        PackedFile(name="index.html", content=page.encode()),
        PackedFile(name="index.json", content=written.encode()),
        PackedFile(name="disclosures.csv", content=_csv(case).encode()),
    )


def _readme(origin: str, complete: str) -> bytes:
    return _README.format(origin=origin, complete=complete[0].upper() + complete[1:]).encode()


def _csv(case: Case) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(table(case.disclosures))
    return written.getvalue()


@cache
def _template() -> Template:
    pages = Environment(loader=PackageLoader("privacy_service", "evidence"), autoescape=True)
    return pages.get_template("index.html.jinja")


def _said(case: Case) -> dict[str, Any]:
    head = claimed(case.checkpoint)
    return {
        "origin": case.origin,
        "asked": asked(case.asked),
        "size": head.size,
        "root": head.root.hex(),
        "entries": [_entry(entry.position, entry.leaf) for entry in case.entries],
        "disclosures": [plain(asdict(one)) for one in case.disclosures],
        "contracts": [
            {
                "id": one.id,
                "number": one.number,
                "digest": one.digest,
                "file": contract_name(one.id, one.number, "yaml"),
            }
            for one in case.contracts
        ],
        "complete": completeness(
            asked(case.asked), case.span, {entry.position for entry in case.entries}, head.size
        ),
        "attached": [ATTACHED + name for name in sorted(case.attached)],
    }


def _entry(position: int, leaf: bytes) -> dict[str, Any]:
    try:
        entry = AuditEntry.from_bytes(leaf)
    except (ValueError, KeyError, TypeError, AttributeError):
        # Damaged in the database. The archive shows it, and its proof fails.
        entry = None
    told = {name: plain(getattr(entry, name)) if entry else None for name in _SHOWN}
    if entry is None:
        told |= {"at": "", "kind": "unreadable", "action": "unreadable", "actor": ""}
        told |= {"outcome": "", "subjects": []}
    return {"position": position, **told}
