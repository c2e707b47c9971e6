"""The migration that makes audit entries findable fills its indexes from what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, select

from privacy_service.evidence.merkle import leaf_hash
from privacy_service.evidence.queries import EntryQuery
from privacy_service.store.engines import open_engines
from privacy_service.store.schema import REVISIONS
from privacy_service.store.tables import audit_entries, audit_subjects
from privacy_service.store.tuning import Tuning
from tests.stores.databases import NOW, empty_url, opened
from tests.stores.samples import entry

BEFORE = REVISIONS[REVISIONS.index("0004") - 1]
LEAVES = (
    entry(resource="request-1", subjects=("11" * 32, "22" * 32, "11" * 32)).to_bytes(),
    entry(resource="ünicode: 'quoted' {}").to_bytes(),
    entry(subjects=("22" * 32,)).to_bytes(),
    b"damaged",
    b"\xff\x00",
)


@pytest.fixture
def before(kind: str, tmp_path: Path) -> str:
    url = empty_url(kind, tmp_path)
    engines = open_engines(url, Tuning())
    with engines.writing.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "privacy_service.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        known = ("position", "at", "action", "partner", "counterparty", "leaf")
        for position, leaf in enumerate(LEAVES):
            row = dict(zip(known, (position, NOW, "A", None, None, leaf), strict=True))
            connection.execute(insert(audit_entries).values(row))
    engines.dispose()
    return url


def test_what_was_there_is_found(before: str) -> None:
    with opened(before) as database:
        database.migrate()

        def found(query: EntryQuery) -> list[int]:
            with database.reading() as view:
                return [each.position for each in view.audit.entries(query=query)]

        assert found(EntryQuery(resource="request-1")) == [0]
        assert found(EntryQuery(resource="ünicode: 'quoted' {}")) == [1]
        assert found(EntryQuery(subjects=("22" * 32,))) == [0, 2]
        assert found(EntryQuery()) == [0, 1, 2, 3, 4]
        with database.reading() as view:
            assert [each.digest for each in view.audit.entries()] == [*map(leaf_hash, LEAVES)]
        with database._engines.reading.connect() as connection:
            assert len(connection.execute(select(audit_subjects)).all()) == 3
