"""The database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.settings import (
    DatabaseSettings,
)
from privacy_service.store.database import Database
from privacy_service.store.tuning import Durability, Tuning


@contextmanager
def open_database(where: DatabaseSettings, origin: str, clock: Clock) -> Iterator[Database]:
    """The database, at this release's schema where `migrate` says so. Raises SCHEMA_TOO_NEW.

    `origin` is the name of its audit log.
    """
    if where.url.startswith("sqlite:///"):
        folder = Path(where.url.removeprefix("sqlite:///")).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tuning = Tuning(durability=Durability(where.synchronous))
    with Database.open(database_url(where), clock=clock, origin=origin, tuning=tuning) as database:
        if database.needs_migration and where.migrate:
            database.migrate()
        yield database


def database_url(where: DatabaseSettings) -> str:
    """The URL with its password, read from its file as it is now. Raises SETTINGS_INVALID."""
    if where.password_file is None:
        return where.url
    try:
        password = where.password_file.read_text("utf-8").rstrip("\r\n")
        return make_url(where.url).set(password=password).render_as_string(hide_password=False)
    except (OSError, ValueError, ArgumentError):
        # Not as a cause: it may hold the URL.
        setting = "database.password_file"
    says = f"{where.password_file} cannot be read, or the URL takes no password"
    raise PrivacyError(errors.SETTINGS_INVALID, setting=setting, says=says)
