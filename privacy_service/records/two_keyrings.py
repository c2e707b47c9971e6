"""Two keyrings while keys move from one to the other: the old one opens, the new one wraps."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_service.records.keyring import Keyring, WrappedKey


@dataclass(frozen=True, slots=True)
class TwoKeyrings:
    """What rewrapping asks of a keyring, in the middle of a move. Thread-safe."""

    old: Keyring
    new: Keyring

    def wrap(self, partner: str, key: bytes, context: bytes) -> WrappedKey:
        """Under the new keyring's current version."""
        return self.new.wrap(partner, key, context)

    def unwrap(self, partner: str, wrapped: WrappedKey, context: bytes) -> bytes:
        """By whichever keyring wrapped it. Raises RECORD_UNREADABLE."""
        ours = WrappedKey.of(self.new.wrapping_key(partner), b"").key_id
        keyring = self.new if wrapped.key_id == ours else self.old
        return keyring.unwrap(partner, wrapped, context)

    def wrapping_key(self, partner: str) -> str:
        """The new keyring's word: what is under any other is to be moved."""
        return self.new.wrapping_key(partner)
