"""Contracts whose dates come near or are past are called to mind, each day."""

from __future__ import annotations

from privacy_service.custody.contract_dates import near_dates
from retention.job import Job, Steps
from retention.workplace import Workplace


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    steps.do("remind", lambda: _remind(at))


def _remind(at: Workplace) -> int:
    """Logs each contract whose date comes near or is past. How many there are."""
    now, count = at.clock.now(), 0
    with at.database.reading() as view:
        for one in near_dates(view, now):
            count += 1
            lapsed = one.refused_from is not None and now >= one.refused_from
            state = "lapsed" if lapsed else "due" if now >= one.due else "near"
            at.log.warning(
                "contract_due", contract=one.contract_id, cause=one.kind.value, state=state
            )
    return count


JOB = Job(
    name="remind-of-contracts",
    says="Calls contracts to mind whose dates come near or are past, each day.",
    cron="31 6 * * *",
    work=_work,
)
