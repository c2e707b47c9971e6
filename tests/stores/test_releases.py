"""Every released schema comes up to this one with its rows, and its release works on meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.merkle import Frontier, leaf_hash
from privacy_service.store.database import Database
from privacy_service.store.engines import open_engines
from privacy_service.store.schema import REVISIONS
from privacy_service.store.tuning import Tuning
from tests.faults.transfers import check, transfer
from tests.stores.databases import migrated_url, opened
from tests.stores.releases import LIVE, SHREDDED, look, restored, revisions, say, statements
from tests.stores.samples import data_key
from tests.stores.test_schema import written

RELEASES = revisions()


@pytest.mark.parametrize("revision", RELEASES)
def test_a_released_schema_comes_up_to_this_one_with_its_rows(
    revision: str, kind: str, tmp_path: Path
) -> None:
    with opened(restored(revision, kind, tmp_path)) as database:
        assert database.needs_migration is (revision != REVISIONS[-1])
        database.migrate()
        assert check(database) == [f"kept-{number}" for number in range(20)]
        with database.reading() as view:
            look(view)
            assert [each.number for each in view.contracts.versions("acme-to-globex")] == [2, 1]
            assert view.data_keys.get("acme", LIVE) is not None
            assert view.data_keys.get("acme", SHREDDED) is None
        with pytest.raises(PrivacyError) as refusal:
            database.commit(lambda tx: tx.data_keys.put(data_key(id="new", subject=SHREDDED)))
        assert refusal.value.reason is errors.SUBJECT_SHREDDED
        assert transfer(database, "after") == 20
        check(database)
        made = written(database._engines.reading)
    with opened(migrated_url(kind, tmp_path)) as fresh:
        assert made == written(fresh._engines.reading)


@pytest.mark.parametrize("revision", RELEASES)
def test_a_release_works_on_while_a_newer_one_has_migrated(
    revision: str, kind: str, tmp_path: Path
) -> None:
    """Everything that it says in its daily work still means the same."""
    with opened(restored(revision, kind, tmp_path)) as database:
        database.migrate()
        for statement in statements(revision, kind):
            say(database, statement)
        kept = [f"kept-{number}" for number in range(20)]
        with database.reading() as view:
            assert view.audit.size() == 23
            assert view.audit.frontier().root() == rebuilt(database)
            names = [str(each.entry.request) for each in view.audit.entries(0, 100)]
            assert view.contracts.generation() == 4
        assert names == [*kept, "new-0", "new-1", "new-2"]
        assert transfer(database, "after") == 23


def rebuilt(database: Database) -> bytes:
    """The root of what the entries make."""
    with database.reading() as view:
        leaves = [leaf_hash(each.leaf) for each in view.audit.entries(0, 1000)]
    return Frontier().append_many(leaves)[0].root()


@pytest.mark.parametrize("revision", RELEASES)
def test_what_was_released_has_a_row_in_every_table(
    revision: str, kind: str, tmp_path: Path
) -> None:
    """Else a migration that loses rows would not be noticed."""
    engines = open_engines(restored(revision, kind, tmp_path), Tuning())
    with engines.reading.connect() as connection:
        for table in inspect(connection).get_table_names():
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar(), table
    engines.dispose()
