"""Signed notes: text with Ed25519 signature lines, as https://c2sp.org/signed-note has them.

A key is known by its name and a four-byte id. Signatures of keys that the reader does not know
are passed over, so that witnesses may add theirs and a log may sign with its old and its new key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519: Final = b"\x01"
"""The signature type of the specification's own Ed25519 signatures."""

MAX_NOTE: Final = 1 << 20
"""Longest note that is read, in characters: two hundred post-quantum signatures."""

_LINE = re.compile(r"— ([^ \n]+) ([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteInvalid(ValueError):  # noqa: N818 - it says what is so, as our reasons do
    """The note is malformed, or no trusted key signed it."""


class Signer(Protocol):
    """An Ed25519 key that signs without showing itself: a file's, an HSM's, a KMS's."""

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of RFC 8032."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature. Raises KEYS_UNAVAILABLE when the key cannot be reached."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """Whose signature to trust. As text: `name+hex(key id)+base64(type and public key)`."""

    TYPE: ClassVar[bytes] = ED25519

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(c.isspace() for c in self.name):
            raise NoteInvalid("a key's name is not empty and has neither blank nor plus")
        if _CONTROL.search(self.name):
            raise NoteInvalid("a key's name has no control character")
        if len(self.public_key) != 32:
            raise NoteInvalid("an Ed25519 public key has 32 bytes")

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, signature type, public key."""
        named = self.name.encode() + b"\n" + self.TYPE + self.public_key
        return hashlib.sha256(named).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the text form. Raises NoteInvalid, also where the id is not the key's."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise NoteInvalid("a verifier key is name+id+key")
        material = decode_base64(parts[2])
        if material[:1] != cls.TYPE:
            raise NoteInvalid(f"the verifier key is not of signature type {cls.TYPE[0]}")
        key = cls(name=parts[0], public_key=material[1:])
        if parts[1] != key.id.hex():
            raise NoteInvalid("the verifier key's id does not belong to its key")
        return key

    def __str__(self) -> str:
        material = base64.b64encode(self.TYPE + self.public_key).decode()
        return f"{self.name}+{self.id.hex()}+{material}"

    def require(self, signature: bytes, text: str) -> None:
        """Raises NoteInvalid unless it is this key's signature (without its id) of `text`."""
        verify_ed25519(self.public_key, signature, text.encode())


def sign_note(text: str, *, name: str, signers: tuple[Signer, ...]) -> str:
    """The note that says `text`, signed under `name` by each signer.

    Raises NoteInvalid where the text is not one that a note can hold.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteInvalid("a note's text ends in a newline and has no other control character")
    if not signers:
        raise NoteInvalid("a note has at least one signature")
    lines = []
    for signer in signers:
        key = VerifierKey(name=name, public_key=signer.public_key)
        signature = base64.b64encode(key.id + signer.sign(text.encode())).decode()
        lines.append(f"— {name} {signature}\n")
    return f"{text}\n{''.join(lines)}"


def open_note(note: str, *keys: VerifierKey) -> str:
    """The text of the note, once a signature of one of `keys` holds.

    Raises NoteInvalid if the note is malformed, if none of the keys signed it, or if a signature
    that claims to be of one of them does not hold.
    """
    text, signatures = signatures_of(note, *keys)
    if not signatures:
        raise NoteInvalid("no trusted key signed the note")
    return text


def signatures_of(note: str, *keys: VerifierKey) -> tuple[str, dict[VerifierKey, bytes]]:
    """The text of the note, and the signature of each of `keys` that signed it.

    Raises NoteInvalid if the note is malformed, or if a signature that claims to be of one of them
    does not hold.
    """
    text, signatures = _taken_apart(note)
    known = {(key.name, key.id): key for key in keys}
    found = dict[VerifierKey, bytes]()
    for name, signature in signatures:
        key = known.get((name, signature[:4]))
        if key is not None:
            key.require(signature[4:], text)
            found[key] = signature[4:]
    return text, found


def decode_base64(text: str) -> bytes:
    """Standard base64 (RFC 4648, section 4), in its one canonical spelling, else NoteInvalid."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteInvalid("the base64 is malformed") from None
    if base64.b64encode(decoded).decode() != text:
        raise NoteInvalid("the base64 is not in its canonical spelling")
    return decoded


def _taken_apart(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > MAX_NOTE or _CONTROL.search(note):
        raise NoteInvalid("the note is too long or has a control character")
    try:
        note.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("the note is not text that UTF-8 can hold") from None
    text, blank, block = note.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise NoteInvalid("the note has no signature lines")
    lines = block[:-1].split("\n")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    found = _LINE.fullmatch(line)
    signature = decode_base64(found[2]) if found else b""
    if found is None or len(signature) <= 4:
        raise NoteInvalid("a signature line is malformed")
    return found[1], signature


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Raises NoteInvalid unless the signature holds (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise NoteInvalid("the signature does not hold") from None
