"""Several callers at once, with a say in when the committer goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from privacy_service.store.database import Database
from privacy_service.store.views import Writing

Work = Callable[[Writing], Any]


class Held:
    """A database whose committer is busy with a unit that waits, until it is released."""

    def __init__(self, database: Database, threads: ThreadPoolExecutor) -> None:
        self._database = database
        self._threads = threads
        self._free = threading.Event()
        entered = threading.Event()

        def hold(_writing: Writing) -> None:
            entered.set()
            assert self._free.wait(20)

        self._holding = threads.submit(database.commit, hold)
        assert entered.wait(20)

    def submit(self, *works: Work, seconds: float | None = None) -> list[Future[Any]]:
        """Each work from a thread of its own, queued in this order."""
        return [self._submit(work, seconds) for work in works]

    def _submit(self, work: Work, seconds: float | None) -> Future[Any]:
        before = self.waiting()
        answer = self._threads.submit(self._database.commit, work, seconds=seconds)
        until = time.monotonic() + 20
        while self.waiting() == before and not answer.done():
            assert time.monotonic() < until
            time.sleep(0.0005)
        return answer

    def waiting(self) -> int:
        return len(self._database._committer._waiting)

    def release(self) -> None:
        self._free.set()
        self._holding.result(20)


@contextmanager
def held(database: Database) -> Iterator[Held]:
    with ThreadPoolExecutor(64) as threads:
        holding = Held(database, threads)
        try:
            yield holding
        finally:
            holding.release()


@contextmanager
def counting_commits(database: Database) -> Iterator[list[int]]:
    """A list that grows by one with each transaction that the writer commits."""
    commits: list[int] = []

    def committed(_connection: object) -> None:
        commits.append(1)

    engine = database._engines.writing
    event.listen(engine, "commit", committed)
    try:
        yield commits
    finally:
        event.remove(engine, "commit", committed)
