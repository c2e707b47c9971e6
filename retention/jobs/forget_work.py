"""The engine forgets work that ended long ago, so that its database stays small."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from retention.agenda import open_agenda
from retention.engine_database import engine_url, open_engine
from retention.job import Job, Steps
from retention.workplace import Workplace

_AT_A_TIME: Final = 500


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    while steps.do("forget", lambda: _forget(at)) == _AT_A_TIME:
        pass


def _forget(at: Workplace) -> int:
    ended_before = at.clock.now() - timedelta(days=at.settings.jobs.keep_days)
    engine = open_engine(engine_url(at.settings))
    try:
        with open_agenda(engine) as agenda:
            return agenda.forget(ended_before=ended_before, limit=_AT_A_TIME)
    finally:
        engine.dispose()


JOB = Job(
    name="forget-work",
    says="Forgets work that ended more than `PRIVACY_JOBS__KEEP_DAYS` ago.",
    cron="17 * * * *",
    work=_work,
)
