"""The port to what holds key-encryption keys where it is not a file: an HSM, a key service.

A provider makes keys, wraps and unwraps with them, makes their next versions and destroys old
ones; the keys themselves never leave it. Everything else that a keyring does stands on these six
methods (`provided_keyring.py`). A key is named `partner/NAME`, or `service`.

Every method raises KEYS_UNAVAILABLE while the provider cannot be reached, or refuses us.
"""

from __future__ import annotations

from typing import Final, Protocol

from privacy_service.records.keyring import KeyStatus, WrappedKey

SERVICE_KEY: Final = "service"
"""The key that wraps the service's own secrets."""


class KeyProvider(Protocol):
    """Thread-safe, and safe between processes that share the provider.

    A version that one process makes is current for the others within `settles` seconds.
    """

    @property
    def settles(self) -> float: ...

    def wrap(self, name: str, material: bytes, context: bytes) -> WrappedKey:
        """Wraps under the current version, which is made on first use. Binds the context."""
        ...

    def unwrap(self, name: str, wrapped: WrappedKey, context: bytes) -> bytes:
        """What was wrapped. Raises RECORD_UNREADABLE where name, context or bytes are not those
        that were wrapped, or the version was retired or never was.
        """
        ...

    def current(self, name: str) -> str:
        """The current version's word, as `WrappedKey.wrapping_key` has it; made on first use."""
        ...

    def rotate(self, name: str) -> int:
        """Makes the next version, current at once; older ones still unwrap."""
        ...

    def retire(self, name: str, version: int) -> None:
        """Destroys this older version and all before it. Raises KEY_NOT_RETIRABLE."""
        ...

    def status(self) -> tuple[KeyStatus, ...]:
        """Every version of every key, by name and version."""
        ...


def partner_key(partner: str) -> str:
    """The name of a partner's key-encryption key."""
    return f"partner/{partner}"
