"""Values that only the recipient can read: HPKE (RFC 9180), base mode, to an X25519 public key.

The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. As text a value is `hpke:v1:`
and the base64url, without padding, of the encapsulated key (32 bytes) and the ciphertext. `info`
says where the value belongs (the contract's id, a blank, and the field's JSON Pointer): only the
same text opens it. The associated data of the AEAD is empty.

Keys are written as base64 of their 32 bytes. The library draws the ephemeral key itself.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.framing import framed
from privacy_service.records.keyring import Random

PREFIX: Final = "hpke:v1:"
_LABEL: Final = "privacy-service hpke 1"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientKey:
    """A recipient's key pair; `public` is what goes into the contract as `recipient_key`."""

    public: str
    private: str = field(repr=False)


def new_recipient_key(random: Random) -> RecipientKey:
    """A fresh key pair, for a recipient to make and to keep."""
    private = random(32)
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return RecipientKey(
        public=base64.b64encode(public).decode(), private=base64.b64encode(private).decode()
    )


def require_public_key(text: str) -> None:
    """Raises REQUEST_INVALID for what is no recipient's public key."""
    try:
        X25519PublicKey.from_public_bytes(_key(text))
    except ValueError:
        raise PrivacyError(
            errors.REQUEST_INVALID,
            field="public_key",
            says="no public key as `keys new-recipient` prints it",
        ) from None


def encrypt(value: str, *, recipient_key: str, info: str) -> str:
    """The value for the recipient alone. Raises TREATMENT_FAILED if the public key is not one."""
    try:
        public = X25519PublicKey.from_public_bytes(_key(recipient_key))
        sealed = _SUITE.encrypt(value.encode("utf-8", "surrogatepass"), public, _bound(info))
    except ValueError:  # not 32 bytes of base64, or a point of small order
        raise PrivacyError(errors.TREATMENT_FAILED, treatment="encrypt") from None
    return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def decrypt(text: str, *, private_key: str, info: str) -> str:
    """The value, for the recipient. Raises VALUE_UNREADABLE."""
    try:
        private = X25519PrivateKey.from_private_bytes(_key(private_key))
        opened = _SUITE.decrypt(_sealed(text), private, _bound(info))
        return opened.decode("utf-8", "surrogatepass")
    except (ValueError, InvalidTag):
        raise PrivacyError(errors.VALUE_UNREADABLE) from None


def _bound(info: str) -> bytes:
    return framed(_LABEL, info)


def _key(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a key is base64") from None


def _sealed(text: str) -> bytes:
    encoded = text.removeprefix(PREFIX)
    sealed = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    if encoded == text or base64.urlsafe_b64encode(sealed).decode().rstrip("=") != encoded:
        raise ValueError("an encrypted value has its prefix and one spelling")
    return sealed
