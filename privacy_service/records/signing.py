"""An Ed25519 key that signs from its seed, in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class SeedSigner:
    """A `Signer` whose seed a keyring holds."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, seed: bytes) -> Self:
        """The signer of these 32 bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def seed(self) -> bytes:
        """The 32 bytes that it is made from, to move it to another keyring."""
        return self._key.private_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of RFC 8032."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature."""
        return self._key.sign(message)
