"""The service's own secrets where a provider holds the keys: wrapped, and kept by the store.

They are used for every keyed word, some thousand a second, which no HSM or key service answers.
So they exist in clear in memory, for a bounded time, as data keys do; at rest they are wrapped by
the provider's key `service`, and bound to their name and version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from privacy_service.records.framing import framed
from privacy_service.records.keyring import SecretName

SIGNER: Final = "signer"
NAMES: Final = (*(f"secret/{name.value}" for name in SecretName), SIGNER)
"""Every secret: those of `SecretName`, and the seed of the key that signs checkpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedSecret:
    """One version of a secret, at rest. Versions count from 1; the last one is current."""

    name: str
    version: int
    wrapping_key: str
    wrapped: bytes = field(repr=False)
    created_at: datetime


class SecretShelf(Protocol):
    """Where wrapped secrets are kept, for all replicas. Raises STORE_UNAVAILABLE."""

    def all(self) -> Mapping[str, tuple[WrappedSecret, ...]]:
        """Every secret by name, its versions in order."""
        ...

    def put(self, secret: WrappedSecret) -> bool:
        """Keeps a version that is not there yet. Whether it was not."""
        ...

    def rewrap(self, secret: WrappedSecret, *, under: str) -> bool:
        """Changes the wrapping of a version that is still under that key. Whether it was."""
        ...


def context(name: str, version: int) -> bytes:
    """What a secret's wrapping is bound to."""
    return framed("secret", name, version.to_bytes(4, "big"))
