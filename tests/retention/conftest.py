"""What several modules share: it takes seconds to set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.retention.people import People, people


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A house for tests that have people and contracts of their own each."""
    with people(tmp_path_factory.mktemp("town")) as house:
        yield house
