"""The shadow desk: versions that judge live requests beside the one in force, and what they saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.contracts.course import Step, StepKind
from privacy_service.contracts.proposal import ProposalState
from privacy_service.contracts.shadow import LONGEST, Shadow, ShadowReport
from privacy_service.custody.acts import Acts
from privacy_service.custody.courses import seen_by
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.on_course import either_of, ref_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.shadows import StartShadow, StopShadow
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.store.courses import Head
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

START = "GovernanceService/StartShadow"
STOP = "GovernanceService/StopShadow"

Shadowed = tuple[ShadowReport, AuditStamp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowsDesk:
    """Answers GovernanceService on shadows. A contract's party, and an officer, begin and end them;
    either side sees what they saw. `looked` has this replica look which shadows run.
    """

    database: Database
    acts: Acts
    once: Once
    require_unnamed: RequireUnnamed
    looked: Callable[[], None]
    clock: Clock

    def start(self, caller: Caller, request: StartShadow, *, seconds: float | None) -> Shadowed:
        """Has a version judge a share of the requests beside the one in force, until an instant.
        One that runs already, of another version or share, ends.

        Raises CONTRACT_NOT_FOUND (also for a version that is not there), NOT_YOUR_PARTNER,
        CONTRACT_RETIRED, CONTRACT_IN_FORCE for the version in force, PROPOSAL_NOT_OPEN for one that
        was rejected, REQUEST_INVALID for an end in the past or too far away and for a reason with
        personal data, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        if not now < request.until <= now + LONGEST:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="until",
                says=f"it must come, and within {LONGEST.days} days",
            )
        self.require_unnamed("reason", request.reason, seconds=seconds)

        def change(tx: Writing, head: Head) -> Done[ShadowReport]:
            _require_candidate(tx, head, request.version, now)
            known = tx.shadows.newest(head.contract_id)
            if known is not None and known.runs(now):
                same = (known.number, known.share, known.until)
                if same == (request.version, request.share, request.until):
                    return _done(tx, head, known, "UNCHANGED", now)
                _end(tx, known, by=caller.name, reason="another one begins", at=now)
            shadow = Shadow(
                contract_id=head.contract_id,
                round=1 if known is None else known.round + 1,
                number=request.version,
                share=request.share,
                started_at=now,
                started_by=caller.name,
                until=request.until,
                reason=request.reason,
            )
            tx.shadows.add(shadow)
            _note(tx, shadow, StepKind.SHADOWED, by=caller.name, reason=request.reason, at=now)
            return _done(tx, head, shadow, "SHADOWED", now)

        said = (
            str(request.version), str(request.share), request.until.isoformat(), request.reason,
        )  # fmt: skip
        return self._act(caller, START, request, said, change, seconds)

    def stop(self, caller: Caller, request: StopShadow, *, seconds: float | None) -> Shadowed:
        """Ends the shadow that runs; one that is over stays as it ended.

        Raises CONTRACT_NOT_FOUND, NOT_YOUR_PARTNER, SHADOW_NOT_FOUND where there never was one,
        REQUEST_INVALID, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        self.require_unnamed("reason", request.reason, seconds=seconds)

        def change(tx: Writing, head: Head) -> Done[ShadowReport]:
            known = _newest(tx, head.contract_id, None)
            if not known.runs(now):
                return _done(tx, head, known, "UNCHANGED", now)
            ended = _end(tx, known, by=caller.name, reason=request.reason, at=now)
            return _done(tx, head, ended, "SHADOW_ENDED", now)

        return self._act(caller, STOP, request, (request.reason,), change, seconds)

    def report(
        self, caller: Caller, contract_id: str, version: int | None, *, seconds: float | None
    ) -> ShadowReport:
        """What the last shadow of a contract, or of this version, saw. Raises CONTRACT_NOT_FOUND,
        SHADOW_NOT_FOUND.
        """
        del seconds
        with self.database.reading() as view:
            seen_by(caller, view.courses.head(contract_id))
            shadow = _newest(view, contract_id, version)
            return view.shadows.report(shadow, now=self.clock.now())

    def _act(
        self,
        caller: Caller,
        action: str,
        request: StartShadow | StopShadow,
        said: tuple[str, ...],
        change: Callable[[Writing, Head], Done[ShadowReport]],
        seconds: float | None,
    ) -> Shadowed:
        now = self.clock.now()
        with self.database.reading() as view:
            head = seen_by(caller, view.courses.head(request.contract_id))
        if Role.OFFICER not in caller.roles:
            caller.require_partner(head.party)
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=action,
                at=now,
                actor=caller.name,
                partner=head.party,
                counterparty=head.other,
                request=self.once.request(action, request.contract_id, *said),
                resource=head.contract_id,
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=lambda tx: change(tx, tx.courses.head(head.contract_id)),
            again=lambda tx, _first: tx.shadows.report(
                _newest(tx, head.contract_id, None), now=now
            ),
        )
        done = act_once(self.acts, self.once, once, seconds=seconds)
        self.looked()
        return done


def _require_candidate(tx: Writing, head: Head, number: int, now: datetime) -> None:
    """Raises unless this version may judge beside the one in force."""
    course = tx.courses.get(head.contract_id).turned(now)
    course.require_going()
    if number == course.active:
        raise PrivacyError(errors.CONTRACT_IN_FORCE, contract=head.contract_id, version=number)
    if either_of(tx, head, number) is None:
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=head.contract_id)
    proposal = tx.proposals.find(head.contract_id, number)
    if proposal is not None and proposal.state is ProposalState.REJECTED:
        raise PrivacyError(errors.PROPOSAL_NOT_OPEN, contract=head.contract_id, version=number)


def _newest(view: View | Writing, contract_id: str, version: int | None) -> Shadow:
    found = view.shadows.newest(contract_id, version)
    if found is None:
        raise PrivacyError(errors.SHADOW_NOT_FOUND, contract=contract_id)
    return found


def _end(tx: Writing, shadow: Shadow, *, by: str, reason: str, at: datetime) -> Shadow:
    ended = shadow.ended(by=by, at=at)
    tx.shadows.end(ended)
    _note(tx, ended, StepKind.SHADOW_ENDED, by=by, reason=reason, at=at)
    return ended


def _note(
    tx: Writing, shadow: Shadow, kind: StepKind, *, by: str, reason: str, at: datetime
) -> None:
    step = Step(kind=kind, at=at, by=by, version=shadow.number, reason=reason)
    tx.courses.note(shadow.contract_id, step)


def _done(
    tx: Writing, head: Head, shadow: Shadow, outcome: str, now: datetime
) -> Done[ShadowReport]:
    ref = ref_of(tx, head, shadow.number)
    report = tx.shadows.report(shadow, now=now)
    return Done(value=report, outcome=outcome, contracts=() if ref is None else (ref,))
