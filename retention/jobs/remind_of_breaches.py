"""People are reminded of what is due after a breach, and alarmed before it is late."""

from __future__ import annotations

from datetime import datetime

from privacy_service.app.law import open_law
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.obligations import Status, obligations
from privacy_service.breaches.reminding import Reminder, reminders
from privacy_service.breaches.statements import Reminded
from privacy_service.custody.breaches import OURSELVES
from privacy_service.law.book import Law
from privacy_service.store.views import Writing
from retention.delivery import Parcel
from retention.job import Job, Steps
from retention.mail import Mail
from retention.workplace import Workplace


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    """The open breaches of which something new is to be told."""
    law, now = open_law(at.settings.law.packs), at.clock.now()
    found: list[str] = []
    after: str | None = None
    while len(found) < most:
        with at.database.reading() as view:
            page = view.breaches.list(state=BreachState.OPEN, drills=True, after=after, limit=100)
        found += [f"{one.id}@{one.newest}" for one in page if _has_news(one, law, now)]
        if len(page) < 100:
            break
        after = page[-1].id
    return tuple(found[:most])


def _has_news(breach: Breach, law: Law, now: datetime) -> bool:
    return any(reminders(breach, obligations(breach, law, now=now), now))


def _work(at: Workplace, key: str, steps: Steps) -> None:
    steps.do("remind", lambda: _remind(at, key.partition("@")[0]))


def _remind(at: Workplace, breach_id: str) -> int:
    """How many reminders there were. First they are told, then written down: a reminder that comes
    twice is better than none.
    """
    law, now = open_law(at.settings.law.packs), at.clock.now()
    with at.database.reading() as view:
        breach = view.breaches.get(breach_id)
    found = list(reminders(breach, obligations(breach, law, now=now), now))
    for reminder in found:
        at.log.warning(
            "breach_obligation_due",
            breach=breach_id,
            rule=reminder.obligation.rule,
            stage=reminder.stage,
        )
    _mail(at, breach, found)

    def work(tx: Writing) -> None:
        before = grown = tx.breaches.get(breach_id)
        for reminder in found:
            said = _said(reminder)
            if said not in grown.reminders:
                grown = grown.with_statement(said, by=OURSELVES, at=now)
        tx.breaches.extend(grown, after=before.newest)

    at.database.commit(work)
    return len(found)


def _said(reminder: Reminder) -> Reminded:
    one = reminder.obligation
    assert one.conservative is not None
    return Reminded(
        rule=one.rule, place=one.place, stage=reminder.stage, due=one.conservative.isoformat()
    )


def _mail(at: Workplace, breach: Breach, found: list[Reminder]) -> None:
    """One mail of all of them: to the first of the list; of the more urgent, to the more of them.
    Of a drill to nobody.
    """
    settings = at.settings.notices
    if settings.smtp_address is None or breach.opening.drill:
        return
    for number, to in enumerate(settings.alarm):
        told = [one for one in found if number <= max(one.level - 1, 0)]
        if not told:
            break
        Mail(settings).deliver(
            Parcel(
                id=f"{breach.id}.{breach.newest}.due.{number}",
                to=to,
                subject=_subject(breach, told),
                text="\n\n".join((*map(_told, told), f"privacy-service breach due {breach.id}\n")),
            )
        )


def _subject(breach: Breach, told: list[Reminder]) -> str:
    most = max(told, key=lambda one: one.level)
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    stage = most.stage.replace("_", " ")
    return f"{stage}: {most.obligation.title}{more}, {breach.id}"


def _told(reminder: Reminder) -> str:
    """What is due, when, and why then; and whether that is decided."""
    one = reminder.obligation
    stage = reminder.stage.replace("_", " ")
    to_decide = one.because if one.status is Status.TO_DECIDE else ()
    return "\n".join(
        (
            f"{stage}: {one.to}: {one.title}",
            f"{one.rule} ({one.place}), {one.citation}",
            *(f"to decide: {why}" for why in to_decide),
            *one.why,
        )
    )


JOB = Job(
    name="remind-of-breaches",
    says="Reminds of what is due after a breach, to more people the less time is left.",
    cron="* * * * *",
    waiting=_waiting,
    work=_work,
)
