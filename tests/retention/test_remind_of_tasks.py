"""Tasks of breaches are called to mind on their day, also after the end of the breach."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from privacy_service.breaches.breach import Breach
from privacy_service.breaches.statements import Closed, Opened, Source, TaskDone, TaskSet
from privacy_service.clock import SteppedClock
from retention.jobs import remind_of_tasks
from retention.workplace import Workplace
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import NOW


class Straight:
    """Steps that are done at once."""

    def do(self, name: str, step: Callable[[], Any]) -> Any:
        del name
        return step()

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def breach(name: str) -> Breach:
    """A closed breach with two corrective tasks, one of them done."""
    opened = Opened(title="A list", source=Source.PERSON)
    grown = Breach.opened(name, opened, by="officer", at=NOW)
    for task in ("mend", "teach"):
        due = NOW.date() + timedelta(days=3)
        said = TaskSet(task=task, title="By contract", owner="it", due_on=due, corrective=True)
        grown = grown.with_statement(said, by="officer", at=NOW)
    grown = grown.with_statement(Closed(causes="an old list", lessons=""), by="officer", at=NOW)
    return grown.with_statement(TaskDone(task="teach"), by="officer", at=NOW)


def reminders(at: Workplace, name: str) -> list[str]:
    remind_of_tasks.JOB.work(at, "now", Straight())
    with at.database.reading() as view:
        return [one.rule for one in view.breaches.get(name).reminders]


def test_each_once_and_again_where_its_day_is_another(tmp_path: Path) -> None:
    clock = SteppedClock(NOW)
    names = [f"breach-{number:03}" for number in range(60)]
    with workplace_for(settings_for("sqlite", tmp_path), clock) as at:
        for name in names:
            at.database.commit(lambda tx, name=name: tx.breaches.open(breach(name)))
        last = names[-1]
        assert reminders(at, last) == []
        clock.step(timedelta(days=3))
        assert reminders(at, last) == ["task:mend"]
        assert reminders(at, last) == ["task:mend"]

        def later(tx: Any) -> None:
            before = tx.breaches.get(last)
            due = clock.now().date() + timedelta(days=1)
            said = TaskSet(task="mend", title="x", owner="it", due_on=due, corrective=True)
            grown = before.with_statement(said, by="officer", at=clock.now())
            tx.breaches.extend(grown, after=before.newest)

        at.database.commit(later)
        assert reminders(at, last) == ["task:mend"]
        clock.step(timedelta(days=2))
        assert reminders(at, last) == ["task:mend", "task:mend"]
