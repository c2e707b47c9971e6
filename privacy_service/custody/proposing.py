"""The proposal desk: versions that may take the place of the one in force, and their approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.lint import SetUp
from privacy_service.clock import Clock
from privacy_service.contracts.course import Step, StepKind
from privacy_service.contracts.impact import Impact
from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.proposal import (
    Changed,
    Proposal,
    ProposalState,
    Trials,
    VersionState,
)
from privacy_service.contracts.regression import Regression
from privacy_service.custody.acts import Acts
from privacy_service.custody.courses import seen_by, visible
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.on_course import either_of, head_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.custody.replaying import replayed
from privacy_service.desks.either import Either, changes, read_either
from privacy_service.desks.ports.courses import (
    DecideProposal,
    ListProposals,
    ProposalView,
    ProposeContract,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.store.behavior_rows import UnnumberedBehavior
from privacy_service.store.courses import Head
from privacy_service.store.database import Database
from privacy_service.store.rows import UnnumberedContract
from privacy_service.store.views import View, Writing

PROPOSE: Final = "GovernanceService/ProposeContract"
DECIDE: Final = "GovernanceService/DecideProposal"

_OPEN: Final = (VersionState.DRAFT, VersionState.PROPOSED, VersionState.APPROVED)

Proposed = tuple[ProposalView, AuditStamp]


class TryOut(Protocol):
    """Runs the examples of a candidate, and those of the version in force that it does not state
    anew. Nothing is stored or released.
    """

    def __call__(self, candidate: Either, base: Either | None) -> Trials: ...


class ReplayCases(Protocol):
    """What a candidate makes of recorded cases. They are opened for the run alone, and the log has
    that they were; nothing is stored or released.
    """

    def __call__(
        self,
        caller: Caller,
        head: Head,
        candidate: Either,
        base: Either,
        *,
        seconds: float | None,
    ) -> Regression: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsDesk:
    """Answers GovernanceService on proposals. A contract's party proposes; either side, and an
    officer for the party, approves or rejects what somebody else proposed.
    """

    database: Database
    acts: Acts
    once: Once
    try_out: TryOut
    set_up: SetUp
    replay_cases: ReplayCases
    require_unnamed: RequireUnnamed
    clock: Clock

    def propose(
        self, caller: Caller, request: ProposeContract, *, seconds: float | None
    ) -> Proposed:
        """Keeps a version and, unless it is a draft, compares it with the one in force, runs its
        examples, replays the decisions of the last days and the recorded cases, and lays it before
        those who approve. The same version again is compared anew.

        Raises CONTRACT_INVALID, NOT_YOUR_PARTNER, CONTRACT_IN_FORCE for the version in force,
        CONTRACT_VERSION_CONFLICT where another is by now, CONTRACT_ID_TAKEN, REQUEST_INVALID for a
        reason with personal data, REQUEST_ID_REUSED.
        """
        now = self.clock.now()
        candidate = read_either(request.source, today=now.date(), set_up=self.set_up)
        if Role.OFFICER not in caller.roles:
            caller.require_partner(candidate.party)
        self.require_unnamed("reason", request.reason, seconds=seconds)
        impact, regression, head = None, None, None
        with self.database.reading() as view:
            number, base = _in_force(view, candidate)
            if base is not None and not request.draft:
                since = now - timedelta(days=request.impact_days)
                head = view.courses.head(candidate.contract.id)
                impact = replayed(view, head, candidate, since=since, until=now)
        if base is not None and head is not None:
            regression = self.replay_cases(caller, head, candidate, base, seconds=seconds)
        trials = Trials() if request.draft else self.try_out(candidate, base)
        made = _Made(
            candidate=candidate,
            base=number,
            changes=() if base is None else _changed(base, candidate),
            trials=trials,
            impact=impact,
            regression=regression,
            governance_of=base or candidate,
        )
        once = OnceAct(
            attempt=self._attempt(
                caller, PROPOSE, candidate.contract.id, (candidate.party, candidate.other),
                (candidate.digest, request.reason, str(request.draft)),
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=lambda tx: self._kept(tx, caller, request, made, now),
            again=lambda tx, first: _view(tx, *_named(first), now=now),
        )  # fmt: skip
        return act_once(self.acts, self.once, once, seconds=seconds)

    def decide(self, caller: Caller, request: DecideProposal, *, seconds: float | None) -> Proposed:
        """Approves or rejects what somebody else proposed, as it was looked at.

        Raises CONTRACT_NOT_FOUND, PROPOSAL_NOT_FOUND, PROPOSAL_DIFFERS, PROPOSAL_NOT_OPEN,
        SECOND_PERSON_NEEDED for an author who approves, REQUEST_INVALID, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()
        with self.database.reading() as view:
            head = seen_by(caller, view.courses.head(request.contract_id))

        def change(tx: Writing) -> Done[ProposalView]:
            proposal = tx.proposals.get(request.contract_id, request.version)
            if proposal.digest != request.digest:
                raise PrivacyError(errors.PROPOSAL_DIFFERS, contract=proposal.contract_id)
            decided = _decided(proposal, caller, request, at=now)
            if decided != proposal:
                self._follow(tx, caller, request, decided, now)
            ref = ContractRef(id=decided.contract_id, number=decided.number, digest=decided.digest)
            outcome = "APPROVED" if request.approve else "REJECTED"
            value = _view(tx, decided.contract_id, decided.number, now=now)
            return Done(value=value, outcome=outcome, contracts=(ref,))

        said = (
            str(request.version), request.digest, str(request.approve), request.reason,
            *(("cases accepted",) if request.accept_changed_cases else ()),
        )  # fmt: skip
        once = OnceAct(
            attempt=self._attempt(
                caller, DECIDE, request.contract_id, (head.party, head.other), said
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=change,
            again=lambda tx, first: _view(tx, *_named(first), now=now),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)

    def proposal(
        self, caller: Caller, contract_id: str, version: int, *, seconds: float | None
    ) -> ProposalView:
        """One proposal. Raises CONTRACT_NOT_FOUND, PROPOSAL_NOT_FOUND."""
        del seconds
        with self.database.reading() as view:
            seen_by(caller, view.courses.head(contract_id))
            return _view(view, contract_id, version, now=self.clock.now())

    def open_proposals(
        self, caller: Caller, request: ListProposals, *, seconds: float | None
    ) -> Page[ProposalView]:
        """What is proposed and waits for somebody, by contract and version. What another version
        has overtaken waits for nobody. Raises NOT_YOUR_PARTNER.
        """
        del seconds
        now, limit = self.clock.now(), request.place.limit
        partner = visible(caller, request.partner)
        after = None if request.place.after is None else _as_place(request.place.after)
        with self.database.reading() as view:
            found = view.proposals.open(partner, after=after, limit=limit + 1)
            shown = tuple(
                _view(view, one.contract_id, one.number, now=now)
                for one in found[:limit]
                if one.number > view.courses.head(one.contract_id).newest
            )
        more = len(found) > limit
        return Page(
            items=tuple(one for one in shown if one.state in _OPEN),
            next=_as_cursor(found[limit - 1]) if more else None,
        )

    # -- Parts --------------------------------------------------------------------------------

    def _attempt(
        self,
        caller: Caller,
        action: str,
        contract_id: str,
        sides: tuple[str, str],
        said: tuple[str, ...],
    ) -> AuditEntry:
        party, other = sides
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=caller.name,
            partner=party,
            counterparty=other,
            request=self.once.request(action, contract_id, *said),
            resource=contract_id,
        )

    def _kept(
        self, tx: Writing, caller: Caller, request: ProposeContract, made: _Made, now: datetime
    ) -> Done[ProposalView]:
        candidate = made.candidate
        number, _base = _in_force(tx, candidate)
        if number:
            tx.courses.get(candidate.contract.id).require_going()
        if made.base != number or request.expected_version not in (None, number):
            raise PrivacyError(
                errors.CONTRACT_VERSION_CONFLICT, contract=candidate.contract.id, newest=number
            )
        ref = _draft(tx, candidate, put_at=now, put_by=caller.name)
        if ref.number == number:
            raise PrivacyError(errors.CONTRACT_IN_FORCE, contract=ref.id, version=number)
        proposal = made.proposal(
            ref, before=tx.proposals.find(ref.id, ref.number), by=caller.name,
            reason=request.reason, draft=request.draft, at=now,
        )  # fmt: skip
        tx.proposals.keep(proposal)
        kind = StepKind.DRAFTED if request.draft else StepKind.PROPOSED
        tx.courses.note(
            ref.id,
            Step(kind=kind, at=now, by=caller.name, version=ref.number, reason=request.reason),
        )
        value = _view(tx, ref.id, ref.number, now=now)
        return Done(value=value, outcome=kind.value.upper(), contracts=(ref,))

    def _follow(
        self,
        tx: Writing,
        caller: Caller,
        request: DecideProposal,
        decided: Proposal,
        now: datetime,
    ) -> None:
        """Keeps a decision with its step. What is rejected is not planned or tried any more."""
        tx.proposals.keep(decided)
        kind = StepKind.APPROVED if request.approve else StepKind.REJECTED
        step = Step(
            kind=kind, at=now, by=caller.name, version=decided.number, reason=request.reason
        )
        course = tx.courses.get(decided.contract_id)
        going = {one.number for one in (course.planned, course.canary) if one is not None}
        if request.approve or decided.number not in going:
            tx.courses.note(decided.contract_id, step)
        else:
            tx.courses.follow(course.rolled_back(at=now), step)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A candidate with what its comparison and its examples gave."""

    candidate: Either
    base: int
    changes: tuple[Changed, ...]
    trials: Trials
    impact: Impact | None
    regression: Regression | None
    governance_of: Either

    def proposal(
        self,
        ref: ContractRef,
        *,
        before: Proposal | None,
        by: str,
        reason: str,
        draft: bool,
        at: datetime,
    ) -> Proposal:
        """The proposal of this version. Who drafted it before stays one of its authors."""
        open_before = before is not None and before.state is not ProposalState.REJECTED
        authors = before.authors if before is not None and open_before else ()
        return Proposal(
            contract_id=ref.id,
            number=ref.number,
            digest=ref.digest,
            party=self.candidate.party,
            other=self.candidate.other,
            authors=(*authors, by) if by not in authors else authors,
            reason=reason,
            base=self.base,
            changes=self.changes,
            governance=self.governance_of.governance,
            draft=draft,
            proposed_at=at,
            trials=self.trials,
            impact=self.impact,
            regression=self.regression,
        )


def _in_force(view: View | Writing, candidate: Either) -> tuple[int, Either | None]:
    head = head_of(view, candidate.contract.id)
    if head is None or head.kind is not candidate.kind:
        return 0, None
    return head.newest, either_of(view, head, head.newest)


def _changed(base: Either, candidate: Either) -> tuple[Changed, ...]:
    return tuple(
        Changed(path=one.path, way=one.direction, why=one.why) for one in changes(base, candidate)
    )


def _draft(tx: Writing, candidate: Either, *, put_at: datetime, put_by: str) -> ContractRef:
    """Keeps the candidate as a version that is not in force."""
    contract = candidate.contract
    if isinstance(contract, SharingContract):
        shared = tx.contracts.draft(
            UnnumberedContract.of(
                contract, digest=candidate.digest, source=candidate.source, put_at=put_at,
                put_by=put_by,
            )
        )  # fmt: skip
        return ContractRef(id=shared.id, number=shared.number, digest=shared.digest)
    judged = tx.behavior.draft(
        UnnumberedBehavior(
            id=contract.id, digest=candidate.digest, party=contract.party,
            provider=contract.provider, source=candidate.source, put_at=put_at, put_by=put_by,
        )
    )  # fmt: skip
    return ContractRef(id=judged.id, number=judged.number, digest=judged.digest)


def _decided(
    proposal: Proposal, caller: Caller, request: DecideProposal, *, at: datetime
) -> Proposal:
    if not request.approve:
        return proposal.rejected(by=caller.name)
    if request.accept_changed_cases:
        proposal = proposal.accepted(by=caller.name, at=at, reason=request.reason)
    side = caller.partner if caller.partner is not None else proposal.party
    return proposal.approved(by=caller.name, side=side, at=at)


def _view(view: View | Writing, contract_id: str, number: int, *, now: datetime) -> ProposalView:
    course = view.courses.get(contract_id).turned(now)
    proposal = view.proposals.get(contract_id, number)
    shadow = view.shadows.newest(contract_id, number)
    report = None if shadow is None else view.shadows.report(shadow, now=now)
    return ProposalView.of(proposal, course, now=now, shadow=report)


def _as_cursor(last: Proposal) -> str:
    return f"{last.number}@{last.contract_id}"


def _as_place(cursor: str) -> tuple[str, int]:
    number, _, name = cursor.partition("@")
    return name, int(number)


def _named(first: AuditEntry) -> tuple[str, int]:
    """Which proposal the effect of an earlier request was about."""
    (ref,) = first.contracts
    return ref.id, ref.number
