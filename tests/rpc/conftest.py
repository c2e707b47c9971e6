from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rpc.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for the tests of a module."""
    with House(folder=tmp_path_factory.mktemp("house")).open() as opened:
        yield opened


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A server of its own, for a test that changes it."""
    with House(folder=tmp_path).open() as opened:
        yield opened
