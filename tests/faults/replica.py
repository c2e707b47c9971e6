"""A process that transfers: `replica.py URL NAME PREFIX COUNT THREADS LIMIT`.

It writes a line for each request that was answered with an effect, once it was: the request id,
a blank and the position.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from privacy_service.clock import SystemClock
from privacy_service.store.database import Database
from tests.faults.transfers import transfer


def main(url: str, name: str, prefix: str, count: int, threads: int, limit: int) -> None:
    with Database.open(url, clock=SystemClock()) as database:

        def run(first: int) -> None:
            for number in range(first, count, threads):
                position = transfer(database, f"{prefix}{number}", by=name, limit=limit)
                if position is not None:
                    # One write each: the threads share the pipe.
                    sys.stdout.write(f"{prefix}{number} {position}\n")
                    sys.stdout.flush()

        with ThreadPoolExecutor(threads) as crowd:
            list(crowd.map(run, range(threads)))


if __name__ == "__main__":
    url, name, prefix, *numbers = sys.argv[1:]
    main(url, name, prefix, *map(int, numbers))
