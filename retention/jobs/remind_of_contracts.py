"""Contracts that are due to be recertified are called to mind, each day, until they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.contracts.model import ContractVersion
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.desks.versions import as_version
from privacy_service.errors import PrivacyError
from privacy_service.store.views import View
from retention.job import Job, Steps
from retention.workplace import Workplace

_PAGE: Final = 200


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    steps.do("remind", lambda: _remind(at))


def _remind(at: Workplace) -> int:
    """Logs each contract that is due. How many there are."""
    now, count = at.clock.now(), 0
    with at.database.reading() as view:
        for version in _in_force(view):
            course = view.courses.get(version.contract.id)
            governance, since = version.contract.governance, course.certified_at or version.put_at
            due, lapses = governance.due(since), governance.lapses(since)
            if course.retirement is not None or due is None or lapses is None or now < due:
                continue
            count += 1
            state = "due" if now < lapses else "lapsed"
            at.log.warning("contract_due", contract=version.contract.id, state=state)
    return count


def _in_force(view: View) -> Iterator[ContractVersion | BehaviorVersion]:
    """The version in force of every contract that can be read; nothing passes under the others."""
    after = None
    while shared := view.contracts.list(after=after, limit=_PAGE):
        for row in shared:
            with suppress(PrivacyError):
                yield as_version(row)
        after = shared[-1].id
    after = None
    while judged := view.behavior.list(after=after, limit=_PAGE):
        for one in judged:
            with suppress(PrivacyError):
                yield as_behavior(one)
        after = judged[-1].id


JOB = Job(
    name="remind-of-contracts",
    says="Calls contracts to mind that are due to be recertified, each day.",
    cron="31 6 * * *",
    work=_work,
)
