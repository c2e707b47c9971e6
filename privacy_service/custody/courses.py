"""The course desk: how contracts of both kinds stand, and moving them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.contracts.course import ContractKind, Step, StepKind
from privacy_service.custody.acts import Acts
from privacy_service.custody.holds import RequireUnnamed
from privacy_service.custody.once import Done, Once, OnceAct, act_once, by_person
from privacy_service.desks.ports.courses import CourseView, ResumeContract, SuspendContract
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.store.courses import Head
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

SUSPEND: Final = "GovernanceService/SuspendContract"
RESUME: Final = "GovernanceService/ResumeContract"
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})
_MOST_STEPS: Final = 500

Moved = tuple[CourseView, AuditStamp]


def suspend_contract(
    tx: Writing, contract_id: str, *, by: str, reason: str, at: datetime
) -> tuple[ContractRef, bool]:
    """Suspends a contract of either kind in the transaction of another act: from its commit on
    nothing is decided by it, on any replica. `reason` names no person.

    The version in force, and whether it was this that suspended it; a suspended contract stays
    with who suspended it first, and only somebody else can resume it. Raises CONTRACT_NOT_FOUND.
    """
    head = tx.courses.head(contract_id)
    course = tx.courses.get(contract_id)
    suspended = course.suspended(by=by, reason=reason, at=at)
    if suspended != course:
        step = Step(kind=StepKind.SUSPENDED, at=at, by=by, version=head.newest, reason=reason)
        tx.courses.follow(suspended, step)
    return ref_of(tx, head), suspended != course


def step_of_put(number: int, at: datetime, by: str) -> Step:
    """That a version was put, and took the place of the one before."""
    return Step(kind=StepKind.PUT, at=at, by=by, version=number)


def ref_of(view: View | Writing, head: Head) -> ContractRef:
    """The version in force of a contract."""
    shelf = view.contracts if head.kind is ContractKind.SHARING else view.behavior
    version = shelf.version(head.contract_id, head.newest)
    return ContractRef(id=version.id, number=version.number, digest=version.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursesDesk:
    """Answers GovernanceService. Either side sees a contract's course and may suspend it; an
    officer may both, and resumes what somebody else suspended.
    """

    database: Database
    acts: Acts
    once: Once
    require_unnamed: RequireUnnamed
    clock: Clock

    def suspend(self, caller: Caller, request: SuspendContract, *, seconds: float | None) -> Moved:
        """Stops whatever the contract would decide, at once and on every replica.

        A contract that is suspended stays so, with who did it first. Raises CONTRACT_NOT_FOUND,
        REQUEST_INVALID for a reason with personal data, REQUEST_ID_REUSED.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            ref, changed = suspend_contract(
                tx, head.contract_id, by=caller.name, reason=request.reason, at=now
            )
            outcome = "SUSPENDED" if changed else "UNCHANGED"
            return Done(value=_view(tx, head), outcome=outcome, contracts=(ref,))

        return self._move(caller, SUSPEND, request, change, seconds)

    def resume(self, caller: Caller, request: ResumeContract, *, seconds: float | None) -> Moved:
        """Lets the contract decide again. Raises CONTRACT_NOT_FOUND, CONTRACT_NOT_SUSPENDED,
        REQUEST_INVALID, REQUEST_ID_REUSED, and SECOND_PERSON_NEEDED for who suspended it.
        """
        self.require_unnamed("reason", request.reason, seconds=seconds)
        now = self.clock.now()

        def change(tx: Writing, head: Head) -> Done[CourseView]:
            course = tx.courses.get(head.contract_id).resumed(by=caller.name)
            tx.courses.follow(
                course,
                Step(
                    kind=StepKind.RESUMED, at=now, by=caller.name,
                    version=head.newest, reason=request.reason,
                ),
            )  # fmt: skip
            ref = ref_of(tx, head)
            return Done(value=_view(tx, head), outcome="RESUMED", contracts=(ref,))

        return self._move(caller, RESUME, request, change, seconds)

    def course(self, caller: Caller, contract_id: str, *, seconds: float | None) -> CourseView:
        """How a contract stands and what was done with it. Raises CONTRACT_NOT_FOUND."""
        del seconds
        with self.database.reading() as view:
            return _view(view, _seen(caller, view.courses.head(contract_id)))

    # -- Parts --------------------------------------------------------------------------------

    def _move(
        self,
        caller: Caller,
        action: str,
        request: SuspendContract | ResumeContract,
        change: Callable[[Writing, Head], Done[CourseView]],
        seconds: float | None,
    ) -> Moved:
        """Moves a course on once, with its entries in the log."""
        with self.database.reading() as view:
            head = _seen(caller, view.courses.head(request.contract_id))
        once = OnceAct(
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=action,
                at=self.clock.now(),
                actor=caller.name,
                partner=head.party,
                counterparty=head.other,
                request=self.once.request(action, request.contract_id, request.reason),
                resource=head.contract_id,
            ),
            whose=by_person(caller.name),
            request_id=request.request_id,
            change=lambda tx: change(tx, tx.courses.head(head.contract_id)),
            again=lambda tx, _first: _view(tx, tx.courses.head(head.contract_id)),
        )
        return act_once(self.acts, self.once, once, seconds=seconds)


def _view(view: View | Writing, head: Head) -> CourseView:
    steps = view.courses.steps(head.contract_id, limit=_MOST_STEPS)
    return CourseView(
        kind=head.kind,
        party=head.party,
        other=head.other,
        number=head.newest,
        course=view.courses.get(head.contract_id),
        steps=tuple(step for _number, step in steps),
    )


def _seen(caller: Caller, head: Head) -> Head:
    """The contract, if the caller may know of it; what it may not know is not there."""
    if caller.roles & _READS_ALL or caller.partner in (head.party, head.other):
        return head
    raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=head.contract_id)
