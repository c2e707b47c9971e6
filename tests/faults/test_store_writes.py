"""Every write fails two ways: it failed, and it failed but was made."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import OperationalError

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.tuning import Tuning
from tests.faults.transfers import answered, check, transfer
from tests.stores.databases import migrated_url, opened
from tests.stores.samples import entry

Fault = Callable[[], BaseException]


def lost(kind: str) -> BaseException:
    """What the driver says when the database is gone."""
    if kind == "sqlite":
        return sqlite3.OperationalError("disk I/O error")
    return psycopg.OperationalError("the connection is lost")


def refused(call: Callable[[], object]) -> PrivacyError | None:
    try:
        call()
    except PrivacyError as refusal:
        return refusal
    return None


@contextmanager
def failing_statement(engine: Engine, at: int, fault: Fault, *, after: bool) -> Iterator[list[int]]:
    """Statement number `at` of the writer fails, before or after it was run. Counts statements."""
    counted: list[int] = []

    def execute(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
        return run(cursor.execute, statement, parameters)

    def execute_many(cursor: Any, statement: str, parameters: Any, _context: Any) -> bool:
        return run(cursor.executemany, statement, parameters)

    def run(call: Callable[..., Any], statement: str, parameters: Any) -> bool:
        counted.append(1)
        if len(counted) != at:
            return False
        if after:
            call(statement, parameters or ())
        raise fault()

    event.listen(engine, "do_execute", execute)
    event.listen(engine, "do_executemany", execute_many)
    try:
        yield counted
    finally:
        event.remove(engine, "do_execute", execute)
        event.remove(engine, "do_executemany", execute_many)


@contextmanager
def failing_commit(engine: Engine, fault: Fault, *, after: bool) -> Iterator[None]:
    """The writer's next commit fails, before or after it was made."""
    commit = engine.dialect.do_commit

    def fail(connection: Any) -> None:
        engine.dialect.do_commit = commit
        if after:
            commit(connection)
        raise fault()

    engine.dialect.do_commit = fail
    try:
        yield
    finally:
        engine.dialect.do_commit = commit


@pytest.mark.parametrize("after", [False, True], ids=["failed", "failed but made"])
def test_no_statement_leaves_half_a_transfer(database: Database, kind: str, after: bool) -> None:
    engine = database._engines.writing
    transfer(database, "r-0")
    for number in range(1, 40):
        with failing_statement(engine, number, lambda: lost(kind), after=after) as counted:
            refusal = refused(lambda n=number: transfer(database, f"r-{n}"))
        if refusal is None:
            assert len(counted) < number  # every statement has had its turn
            break
        assert refusal.reason is errors.STORE_UNAVAILABLE
        assert refusal.details["outcome"] == "not written"
        assert answered(database, f"r-{number}") is None
        assert transfer(database, f"r-{number}") == number
    assert number > 8
    assert check(database) == [f"r-{each}" for each in range(number + 1)]


@pytest.mark.parametrize("after", [False, True], ids=["failed", "failed but made"])
def test_a_retry_after_an_unsure_commit_has_one_effect(
    database: Database, kind: str, after: bool
) -> None:
    engine = database._engines.writing
    with failing_commit(engine, lambda: lost(kind), after=after):
        refusal = refused(lambda: transfer(database, "r-0"))
    assert refusal is not None
    assert refusal.reason is errors.STORE_UNAVAILABLE
    assert refusal.details["outcome"] == "unknown"
    assert answered(database, "r-0") == (0 if after else None)
    transfer(database, "r-0")
    assert answered(database, "r-0") == 0
    assert check(database) == ["r-0"]


@pytest.mark.parametrize(
    "fault", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected]
)
def test_contention_is_retried_inside(
    tmp_path: Path, fault: Callable[[str], BaseException]
) -> None:
    with opened(migrated_url("postgresql", tmp_path)) as database:
        engine = database._engines.writing
        with failing_statement(engine, 3, lambda: fault("contended"), after=False):
            assert transfer(database, "r-0") == 0
        with failing_commit(engine, lambda: fault("contended"), after=False):
            assert transfer(database, "r-1") == 1
        assert check(database) == ["r-0", "r-1"]


