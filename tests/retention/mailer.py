"""A worker that mails people, and is killed at one letter: `… mailer NUMBER before|after`."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from itertools import count
from typing import Any

from privacy_service import logs
from privacy_service.clock import SystemClock
from privacy_service.commands.stopping import until_told
from privacy_service.settings import load_without_server
from retention.engine import jobs_running
from retention.jobs import mail_people
from retention.workplace import open_workplace


def main(number: int, when: str) -> None:
    logs.silence_libraries()
    deliver, letters = mail_people.Line.deliver, count(1)

    def deadly(self: Any, parcel: Any) -> Any:
        last = next(letters) == number
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = deliver(self, parcel)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    mail_people.Line.deliver = deadly  # type: ignore[method-assign]
    job = replace(mail_people.JOB, cron="* * * * * *")
    with (
        open_workplace(
            load_without_server(), clock=SystemClock(), log=logs.logger(level="info")
        ) as at,
        jobs_running(at, [job]),
    ):
        until_told()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
