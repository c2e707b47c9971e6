"""Erasure receipts: what was deleted, what was kept and why, who was told; for anyone to check.

A receipt is a signed note (https://c2sp.org/signed-note) whose text is one line of JSON. Its digest
stands in the audit log, and the file that carries it has the proof of that: so it was not made up,
or made anew, later. The file is JSON:

    {"format": "privacy-service-erasure-receipt", "version": 1,
     "receipt": the signed note, "proof": the proof (https://c2sp.org/tlog-proof)}

There is no personal data in it: the person is keyed digests, everything else counts and names of
partners. docs/requests.md has it field by field.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Self

from privacy_service.evidence.checkpoint import Checkpoint
from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.merkle import ProofInvalid
from privacy_service.evidence.note import NoteInvalid, VerifierKey, open_note
from privacy_service.evidence.tlog_proof import LogProof

FORMAT: Final = "privacy-service-erasure-receipt"
VERSION: Final = 1
_DIGEST: Final = "receipt sha256:"


class ReceiptInvalid(ValueError):  # noqa: N818 -- it says what is so, as our reasons do
    """The file is no receipt, or does not hold."""


def written(content: dict[str, Any]) -> str:
    """The text of a receipt's note: one line of JSON, keys sorted."""
    line = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"{line}\n"


def commitment(text: str) -> str:
    """What the audit entry says of a receipt: by this it is bound to the log."""
    return _DIGEST + hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A receipt that holds: what it says, and the checkpoint and entry that it is proven by."""

    content: dict[str, Any]
    checkpoint: Checkpoint
    entry: AuditEntry
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFile:
    """A receipt with its proof, as it travels."""

    note: str
    proof: LogProof

    def __str__(self) -> str:
        return json.dumps(
            {"format": FORMAT, "version": VERSION, "receipt": self.note, "proof": str(self.proof)},
            indent=1,
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ReceiptInvalid."""
        try:
            fields = json.loads(text)
            if (fields["format"], fields["version"]) != (FORMAT, VERSION):
                raise ReceiptInvalid("the file is no receipt of a version that is known here")
            return cls(note=fields["receipt"], proof=LogProof.parse(fields["proof"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as invalid:
            if isinstance(invalid, ReceiptInvalid):
                raise
            raise ReceiptInvalid("the file is not a receipt") from None

    def verify(self, *keys: VerifierKey) -> Proven:
        """What the receipt says, once everything about it holds. Raises ReceiptInvalid.

        That a key signed the note; that the log which the key is named after holds an entry with
        the note's digest, for the same subject request.
        """
        try:
            text = open_note(self.note, *keys)
            checkpoint = self.proof.verify(*keys)
            entry = AuditEntry.from_bytes(self.proof.leaf)
            content = json.loads(text)
        except (NoteInvalid, ProofInvalid) as invalid:
            raise ReceiptInvalid(str(invalid)) from None
        except (ValueError, KeyError, TypeError):
            raise ReceiptInvalid(
                "the receipt, or the entry that it is proven by, is malformed"
            ) from None
        if entry.reason != commitment(text):
            raise ReceiptInvalid("the entry in the log is about another receipt")
        if not isinstance(content, dict) or entry.resource != content.get("request"):
            raise ReceiptInvalid("the entry in the log is about another request")
        if content.get("origin") != checkpoint.origin:
            raise ReceiptInvalid("the receipt is of another log")
        return Proven(
            content=content, checkpoint=checkpoint, entry=entry, position=self.proof.index
        )
