"""What was planned for a contract happens at its instant; this makes it true for good.

Whoever decides goes by the plan from the instant on, with or without this job. Once it has run, no
clock that is set back brings the version before again.
"""

from __future__ import annotations

from typing import Final

from privacy_service.custody.acts import log_own_act
from privacy_service.custody.courses import turn_course
from privacy_service.custody.on_course import ref_of
from privacy_service.store.views import Writing
from retention.job import Job, Steps
from retention.workplace import Workplace

ACTION: Final = "job/turn-contracts"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        return view.courses.due(at.clock.now(), limit=most)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    steps.do("turn", lambda: _turn(at, key))


def _turn(at: Workplace, contract_id: str) -> None:
    now = at.clock.now()

    def work(tx: Writing) -> None:
        plan = turn_course(tx, contract_id, at=now)
        if plan is None:
            return  # another worker was here, or it was taken back
        head = tx.courses.head(contract_id)
        ref = ref_of(tx, head, plan.number)
        log_own_act(
            tx,
            ACTION,
            at=now,
            resource=contract_id,
            outcome="ACTIVATED",
            partner=head.party,
            counterparty=head.other,
            contracts=() if ref is None else (ref,),
        )

    at.database.commit(work)


JOB = Job(
    name="turn-contracts",
    says="Makes true for good that a contract's version is in force from its planned time on.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
