from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, MetaData, Table, select
from sqlalchemy.exc import StatementError

from privacy_service.store.columns import Instant, counting, document, word
from privacy_service.store.engines import open_engines
from privacy_service.store.tuning import Tuning
from tests.stores.databases import NOW, empty_url

things = Table(
    "things",
    MetaData(),
    Column("id", counting(), primary_key=True),
    Column("at", Instant),
    Column("word", word()),
    Column("document", document()),
)

INSTANTS = st.datetimes(
    min_value=datetime(1900, 1, 2),
    max_value=datetime(9999, 12, 30),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m))),
)


@pytest.fixture
def connection(kind: str, tmp_path: Path) -> Iterator[Connection]:
    engines = open_engines(empty_url(kind, tmp_path), Tuning())
    with engines.writing.begin() as connection:
        things.create(connection)
        yield connection
    engines.dispose()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(instants=st.lists(INSTANTS, min_size=1, max_size=5))
def test_instants_come_back_in_utc_and_sort_by_time(
    connection: Connection, instants: list[datetime]
) -> None:
    connection.execute(things.delete())
    connection.execute(things.insert(), [{"at": instant} for instant in instants])
    read = connection.execute(select(things.c.at).order_by(things.c.at)).scalars().all()
    assert read == sorted(instants)
    assert all(instant.tzinfo is UTC for instant in read)


def test_an_instant_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError):
        connection.execute(things.insert(), {"at": datetime(2026, 11, 23)})


def test_an_absent_instant_stays_absent(connection: Connection) -> None:
    connection.execute(things.insert(), {"at": None})
    assert connection.execute(select(things.c.at)).scalar_one() is None


def test_an_instant_is_found_by_another_zone(connection: Connection) -> None:
    connection.execute(things.insert(), {"at": NOW})
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    assert connection.execute(select(things.c.id).where(things.c.at == elsewhere)).first()


def test_words_sort_by_their_bytes(connection: Connection) -> None:
    words = ["b", "a", "B", "é", "z", "_", "10", "9"]
    connection.execute(things.insert(), [{"word": each} for each in words])
    read = connection.execute(select(things.c.word).order_by(things.c.word)).scalars().all()
    assert read == sorted(words, key=str.encode)


@pytest.mark.parametrize("value", [[], [["a", 1, "é"]], {"a": None}, None])
def test_documents_come_back_whole(connection: Connection, value: object) -> None:
    connection.execute(things.insert(), {"document": value})
    assert connection.execute(select(things.c.document)).scalar_one() == value


def test_counts_have_64_bits(connection: Connection) -> None:
    connection.execute(things.insert(), {"id": 2**62})
    assert connection.execute(select(things.c.id)).scalar_one() == 2**62
