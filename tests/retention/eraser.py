"""Workers with a real job, one after the other, each of which kills itself at one step:
`… eraser STEP:before|after,STEP:before|after [JOB]`. The last one lives; says who died where.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

from privacy_service import logs
from privacy_service.clock import SystemClock
from privacy_service.commands.stopping import until_told
from privacy_service.settings import load_without_server
from retention.engine import jobs_running
from retention.job import Steps, T
from retention.registry import all_jobs, named
from retention.workplace import Workplace, open_workplace


class _Deadly(Steps):
    def __init__(self, steps: Steps, place: str) -> None:
        self._steps = steps
        self._place = place

    def do(self, name: str, step: Callable[[], T]) -> T:
        def deadly() -> T:
            self._die(f"{name}:before")
            done = step()
            self._die(f"{name}:after")
            return done

        return self._steps.do(name, deadly)

    def sleep(self, seconds: float) -> None:
        self._steps.sleep(seconds)

    def _die(self, place: str) -> None:
        if place == self._place:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_one_after_the_other(places: list[str], name: str) -> None:
    """Each place in a process of its own, which has all that is imported from this one."""
    for place in places:
        child = os.fork()
        if child == 0:
            main(place, name)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{place} killed by {os.WTERMSIG(status)}\n")
        sys.stdout.flush()


def main(place: str, name: str) -> None:
    logs.silence_libraries()
    real = named(all_jobs(), name)

    def work(at: Workplace, key: str, steps: Steps) -> None:
        real.work(at, key, _Deadly(steps, place))

    job = replace(real, work=work, cron="* * * * * *")
    with (
        open_workplace(
            load_without_server(), clock=SystemClock(), log=logs.logger(level="info")
        ) as at,
        jobs_running(at, [job]),
    ):
        until_told()


if __name__ == "__main__":
    given = sys.argv[1:]
    job = given[1] if len(given) > 1 else "erase"
    killed_one_after_the_other([one for one in (given or [""])[0].split(",") if one], job)
    main("", job)
