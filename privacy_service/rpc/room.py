"""Room for requests: how many bytes of them are worked on at a time.

Working on a payload takes many times its size in memory, so that a number of calls alone bounds
nothing: sixteen small ones are little, sixteen of the largest are more than a machine has.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from privacy_service import errors
from privacy_service.errors import PrivacyError


class Room:
    """Room for `most` bytes; one request always fits, if it is alone. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._lock = threading.Lock()

    @contextmanager
    def held(self, size: int) -> Iterator[None]:
        """Holds room for so many bytes while the block runs. Raises SERVER_BUSY."""
        with self._lock:
            if self._held and self._held + size > self._most:
                raise PrivacyError(errors.SERVER_BUSY, limit="bytes_at_work", most=self._most)
            self._held += size
        try:
            yield
        finally:
            with self._lock:
                self._held -= size
