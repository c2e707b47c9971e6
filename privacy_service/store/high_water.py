"""How long the audit log has been, so that a database that went back is noticed by who uses it.

A log only grows. Where it is shorter than this process knows it to have been, someone restored an
older copy below it, or a standby took over that lacks what was acknowledged.
"""

from __future__ import annotations

import threading

from privacy_service import errors
from privacy_service.errors import PrivacyError


class HighWater:
    """The longest log that this process has seen. Thread-safe.

    Once the log was shorter, nothing goes on until the process is started again.
    """

    def __init__(self) -> None:
        self._size = 0
        self._went_back: tuple[int, int] | None = None
        self._mutex = threading.Lock()

    @property
    def size(self) -> int:
        with self._mutex:
            return self._size

    def require(self, size: int, *, known: int | None = None) -> None:
        """Raises DATABASE_RESTORED where the log is shorter than `known` (None: than it was).

        Whoever reads while others write says what was known before it read.
        """
        with self._mutex:
            known = self._size if known is None else known
            if size < known and self._went_back is None:
                self._went_back = (size, known)
        self.require_whole()

    def rise(self, size: int) -> None:
        """Takes note of a log of this size, which is committed."""
        with self._mutex:
            self._size = max(self._size, size)

    def require_whole(self) -> None:
        """Raises DATABASE_RESTORED where the log has been seen to be shorter than before."""
        with self._mutex:
            went_back = self._went_back
        if went_back is not None:
            size, known = went_back
            raise PrivacyError(errors.DATABASE_RESTORED, log_size=size, log_size_known=known)
