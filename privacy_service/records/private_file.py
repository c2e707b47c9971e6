"""A file that only its owner reads, replaced whole, by one process at a time.

Every check is made on the open file, not on its name, so that nothing can be exchanged between
the check and the use. Links are not followed.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

_MOST_BYTES: Final = 64 << 20
_TRIES: Final = 1000
_BETWEEN_TRIES: Final = 0.01
_SAFELY: Final = os.O_NOFOLLOW | os.O_CLOEXEC
_READING: Final = os.O_RDONLY | _SAFELY
_MAKING: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFELY
_LOCKING: Final = os.O_RDWR | os.O_CREAT | _SAFELY

Mark = tuple[int, int, int, int]
"""What tells one state of the file from another: inode, size, and both of its times."""


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """Raises KEYS_UNAVAILABLE where the system refuses, KEYRING_EXPOSED where others could read
    the file or replace it.
    """

    path: Path

    def mark(self) -> Mark:
        """The file's present mark: it changes when the file is replaced or its mode changes."""
        try:  # on the path of every keyed word, so without the cost of `_reaching`
            return _mark(os.lstat(self.path))
        except OSError as refused:
            raise _unavailable(refused) from refused

    def read(self) -> tuple[Mark, bytes]:
        """The content, and the mark of exactly that content."""
        with _reaching():
            self._require_own_directory()
            with os.fdopen(os.open(self.path, _READING), "rb") as file:
                status = os.fstat(file.fileno())
                _require_private(status)
                return _mark(status), file.read(_MOST_BYTES)

    def create(self, content: bytes) -> None:
        """Writes a file that must not be there yet. Raises KEYRING_EXISTS."""
        with _reaching(), self.locked():
            self._require_own_directory()
            if os.path.lexists(self.path):
                raise PrivacyError(errors.KEYRING_EXISTS)
            self.replace(content)

    def replace(self, content: bytes) -> None:
        """Puts the content in the file's place, durably, in one step. Call it while `locked`."""
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        with _reaching():
            try:
                _write(beside, content)
                beside.replace(self.path)
            finally:
                with suppress(FileNotFoundError):
                    beside.unlink()
            _sync_directory(self.path.parent)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other processes and threads out. The lock ends with the process that holds it.

        Whoever does not get it in ten seconds is refused: a stopped process must not stop all.
        """
        with _reaching():
            self._require_own_directory()
            lock = os.open(
                self.path.with_name(f"{self.path.name}.lock"),
                _LOCKING,
                0o600,
            )
        try:
            with _reaching():
                _take(lock)
            yield
        finally:
            os.close(lock)

    def _require_own_directory(self) -> None:
        status = self.path.parent.stat()
        owners = (os.geteuid(), 0)  # root reads everything anyway
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or status.st_uid not in owners:
            raise PrivacyError(errors.KEYRING_EXPOSED, directory=str(self.path.parent))


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise _unavailable(refused) from refused


def _unavailable(refused: OSError) -> PrivacyError:
    cause = refused.strerror or type(refused).__name__
    return PrivacyError(errors.KEYS_UNAVAILABLE, cause=cause)


def _require_private(status: os.stat_result) -> None:
    others = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if not stat.S_ISREG(status.st_mode) or others or status.st_uid != os.geteuid():
        raise PrivacyError(errors.KEYRING_EXPOSED, mode=f"{stat.S_IMODE(status.st_mode):04o}")


def _take(lock: int) -> None:
    for _ in range(_TRIES - 1):
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_BETWEEN_TRIES)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _mark(status: os.stat_result) -> Mark:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _write(path: Path, content: bytes) -> None:
    # What a process of this number left behind when it was killed is in nobody's use.
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, _MAKING, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
