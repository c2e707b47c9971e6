"""Checkpoints: the signed size and root of the audit log, as https://c2sp.org/tlog-checkpoint.

Whoever keeps a checkpoint can show later that entries were changed, removed or cut off, by a
consistency proof or by an export; so checkpoints belong outside the database.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from privacy_service.evidence.merkle import HASH_SIZE
from privacy_service.evidence.note import (
    NoteInvalid,
    Signer,
    VerifierKey,
    decode_base64,
    open_note,
    sign_note,
)

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the log was at one size.

    `origin` names the log (`example.com/audit`: no scheme, blank or plus). `extensions` are lines
    after the root; the specification advises against them.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or self.size < 0 or len(self.root) != HASH_SIZE:
            raise NoteInvalid("a checkpoint has an origin, a size and a root of 32 bytes")
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise NoteInvalid("the lines of a checkpoint are not empty")

    @property
    def text(self) -> str:
        """The note's text: origin, size, root and extensions, a line each."""
        root = base64.b64encode(self.root).decode()
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Reads the text of a note. Raises NoteInvalid unless it is exactly a checkpoint's."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not _SIZE.fullmatch(lines[1]):
            raise NoteInvalid("the note's text is not a checkpoint")
        origin, size, root, *extensions = lines
        return cls(
            origin=origin,
            size=int(size),
            root=decode_base64(root),
            extensions=tuple(extensions),
        )


def sign(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The checkpoint as a signed note, under the log's origin as the key's name.

    Several signers write one line each: while a key is being replaced, the old and the new one.
    """
    return sign_note(checkpoint.text, name=checkpoint.origin, signers=signers)


def open_checkpoint(note: str, *verifier_keys: VerifierKey) -> Checkpoint:
    """The checkpoint, once a signature of a trusted key holds. Raises NoteInvalid.

    A key speaks only for the log that it is named after, so that a key shared by two logs cannot
    pass off one as the other.
    """
    checkpoint = Checkpoint.parse(open_note(note, *verifier_keys))
    own = (k for k in verifier_keys if k.name == checkpoint.origin and type(k) is VerifierKey)
    open_note(note, *own)
    return checkpoint


def claimed(note: str) -> Checkpoint:
    """What a note says, whoever signed it: to know what to ask for, never to believe it.

    Raises NoteInvalid.
    """
    return Checkpoint.parse(note.split("\n\n", 1)[0] + "\n")
