"""Copies of a SQLite database, by SQLite itself: whole, consistent, while it is written to."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.merkle import HASH_SIZE, Frontier

_PAGES_AT_A_TIME = 512


def copy_sqlite(source: Path, target: Path) -> None:
    """Makes `target` (mode 0600) a copy of the database at one instant, and checks it.

    Raises STORE_UNAVAILABLE where the source is no database that can be read whole, RESTORE_UNSAFE
    where there is a file already. Nothing is left behind then.
    """
    if not source.is_file():
        raise PrivacyError(errors.STORE_UNAVAILABLE, file=source.name)
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise PrivacyError(errors.RESTORE_UNSAFE, file=target.name) from None
    except OSError as fault:
        raise PrivacyError(errors.STORE_UNAVAILABLE, cause=type(fault).__name__) from None
    try:
        _copy(source, target)
    except sqlite3.Error as fault:
        _remove(target)
        name = getattr(fault, "sqlite_errorname", type(fault).__name__)
        failure = PrivacyError(errors.STORE_UNAVAILABLE, cause=name)
    except BaseException:
        _remove(target)
        raise
    else:
        return
    raise failure


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """How long the audit log of a database is, and its root in hex."""

    origin: str
    size: int
    root: str


def log_head(path: Path) -> LogHead:
    """The head of the log in a SQLite file of any release. Raises STORE_UNAVAILABLE."""
    where = f"file:{path.resolve().as_posix()}?mode=ro"
    try:
        with closing(sqlite3.connect(where, uri=True)) as read:
            row = read.execute("SELECT origin, size, frontier FROM audit_log").fetchone()
    except sqlite3.Error:
        row = None
    if row is None:  # none of ours, or one that was never migrated
        raise PrivacyError(errors.STORE_UNAVAILABLE, file=path.name)
    origin, size, edge = row
    hashes = tuple(edge[at : at + HASH_SIZE] for at in range(0, len(edge), HASH_SIZE))
    return LogHead(origin=origin, size=size, root=Frontier(size=size, hashes=hashes).root().hex())


def _copy(source: Path, target: Path) -> None:
    where = f"file:{source.resolve().as_posix()}?mode=ro"
    with (
        closing(sqlite3.connect(where, uri=True)) as read,
        closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written, pages=_PAGES_AT_A_TIME)
        # What is copied is in one file: no write-ahead log that could be left behind.
        written.execute("PRAGMA journal_mode = DELETE")
        (sound,) = written.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            raise sqlite3.DatabaseError("the copy is not sound")


def _remove(target: Path) -> None:
    for path in (target, *target.parent.glob(f"{target.name}-*")):
        with suppress(OSError):
            path.unlink()
