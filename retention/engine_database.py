"""The engine's own database: what it remembers of work.

On SQLite it is a file beside the main one (a commit there must not wait for a commit here),
opened through pysqlite3: the engine needs SQLite 3.42, which Debian 12's Python has not. On
PostgreSQL it is a schema of the same database. It holds names of jobs and steps, ids of rows and
counts; losing it loses no promise, because what waits is read from the rows themselves.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from privacy_service import errors
from privacy_service.app.storage import database_url
from privacy_service.errors import PrivacyError
from privacy_service.settings import AllSettings

SCHEMA: Final = "privacy_jobs"
_BUSY_SECONDS: Final = 30.0


def engine_url(settings: AllSettings) -> URL:
    """Where the engine's database is. Raises SETTINGS_INVALID."""
    try:
        main = make_url(database_url(settings.database))
        url = make_url(settings.jobs.url) if settings.jobs.url else _beside(main)
    except ArgumentError:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="jobs.url") from None
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise PrivacyError(errors.SETTINGS_INVALID, setting="jobs.url")
    return url


def open_engine(url: URL) -> Engine:
    """A SQLAlchemy engine for it; the caller disposes of it. A SQLite file is made (mode 0600)."""
    if url.drivername == "sqlite":
        return _sqlite(url)
    return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True)


def _beside(main: URL) -> URL:
    if main.drivername != "sqlite":
        return main
    path = Path(main.database or "")
    return main.set(database=str(path.with_name(f"{path.stem}-jobs{path.suffix}")))


def _sqlite(url: URL) -> Engine:
    from pysqlite3 import dbapi2

    path = Path(url.database or "")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(
        url, module=dbapi2, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # writers take turns from their first statement
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")

    return engine
