"""The service looks at its own log and ledger, and opens breaches for what it notices there.

log ─▶ ledger ─▶ what was gathered is said ─▶ somebody is told of each breach that is new
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from privacy_service.app.incidents import watch
from privacy_service.breaches.incidents import Incident, Severity
from privacy_service.breaches.statements import Noticed
from privacy_service.store.views import Writing
from retention.delivery import Parcel
from retention.job import Job, Steps
from retention.mail import Mail
from retention.workplace import Workplace

_AT_A_TIME: Final = 50
_TO_ALL: Final = (Severity.HIGH, Severity.CRITICAL)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    del key
    while steps.do("log", lambda: watch(at.settings, at.database, at.clock).log()):
        pass
    while steps.do("ledger", lambda: watch(at.settings, at.database, at.clock).disclosures()):
        pass
    steps.do("say", lambda: _say(at))
    while steps.do("tell", lambda: _tell(at)):
        pass


def _say(at: Workplace) -> int:
    looking = watch(at.settings, at.database, at.clock)
    looking.forget()
    now = at.clock.now()
    return at.database.commit(lambda tx: looking.incidents.say_waiting(tx, at=now))


def _tell(at: Workplace) -> int:
    """How many were told. First they are told, then that is written down: twice is better than
    not at all.
    """
    now = at.clock.now()
    with at.database.reading() as view:
        found = view.incidents.untold(_AT_A_TIME)
        said = [view.breaches.get(one.breach).all(Noticed)[0] for one in found]
    for incident, noticed in zip(found, said, strict=True):
        at.log.warning(
            "incident_opened",
            breach=incident.breach,
            cause=incident.cause.value,
            severity=noticed.severity,
        )
        _mail(at, incident, noticed)

    def work(tx: Writing) -> None:
        for incident in found:
            known = tx.incidents.of(incident.cause, incident.about)
            if known is not None and known.breach == incident.breach:
                tx.incidents.keep(replace(known, told_at=now))

    at.database.commit(work)
    return len(found)


def _mail(at: Workplace, incident: Incident, noticed: Noticed) -> None:
    """To the first of the list; of what may be bad, to all of them."""
    settings = at.settings.notices
    if settings.smtp_address is None:
        return
    to_all = noticed.severity in _TO_ALL
    for number, to in enumerate(settings.alarm if to_all else settings.alarm[:1]):
        parcel = Parcel(
            id=f"{incident.breach}.opened.{number}",
            to=to,
            subject=f"{noticed.severity}: {noticed.cause.replace('_', ' ')}, {incident.breach}",
            text=f"{noticed.about}\n{noticed.says}\n"
            f"privacy-service breach show {incident.breach}\n",
        )
        Mail(settings).deliver(parcel)


JOB = Job(
    name="notice-incidents",
    says="Opens breaches for what is wrong in the log and the ledger, and tells of new ones.",
    cron="* * * * *",
    work=_work,
)
