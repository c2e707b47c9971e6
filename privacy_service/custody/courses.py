"""The course desk: how contracts of both kinds stand, and moving them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.contracts.change import Way, overall
from privacy_service.contracts.course import Canary, ContractKind, Course, Planned, Step, StepKind
from privacy_service.contracts.governance import Approval
from privacy_service.contracts.proposal import Proposal
from privacy_service.contracts.shadow import ShadowReport
from privacy_service.custody.acts import Acts
from privacy_service.custody.certifying import packet_of
from privacy_service.custody.ending import left_of, let_cases_go
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.measures import Measures, said_of
from privacy_service.custody.on_course import either_of, ref_of
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.either import changes
from privacy_service.desks.ports.courses import (
    ActivateContract,
    CourseView,
    Decommissioning,
    MoveContract,
    PacketView,
    ProposalView,
    RecertifyContract,
)
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.store.courses import Head
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

ACTIVATE: Final = "GovernanceService/ActivateContract"
ROLL_BACK: Final = "GovernanceService/RollBackContract"
SUSPEND: Final = "GovernanceService/SuspendContract"
RESUME: Final = "GovernanceService/ResumeContract"
RETIRE: Final = "GovernanceService/RetireContract"
RECERTIFY: Final = "GovernanceService/RecertifyContract"
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})
_MOST_STEPS: Final = 500

Moved = tuple[CourseView, AuditStamp]


def suspend_contract(
    tx: Writing, contract_id: str, *, by: str, reason: str, at: datetime
) -> tuple[ContractRef | None, bool]:
    """Suspends a contract of either kind in the transaction of another act: from its commit on
    nothing is decided by it, on any replica. `reason` names no person.

    The version in force (None: there is none yet), and whether it was this that suspended it; a
    suspended contract stays with who suspended it first, and only somebody else can resume it.
    Raises CONTRACT_NOT_FOUND.
    """
    course = tx.courses.get(contract_id)
    suspended = course.suspended(by=by, reason=reason, at=at)
    if suspended != course:
        step = Step(
            kind=StepKind.SUSPENDED, at=at, by=by, version=course.active or None, reason=reason
        )
        tx.courses.follow(suspended, step)
    return ref_of(tx, tx.courses.head(contract_id), course.active), suspended != course


def turn_course(tx: Writing, contract_id: str, *, at: datetime) -> Planned | None:
    """Makes true for good what was planned until an instant, whatever clocks say afterwards.

    The plan; None where none has come. Raises CONTRACT_NOT_FOUND.
    """
    course = tx.courses.get(contract_id)
    plan, turned = course.planned, course.turned(at)
    if plan is None or turned == course:
        return None
    step = Step(kind=StepKind.ACTIVATED, at=plan.at, by=plan.by, version=plan.number)
    tx.courses.follow(turned, step)
    _mark_activated(tx, contract_id, plan.number, plan.at)
    return plan


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursesDesk:
    """Answers GovernanceService on courses. Either side sees a contract's course and may suspend
    it; its party activates and rolls back; an officer may all that, and resumes what somebody else
    suspended. `moved` has this replica look at contracts again; `end_file` gives the
    receipt of a contract's end.
    """

    database: Database
    acts: Acts
    once: Once
    require_unnamed: RequireUnnamed
    measures: Measures
    moved: Callable[[], None]
    end_file: Callable[[str], str]
    clock: Clock

    def activate(
        self, caller: Caller, request: ActivateContract, *, seconds: float | None
    ) -> Moved:
        """Puts a version that was proposed in force: now, from an instant on, or for a share.

        What is so already stays so. Raises CONTRACT_NOT_FOUND, PROPOSAL_NOT_FOUND,
        NOT_YOUR_PARTNER, CONTRACT_NOT_READY with what it lacks, REQUEST_INVALID for a share from
        an instant on, REQUEST_ID_REUSED.
        """
        if request.share is not None and request.at is not None:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="at",
                says="a share begins at once: give one of the two",
            )
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            if Role.OFFICER not in caller.roles:
                caller.require_partner(head.party)
            turn_course(tx, head.contract_id, at=now)
            before = tx.courses.get(head.contract_id)
            before.require_going()
            after, step = _activated(tx, before, request, by=caller.name, now=now)
            if after != before:
                tx.courses.follow(after, step)
                if step.kind is StepKind.ACTIVATED:
                    _mark_activated(tx, head.contract_id, request.version, now)
            return _done(
                tx, head, step.kind.value.upper() if after != before else "UNCHANGED", now=now
            )

        said = (str(request.version), str(request.at or ""), str(request.share or ""))
        return self._move(caller, ACTIVATE, request, said, change, seconds)

    def roll_back(self, caller: Caller, request: MoveContract, *, seconds: float | None) -> Moved:
        """Back to what was in force: a canary or a plan ends; without either, the version before
        the one in force takes its place again, at once.

        A contract that was just rolled back stays as it is. Raises CONTRACT_NOT_FOUND,
        NOT_YOUR_PARTNER, NOTHING_TO_ROLL_BACK, REQUEST_INVALID, REQUEST_ID_REUSED, and
        OFFICER_NEEDED where the contract asks for approval and the way back weakens.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            if Role.OFFICER not in caller.roles:
                caller.require_partner(head.party)
            turn_course(tx, head.contract_id, at=now)
            if _was_rolled_back(tx, head.contract_id):
                return _done(tx, head, "UNCHANGED", now=now)
            before = tx.courses.get(head.contract_id)
            before.require_going()
            after = before.rolled_back(at=now)
            if Role.OFFICER not in caller.roles:
                _require_no_weaker(tx, head, before, after)
            step = Step(
                kind=StepKind.ROLLED_BACK, at=now, by=caller.name,
                version=after.active, reason=request.reason,
            )  # fmt: skip
            tx.courses.follow(after, step)
            return _done(tx, head, "ROLLED_BACK", now=now)

        return self._move(caller, ROLL_BACK, request, (request.reason,), change, seconds)

    def suspend(self, caller: Caller, request: MoveContract, *, seconds: float | None) -> Moved:
        """Stops whatever the contract would decide, at once and on every replica.

        A contract that is suspended stays so, with who did it first. Raises CONTRACT_NOT_FOUND,
        REQUEST_INVALID for a reason with personal data, REQUEST_ID_REUSED; with a breach what
        `Measures.require` raises.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            _ref, changed = suspend_contract(
                tx, head.contract_id, by=caller.name, reason=request.reason, at=now
            )
            says = f"{head.contract_id}: {request.reason}"
            self.measures.tell(
                tx, request.breach_id, what="suspended_contract", says=says, caller=caller
            )
            return _done(tx, head, "SUSPENDED" if changed else "UNCHANGED", now=now)

        said = (request.reason, *said_of(request.breach_id))
        return self._move(caller, SUSPEND, request, said, change, seconds)

    def resume(self, caller: Caller, request: MoveContract, *, seconds: float | None) -> Moved:
        """Lets the contract decide again. Raises CONTRACT_NOT_FOUND, CONTRACT_NOT_SUSPENDED,
        REQUEST_INVALID, REQUEST_ID_REUSED, and SECOND_PERSON_NEEDED for who suspended it.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            course = tx.courses.get(head.contract_id).resumed(by=caller.name)
            step = Step(
                kind=StepKind.RESUMED, at=now, by=caller.name,
                version=course.active or None, reason=request.reason,
            )  # fmt: skip
            tx.courses.follow(course, step)
            return _done(tx, head, "RESUMED", now=now)

        return self._move(caller, RESUME, request, (request.reason,), change, seconds)

    def retire(self, caller: Caller, request: MoveContract, *, seconds: float | None) -> Moved:
        """Ends a contract that somebody else has suspended, for good: nothing passes under it, our
        copies of what did are due for deletion, and recipients are asked to delete theirs.

        Raises CONTRACT_NOT_FOUND, CONTRACT_NOT_SUSPENDED, SECOND_PERSON_NEEDED, REQUEST_INVALID,
        REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            before = tx.courses.get(head.contract_id)
            after = before.retired(by=caller.name, reason=request.reason, at=now)
            if after != before:
                step = Step(
                    kind=StepKind.RETIRED, at=now, by=caller.name,
                    version=before.active or None, reason=request.reason,
                )  # fmt: skip
                tx.courses.follow(after, step)
                tx.endings.end(head.contract_id, now)
                let_cases_go(tx, head)
            return _done(tx, head, "RETIRED" if after != before else "UNCHANGED", now=now)

        return self._move(caller, RETIRE, request, (request.reason,), change, seconds)

    def decommissioning(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> Decommissioning:
        """What there still is of what passed under a contract. Raises CONTRACT_NOT_FOUND."""
        del seconds
        with self.database.reading() as view:
            return left_of(view, seen_by(caller, view.courses.head(contract_id)), self.clock.now())

    def end_receipt(self, caller: Caller, contract_id: str, *, seconds: float | None) -> str:
        """The signed receipt of a contract's end, with its proof. Raises CONTRACT_NOT_FOUND,
        DECOMMISSIONING_NOT_DONE.
        """
        del seconds
        with self.database.reading() as view:
            seen_by(caller, view.courses.head(contract_id))
        return self.end_file(contract_id)

    def packet(
        self, caller: Caller, contract_id: str, *, as_of: datetime | None, seconds: float | None
    ) -> PacketView:
        """What an officer looks at before recertifying. Raises CONTRACT_NOT_FOUND."""
        del seconds
        at = min(as_of or self.clock.now(), self.clock.now())
        with self.database.reading() as view:
            made = packet_of(view, seen_by(caller, view.courses.head(contract_id)), as_of=at)
        return PacketView(text=made.text, digest=made.digest, as_of=made.as_of)

    def recertify(
        self, caller: Caller, request: RecertifyContract, *, seconds: float | None
    ) -> Moved:
        """Says that a contract still is right, by the packet that was looked at: its time begins
        anew, from now on.

        Raises CONTRACT_NOT_FOUND, CONTRACT_RETIRED, PACKET_DIFFERS, REQUEST_INVALID,
        REQUEST_ID_REUSED, and SECOND_PERSON_NEEDED for who wrote the version in force.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()
        with self.database.reading() as view:
            head = seen_by(caller, view.courses.head(request.contract_id))
            looked = packet_of(view, head, as_of=request.as_of)
        if looked.digest != request.digest:
            raise PrivacyError(errors.PACKET_DIFFERS, contract=request.contract_id)

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            course = tx.courses.get(head.contract_id)
            course.require_going()
            if caller.name in _authors(tx, head):
                raise PrivacyError(errors.SECOND_PERSON_NEEDED, contract=head.contract_id)
            step = Step(
                kind=StepKind.RECERTIFIED, at=now, by=caller.name, version=course.active or None,
                reason=f"{request.reason} (packet {request.digest[:19]})",
            )  # fmt: skip
            tx.courses.follow(course.certified(at=now), step)
            return _done(tx, head, "RECERTIFIED", now=now)

        said = (request.as_of.isoformat(), request.digest, request.reason)
        return self._move(caller, RECERTIFY, request, said, change, seconds)

    def course(self, caller: Caller, contract_id: str, *, seconds: float | None) -> CourseView:
        """How a contract stands and what was done with it. Raises CONTRACT_NOT_FOUND."""
        del seconds
        with self.database.reading() as view:
            return _view(
                view, seen_by(caller, view.courses.head(contract_id)), now=self.clock.now()
            )

    # -- Parts --------------------------------------------------------------------------------

    def _move(
        self,
        caller: Caller,
        action: str,
        request: ActivateContract | MoveContract | RecertifyContract,
        said: tuple[str, ...],
        change: Callable[[Writing, Head], Done[CourseView]],
        seconds: float | None,
    ) -> Moved:
        """Moves a course on once, with its entries in the log."""
        now = self.clock.now()
        with self.database.reading() as view:
            head = seen_by(caller, view.courses.head(request.contract_id))
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
            again=lambda tx, _first: _view(tx, tx.courses.head(head.contract_id), now=now),
        )
        done = act_once(self.acts, self.once, once, seconds=seconds)
        self.moved()
        return done


