"""What fires over a window of checks begins its playbook."""

from __future__ import annotations

from privacy_service.custody.monitors import begin_runs, failing, watched_contracts
from retention.job import Job, Steps
from retention.workplace import Workplace


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    """The contracts of which something fires and no run is open, each by the minute."""
    now = at.clock.now()
    found: list[str] = []
    with at.database.reading() as view:
        for contract_id in watched_contracts(view, now):
            if any(failing(view, contract_id, now)):
                found.append(f"{contract_id}@{now:%Y%m%d%H%M}")
            if len(found) >= most:
                break
    return tuple(found)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    contract_id = key.rpartition("@")[0]
    steps.do("begin", lambda: _begin(at, contract_id))


def _begin(at: Workplace, contract_id: str) -> int:
    """How many runs were begun. It looks again in the transaction that begins them."""
    now = at.clock.now()
    begun = at.database.commit(lambda tx: begin_runs(tx, contract_id, now))
    for run in begun:
        at.log.warning(
            "playbook_begun", run=run.id, contract=contract_id, failure=run.failure_mode or ""
        )
    return len(begun)


JOB = Job(
    name="watch",
    says="Begins the playbooks of failure modes that fire over a window of checks.",
    cron="*/10 * * * * *",
    waiting=_waiting,
    work=_work,
)
