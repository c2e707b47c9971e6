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
from tests.stores.samples import data_key, token
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


@pytest.mark.parametrize("revision", RELEASES)
def test_tokens_are_found_by_either_release_and_deleted_for_both(
    revision: str, kind: str, tmp_path: Path
) -> None:
    """While replicas are replaced, one release restores what the other has minted."""
    with opened(restored(revision, kind, tmp_path)) as database:
        database.migrate()
        for statement in statements(revision, kind):
            say(database, statement)
        rows = [token("tok_new", subject=who) for who in (LIVE, SHREDDED)]
        database.commit(lambda tx: tx.tokens.put_many(rows))
        assert {"new-1-1", "kept-3-1", "tok_new"} <= older_tokens(database)
        with database.reading() as view:
            for word in ("kept-3-1", "new-1-1"):
                (row,) = view.tokens.get(word)
                assert (row.subject, row.sealed) == (LIVE, b"sealed value")
            assert view.tokens.get("tok_new") == tuple(rows)
        gone = [("kept-3-1", LIVE), ("new-1-1", LIVE), ("tok_new", LIVE)]
        database.commit(lambda tx: tx.tokens.delete(gone))
        assert older_tokens(database).isdisjoint(word for word, _ in gone)
        with database.reading() as view:
            assert view.tokens.get("tok_new") == (rows[1],)


def older_tokens(database: Database) -> set[str]:
    """What a release from before there was a row for each person finds."""
    with database._engines.reading.connect() as connection:
        return set(connection.execute(text("SELECT token FROM tokens")).scalars())


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
