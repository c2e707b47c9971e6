"""Recipients are asked to confirm that they deleted what they may no longer keep."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service.clock import SteppedClock
from privacy_service.subjects.notices import NoticeKind, NoticeState
from retention.engine import jobs_running
from retention.jobs.ask_recipients import JOB
from retention.jobs.tell import JOB as TELL
from retention.workplace import Workplace
from tests.retention.test_sweep import hold, lifted
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import KINDS, NOW
from tests.stores.samples import disclosure, entry


def disclose(at: Workplace, name: str, days: int | None, **fields: Any) -> None:
    def work(tx: Any) -> None:
        position = tx.audit.append(entry())
        until = None if days is None else NOW + timedelta(days=days)
        tx.disclosures.add(disclosure(position, id=name, recipient_keeps_until=until, **fields))

    at.database.commit(work)


def asked(at: Workplace, recipient: str) -> list[tuple[str, ...]]:
    with at.database.reading() as view:
        found = view.notices.list(recipient)
    assert {one.kind for one in found} <= {NoticeKind.RETENTION_ENDED}
    return [one.concerns.disclosures for one in found]


@pytest.mark.parametrize("kind", KINDS)
def test_recipients_are_asked_once_when_their_time_is_over_and_chased(
    tmp_path: Path, kind: str
) -> None:
    tmp_path.chmod(0o700)
    clock = SteppedClock(NOW)
    with (
        workplace_for(settings_for(kind, tmp_path), clock) as at,
        jobs_running(at, [TELL], only=TELL) as engine,
    ):
        for name, days in (("a", 1), ("b", 1), ("later", 9), ("never", None)):
            disclose(at, name, days)
        disclose(at, "other", 1, recipient="initech", subjects=())
        disclose(at, "held", 1, recipient="umbrella", subjects=("s",))
        one = hold("h", subjects=frozenset({"s"}))
        at.database.commit(lambda tx: tx.holds.place(one))

        def work() -> None:
            JOB.work(at, "now", _Now())

        work()
        assert asked(at, "globex") == []
        clock.step(timedelta(days=1))
        work()
        work()
        assert asked(at, "globex") == [("a", "b")]
        assert asked(at, "initech") == [("other",)]
        assert asked(at, "umbrella") == []

        clock.step(timedelta(hours=1))
        at.database.commit(lambda tx: tx.holds.lift(lifted(one, clock.now())))
        work()
        assert asked(at, "umbrella") == [], "it is looked at again a day later"
        clock.step(timedelta(days=1))
        work()
        assert asked(at, "umbrella") == [("held",)]

        # Nobody confirms: it is escalated at its deadline, by the job that tells.
        clock.step(timedelta(days=at.settings.subjects.notice_days + 1))
        assert engine.run_now(TELL, seconds=30)
        with at.database.reading() as view:
            states = {one.state for one in view.notices.list("globex", settled=True)}
        assert states == {NoticeState.ESCALATED}


class _Now:
    """Steps that are done at once: what the engine adds is tested elsewhere."""

    def do(self, name: str, step: Any) -> Any:
        return step()

    def sleep(self, seconds: float) -> None:
        raise AssertionError("it does not wait")
