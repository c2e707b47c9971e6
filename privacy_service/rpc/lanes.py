"""Lanes: what is answered by which threads, and how much of it at a time.

gRPC hands every call to a pool of threads. With one pool a flood of transfers would keep the
health check waiting, so each kind of call has its own: a full lane refuses, and the others go on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class CountedPool(ThreadPoolExecutor):
    """A pool of threads that knows how many calls it has, waiting or running."""

    def __init__(self, threads: int, name: str) -> None:
        super().__init__(max_workers=threads, thread_name_prefix=name)
        self._count = 0
        self._count_lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many calls wait or run."""
        return self._count

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        with self._count_lock:
            self._count += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[Any]) -> None:
        del future
        with self._count_lock:
            self._count -= 1


class Lane:
    """A pool and the most calls that it takes at a time. Calls above its threads wait in it."""

    def __init__(self, name: str, *, threads: int, calls: int | None = None) -> None:
        self.pool = CountedPool(threads, f"rpc-{name}")
        self._calls = threads if calls is None else calls

    @property
    def full(self) -> bool:
        return self.pool.count >= self._calls

    def close(self) -> None:
        """Drops what waits, and does not wait for what runs."""
        self.pool.shutdown(wait=False, cancel_futures=True)


class Run:
    """A behavior bound to its lane.

    gRPC reads both attributes off the behavior of a method: which pool to run it in, and whether
    it answers through a callback instead of holding a thread.
    """

    def __init__(self, behavior: Callable[..., Any], lane: Lane, *, callback: bool = False) -> None:
        self._behavior = behavior
        self.experimental_thread_pool = lane.pool
        self.experimental_non_blocking = callback

    def __call__(self, *arguments: Any) -> Any:
        return self._behavior(*arguments)