def _activated(
    tx: Writing, course: Course, request: ActivateContract, *, by: str, now: datetime
) -> tuple[Course, Step]:
    """The course with the version in force as it is asked for, and the step to it."""
    number, at, share = request.version, request.at, request.share
    later = at is not None and at > now
    if number == course.active and share is None and not later:
        return _settled(course, number), Step(
            kind=StepKind.ACTIVATED, at=now, by=by, version=number
        )
    proposal = tx.proposals.get(course.contract_id, number)
    lacks = proposal.lacks(active=course.active, at=at if at is not None and later else now)
    if lacks:
        raise PrivacyError(
            errors.CONTRACT_NOT_READY, contract=course.contract_id, lacks="; ".join(lacks)
        )
    if share is not None:
        tried = Canary(number=number, share=share)
        step = Step(kind=StepKind.CANARY, at=now, by=by, version=number, reason=_percent(share))
        same = course.canary == tried
        return course if same else course.tried(tried, at=now), step
    if at is not None and later:
        plan = Planned(number=number, at=at, by=by)
        step = Step(
            kind=StepKind.PLANNED, at=now, by=by, version=number, reason=f"from {at.isoformat()}"
        )
        known = course.planned
        same = known is not None and (known.number, known.at) == (number, at)
        return course if same else course.planned_for(plan, at=now), step
    step = Step(kind=StepKind.ACTIVATED, at=now, by=by, version=number)
    return course.activated(number, at=now), step


