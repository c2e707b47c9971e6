"""What we certify, signed and proven: a note, and that its digest stands in the audit log.

The note (https://c2sp.org/signed-note) says one line of JSON. Its digest stands in the reason of an
audit entry whose resource is what the note is about, and the file that carries it has the proof of
that (https://c2sp.org/tlog-proof): so it was not made up, or made anew, later. The file is JSON:

    {"format": ..., "version": 1, NOTE: the signed note, "proof": the proof}

Each kind of note (`NoteForm`) has its own word for NOTE, and for what the note is about.
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

VERSION: Final = 1


class ProvenNoteInvalid(ValueError):  # noqa: N818 -- it says what is so, as our reasons do
    """The file is not what it says it is, or does not hold."""


def written(content: dict[str, Any]) -> str:
    """The text of a note: one line of JSON, keys sorted."""
    line = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return f"{line}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteForm:
    """A kind of note: the format of its file, the file's word for the note, and the note's word for
    what it is about.
    """

    format: str
    note: str = "note"
    about: str = "about"

    def commitment(self, text: str) -> str:
        """What the audit entry says of a note: by this it is bound to the log."""
        return f"{self.note} sha256:{hashlib.sha256(text.encode()).hexdigest()}"


RECEIPT: Final = NoteForm(format="privacy-service-erasure-receipt", note="receipt", about="request")
"""What became of a subject request: what was deleted, what was kept and why, who was told. It names
no one: the person is keyed digests, everything else counts and names of partners
(docs/requests.md has it field by field).
"""
CERTIFICATE: Final = NoteForm(format="privacy-service-certificate-of-destruction")
"""What a retention sweep took away (docs/retention.md)."""

DECOMMISSIONING: Final = NoteForm(format="privacy-service-decommissioning-receipt")
"""What became of all that passed under a contract that was retired (docs/changing.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A note that holds: what it says, and the checkpoint and place that it is proven by."""

    content: dict[str, Any]
    checkpoint: Checkpoint
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenNote:
    """A note with its proof, as it travels. `form` says what it certifies."""

    form: NoteForm
    note: str
    proof: LogProof

    def __str__(self) -> str:
        said = {
            "format": self.form.format,
            "version": VERSION,
            self.form.note: self.note,
            "proof": str(self.proof),
        }
        return json.dumps(said, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str, form: NoteForm) -> Self:
        """Raises ProvenNoteInvalid for anything else."""
        try:
            fields = json.loads(text)
            if (fields["format"], fields["version"]) != (form.format, VERSION):
                raise ProvenNoteInvalid(
                    f"the file is no {form.format} of a version that is known here"
                )
            return cls(form=form, note=fields[form.note], proof=LogProof.parse(fields["proof"]))
        except ProvenNoteInvalid:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ProvenNoteInvalid(f"the file is no {form.format}") from None

    def verify(self, *keys: VerifierKey) -> Proven:
        """What the note says, once everything about it holds. Raises ProvenNoteInvalid.

        That a key signed the note; that the log which it names holds an entry with the note's
        digest, about the same thing.
        """
        try:
            text = open_note(self.note, *keys)
            checkpoint = self.proof.verify(*keys)
            entry = AuditEntry.from_bytes(self.proof.leaf)
            content = json.loads(text)
            about, origin = content[self.form.about], content["origin"]
        except (NoteInvalid, ProofInvalid) as invalid:
            raise ProvenNoteInvalid(str(invalid)) from None
        except (ValueError, KeyError, TypeError):
            raise ProvenNoteInvalid("the note, or the entry of its proof, is malformed") from None
        if entry.reason != self.form.commitment(text):
            raise ProvenNoteInvalid(f"the entry in the log is about another {self.form.note}")
        if entry.resource != about:
            raise ProvenNoteInvalid("the entry in the log is about something else")
        if origin != checkpoint.origin:
            raise ProvenNoteInvalid("the note is of another log")
        return Proven(content=content, checkpoint=checkpoint, position=self.proof.index)
