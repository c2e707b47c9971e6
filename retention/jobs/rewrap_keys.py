"""Keys that are too old get their next version, and data keys are wrapped under it.

What is under an older version is the rows themselves, so that it does not matter where a run ends:
the next one goes on with what is left.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from privacy_service.app.keys import key_upkeep
from retention.job import Job, Steps
from retention.workplace import Workplace

_AT_A_TIME: Final = 200


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    upkeep = key_upkeep(at.settings.keys, at.keyring, at.database, at.clock)
    for partner in steps.do("aged", upkeep.aged):
        steps.do("rotate", partial(upkeep.rotate, partner))
    if not steps.do("stale", upkeep.stale):
        return
    cursor = ""
    while cursor := steps.do("batch", partial(_batch, at, cursor)):
        pass


def _batch(at: Workplace, cursor: str) -> str:
    upkeep = key_upkeep(at.settings.keys, at.keyring, at.database, at.clock)
    following, unreadable = upkeep.rewrap_batch(cursor, _AT_A_TIME)
    if unreadable:  # `keys verify` names them
        at.log.error("data_keys_unreadable", count=unreadable)
    return following


JOB = Job(
    name="rewrap-keys",
    says="Rotates partners' keys older than `PRIVACY_KEYS__ROTATE_DAYS`, and rewraps data keys.",
    cron="23 * * * *",
    work=_work,
)
