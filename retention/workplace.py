"""What a job works with: the database, the keys, the clock and the log of one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from privacy_service.app.keys import open_keyring
from privacy_service.app.storage import open_database
from privacy_service.clock import Clock
from privacy_service.records.keyring import Keyring
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What every job is handed. Thread-safe."""

    settings: AllSettings
    clock: Clock
    log: FilteringBoundLogger
    database: Database
    keyring: Keyring


@contextmanager
def open_workplace(
    settings: AllSettings, *, clock: Clock, log: FilteringBoundLogger
) -> Iterator[Workplace]:
    """A workplace of its own, for a process that only works. Raises what opening raises."""
    with open_database(settings.database, settings.evidence.origin, clock) as database:
        keyring = open_keyring(settings.keys, clock, database)
        yield Workplace(settings=settings, clock=clock, log=log, database=database, keyring=keyring)
