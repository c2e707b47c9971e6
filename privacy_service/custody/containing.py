"""Curbs in the path of checks: asked in the transaction that records an attempt, and again in the
one that releases, so that one that was placed meanwhile, on whatever replica, is not passed by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from privacy_service.behavior.curbs import NEWER, PROBES, Curb
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import FallBack, Side
from privacy_service.behavior.ports import Admission
from privacy_service.behavior.runs import Event
from privacy_service.contracts.course import Course
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.store.views import View, Writing

ACTION: Final = "playbook/curb"


def standing_versions(
    tx: View | Writing, party: str, provider: str, at: datetime
) -> tuple[tuple[BehaviorVersion, ...], Mapping[str, Course]]:
    """The versions of the contracts of the two that may judge, and how the contracts stand; where a
    fall-back holds, its version alone, for every check. One from a canary leaves the version in
    force, for every check.
    """
    rows, stand = tx.behavior.for_pair(party, provider)
    courses = dict(stand)
    found = {(row.id, row.number): row for row in rows}
    for contract_id in {row.id for row in rows}:
        course = courses.get(contract_id)
        newest = max(number for known, number in found if known == contract_id)
        active = newest if course is None else course.turned(at).active
        back = _fall_back(tx, contract_id, active)
        if back is not None:
            found[contract_id, back] = tx.behavior.version(contract_id, back)
            courses[contract_id] = (course or Course(contract_id=contract_id)).held_at(back)
        elif (
            course is not None
            and course.canary is not None
            and _fall_back(tx, contract_id, course.canary.number) is not None
        ):
            courses[contract_id] = course.without_canary()
    return tuple(map(as_behavior, found.values())), courses


def _fall_back(tx: View | Writing, contract_id: str, newest: int) -> int | None:
    for curb in tx.curbs.on(contract_id):
        if curb.to_number is not None and curb.from_number == newest:
            return curb.to_number
    return None


def admit(tx: Writing, version: BehaviorVersion, side: Side, at: datetime) -> Admission:
    """Whether a check may begin, and as which halts' probe. It counts; a refusal counts nothing."""
    held = [curb for curb in tx.curbs.on(version.contract.id) if not _is_moot(tx, curb, at)]
    try:
        admitting = [(curb, curb.admitting(side, at)) for curb in held if not _is_version(curb)]
    except PrivacyError as refused:
        return Admission(refused=refused)
    for before, after in admitting:
        if after is not before:
            tx.curbs.move(after)
    probes = (after.probe(side) for _before, after in admitting)
    return Admission(probes=tuple(probe for probe in probes if probe is not None))


def require_open(
    tx: Writing,
    version: BehaviorVersion,
    side: Side,
    probes: tuple[str, ...],
    *,
    well: bool,
    at: datetime,
) -> None:
    """Counts how a check came out. Raises what `Curb.releasing` does, and then nothing of it may
    leave.
    """
    for curb in tx.curbs.on(version.contract.id):
        if _is_version(curb):
            continue
        after = curb.releasing(probes, side, well=well, now=at)
        if after != curb:
            tx.curbs.move(after)
            _tell(tx, curb, after, at)


def require_uncurbed(
    view: View, version: BehaviorVersion, side: Side, probes: tuple[str, ...], *, at: datetime
) -> None:
    """Raises what `require_open` would now; nothing is counted."""
    for curb in view.curbs.on(version.contract.id):
        if not _is_version(curb):
            curb.releasing(probes, side, well=True, now=at)


def _is_version(curb: Curb) -> bool:
    """Whether it says which version judges, and stands in nobody's way."""
    return isinstance(curb.does, FallBack) and curb.does.provider is None


def _is_moot(tx: Writing, curb: Curb, at: datetime) -> bool:
    """Whether the version that a fall-back is from decides nothing by now; it is then lifted."""
    if still_from(tx, curb, at):
        return False
    lifted = curb.lifted(by=NEWER, at=at)
    tx.curbs.move(lifted)
    prove(tx, lifted, "LIFTED", at)
    return True


def still_from(tx: View | Writing, curb: Curb, at: datetime) -> bool:
    """Whether a version that a fall-back is from would decide, in force or as a canary; true of a
    curb that is from none.
    """
    number = curb.from_number
    return number is None or number in tx.courses.get(curb.contract_id).deciders(at)


def _tell(tx: Writing, before: Curb, after: Curb, at: datetime) -> None:
    """Puts into log and timeline that a halt has opened anew, or is over."""
    if after.lifted_at is None and after.tally.round == before.tally.round:
        return
    over = after.lifted_at is not None
    prove(tx, after, "CLOSED" if over else "OPENED_ANEW", at)
    if after.run_id is None:
        return
    run = tx.playbooks.get(after.run_id)
    rounds = f"round {before.tally.round}"
    what = "probes-went-well" if over else "probe-failed"
    event = Event(at=at, what=what, by=PROBES, says=f"{after.id}, {rounds}")
    tx.playbooks.move(run.with_event(event))


def prove(tx: Writing, curb: Curb, outcome: str, at: datetime, *, by: str | None = None) -> None:
    """Puts into the audit log what became of a curb."""
    newest = tx.behavior.newest(curb.contract_id)
    entry = AuditEntry(
        kind=EntryKind.ATTEMPT,
        action=ACTION,
        at=at,
        actor=by or curb.lifted_by or curb.placed_by,
        partner=newest.party,
        counterparty=newest.provider,
        resource=curb.run_id or curb.id,
    )
    attempt = tx.audit.append(entry)
    ref = ContractRef(id=newest.id, number=newest.number, digest=newest.digest)
    tx.audit.append(
        replace(
            entry,
            kind=EntryKind.EFFECT,
            attempt=attempt,
            outcome=outcome,
            contracts=(ref,),
            reason=f"{curb.kind}:{curb.id}",
        )
    )