def _settled(course: Course, number: int) -> Course:
    """In force for every request: without a canary or a plan of another version."""
    if course.canary is None and course.planned is None:
        return course
    return course.activated(number, at=course.as_of) if course.as_of else course


def _percent(share: int) -> str:
    return f"{share / 100:g} %"


def _was_rolled_back(tx: Writing, contract_id: str) -> bool:
    """Whether nothing was done since a rollback, so that two who roll back do it once."""
    done = (StepKind.SUSPENDED, StepKind.RESUMED)
    for _number, step in tx.courses.steps(contract_id, limit=20):
        if step.kind not in done:
            return step.kind is StepKind.ROLLED_BACK
    return False


def _require_no_weaker(tx: Writing, head: Head, before: Course, after: Course) -> None:
    """Raises OFFICER_NEEDED where the version in force asks for approval, and the one that would
    take its place weakens it.
    """
    ours, theirs = either_of(tx, head, before.active), either_of(tx, head, after.active)
    if ours is None or theirs is None or before.active == after.active:
        return
    governed = ours.governance.approval is not Approval.NONE
    if governed and overall(one.direction for one in changes(ours, theirs)) is Way.WEAKENS:
        raise PrivacyError(errors.OFFICER_NEEDED, contract=head.contract_id)


def _mark_activated(tx: Writing, contract_id: str, number: int, at: datetime) -> None:
    proposal = tx.proposals.find(contract_id, number)
    if proposal is not None:
        tx.proposals.keep(replace(proposal, activated_at=at))


