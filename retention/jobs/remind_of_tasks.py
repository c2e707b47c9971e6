"""Tasks that breaches bring are called to mind on the day they are due, until they are done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from privacy_service.breaches.breach import TASK, Breach, Task
from privacy_service.breaches.statements import Reminded
from privacy_service.custody.breaches import OURSELVES
from privacy_service.store.views import Writing
from retention.job import Job, Steps
from retention.mail import deliver, message
from retention.workplace import Workplace

_PAGE = 50
_END = ""


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    after = steps.do("remind", lambda: _remind(at, None))
    while after != _END:
        after = steps.do("remind", lambda after=after: _remind(at, after))  # type: ignore[misc]


def _remind(at: Workplace, after: str | None) -> str:
    """One page of breaches; the last one's id, empty after the last page. Closed ones, too: their
    corrective actions go on.
    """
    with at.database.reading() as view:
        page = view.breaches.list(after=after, limit=_PAGE)
    today = at.clock.now().date()
    for breach in page:
        found = list(_due(breach, today))
        for task in found:
            _tell(at, breach, task, today)
        if found:
            _write_down(at, breach.id, found)
    return page[-1].id if len(page) == _PAGE else _END


def _due(breach: Breach, today: date) -> Iterator[Task]:
    """The tasks whose day has come, and of which nobody was reminded since it was set so."""
    told = {(one.rule, one.due) for one in breach.reminders}
    for task in breach.tasks:
        is_due = task.done_at is None and task.set.due_on <= today
        if is_due and (_rule(task), task.set.due_on.isoformat()) not in told:
            yield task


def _rule(task: Task) -> str:
    return f"{TASK}{task.set.task}"


def _tell(at: Workplace, breach: Breach, task: Task, today: date) -> None:
    stage = "overdue" if task.set.due_on < today else "due"
    at.log.warning("breach_task_due", breach=breach.id, rule=_rule(task), stage=stage)
    settings = at.settings.notices
    if settings.smtp_address is None or not settings.alarm:
        return
    made = message(
        sender=settings.sender,
        to=settings.alarm[0],
        subject=f"{stage}: task {task.set.task}, {breach.id}",
        text=f"{task.set.title}\n{task.set.owner}, by {task.set.due_on}\n",
        reference=f"<{breach.id}.{task.set.task}.{task.set.due_on}@localhost>",
    )
    deliver(made, settings)


def _write_down(at: Workplace, breach_id: str, found: list[Task]) -> None:
    now = at.clock.now()

    def work(tx: Writing) -> None:
        before = grown = tx.breaches.get(breach_id)
        for task in found:
            said = Reminded(
                rule=_rule(task), place="", stage="due", due=task.set.due_on.isoformat()
            )
            if said not in grown.reminders:
                grown = grown.with_statement(said, by=OURSELVES, at=now)
        tx.breaches.extend(grown, after=before.newest)

    at.database.commit(work)


JOB = Job(
    name="remind-of-tasks",
    says="Calls tasks of breaches to mind when they are due, corrective ones also after the end.",
    cron="13 6 * * *",
    work=_work,
)
