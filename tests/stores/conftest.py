from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy_service.store.database import Database
from tests.stores.databases import KINDS, migrated_url, opened


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind: str, tmp_path: Path) -> str:
    return migrated_url(kind, tmp_path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with opened(url) as database:
        yield database
