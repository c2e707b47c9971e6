"""How often key-encryption keys wrapped, counted ahead and for good.

HSMs and Transit wrap by AES-GCM with random nonces of 96 bits, which NIST SP 800-38D allows 2^32
times under one key; we stop at a sixteenth of that. A process takes its uses from the store in
blocks before it needs them, so that what is counted is never less than what was used, whatever
dies when (but for the one wrap by which it learned the key's name).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Protocol

BLOCK: Final = 1024
ADVISED_MOST: Final = 2**28


class UseLedger(Protocol):
    """Where uses are counted, for all replicas. Raises STORE_UNAVAILABLE."""

    def take(self, wrapping_key: str, many: int) -> int:
        """Counts so many more, and says how many are counted now."""
        ...


class WrapUses:
    """Counts wraps, and has a key rotated that reached its most. Thread-safe."""

    def __init__(
        self,
        ledger: UseLedger,
        rotate: Callable[[str, str], None],
        *,
        most: int = ADVISED_MOST,
        block: int = BLOCK,
    ) -> None:
        """`rotate` is called with a partner and the word of its key that has wrapped `most` times,
        once for each block from then on; it makes the next version, if that has not been done.
        """
        self._ledger = ledger
        self._rotate = rotate
        self._most = most
        self._block = block
        self._left: dict[str, int] = {}
        self._mutex = threading.Lock()

    def used(self, partner: str, wrapping_key: str) -> None:
        """Counts one wrap by that key. Raises what the ledger and the rotation raise."""
        with self._mutex:
            left = self._left.get(wrapping_key, 0)
            if left:
                self._left[wrapping_key] = left - 1
                return
        total = self._ledger.take(wrapping_key, self._block)
        with self._mutex:
            self._left[wrapping_key] = self._left.get(wrapping_key, 0) + self._block - 1
        if total >= self._most:
            self._rotate(partner, wrapping_key)
