"""Several processes on one database, and processes that die by kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from privacy_service.store.database import Database
from tests.faults.transfers import check, transfer
from tests.stores.databases import migrated_url, opened

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[2]
NO_LIMIT = 10**9


class Replica:
    """A running `replica.py`. `answered` is what it has said so far, by request id."""

    def __init__(self, url: str, name: str, prefix: str, *numbers: int) -> None:
        command = [sys.executable, "-m", "tests.faults.replica", url, name, prefix]
        self.process = subprocess.Popen(
            [*command, *map(str, numbers)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        self.answered: dict[str, int] = {}

    def read(self, lines: int | None = None) -> None:
        """Reads that many lines, or to the end."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):  # a process that is killed may leave half a line
                request_id, position = line.split()
                self.answered[request_id] = int(position)
            if lines is not None and len(self.answered) >= lines:
                return

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.read()
        assert self.process.wait(20) == -signal.SIGKILL

    def finish(self) -> None:
        self.read()
        assert self.process.wait(60) == 0


@contextmanager
def replicas(url: str, *several: tuple[object, ...]) -> Iterator[list[Replica]]:
    running = [Replica(url, f"replica-{n}", *each) for n, each in enumerate(several)]
    try:
        yield running
    finally:
        for replica in running:
            replica.process.kill()
            replica.process.wait(20)


def check_answers(database: Database, *running: Replica) -> list[str]:
    """Everything that a replica acknowledged is in the log, where it was said to be."""
    logged = check(database)
    for replica in running:
        for request_id, position in replica.answered.items():
            assert logged[position] == request_id
    return logged


def test_nothing_acknowledged_is_lost_by_a_kill(url: str) -> None:
    with replicas(url, ("r-", 10**6, 8, NO_LIMIT)) as (replica,):
        replica.read(lines=150)
        replica.kill()
        with opened(url) as database:
            logged = check_answers(database, replica)
            assert len(logged) >= len(replica.answered) >= 150
            assert transfer(database, "after") == len(logged)


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 2), ("postgresql", 3)])
def test_replicas_share_one_gapless_log(kind: str, processes: int, tmp_path: Path) -> None:
    url = migrated_url(kind, tmp_path)
    with replicas(url, *[(f"r{n}-", 120, 4, NO_LIMIT) for n in range(processes)]) as running:
        for replica in running:
            replica.finish()
        with opened(url) as database:
            logged = check_answers(database, *running)
    assert len(logged) == 120 * processes


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 2), ("postgresql", 3)])
def test_a_request_has_one_effect_on_all_replicas(
    kind: str, processes: int, tmp_path: Path
) -> None:
    url = migrated_url(kind, tmp_path)
    with replicas(url, *[("r-", 100, 4, NO_LIMIT)] * processes) as running:
        for replica in running:
            replica.finish()
        with opened(url) as database:
            logged = check_answers(database, *running)
    assert sorted(logged) == sorted(f"r-{number}" for number in range(100))
    assert sum(len(replica.answered) for replica in running) == 100


@pytest.mark.parametrize(("kind", "processes"), [("sqlite", 2), ("postgresql", 3)])
def test_a_quota_holds_over_all_replicas(kind: str, processes: int, tmp_path: Path) -> None:
    url = migrated_url(kind, tmp_path)
    with replicas(url, *[(f"r{n}-", 80, 4, 100) for n in range(processes)]) as running:
        for replica in running:
            replica.finish()
        with opened(url) as database:
            assert len(check_answers(database, *running)) == 100


def test_the_others_go_on_when_one_replica_is_killed(tmp_path: Path) -> None:
    url = migrated_url("postgresql", tmp_path)
    endless = [(f"r{n}-", 10**6, 4, NO_LIMIT) for n in range(3)]
    with replicas(url, *endless) as running:
        for replica in running:
            replica.read(lines=40)
        running[0].kill()
        before = time.monotonic()
        for replica in running[1:]:
            replica.read(lines=len(replica.answered) + 200)
        assert time.monotonic() - before < 30
        for replica in running[1:]:
            replica.kill()
        with opened(url) as database:
            check_answers(database, *running)
