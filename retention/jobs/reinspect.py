"""Releases are looked at again with the detector as it is now, and breaches opened where wrong."""

from __future__ import annotations

from typing import Final

from privacy_service.app.reinspecting import open_reinspecting
from retention.job import Job, Steps
from retention.workplace import Workplace

_PIECES: Final = 500
"""In one piece of work, for which the detector is loaded once; the next one goes on."""


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        return tuple(f"{one.id}@{one.place}" for one in view.reinspections.running(limit=most))


def _work(at: Workplace, key: str, steps: Steps) -> None:
    named = key.partition("@")[0]
    with open_reinspecting(
        at.settings, database=at.database, keyring=at.keyring, clock=at.clock
    ) as looking:
        for _ in range(_PIECES):
            if not steps.do("piece", lambda: looking.piece(named)):
                return


JOB = Job(
    name="reinspect",
    says="Looks at releases again, as `breach reinspect` asks for, and opens breaches.",
    cron="*/10 * * * * *",
    waiting=_waiting,
    work=_work,
)
