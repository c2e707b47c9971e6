"""A keyring for tests of what stands on it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from privacy_service.clock import SteppedClock
from privacy_service.records.file_keyring import FileKeyring

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def made(directory: Path, name: str = "keyring") -> FileKeyring:
    """A fresh file keyring."""
    directory.chmod(0o700)
    return FileKeyring.create(directory / name, random=os.urandom, clock=SteppedClock(AT))


class Counted:
    """A keyring that counts what is asked of it."""

    def __init__(self, keyring: FileKeyring) -> None:
        self._keyring = keyring
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.calls.append(name)
        return getattr(self._keyring, name)
