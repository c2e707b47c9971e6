"""A job whose rows are files, so that a test sees what was done, and may kill its process.

`python -m tests.retention.playground FOLDER [STEP:before|STEP:after]` runs a worker with it, which
kills itself at that place, once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from privacy_service import logs
from privacy_service.clock import SystemClock
from privacy_service.commands.stopping import until_told
from privacy_service.settings import load_without_server
from retention.engine import jobs_running
from retention.job import Job, Steps
from retention.workplace import Workplace, open_workplace

STEPS = ("look", "change", "tell")


def playground(folder: Path, *, die_at: str = "", fail: Callable[[str], None] | None = None) -> Job:
    """A job that makes a row of each file in `todo/` true, and writes each step to `diary`."""

    def waiting(_at: Workplace, most: int) -> tuple[str, ...]:
        return tuple(sorted(file.name for file in (folder / "todo").iterdir()))[:most]

    def step(key: str, name: str) -> None:
        die(f"{name}:before")
        if fail is not None:
            fail(name)
        with (folder / "diary").open("a") as diary:
            diary.write(f"{key} {name}\n")
        die(f"{name}:after")

    def die(place: str) -> None:
        if place == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def finish(key: str) -> None:
        die("finish:before")
        (folder / "todo" / key).unlink(missing_ok=True)
        die("finish:after")

    def work(_at: Workplace, key: str, steps: Steps) -> None:
        for name in STEPS:
            steps.do(name, lambda name=name: step(key, name))  # type: ignore[misc]
        steps.do("finish", lambda: finish(key))

    return Job(
        name="playground",
        says="Makes files true.",
        cron="* * * * * *",
        work=work,
        waiting=waiting,
    )


def main(folder: Path, die_at: str) -> None:
    logs.silence_libraries()
    settings = load_without_server()
    log = logs.logger(level="info")
    with (
        open_workplace(settings, clock=SystemClock(), log=log) as workplace,
        jobs_running(workplace, [playground(folder, die_at=die_at)]),
    ):
        until_told()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
