"""How the store is set up, beside where it is. The defaults are meant for production."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Durability(StrEnum):
    """What SQLite's commit waits for."""

    FULL = "FULL"
    """The disk: what was acknowledged survives a power cut."""
    NORMAL = "NORMAL"
    """The operating system: it survives a crash of the process, not always one of the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """Limits of the store. Times are in seconds.

    `queue` units of work may wait for a commit, and `batch` of them go into one. `wait` is how
    long a caller without a deadline waits for its commit to begin, `patience` how long any caller
    waits for one that has begun. `busy` is how long SQLite waits for another process's lock;
    `statement` bounds each PostgreSQL statement, its wait for the log's lock included. `readers`
    is how many read transactions may run at once. `retries` is how often a batch is run again
    after PostgreSQL reports contention.
    """

    durability: Durability = Durability.FULL
    queue: int = 4096
    batch: int = 128
    wait: float = 30.0
    patience: float = 30.0
    busy: float = 10.0
    statement: float = 10.0
    connect: float = 5.0
    readers: int = 16
    retries: int = 5
