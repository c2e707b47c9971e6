"""Engines for the two databases: one for the writer, one for readers.

SQLite: the writer begins IMMEDIATE, so that a transaction never finds out in its middle that
another process writes; readers begin deferred and see one state of the write-ahead log.
PostgreSQL: the writer reads what is committed (it holds the log's lock, so nothing moves below
it), readers see one snapshot.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import SQLITE_BUSY, OperationalError, connect
from sqlite3 import Connection as SqliteConnection
from sqlite3 import Error as SqliteError
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import OperationalError as DatabaseLost

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.tuning import Tuning

_PAUSE: Final = 0.05

_SETTING: Final = "database.url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """One engine to write through, with a single connection, and one to read through."""

    writing: Engine
    reading: Engine

    def dispose(self) -> None:
        self.writing.dispose()
        self.reading.dispose()


def open_engines(url: str, tuning: Tuning) -> Engines:
    """Engines for a `sqlite:///path` or `postgresql+psycopg://` URL; nothing is connected yet.

    Raises SETTINGS_INVALID for any other URL, a file that cannot be written, and for PostgreSQL
    where psycopg is not installed (`pip install privacy-service[postgres]`). The URL is never in
    an error: it may hold a password.
    """
    with suppress(ArgumentError, ModuleNotFoundError):
        parsed = make_url(url)
        if parsed.drivername == "postgresql+psycopg":
            return _postgresql(parsed, tuning)
        in_file = parsed.database not in {None, "", ":memory:"} and not parsed.query
        if parsed.drivername == "sqlite" and in_file:
            return _sqlite(parsed, tuning)
    says = "write sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME (needs [postgres])"
    raise PrivacyError(errors.SETTINGS_INVALID, setting=_SETTING, says=says)


def _sqlite(url: URL, tuning: Tuning) -> Engines:
    path = Path(url.database or "")
    _create(path, tuning)
    same_file = _same_file(path)
    options: dict[str, Any] = {
        "connect_args": {"timeout": tuning.busy},
        "hide_parameters": True,
        "pool_reset_on_return": None,  # every transaction ends with commit or rollback
        "pool_timeout": tuning.busy,
    }
    writing = create_engine(url, pool_size=1, max_overflow=0, **options)
    reading = create_engine(url, pool_size=tuning.readers, max_overflow=0, **options)
    event.listen(writing, "connect", _on_connect(tuning, "cache_size = -32768"))
    event.listen(reading, "connect", _on_connect(tuning, "query_only = ON"))
    event.listen(writing, "begin", _begin("BEGIN IMMEDIATE", same_file))
    event.listen(reading, "begin", _begin("BEGIN", same_file))
    return Engines(writing=writing, reading=reading)


def _create(path: Path, tuning: Tuning) -> None:
    """Makes the file so that only its owner reads it; SQLite gives its -wal and -shm the same."""
    with suppress(OSError, SqliteError):
        # A file that is there is never opened but by SQLite: closing it would release the locks
        # that this process holds on it (https://sqlite.org/howtocorrupt.html, 2.2).
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        path.chmod(0o600)
        _use_write_ahead_log(path, tuning)
        return
    says = f"{path} cannot be made or written"
    raise PrivacyError(errors.SETTINGS_INVALID, setting=_SETTING, says=says)


def _use_write_ahead_log(path: Path, tuning: Tuning) -> None:
    # The file remembers it. Where two processes open a new file, SQLite tells one of them at once
    # that it is locked, without the wait that holds for everything else.
    for _ in range(max(1, round(tuning.busy / _PAUSE))):
        try:
            with closing(connect(path, timeout=0)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            if error.sqlite_errorcode & 0xFF != SQLITE_BUSY:  # whatever it is busy with
                raise
        time.sleep(_PAUSE)
    raise PrivacyError(errors.STORE_UNAVAILABLE)


def _on_connect(tuning: Tuning, own: str) -> Callable[[SqliteConnection, object], None]:
    def prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours to say
        for pragma in (
            f"synchronous = {tuning.durability.value}",
            "foreign_keys = ON",
            "secure_delete = ON",  # what is deleted is overwritten
            "trusted_schema = OFF",
            own,
        ):
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _begin(words: str, check: Callable[[], None]) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        check()
        connection.exec_driver_sql(words)

    return begin


def _same_file(path: Path) -> Callable[[], None]:
    """A check that the path still leads to the file that it leads to now.

    SQLite goes on writing to a file that was moved, removed or replaced, and nobody would find
    there what it wrote.
    """

    def found() -> tuple[int, int]:
        seen = path.stat()
        return seen.st_dev, seen.st_ino

    was = found()

    def check() -> None:
        with suppress(OSError):
            if found() == was:
                return
        lost = OperationalError("the database file is another one, or gone")
        raise DatabaseLost("BEGIN", None, lost)

    return check


def _postgresql(url: URL, tuning: Tuning) -> Engines:
    milliseconds = max(1, round(tuning.statement * 1000))
    options: dict[str, Any] = {
        "connect_args": {
            "connect_timeout": max(1, round(tuning.connect)),
            "application_name": "privacy-service",
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
            # A replica that stands still in a transaction must not keep the others from the log.
            f" -c idle_in_transaction_session_timeout={milliseconds} -c timezone=UTC",
            "tcp_user_timeout": milliseconds,
        },
        "hide_parameters": True,
        "pool_reset_on_return": None,
        "pool_timeout": tuning.connect,
    }
    # The writer finds out by itself when its connection is dead, and runs the batch again.
    return Engines(
        writing=create_engine(
            url, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED", **options
        ),
        reading=create_engine(
            url, pool_size=tuning.readers, max_overflow=0, isolation_level="REPEATABLE READ",
            pool_pre_ping=True, execution_options={"postgresql_readonly": True}, **options,
        ),
    )  # fmt: skip
