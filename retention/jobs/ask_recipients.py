"""Recipients are asked to confirm that they deleted what they may no longer keep."""

from __future__ import annotations

from privacy_service.app.keeping import asking
from retention.job import Job, Steps
from retention.workplace import Workplace


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    asks = asking(at.settings.subjects, at.database, at.clock)
    while steps.do("ask", asks.ask):
        pass


JOB = Job(
    name="ask-recipients",
    says="Asks recipients to confirm that they deleted what they may no longer keep.",
    cron="7 * * * *",
    work=_work,
)
