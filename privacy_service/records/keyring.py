"""The port to what holds the keys: a file, an HSM, a key service.

The hierarchy is key-encryption key (one per partner, in versions) → data key (one per subject and
partner, wrapped, kept by the store) → record. A keyring wraps and unwraps data keys, holds the
service's own secrets, and signs checkpoints. Key-encryption keys never leave it.

Every method raises KEYS_UNAVAILABLE while the provider cannot be reached, and works again after.
A keyring may remember for a bounded time what it was told; then it notices a change that was made
elsewhere, or the loss of its provider, that much later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from privacy_service.evidence.note import Signer

Random = Callable[[int], bytes]
"""So many random bytes, fit for keys: `os.urandom` in the wiring."""


class SecretName(StrEnum):
    """The service's own secrets, 32 bytes each."""

    BLIND_INDEX = "blind-index"
    """Digests of subjects."""
    PSEUDONYM_ROOT = "pseudonym-root"
    """Tokens, hashes and date shifts: one key per pair and purpose is derived from it."""
    COMMITMENT = "commitment"
    """Commitments to payloads and requests, for evidence."""
    PAGE_TOKEN = "page-token"  # noqa: S105 - a name
    """Page tokens of the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """One version of a secret."""

    version: int
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key under a version of a provider's key. `ciphertext` is the provider's own format."""

    key_id: str
    version: int
    ciphertext: bytes = field(repr=False)

    @property
    def wrapping_key(self) -> str:
        """Key id and version as one word: what a store keeps, and finds stale wrappings by."""
        return f"{self.key_id}#{self.version}"

    @classmethod
    def of(cls, wrapping_key: str, ciphertext: bytes) -> Self:
        """The inverse of `wrapping_key`. Raises ValueError for anything else."""
        key_id, mark, version = wrapping_key.rpartition("#")
        if not mark or not version.isdecimal():
            raise ValueError("a wrapping key is a key id, # and a version")
        return cls(key_id=key_id, version=int(version), ciphertext=ciphertext)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """One version of one key: `partner/NAME`, `secret/NAME`, `signer`, or `service`, which wraps
    the service's secrets where a provider holds the keys.

    Not every provider remembers when a version was made, or when it was retired: None.
    """

    name: str
    version: int
    current: bool
    created_at: datetime | None
    retired: bool = False
    retired_at: datetime | None = None


class Keyring(Protocol):
    """Thread-safe, and safe between processes that share the provider."""

    def wrap(self, partner: str, key: bytes, context: bytes) -> WrappedKey:
        """Wraps a data key under the partner's current key, which is made on first use.

        `context` is bound to the wrapping: only the same one unwraps it.
        """
        ...

    def unwrap(self, partner: str, wrapped: WrappedKey, context: bytes) -> bytes:
        """The data key. Raises RECORD_UNREADABLE if the wrapping does not fit the partner and
        context, was changed, or its key version was retired or never was here.
        """
        ...

    def wrapping_key(self, partner: str) -> str:
        """The word for the partner's current key version, as `WrappedKey.wrapping_key` has it."""
        ...

    def rotate(self, partner: str) -> int:
        """Makes the partner's next key version, current at once; the older ones still unwrap.

        Retried after a failure it may have made one more version than was asked for.
        """
        ...

    def retire(self, partner: str, version: int) -> None:
        """Destroys an older version, and all before it, for good: what is still wrapped by them
        is lost.

        Raises KEY_NOT_RETIRABLE for the current version or one that never was. Retiring what is
        retired has no effect.
        """
        ...

    def secret(self, name: SecretName, version: int | None = None) -> Secret:
        """That version of the secret (None: the current one).

        Raises KEYRING_INVALID for a version that there is not.
        """
        ...

    def secret_versions(self, name: SecretName) -> tuple[int, ...]:
        """The versions that there are, the current one first: for dual look-up after rotation."""
        ...

    def rotate_secret(self, name: SecretName) -> int:
        """Makes the secret's next version, current at once; the older ones can still be read."""
        ...

    def rewrap_secrets(self) -> int:
        """Protects the secrets and signing keys anew, under a fresh key. How many there are."""
        ...

    def signer(self, version: int | None = None) -> Signer:
        """The Ed25519 key that signs checkpoints (None: the current one)."""
        ...

    def rotate_signer(self) -> int:
        """Makes the next signing key, current at once; the older ones can still sign."""
        ...

    def status(self) -> tuple[KeyStatus, ...]:
        """Every version of every key, by name and version, without key material."""
        ...
