"""Records of breaches are deleted once no law, own policy or legal hold keeps them."""

from __future__ import annotations

from privacy_service.app.incidents import forgetting
from retention.job import Job, Steps
from retention.workplace import Workplace

_PAGE = 100
_PIECES = 20


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    desk = forgetting(at.settings, at.database, at.keyring, at.clock)
    found: list[str] = []
    after: str | None = None
    while len(found) < most:
        due, after = desk.due(after=after, limit=_PAGE)
        found += due
        if after is None:
            break
    return tuple(found[:most])


def _work(at: Workplace, key: str, steps: Steps) -> None:
    desk = forgetting(at.settings, at.database, at.keyring, at.clock)
    while steps.do("letters", lambda: all(desk.delete_letters(key) for _ in range(_PIECES))):
        pass
    steps.do("delete", lambda: desk.delete(key))


JOB = Job(
    name="forget-breaches",
    says="Deletes the records of breaches that ended `PRIVACY_INCIDENTS__KEEP_YEARS` ago.",
    cron="47 4 * * *",
    waiting=_waiting,
    work=_work,
)
