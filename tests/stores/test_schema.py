from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from privacy_service import errors
from privacy_service.clock import SystemClock
from privacy_service.errors import PrivacyError
from privacy_service.store import schema
from privacy_service.store.database import Database
from privacy_service.store.engines import open_engines
from privacy_service.store.tables import metadata
from privacy_service.store.tuning import Tuning
from tests.stores.databases import empty_url, opened
from tests.stores.samples import entry

VERSIONS = Path(str(files("privacy_service.store") / "migrations" / "versions"))
MIGRATIONS = sorted(VERSIONS.glob("*.py"))


@pytest.fixture
def empty(kind: str, tmp_path: Path) -> str:
    return empty_url(kind, tmp_path)


def written(engine: Engine) -> dict[str, Any]:
    """Everything that a database says about its tables."""
    with engine.connect() as connection:
        look = inspect(connection)
        return {
            table: {
                "columns": [{**c, "type": repr(c["type"])} for c in look.get_columns(table)],
                "key": look.get_pk_constraint(table),
                "references": sorted(look.get_foreign_keys(table), key=str),
                "unique": sorted(look.get_unique_constraints(table), key=str),
                "checks": sorted(look.get_check_constraints(table), key=str),
                "indexes": sorted((plain(i) for i in look.get_indexes(table)), key=str),
                "options": look.get_table_options(table),
            }
            for table in look.get_table_names()
            if table != "alembic_version"
        }


def plain(index: Any) -> dict[str, Any]:
    """An index with its condition as text: two conditions are never equal themselves."""
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_an_empty_database_works_once_it_is_migrated(empty: str) -> None:
    with opened(empty) as database:
        assert database.needs_migration
        with pytest.raises(PrivacyError) as refusal:
            database.commit(lambda writing: writing.audit.append(entry()))
        assert refusal.value.reason is errors.SCHEMA_TOO_OLD
        with pytest.raises(PrivacyError) as refusal, database.reading():
            pass
        assert refusal.value.reason is errors.SCHEMA_TOO_OLD
        database.migrate()
        assert not database.needs_migration
        assert database.commit(lambda writing: writing.audit.append(entry())) == 0


def test_migrating_again_changes_nothing(url: str) -> None:
    with opened(url) as database:
        database.commit(lambda writing: writing.audit.append(entry()))
        database.migrate()
    with opened(url) as database:
        assert not database.needs_migration
        with database.reading() as view:
            assert view.audit.size() == 1


def test_several_may_migrate_at_once(empty: str) -> None:
    def migrate(_number: int) -> None:
        with opened(empty) as database:
            database.migrate()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(migrate, range(3)))
    with opened(empty) as database, database.reading() as view:
        assert view.audit.origin() == "privacy-service"
        assert view.contracts.generation() == 0


def test_a_migration_that_fails_leaves_nothing(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise PrivacyError(errors.INTERNAL)

    monkeypatch.setattr(schema, "_set_up", fail)
    with opened(empty) as database:
        with pytest.raises(PrivacyError):
            database.migrate()
        assert written(database._engines.reading) == {}


def test_a_newer_schema_is_refused(url: str) -> None:
    engines = open_engines(url, Tuning())
    with engines.writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engines.dispose()
    with pytest.raises(PrivacyError) as refusal, opened(url):
        pass
    assert refusal.value.reason is errors.SCHEMA_TOO_NEW
    assert refusal.value.details == {"revision": "9999"}


def test_a_log_keeps_its_name(url: str) -> None:
    with (
        pytest.raises(PrivacyError) as refusal,
        Database.open(url, clock=SystemClock(), origin="another.example/log"),
    ):
        pass
    assert refusal.value.reason is errors.SETTINGS_INVALID


def test_the_tables_in_code_and_the_migrations_make_the_same_database(
    url: str, kind: str, tmp_path: Path
) -> None:
    created = open_engines(empty_url(kind, tmp_path), Tuning())
    metadata.create_all(created.writing)
    migrated = open_engines(url, Tuning())
    assert written(migrated.reading) == written(created.reading)
    created.dispose()
    migrated.dispose()


def test_alembic_sees_nothing_to_add(url: str) -> None:
    engines = open_engines(url, Tuning())
    with engines.reading.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engines.dispose()


def test_every_migration_is_known_and_named_for_what_it_does() -> None:
    names = [re.fullmatch(r"(\d{4})_(expand|contract)_\w+\.py", path.name) for path in MIGRATIONS]
    assert [name and name[1] for name in names] == list(schema.REVISIONS)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_no_migration_imports_code_that_lives_on(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert {str(module).split(".")[0] for module in imported} <= {"alembic", "sqlalchemy"}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////no/such/directory/store.db",
        "sqlite:///store.db?mode=ro",
        "mysql://user:CANARY@host/name",
        "postgresql://user:CANARY@host/name",
        "CANARY",
    ],
)
def test_any_other_url_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(PrivacyError) as refusal, opened(url):
        pass
    assert refusal.value.reason is errors.SETTINGS_INVALID
    assert "CANARY" not in str(refusal.value)


def test_a_sqlite_file_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch(0o644)
    with opened(f"sqlite:///{path}") as database:
        database.migrate()
        database.commit(lambda writing: writing.audit.append(entry()))
        modes = {found.name: found.stat().st_mode & 0o777 for found in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm"), 0o600)


def test_readers_cannot_write(database: Database) -> None:
    reading = database._engines.reading
    with reading.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("UPDATE audit_log SET size = 7"))
