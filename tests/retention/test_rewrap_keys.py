"""Keys that are too old are rotated, and data keys follow, however often the job dies."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from privacy_service.app.keys import key_upkeep, keys_for_data
from privacy_service.clock import SteppedClock, SystemClock
from privacy_service.custody.keys import SubjectKeys
from retention.jobs.rewrap_keys import JOB
from retention.workplace import Workplace
from tests.retention.workers import settings_for, workplace_for


class Plain:
    """Steps that are done as they come; it dies before the one of that number."""

    def __init__(self, dies_at: int | None = None) -> None:
        self.done: list[str] = []
        self._dies_at = dies_at

    def do(self, name, step):
        if len(self.done) == self._dies_at:
            raise ConnectionError
        self.done.append(name)
        return step()

    def sleep(self, seconds: float) -> None:
        raise AssertionError("it has nothing to wait for")


def subjects(at: Workplace, many: int) -> None:
    keys = SubjectKeys(
        at.database, keys_for_data(at.settings.keys, at.keyring, at.database, at.clock)
    )
    for partner in ("acme", "globex"):
        keys.of(partner, [f"{n:064x}" for n in range(many)], seconds=None)


def wrapped_by(at: Workplace) -> dict[str, set[str]]:
    with at.database.reading() as view:
        found: dict[str, set[str]] = {}
        for partner, word in view.data_keys.counts():
            found.setdefault(partner, set()).add(word.rpartition("#")[2])
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_data_keys_follow_a_rotation_through_any_death(kind: str, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with workplace_for(settings_for(kind, tmp_path)) as at:
        subjects(at, 250)
        at.keyring.rotate("acme")
        with pytest.raises(ConnectionError):
            JOB.work(at, "tick", Plain(dies_at=3))
        assert wrapped_by(at) == {"acme": {"1", "2"}, "globex": {"1"}}
        JOB.work(at, "tick", Plain())
        assert wrapped_by(at) == {"acme": {"2"}, "globex": {"1"}}
        steps = Plain()
        JOB.work(at, "tick", steps)
        assert steps.done == ["aged", "stale"], "there is nothing left to do"


def test_keys_that_are_too_old_are_rotated_once(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    settings = settings_for("sqlite", tmp_path)
    aging = settings.model_copy(
        update={"keys": settings.keys.model_copy(update={"rotate_days": 30})}
    )
    clock = SteppedClock(SystemClock().now())
    with workplace_for(aging, clock) as at:
        subjects(at, 3)
        JOB.work(at, "tick", Plain())
        assert wrapped_by(at) == {"acme": {"1"}, "globex": {"1"}}
        clock.step(timedelta(days=31))
        for _ in range(2):
            JOB.work(at, "tick", Plain())
        assert wrapped_by(at) == {"acme": {"2"}, "globex": {"2"}}
        upkeep = key_upkeep(at.settings.keys, at.keyring, at.database, at.clock)
        assert upkeep.rotate("acme") == 0, "another worker has done it"
        with at.database.reading() as view:
            entries = [one.entry for one in view.audit.entries(0, 100)]
        assert {entry.actor for entry in entries} == {"privacy-service"}
        assert [e.outcome for e in entries if e.outcome] == ["ROTATED", "ROTATED", "REWRAPPED"]