def test_contention_that_does_not_end_is_refused(tmp_path: Path) -> None:
    runs = []

    def contended(_writing: object) -> None:
        runs.append(1)
        raise OperationalError("", {}, psycopg.errors.SerializationFailure())

    url = migrated_url("postgresql", tmp_path)
    with opened(url, Tuning(retries=2)) as database, pytest.raises(PrivacyError) as refusal:
        database.commit(contended)
    assert refusal.value.reason is errors.STORE_UNAVAILABLE
    assert len(runs) == 3


def terminate_all(url: str) -> None:
    """What happens when PostgreSQL restarts, or fails over, as far as we can see."""
    parsed = make_url(url)
    with psycopg.connect(
        host=parsed.query["host"], user="postgres", dbname=parsed.database, autocommit=True
    ) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'privacy-service' AND datname = current_database()"
        )


def test_a_connection_that_dies_before_the_commit_is_replaced(tmp_path: Path) -> None:
    url = migrated_url("postgresql", tmp_path)
    with opened(url) as database:
        transfer(database, "r-0")
        terminate_all(url)  # between two batches
        assert transfer(database, "r-1") == 1
        assert check(database) == ["r-0", "r-1"]


def test_a_connection_that_dies_at_the_commit_is_unsure(tmp_path: Path) -> None:
    url = migrated_url("postgresql", tmp_path)
    with opened(url) as database:
        engine = database._engines.writing
        commit = engine.dialect.do_commit

        def die(connection: Any) -> None:
            engine.dialect.do_commit = commit
            terminate_all(url)
            commit(connection)

        engine.dialect.do_commit = die
        with pytest.raises(PrivacyError) as refusal:
            transfer(database, "r-0")
        assert refusal.value.details["outcome"] == "unknown"
        assert transfer(database, "r-0") == 0
        assert check(database) == ["r-0"]


def test_a_replica_that_stands_still_does_not_keep_the_log(tmp_path: Path) -> None:
    """PostgreSQL ends its transaction; when it goes on, its unit is run again."""
    runs = []

    def stand_still(writing: Any) -> int:
        runs.append(1)
        if len(runs) == 1:
            time.sleep(2.0)
        return writing.audit.append(entry())

    url = migrated_url("postgresql", tmp_path)
    with opened(url, Tuning(statement=1.0)) as database:
        assert database.commit(stand_still) == 0
    assert len(runs) == 2


@contextmanager
def locked_elsewhere(kind: str, url: str) -> Iterator[None]:
    """Another process is in the middle of a write."""
    parsed = make_url(url)
    other: Any
    if kind == "sqlite":
        other = sqlite3.connect(str(parsed.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        host = parsed.query["host"]
        other = psycopg.connect(host=host, user="postgres", dbname=parsed.database)
        other.execute("SELECT * FROM audit_log FOR UPDATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def test_a_lock_that_is_held_too_long_refuses(kind: str, url: str) -> None:
    with opened(url, Tuning(busy=0.8, statement=0.8)) as database:
        with locked_elsewhere(kind, url):
            with pytest.raises(PrivacyError) as refusal:
                transfer(database, "r-0")
            assert refusal.value.reason is errors.STORE_UNAVAILABLE
            assert answered(database, "r-0") is None  # reading goes on
        assert transfer(database, "r-0") == 0
        assert check(database) == ["r-0"]


def test_a_full_disk_refuses_and_harms_nothing(tmp_path: Path) -> None:
    room: list[Any] = []
    with opened(migrated_url("sqlite", tmp_path)) as database:
        event.listen(database._engines.writing, "connect", lambda made, _record: room.append(made))
        transfer(database, "r-0")
        (pages,) = room[0].execute("PRAGMA page_count").fetchone()
        room[0].execute(f"PRAGMA max_page_count = {pages + 4}")
        taken, refusal = 0, None
        while refusal is None:
            taken += 1
            refusal = refused(lambda: transfer(database, f"r-{taken}"))  # noqa: B023
        assert refusal.reason is errors.STORE_UNAVAILABLE
        assert "SQLITE_FULL" in str(refusal.__cause__)
        assert len(check(database)) == taken
        room[0].execute(f"PRAGMA max_page_count = {2**30}")
        assert transfer(database, f"r-{taken}") == taken
        check(database)


def test_a_database_that_is_not_there_refuses_without_telling_the_password() -> None:
    url = "postgresql+psycopg://someone:CANARY@/name?host=/no/such/socket"
    with pytest.raises(PrivacyError) as refusal, opened(url):
        pass
    assert refusal.value.reason is errors.STORE_UNAVAILABLE
    assert "CANARY" not in f"{refusal.value} {refusal.value.__cause__}"
