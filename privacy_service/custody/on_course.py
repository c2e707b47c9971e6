"""What is done to the course of a contract in the transaction of another act."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from privacy_service import errors
from privacy_service.contracts.change import Way, overall
from privacy_service.contracts.course import ContractKind, Course, Step, StepKind
from privacy_service.contracts.governance import UNGOVERNED
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.desks.either import Either, changes
from privacy_service.desks.versions import as_version
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import ContractRef
from privacy_service.store.courses import Head
from privacy_service.store.views import View, Writing


class Numbered(Protocol):
    """A stored version of a contract of either kind."""

    @property
    def id(self) -> str: ...

    @property
    def number(self) -> int: ...


def judged_short(view: View, candidate: Either) -> int | None:
    """Whether the candidate may just be put: the version in force that it was judged by, None where
    nothing asks for more.

    Raises CONTRACT_NEEDS_PROPOSAL where the governance of the version in force, or the candidate's
    own where there is none, asks for approval or notice.
    """
    head = head_of(view, candidate.contract.id)
    active = either_of(view, head, head.newest) if head else None
    governance = (active or candidate).governance
    if governance == UNGOVERNED:
        return None
    weakens = (
        active is None
        or active.kind is not candidate.kind
        or overall(one.direction for one in changes(active, candidate)) is Way.WEAKENS
    )
    if active is None or active.digest != candidate.digest:
        governance.require_short_path(candidate.contract.id, weakens=weakens)
    return head.newest if head else 0


def require_same(tx: Writing, contract_id: str, base: int | None) -> Course | None:
    """How the contract stands before it is put, None for one that is not there.

    Raises CONTRACT_VERSION_CONFLICT where another version than the `base` that was judged by is in
    force by now, and that one asks for more than to be put.
    """
    head = head_of(tx, contract_id)
    if head is None:
        return None
    active = either_of(tx, head, head.newest)
    governed = active is not None and active.governance != UNGOVERNED
    if head.newest != (base or 0) and (governed or base is not None):
        raise PrivacyError(
            errors.CONTRACT_VERSION_CONFLICT, contract=contract_id, newest=head.newest
        )
    return tx.courses.get(contract_id)


def put_on_course(
    tx: Writing, before: Course | None, stored: Numbered, *, at: datetime, by: str
) -> bool:
    """A version was put: it takes the place of the one in force, of a plan and of a canary.

    Whether it is another than was in force. `before` is how the contract stood, if it was there.
    """
    course = (before or Course(contract_id=stored.id)).turned(at)
    course.require_going()
    if course.active == stored.number:
        return False
    step = Step(kind=StepKind.PUT, at=at, by=by, version=stored.number)
    tx.courses.follow(course.activated(stored.number, at=at), step)
    return True


def head_of(view: View | Writing, contract_id: str) -> Head | None:
    """The contract of either kind, None where there is none."""
    try:
        return view.courses.head(contract_id)
    except PrivacyError as error:
        if error.reason is not errors.CONTRACT_NOT_FOUND:
            raise
    return None


def ref_of(view: View | Writing, head: Head, number: int) -> ContractRef | None:
    """A version of a contract as evidence names it; None for number 0."""
    if not number:
        return None
    shelf = view.contracts if head.kind is ContractKind.SHARING else view.behavior
    version = shelf.version(head.contract_id, number)
    return ContractRef(id=version.id, number=version.number, digest=version.digest)


def either_of(view: View | Writing, head: Head, number: int) -> Either | None:
    """A version of a contract, read; None for number 0."""
    if not number:
        return None
    if head.kind is ContractKind.SHARING:
        shared = as_version(view.contracts.version(head.contract_id, number))
        return Either(contract=shared.contract, source=shared.source)
    judged = as_behavior(view.behavior.version(head.contract_id, number))
    return Either(contract=judged.contract, source=judged.source)
