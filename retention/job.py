"""What a job is: a name, a schedule, what waits for it, and how one piece of work is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from retention.workplace import Workplace

T = TypeVar("T", None, bool, int, str, list[str])
"""What a step may return: it is written down in the engine's database, so no value ever."""


class Steps(Protocol):
    """How a piece of work goes on: step by step, each written down once it is done."""

    def do(self, name: str, step: Callable[[], T]) -> T:
        """What `step` returns; it is not run again once that is written down.

        It may run more than once all the same (the machine may die between done and written
        down), so it is idempotent; and it is bounded, because a worker waits for it when it stops.
        What passes by itself (PrivacyError of the kinds UNAVAILABLE, EXHAUSTED, DEADLINE) is tried
        again for some minutes; anything else fails the work, which is then begun anew later.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Waits, also across the death of the machine: the end of it is written down first."""
        ...


Work = Callable[[Workplace, str, Steps], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. A module in `retention/jobs/` has exactly one, as `JOB`.

    `waiting` gives the keys of what should become true and is not yet, at most as many as asked
    for, oldest first; `work` makes one of them true, and leaves it no longer waiting. A key names
    a row and what is due of it (`REQUEST` or `NOTICE@3`), never a person; each is worked on once
    at a time, on whatever machine. Where `waiting` is None the work is done once for each tick,
    and its key is the tick's time.
    """

    name: str
    says: str
    cron: str
    work: Work
    waiting: Callable[[Workplace, int], tuple[str, ...]] | None = None