def _authors(tx: Writing, head: Head) -> tuple[str, ...]:
    """Who drafted, proposed or put the version in force."""
    proposal = tx.proposals.find(head.contract_id, head.newest)
    if proposal is not None:
        return proposal.authors
    shelf = tx.contracts if head.kind is ContractKind.SHARING else tx.behavior
    return (shelf.version(head.contract_id, head.newest).put_by,)


def _done(tx: Writing, head: Head, outcome: str, *, now: datetime) -> Done[CourseView]:
    view = _view(tx, tx.courses.head(head.contract_id), now=now)
    ref = ref_of(tx, head, view.course.active)
    return Done(value=view, outcome=outcome, contracts=() if ref is None else (ref,))


def _view(view: View | Writing, head: Head, *, now: datetime) -> CourseView:
    steps = view.courses.steps(head.contract_id, limit=_MOST_STEPS)
    course = view.courses.get(head.contract_id).turned(now)
    due, lapses = _dates(view, head, course)
    newest = view.shadows.newest(head.contract_id)
    shadow = None if newest is None else view.shadows.report(newest, now=now)
    return CourseView(
        kind=head.kind,
        party=head.party,
        other=head.other,
        course=course,
        due_at=due,
        lapses_at=lapses,
        proposals=tuple(
            ProposalView.of(one, course, now=now, shadow=_seen_beside(shadow, one))
            for one in view.proposals.list(head.contract_id)
        ),
        steps=tuple(step for _number, step in steps),
    )


def _seen_beside(shadow: ShadowReport | None, proposal: Proposal) -> ShadowReport | None:
    """What the contract's last shadow saw, if it is that of the proposal's version."""
    if shadow is None or shadow.shadow.number != proposal.number:
        return None
    return shadow


def _dates(
    view: View | Writing, head: Head, course: Course
) -> tuple[datetime | None, datetime | None]:
    """When it is due to be looked at again, and when it lapses."""
    version = either_of(view, head, course.active)
    if version is None:
        return None, None
    shelf = view.contracts if head.kind is ContractKind.SHARING else view.behavior
    since = course.certified_at or shelf.version(head.contract_id, course.active).put_at
    return version.governance.due(since), version.governance.lapses(since)


def seen_by(caller: Caller, head: Head) -> Head:
    """The contract, if the caller may know of it. Raises CONTRACT_NOT_FOUND: what it may not know
    is not there.
    """
    if caller.roles & _READS_ALL or caller.partner in (head.party, head.other):
        return head
    raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=head.contract_id)


def visible(caller: Caller, partner: str | None) -> str | None:
    """Of whose contracts a list is: of that partner, None for everybody's. Raises NOT_YOUR_PARTNER
    where the caller may not have it.
    """
    if caller.roles & _READS_ALL:
        return partner
    if partner not in (None, caller.partner):
        raise PrivacyError(errors.NOT_YOUR_PARTNER)
    return caller.partner
