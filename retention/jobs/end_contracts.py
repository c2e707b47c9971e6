"""Contracts that were retired come to their end: their tokens go, and a receipt is signed."""

from __future__ import annotations

from privacy_service.app.keeping import endings
from privacy_service.custody.ending import Endings
from retention.job import Job, Steps
from retention.workplace import Workplace


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    hour = f"{at.clock.now():%Y%m%d%H}"  # looked at again each hour, until nothing is left
    return tuple(f"{contract_id}@{hour}" for contract_id in _ends(at).waiting(limit=most))


def _work(at: Workplace, key: str, steps: Steps) -> None:
    contract_id, ends, place = key.rpartition("@")[0], _ends(at), ""
    while place := _deleted(ends, contract_id, place, steps):
        pass
    steps.do("certify", lambda: ends.certify(contract_id))


def _deleted(ends: Endings, contract_id: str, place: str, steps: Steps) -> str:
    return steps.do("delete tokens", lambda: ends.delete_tokens(contract_id, place))


def _ends(at: Workplace) -> Endings:
    return endings(at.settings.evidence, at.keyring, at.database, at.clock)


JOB = Job(
    name="end-contracts",
    says="Deletes the tokens of contracts that were retired, and signs a receipt once nothing is "
    "left of what passed under them.",
    cron="27 * * * *",
    waiting=_waiting,
    work=_work,
)
