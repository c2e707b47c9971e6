"""A small audit log in memory, and exports of it to tamper with."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy_service.evidence.checkpoint import Checkpoint, sign
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.evidence.export import ExportHeader, LoggedEntry, export_lines
from privacy_service.evidence.merkle import Frontier, leaf_hash
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.report import Report
from privacy_service.evidence.verify import verify_export

ORIGIN = "example.com/audit"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class SeedSigner:
    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public_key = self._key.public_key().public_bytes_raw()
        self.verifier_key = VerifierKey(name=ORIGIN, public_key=self.public_key)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


SIGNER = SeedSigner(1)


def attempt(number: int) -> AuditEntry:
    return AuditEntry(
        kind=EntryKind.ATTEMPT,
        action="EnforcementService/Transfer",
        at=AT + timedelta(seconds=number),
        actor="spiffe://example.com/shop",
        partner="shop",
        subjects=(f"{number:064x}",),
    )


def effect(number: int, of: int) -> AuditEntry:
    return AuditEntry(
        kind=EntryKind.EFFECT,
        action="EnforcementService/Transfer",
        at=AT + timedelta(seconds=number),
        actor="spiffe://example.com/shop",
        outcome="TREATED",
        attempt=of,
    )


def log(pairs: int) -> list[bytes]:
    """Leaves: each attempt followed by its effect."""
    entries = []
    for position in range(0, 2 * pairs, 2):
        entries += [attempt(position), effect(position + 1, position)]
    return [entry.to_bytes() for entry in entries]


def note(leaves: list[bytes], signer: SeedSigner = SIGNER, origin: str = ORIGIN) -> str:
    frontier, _ = Frontier().append_many(leaf_hash(leaf) for leaf in leaves)
    return sign(Checkpoint(origin=origin, size=len(leaves), root=frontier.root()), signer)


def lines(leaves: list[bytes], *, earlier: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """The honest export, line by line as JSON objects."""
    header = ExportHeader(
        origin=ORIGIN,
        verifier_key=str(SIGNER.verifier_key),
        checkpoint=note(leaves),
        earlier_checkpoints=tuple(note(leaves[:size]) for size in earlier),
    )
    logged = (
        LoggedEntry(position=position, leaf=leaf, digest=leaf_hash(leaf))
        for position, leaf in enumerate(leaves)
    )
    return [json.loads(line) for line in export_lines(header, logged)]


def audit(lines: list[Any], *, kept: tuple[str, ...] = ()) -> Report:
    written = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    return verify_export(
        io.BytesIO(written.encode()),
        verifier_key=SIGNER.verifier_key,
        earlier_checkpoints=kept,
    )


def put(line: dict[str, Any], leaf: bytes, *, digest: bool = False) -> None:
    """Writes another entry into an entry line; with `digest` also the tree's hash of it."""
    line["entry"] = leaf.decode()
    if digest:
        line["hash"] = base64.b64encode(leaf_hash(leaf)).decode()


def kinds(report: Report) -> list[tuple[str, int | None, int | None]]:
    return [(fault.kind.value, fault.first, fault.last) for fault in report.faults]


Tampering = Callable[[list[dict[str, Any]]], object]
