"""Bundles for people who asked for access, or for a copy to take along, are made, and later go."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from privacy_service.app.rights import bundling
from retention.job import Job, Steps
from retention.workplace import Workplace

_MAKE, _DROP = "make", "drop"
_PARTS: Final = 5
"""Parts in one step."""


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    before = at.clock.now() - timedelta(days=at.settings.subjects.bundle_days)
    with at.database.reading() as view:
        making = [f"{request}@{_MAKE}" for request in view.bundles.making(most)]
        old = [f"{request}@{_DROP}" for request in view.bundles.ready_before(before, most)]
    return tuple((making + old)[:most])


def _work(at: Workplace, key: str, steps: Steps) -> None:
    request, _, what = key.partition("@")
    bundle = bundling(at.settings, at.database, at.keyring, at.clock)
    if what == _DROP:
        steps.do("drop", lambda: bundle.drop(request))
        return
    steps.do("head", lambda: bundle.head(request))
    while steps.do("parts", lambda: sum(bundle.part(request) for _ in range(_PARTS))):
        pass
    steps.do("finish", lambda: bundle.finish(request))


JOB = Job(
    name="disclose",
    says="Makes the bundles of people who asked for access or for a copy; deletes old ones.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
