"""Cosignatures of witnesses, as https://c2sp.org/tlog-cosignature (Ed25519, version 1).

A witness remembers the largest checkpoint that it has seen of a log, and cosigns only what
continues it. So a log that shows two people two histories needs the witness to lie as well.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Final

from privacy_service.evidence.note import (
    NoteInvalid,
    VerifierKey,
    signatures_of,
    verify_ed25519,
)

COSIGNATURE: Final = b"\x04"
"""The signature type of Ed25519 cosignatures with a time."""

_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessKey(VerifierKey):
    """Which witness to trust. Its text form is that of a verifier key, of another type."""

    TYPE: ClassVar[bytes] = COSIGNATURE

    def require(self, signature: bytes, text: str) -> None:
        """Raises NoteInvalid unless it is this witness's cosignature of the note's text."""
        at = cosigned_at(signature)
        verify_ed25519(self.public_key, signature[8:], cosigned_message(text, at))


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs: a header, the POSIX time, and the checkpoint's text."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def cosigned_at(signature: bytes) -> int:
    """The POSIX time of a cosignature. Raises NoteInvalid where there is none."""
    if len(signature) != 72:
        raise NoteInvalid("a cosignature has 8 bytes of time and 64 of signature")
    at: int = struct.unpack(">Q", signature[:8])[0]
    if at > _LATEST:
        raise NoteInvalid("a cosignature's time is out of range")
    return at


def cosignatures(note: str, *witnesses: WitnessKey) -> dict[WitnessKey, int]:
    """Which of the witnesses cosigned the note, and when (POSIX time); empty where none did.

    Raises NoteInvalid for a malformed note, or where a cosignature that claims to be of one of
    them does not hold.
    """
    _, found = signatures_of(note, *witnesses)
    return {key: cosigned_at(found[key]) for key in witnesses if key in found}
