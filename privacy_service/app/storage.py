"""The database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privacy_service.clock import Clock
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
    with Database.open(where.url, clock=clock, origin=origin, tuning=tuning) as database:
        if database.needs_migration and where.migrate:
            database.migrate()
        yield database
