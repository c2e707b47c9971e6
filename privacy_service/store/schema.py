"""Which schema a database has, and bringing it up to this release's.

Revisions are numbered in order. A database with a revision that this release does not know was
migrated by a newer one. Alembic is imported only to migrate: a start without migration needs none.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, inspect, select, text

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.tables import audit_log, contract_book

REVISIONS: Final = tuple(f"{number:04}" for number in range(1, 41))
"""Every revision that this release knows, oldest first; the last one is what it works with."""

_version = Table("alembic_version", MetaData(), Column("version_num", Text))
# Any number that no one else locks in this database.
_MIGRATION_LOCK: Final = 0x70726976


class SchemaState(Enum):
    """Where a database stands."""

    OLDER = "older"
    CURRENT = "current"


def schema_state(connection: Connection) -> SchemaState:
    """Raises SCHEMA_TOO_NEW for a revision that is not known here."""
    if not inspect(connection).has_table(_version.name):
        return SchemaState.OLDER
    row = connection.execute(select(_version.c.version_num)).first()
    if row is None:
        return SchemaState.OLDER
    if row.version_num not in REVISIONS:
        raise PrivacyError(errors.SCHEMA_TOO_NEW, revision=row.version_num)
    return SchemaState.CURRENT if row.version_num == REVISIONS[-1] else SchemaState.OLDER


def migrate(engine: Engine, origin: str) -> None:
    """Brings the database to the newest revision, in one transaction, and sets up what has one row.

    Several processes may do this at once: they take turns. Raises SCHEMA_TOO_NEW, and INTERNAL
    where a migration would leave rows whose counterparts are gone.
    """
    try:
        with engine.connect() as connection:
            _unfetter(connection)
            with connection.begin():
                _take_turn(connection)
                schema_state(connection)
                _upgrade(connection)
                _set_up(connection, origin)
                _check_references(connection)
    finally:
        engine.dispose()  # the connection was set up for this alone


def _unfetter(connection: Connection) -> None:
    # SQLite changes a table by making it anew; with foreign keys on, dropping the old one would
    # delete what refers to it. The pragma has no effect inside a transaction.
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")


def _take_turn(connection: Connection) -> None:
    # SQLite: BEGIN IMMEDIATE has done it.
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        # From here on it waits for transactions that use the tables, and they wait behind it.
        connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "privacy_service.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise PrivacyError(errors.INTERNAL, table=str(broken[0]))


def _set_up(connection: Connection, origin: str) -> None:
    if connection.execute(select(audit_log.c.origin)).first() is None:
        connection.execute(audit_log.insert(), {"origin": origin, "size": 0, "frontier": b""})
    if connection.execute(select(contract_book.c.name)).first() is None:
        connection.execute(contract_book.insert(), {"name": "contracts", "generation": 0})


def check_origin(connection: Connection, origin: str) -> None:
    """Raises SETTINGS_INVALID where the database holds a log of another name.

    A log keeps its name for good: its checkpoints carry it.
    """
    row = connection.execute(select(audit_log.c.origin)).first()
    if row is not None and row.origin != origin:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="audit_origin")
