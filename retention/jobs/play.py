"""Playbooks that were begun are played to the end: a step each, in order, each once."""

from __future__ import annotations

from itertools import count

from privacy_service.app.law import open_law
from privacy_service.behavior.model import Notify, OpenIncident, Step
from privacy_service.behavior.runs import SERVICE, Event, Run
from privacy_service.behavior.telling_of_runs import filled, usual_text
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.playing import note_step, open_incident, step_of, take_step
from privacy_service.store.views import View, Writing
from retention.delivery import Parcel, Word
from retention.job import Job, Steps
from retention.mail import Mail
from retention.workplace import Workplace

ENDED = "ended"
LATER = "later"
NO_SERVER = "no mail server"


def _waiting(at: Workplace, most: int) -> tuple[str, ...]:
    with at.database.reading() as view:
        return view.playbooks.playing(limit=most)


def _work(at: Workplace, key: str, steps: Steps) -> None:
    for number in count():
        if steps.do(f"step {number}", lambda: _step(at, key)) in (ENDED, LATER):
            return


def _step(at: Workplace, run_id: str) -> str:
    """Does the step whose turn it is; what became of it. The run's row says whose turn it is, so
    that a step that was done and not written down here is not done again.
    """
    with at.database.reading() as view:
        run = view.playbooks.get(run_id)
        step = _turn(view, run)
    if step is None:
        return ENDED
    if isinstance(step.act, Notify):
        return _notify(at, run, step, step.act)

    def work(tx: Writing) -> str:
        now = at.clock.now()
        newest = tx.playbooks.get(run_id)
        if newest.step != run.step:
            return "done before"  # another worker was here
        version = as_behavior(tx.behavior.version(run.contract_id, run.number))
        if isinstance(step.act, OpenIncident):
            law, said = open_law(at.settings.law.packs), at.settings.law
            done = open_incident(
                tx, version, newest, step.act, now,
                law=law, capacities=said.capacities, seats=said.seats,
            )  # fmt: skip
        else:
            done = take_step(tx, version, newest, now)
        return done.timeline[-1].what

    return at.database.commit(work)


def _notify(at: Workplace, run: Run, step: Step, act: Notify) -> str:
    """Mails, then writes down: an alarm that comes twice is better than none. Where the mail server
    does not answer it is tried for as long as the step's time limit; then the next step has its
    turn.
    """
    at.log.warning(
        "playbook_notifies",
        run=run.id,
        contract=run.contract_id,
        failure=run.failure_mode or "",
        playbook=run.playbook,
    )
    told = [_told(at, run, act, number) for number in range(len(act.to))]
    overdue = at.clock.now() >= run.step_since + step.within
    if LATER in told and not overdue:
        return LATER
    sent = sum(word == "sent" for word in told)
    what = "notified" if sent == len(told) else "not-notified"
    why = f": {NO_SERVER}" if NO_SERVER in told else ""

    def work(tx: Writing) -> None:
        newest = tx.playbooks.get(run.id)
        if newest.step == run.step:
            version = as_behavior(tx.behavior.version(run.contract_id, run.number))
            says = f"{sent} of {len(told)}{why}"
            note_step(tx, version, newest, what, says, at.clock.now())

    at.database.commit(work)
    return what


def _told(at: Workplace, run: Run, act: Notify, number: int) -> str:
    """What became of the mail to one of those named: that it was sent is kept, so that they are not
    told anew because another one's server does not answer.
    """
    mark = f"mailed-{number + 1}"
    if any((one.what, one.step) == (mark, run.step) for one in run.timeline):
        return "sent"
    word = _mail(at, run, act, number)
    if word not in ("sent", "in_doubt"):
        return word

    def work(tx: Writing) -> None:
        newest = tx.playbooks.get(run.id)
        if newest.step == run.step:
            event = Event(at=at.clock.now(), what=mark, by=SERVICE, step=run.step)
            tx.playbooks.move(newest.with_event(event))

    at.database.commit(work)
    return "sent"


def _mail(at: Workplace, run: Run, act: Notify, number: int) -> str:
    settings = at.settings.notices
    if settings.smtp_address is None:
        return NO_SERVER
    parcel = Parcel(
        id=f"{run.id}.{run.step}.{number}",
        to=act.to[number],
        subject=f"{run.failure_mode or run.playbook}: {run.contract_id}, {run.id}",
        text=filled(act.says or usual_text(run), run) + "\n",
    )
    outcome = Mail(settings).deliver(parcel)
    if outcome.word in (Word.LATER, Word.REFUSED):
        at.log.warning("playbook_not_told", run=run.id, number=number + 1, cause=outcome.said)
    return outcome.word.value


def _turn(view: View, run: Run) -> Step | None:
    return step_of(as_behavior(view.behavior.version(run.contract_id, run.number)), run)


JOB = Job(
    name="play",
    says="Plays the playbooks of failures: notifies, opens incidents, sets tasks.",
    cron="*/5 * * * * *",
    waiting=_waiting,
    work=_work,
)
