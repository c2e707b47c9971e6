"""A worker for sweeps that kills itself at a place: `python -m tests.retention.sweeper PLACE`.

PLACE is `NAME:NUMBER:before` or `NAME:NUMBER:after`: before or after the NUMBERth call of a step of
the sweep (`plan`, `take`, `end`), counted from 1. After means: committed, and not yet written down.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from dataclasses import replace

import privacy_service.custody.sweeping as sweeping_module
from privacy_service import logs
from privacy_service.clock import SystemClock
from privacy_service.commands.stopping import until_told
from privacy_service.custody.certificates import Certificates
from privacy_service.custody.sweeping import Sweeping
from privacy_service.settings import load_without_server
from retention.engine import jobs_running
from retention.jobs.sweep import JOB
from retention.workplace import open_workplace

SMALL = 3
"""Rows in one piece, so that a few make many."""


def arm(place: str) -> None:
    """Makes pieces small, and this process die at the place."""
    sweeping_module._PAGE = sweeping_module._BATCH = SMALL  # type: ignore[misc]
    called: Counter[str] = Counter()

    def die(name: str, when: str) -> None:
        if f"{name}:{called[name]}:{when}" == place:
            os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in ((Sweeping, "plan"), (Sweeping, "take"), (Certificates, "end")):
        real = getattr(owner, name)

        def watched(self: object, sweep_id: str, real=real, name=name):  # type: ignore[no-untyped-def]
            called[name] += 1
            die(name, "before")
            answer = real(self, sweep_id)
            die(name, "after")
            return answer

        setattr(owner, name, watched)


def main(place: str) -> None:
    logs.silence_libraries()
    arm(place)
    settings = load_without_server()
    log = logs.logger(level="info")
    with (
        open_workplace(settings, clock=SystemClock(), log=log) as workplace,
        jobs_running(workplace, [replace(JOB, cron="* * * * * *")]),
    ):
        until_told()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
