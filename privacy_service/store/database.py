"""The store's front door: open, read, commit, migrate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.store.committer import Committer
from privacy_service.store.engines import Engines, open_engines
from privacy_service.store.failures import translating
from privacy_service.store.high_water import HighWater
from privacy_service.store.schema import SchemaState, check_origin, migrate, schema_state
from privacy_service.store.tuning import Tuning
from privacy_service.store.views import View, Writing

T = TypeVar("T")

DEFAULT_ORIGIN = "privacy-service"


class Database:
    """One database, SQLite or PostgreSQL. Thread-safe. Every method raises STORE_UNAVAILABLE
    where the database does not answer.
    """

    def __init__(
        self, engines: Engines, committer: Committer, origin: str, water: HighWater
    ) -> None:
        self._engines = engines
        self._committer = committer
        self._water = water
        self._origin = origin
        self._state = self._look()

    @classmethod
    @contextmanager
    def open(
        cls, url: str, *, clock: Clock, origin: str = DEFAULT_ORIGIN, tuning: Tuning | None = None
    ) -> Iterator[Database]:
        """The database at `sqlite:///path` or `postgresql+psycopg://...`, until the block ends.

        What waits to be committed then is committed first. `origin` names the audit log. Raises
        SCHEMA_TOO_NEW where a newer release has migrated it, SETTINGS_INVALID for a URL that is
        none of the two or a log of another name. Where `needs_migration`, nothing but `migrate`
        works.
        """
        tuning = tuning or Tuning()
        engines = open_engines(url, tuning)
        try:
            water = HighWater()
            committer = Committer(engines.writing, clock, tuning, water)
            database = cls(engines, committer, origin, water)
            committer.start()
            try:
                yield database
            finally:
                committer.close()
        finally:
            engines.dispose()

    @property
    def needs_migration(self) -> bool:
        """Whether the database is older than this release."""
        return self._state is not SchemaState.CURRENT

    def migrate(self) -> None:
        """Brings the database to this release, all of it or nothing."""
        with translating():
            migrate(self._engines.writing, self._origin)
        self._state = self._look()

    @contextmanager
    def reading(self) -> Iterator[View]:
        """One consistent state of everything, as of the first statement in the block.

        Raises DATABASE_RESTORED once it was noticed that the database went back.
        """
        self._require_current()
        self._water.require_whole()
        with translating(), self._engines.reading.connect() as connection:
            yield View(connection)

    def require_answers(self) -> None:
        """Raises STORE_UNAVAILABLE where it does not, DATABASE_RESTORED where it went back."""
        known = self._water.size
        with self.reading() as view:
            size = view.audit.size()
        self._water.require(size, known=known)
        self._water.rise(size)

    def commit(self, work: Callable[[Writing], T], *, seconds: float | None = None) -> T:
        """Makes `work` true, all of it or nothing, and returns what it returned.

        It is called with the newest state, in which no one else, on no other replica, changes
        anything meanwhile. It may be called more than once, and only the last call counts: it must
        have no other effect, and it should be short, because others wait.

        What `work` raises is raised here and nothing of it is kept. DEADLINE_PASSED: `seconds`
        were over before it began, and it will not run. STORE_BUSY: too many wait.
        DATABASE_RESTORED: the log is shorter than it was.
        STORE_UNAVAILABLE: it was not committed, or (detail `outcome` is `unknown`) it may have
        been; a retry under the same request id is safe.
        """
        self._require_current()
        return self._committer.commit(work, seconds)

    def _require_current(self) -> None:
        if self._state is not SchemaState.CURRENT:
            raise PrivacyError(errors.SCHEMA_TOO_OLD)

    def _look(self) -> SchemaState:
        with translating(), self._engines.reading.connect() as connection:
            state = schema_state(connection)
            if state is SchemaState.CURRENT:
                check_origin(connection, self._origin)
        return state
