"""Workers in processes of their own, and a workplace in this one."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from privacy_service import logs
from privacy_service.clock import Clock, SystemClock
from privacy_service.settings import (
    AllSettings,
    DatabaseSettings,
    EvidenceSettings,
    JobSettings,
    KeySettings,
)
from privacy_service.store.database import DEFAULT_ORIGIN
from retention.workplace import Workplace, open_workplace
from tests.faults.served import as_environment
from tests.stores import databases

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


def settings_for(kind: str, folder: Path, *, engine: bool = True) -> AllSettings:
    """A database that is migrated, an engine's that is not, and a lease that ends soon."""
    return AllSettings(
        database=DatabaseSettings(url=databases.migrated_url(kind, folder)),
        evidence=EvidenceSettings(origin=DEFAULT_ORIGIN),
        keys=KeySettings(provider=f"file:{folder / 'keyring.json'}", create=True),
        jobs=JobSettings(
            url=databases.empty_url(kind, folder),
            lease_seconds=1.5,
            drain_seconds=0,
            poll_seconds=0.3,
        ),
    )


@contextmanager
def workplace_for(settings: AllSettings, clock: Clock | None = None) -> Iterator[Workplace]:
    """A workplace that logs to nobody."""
    log = logs.logger(stream=io.StringIO())
    with open_workplace(settings, clock=clock or SystemClock(), log=log) as workplace:
        yield workplace


def await_(what: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Returns once it is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not become so"
        time.sleep(0.05)


@dataclass
class Worker:
    """A worker process and what it has said."""

    process: subprocess.Popen[bytes]
    said: Path

    def ended(self) -> int:
        return self.process.wait(PATIENCE)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def killed_at(one: Worker, places: str) -> bool:
    """Whether a process of `eraser` has died at each of the places."""
    said = one.said.read_text()
    return all(f"{place} killed by 9" in said for place in places.split(","))


def has_receipt(at: Workplace, request: str) -> bool:
    """Whether a receipt of the request was issued, whoever did it."""
    with at.database.reading() as view:
        found = view.erasures.get(request)
    return found is not None and found.receipt is not None


@contextmanager
def worker(
    folder: Path,
    settings: AllSettings,
    *arguments: str,
    before: tuple[str, ...] = (),
    program: str = "tests.retention.playground",
) -> Iterator[Worker]:
    """A worker in a process of its own (begun by the words `before`)."""
    if program == "tests.retention.playground":
        arguments = (str(folder), *arguments)
    said = folder / "said.log"
    with said.open("ab") as out:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", program, *arguments],
            env={**os.environ, **as_environment(settings)},
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
    one = Worker(process, said)
    try:
        yield one
    finally:
        if process.poll() is None:
            one.stop()
