"""Sealed records: bytes that open only in their place, and only while every subject's key lives.

The format, version 1; integers are big-endian:

    offset            bytes   what
    0                 4       "PSR" and the format version, 0x01
    4                 2       n, how many data keys: 1 to 65535
    6                 16 n    the data keys' ids, ascending, none twice
    6 + 16 n          32      salt, random for every seal
    38 + 16 n         32      key commitment
    70 + 16 n         m       AES-256-GCM ciphertext, as long as the plaintext
    70 + 16 n + m     16      GCM tag

    place        = framed(partner, record, field)
    framed(a, …) = length of a in 4 bytes ‖ a ‖ …
    header       = offsets 0 to 6 + 16 n
    derived      = HKDF-SHA256(ikm = the data keys, in the order of their ids, joined;
                               salt = salt; info = "privacy-service seal 1" ‖ header ‖ place;
                               length = 76)
    key ‖ nonce ‖ key commitment = derived, as 32, 12 and 32 bytes
    associated data              = header ‖ salt ‖ key commitment ‖ place

Each record has its own key, from the data keys of all its subjects: shredding one of them makes
it unreadable. The key is never used twice, because the salt of 256 bits never comes twice; so the
derived nonce cannot repeat under it, however often a data key seals. The commitment makes sure
that a sealed record opens under one set of keys, in one place, and to one plaintext, which GCM
alone does not promise. docs/sealed-format.md says the same at length.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import ID_BYTES, DataKeys, OpenKey, SealedKey
from privacy_service.records.framing import framed
from privacy_service.records.keyring import Random

MAGIC: Final = b"PSR\x01"
_LABEL: Final = b"privacy-service seal 1"
_COUNT: Final = 2
_IDS: Final = len(MAGIC) + _COUNT
_SALT: Final = 32
_KEY: Final = 32
_NONCE: Final = 12
_COMMITMENT: Final = 32
_TAG: Final = 16
_MOST_KEYS: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place that sealed bytes belong to: whose, which record, which field of it."""

    partner: str
    record: str
    field: str


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals and opens with data keys as the store keeps them. Thread-safe."""

    data_keys: DataKeys
    random: Random = field(repr=False)

    def seal(self, content: bytes, *, slot: Slot, keys: Sequence[SealedKey]) -> bytes:
        """The content, sealed for its slot under all of `keys`. Raises KEYS_UNAVAILABLE.

        Raises ValueError without keys, or with more than 65535.
        """
        opened = [self.data_keys.opened_to_seal(key) for key in keys]
        return seal(content, slot=slot, keys=opened, salt=self.random(_SALT))

    def open(self, sealed: bytes, *, slot: Slot, keys: Sequence[SealedKey]) -> bytes:
        """The content. `keys` hold at least those that `key_ids` names.

        Raises RECORD_UNREADABLE if one of them is missing, or the bytes or the slot are not what
        was sealed; KEYS_UNAVAILABLE while the keyring cannot be reached.
        """
        wanted = set(key_ids(sealed))
        opened = [self.data_keys.opened(key) for key in keys if key.id in wanted]
        return unsealed(sealed, slot=slot, keys=opened)


def seal(content: bytes, *, slot: Slot, keys: Sequence[OpenKey], salt: bytes) -> bytes:
    """The format above. `salt` is 32 random bytes, fresh for every call."""
    by_id = {key.id: key for key in keys}
    if not 1 <= len(by_id) <= _MOST_KEYS or len(salt) != _SALT:
        raise ValueError("a seal takes 1 to 65535 data keys and a salt of 32 bytes")
    ordered = [by_id[name] for name in sorted(by_id)]
    header = _header([key.id for key in ordered])
    key, nonce, commitment = _derived(header, salt, slot, ordered)
    bound = header + salt + commitment
    return bound + AESGCM(key).encrypt(nonce, content, bound + _place(slot))


def unsealed(sealed: bytes, *, slot: Slot, keys: Sequence[OpenKey]) -> bytes:
    """The content of the format above. Raises RECORD_UNREADABLE."""
    ids = key_ids(sealed)
    ordered = _found(ids, keys)
    salt_at = _IDS + ID_BYTES * len(ids)
    bound = sealed[: salt_at + _SALT + _COMMITMENT]
    header, salt = bound[:salt_at], bound[salt_at : salt_at + _SALT]
    key, nonce, commitment = _derived(header, salt, slot, ordered)
    if not hmac.compare_digest(commitment, bound[-_COMMITMENT:]):
        raise PrivacyError(errors.RECORD_UNREADABLE)
    try:
        # A view, not a slice: that would copy all of the content.
        return AESGCM(key).decrypt(nonce, memoryview(sealed)[len(bound) :], bound + _place(slot))
    except InvalidTag:
        raise PrivacyError(errors.RECORD_UNREADABLE) from None


def key_ids(sealed: bytes) -> tuple[str, ...]:
    """The ids of the data keys that the sealed bytes name. Raises RECORD_UNREADABLE."""
    count = int.from_bytes(sealed[len(MAGIC) : _IDS], "big")
    end = _IDS + ID_BYTES * count
    if not sealed.startswith(MAGIC) or len(sealed) < end + _SALT + _COMMITMENT + _TAG:
        raise PrivacyError(errors.RECORD_UNREADABLE)
    ids = tuple(sealed[at : at + ID_BYTES].hex() for at in range(_IDS, end, ID_BYTES))
    if not ids or any(one >= after for one, after in pairwise(ids)):
        raise PrivacyError(errors.RECORD_UNREADABLE)
    return ids


def _found(ids: Sequence[str], keys: Sequence[OpenKey]) -> list[OpenKey]:
    by_id = {key.id: key for key in keys}
    for name in ids:
        if name not in by_id:
            raise PrivacyError(errors.RECORD_UNREADABLE, data_key=name)
    return [by_id[name] for name in ids]


def _header(ids: Sequence[str]) -> bytes:
    return MAGIC + len(ids).to_bytes(_COUNT, "big") + b"".join(map(bytes.fromhex, ids))


def _derived(
    header: bytes, salt: bytes, slot: Slot, keys: Sequence[OpenKey]
) -> tuple[bytes, bytes, bytes]:
    derived = HKDF(
        algorithm=hashes.SHA256(),
        length=_KEY + _NONCE + _COMMITMENT,
        salt=salt,
        info=_LABEL + header + _place(slot),
    ).derive(b"".join(key.material for key in keys))
    return derived[:_KEY], derived[_KEY : _KEY + _NONCE], derived[_KEY + _NONCE :]


def _place(slot: Slot) -> bytes:
    return framed(slot.partner, slot.record, slot.field)
