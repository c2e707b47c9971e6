"""Runs of playbooks on the database: begun by a failure or by a person, and taken step by step.

Steps that stand in the path and come first are done in the transaction that begins the run, so that
the failure is contained from the answer on that showed it. All others are the job's, each in one
transaction that looks whose turn it is before it does anything, so that done twice is done once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.curbs import Containment, Curb, Tally
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import (
    Act,
    FailureMode,
    FallBack,
    Halt,
    HaltCollection,
    Notify,
    OpenIncident,
    Outcome,
    Playbook,
    Remedy,
    Side,
    Step,
    Task,
    Throttle,
)
from privacy_service.behavior.ports import CheckRecord
from privacy_service.behavior.runs import CONTAINS, SERVICE, Cause, Event, Run, word_for
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.obligations import with_obligations
from privacy_service.breaches.statements import Nature, Opened, Source, TimeSaid
from privacy_service.custody.breaches import OURSELVES
from privacy_service.custody.containing import prove
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.law.book import Law
from privacy_service.store.views import Writing

ACTION: Final = "playbook/run"


def went_well(version: BehaviorVersion, answer: CheckAnswer) -> bool:
    """Whether a check shows that the provider works: something of its own was released, and no
    failure fired that has a playbook.
    """
    released = answer.outcome.releases and not answer.substituted
    return released and answer.outcome is not Outcome.ABSTAINED and not started_by(version, answer)


def started_by(version: BehaviorVersion, answer: CheckAnswer) -> tuple[FailureMode, ...]:
    """The failure modes that fired and that have a playbook."""
    fired = {one.id for one in answer.failures}
    modes = version.contract.failure_modes
    return tuple(mode for mode in modes if mode.id in fired and mode.playbook is not None)


def begin_for_check(
    tx: Writing,
    version: BehaviorVersion,
    record: CheckRecord,
    modes: Iterable[FailureMode],
    *,
    attempt: int,
    at: datetime,
) -> None:
    """Begins the playbooks of the failure modes that fired for a check, but for those that run."""
    for mode in modes:
        playbook = version.contract.playbook_of(mode)
        if playbook is not None:
            run = new_run(
                version, playbook, mode, cause=Cause.CHECK, mark=str(attempt),
                began_at=record.at, at=at, use_case=record.use_case,
            )  # fmt: skip
            begin(tx, version, playbook, run, side=record.side)


def new_run(
    version: BehaviorVersion,
    playbook: Playbook,
    mode: FailureMode | None,
    *,
    cause: Cause,
    mark: str,
    began_at: datetime,
    at: datetime,
    use_case: str | None = None,
    started_by: str = SERVICE,
    reason: str = "",
) -> Run:
    """A run that has not begun. `mark` says what set it off, so that the same has the same id."""
    contract = version.contract
    name = "" if mode is None else mode.id
    return Run(
        id=f"run-{_digest(contract.id, playbook.id, name, mark)}",
        contract_id=contract.id,
        number=version.number,
        party=contract.party,
        provider=contract.provider,
        playbook=playbook.id,
        failure_mode=None if mode is None else mode.id,
        severity=None if mode is None else mode.severity,
        cause=cause,
        use_case=use_case,
        reason=reason,
        started_by=started_by,
        began_at=min(began_at, at),
        detected_at=at,
        targets=playbook.targets,
        steps=len(playbook.steps),
        step_since=at,
        timeline=(Event(at=at, what="detected", by=started_by, says=reason),),
    )


def begin(
    tx: Writing, version: BehaviorVersion, playbook: Playbook, run: Run, *, side: Side = Side.OUTPUT
) -> Run | None:
    """The run, begun, with the steps done that come first and stand in the path. None where one is
    open for the same failure: that one goes on, and what it had put in the path and was lifted
    since is put there again.
    """
    going_on = tx.playbooks.open_for(run.contract_id, run.playbook, run.failure_mode)
    if going_on is not None:
        _contain_again(tx, version, playbook, going_on, side, run.detected_at)
        return None
    tx.playbooks.add(run)
    _prove(tx, version, run, "BEGUN", run.detected_at)
    while run.step < run.steps and isinstance(playbook.steps[run.step].act, (*CONTAINS, Remedy)):
        run = _taken(tx, version, playbook, run, side, run.detected_at)
    return run


def take_step(tx: Writing, version: BehaviorVersion, run: Run, at: datetime) -> Run:
    """Does the step whose turn it is, if the database alone is needed for it (neither `Notify` nor
    `OpenIncident`), and keeps the run as it is then.
    """
    return _taken(tx, version, _playbook(version, run), run, Side.OUTPUT, at)


def note_step(
    tx: Writing, version: BehaviorVersion, run: Run, what: str, says: str, at: datetime
) -> Run:
    """Keeps what became of a step that something else than the database was needed for."""
    event = Event(at=at, what=what, by=SERVICE, step=run.step, says=says)
    done = run.stepped(event, contained=_contains_by(version, run))
    tx.playbooks.move(done)
    _prove(tx, version, done, what.upper().replace("-", "_"), at)
    return done


def open_incident(
    tx: Writing,
    version: BehaviorVersion,
    run: Run,
    act: OpenIncident,
    at: datetime,
    *,
    law: Law,
    capacities: tuple[str, ...],
    seats: tuple[str, ...],
) -> Run:
    """Opens a breach for the run, with what law asks for then."""
    opened = Opened(
        title=f"{run.failure_mode or run.playbook} of {run.provider} under {run.contract_id}",
        source=Source.SERVICE,
        natures=tuple(Nature(nature) for nature in act.natures),
        capacities=capacities,
        seats=seats,
        says=f"Opened by the playbook {run.playbook}, {run.id}.",
    )
    breach = Breach.opened(f"breach-{_digest('breach', run.id)}", opened, by=OURSELVES, at=at)
    detected = TimeSaid(name="detection", at=run.detected_at, evidence=run.id)
    breach = breach.with_statement(detected, by=OURSELVES, at=at)
    tx.breaches.open(with_obligations(breach, law, by=OURSELVES, now=at))
    run = replace(run, breach_id=breach.id)
    return note_step(tx, version, run, word_for(act), breach.id, at)


def step_of(version: BehaviorVersion, run: Run) -> Step | None:
    """The step whose turn it is; None where all are done."""
    return None if run.step >= run.steps else _playbook(version, run).steps[run.step]


# -- One step ---------------------------------------------------------------------------------


def _taken(
    tx: Writing, version: BehaviorVersion, playbook: Playbook, run: Run, side: Side, at: datetime
) -> Run:
    act = playbook.steps[run.step].act
    if isinstance(act, Task):
        run = run.with_task(act, within=playbook.steps[run.step].within, at=at)
    says = _says(act)
    what = word_for(act)
    if isinstance(act, Halt | Throttle | FallBack | HaltCollection):
        curb = _curb(tx, version, run, act, side, at, step=run.step)
        if curb is None:
            what, says = "no-good-version", ""
        else:
            tx.curbs.place(curb)
            prove(tx, curb, "PLACED", at)
            says = f"{says} ({curb.id})".strip()
    event = Event(at=at, what=what, by=SERVICE, step=run.step, says=says)
    done = run.stepped(event, contained=_contains_by(version, run))
    tx.playbooks.move(done)
    _prove(tx, version, done, what.upper().replace("-", "_"), at)
    return done


def _contain_again(
    tx: Writing, version: BehaviorVersion, playbook: Playbook, run: Run, side: Side, at: datetime
) -> None:
    in_place = {curb.kind for curb in tx.curbs.of_run(run.id)}
    for number, step in enumerate(playbook.steps[: run.step]):
        act = step.act
        if not isinstance(act, Halt | Throttle | FallBack | HaltCollection):
            continue
        curb = _curb(tx, version, run, act, side, at, step=number, again=at.isoformat())
        if curb is not None and curb.kind not in in_place:
            tx.curbs.place(curb)
            prove(tx, curb, "PLACED", at)
            says = f"{_says(act)} ({curb.id})".strip()
            event = Event(at=at, what=word_for(act), by=SERVICE, step=number, says=says)
            run = run.with_event(event)
            tx.playbooks.move(run)


def _curb(
    tx: Writing,
    version: BehaviorVersion,
    run: Run,
    act: Containment,
    side: Side,
    at: datetime,
    *,
    step: int,
    again: str = "",
) -> Curb | None:
    """The curb of a step; None for a fall-back to a version that there is not."""
    to_number = None
    if isinstance(act, FallBack) and act.provider is None:
        to_number = _last_good(tx, version, run)
        if to_number is None:
            return None
    return Curb(
        id=f"curb-{_digest('curb', run.id, str(step), again)}",
        contract_id=run.contract_id,
        party=run.party,
        does=act,
        side=side,
        run_id=run.id,
        from_number=None if to_number is None else version.number,
        to_number=to_number,
        reason=f"playbook {run.playbook}",
        placed_by=SERVICE,
        placed_at=at,
        tally=Tally(since=at),
    )


def _last_good(tx: Writing, version: BehaviorVersion, run: Run) -> int | None:
    failed = tx.playbooks.failed_under(run.contract_id, run.playbook)
    known = tx.courses.once_in_force(run.contract_id)
    good = {number for number in known if number < version.number} - {*failed}
    return max(good, default=None)


def _contains_by(version: BehaviorVersion, run: Run) -> bool:
    """Whether the failure is contained once the step is done whose turn it is: the last of those
    that stand in the path.
    """
    acts = [step.act for step in _playbook(version, run).steps]
    containing = [at for at, act in enumerate(acts) if isinstance(act, (*CONTAINS, Remedy))]
    return bool(containing) and run.step == containing[-1]


def _says(act: Act) -> str:
    match act:
        case Remedy():
            return act.kind.value
        case Halt(half_open_after=timedelta() as after):
            return f"half open after {after}, {act.probes} probes"
        case Throttle():
            return f"{act.most} in {act.per}"
        case FallBack(provider=str() as provider):
            return f"to {provider}"
        case Task():
            return f"{act.kind}: {act.title} ({act.owner})"
        case Notify() | OpenIncident():
            raise ValueError("this step is not the database's alone")
    return ""


def _playbook(version: BehaviorVersion, run: Run) -> Playbook:
    return next(one for one in version.contract.playbooks if one.id == run.playbook)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _prove(tx: Writing, version: BehaviorVersion, run: Run, outcome: str, at: datetime) -> None:
    entry = AuditEntry(
        kind=EntryKind.ATTEMPT,
        action=ACTION,
        at=at,
        actor=run.started_by if outcome == "BEGUN" else SERVICE,
        partner=run.party,
        counterparty=run.provider,
        resource=run.id,
    )
    attempt = tx.audit.append(entry)
    ref = ContractRef(id=run.contract_id, number=run.number, digest=version.digest)
    tx.audit.append(
        replace(
            entry,
            kind=EntryKind.EFFECT,
            attempt=attempt,
            outcome=outcome,
            contracts=(ref,),
            reason=",".join(filter(None, (run.playbook, run.failure_mode))),
        )
    )
