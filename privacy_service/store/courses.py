"""How contracts of both kinds stand, and what was done with them, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update

from privacy_service import errors
from privacy_service.contracts.course import ContractKind, Course, Step, StepKind, Suspension
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    behavior_contracts,
    contract_courses,
    contract_steps,
    contracts,
)

_GET = select(contract_courses).where(contract_courses.c.contract_id == bindparam("named"))
_SHARING_HEAD = select(
    contracts.c.newest, contracts.c.party, contracts.c.counterparty.label("other")
).where(contracts.c.id == bindparam("named"))
_BEHAVIOR_HEAD = select(
    behavior_contracts.c.newest, behavior_contracts.c.party,
    behavior_contracts.c.provider.label("other"),
).where(behavior_contracts.c.id == bindparam("named"))  # fmt: skip
_STEPS = select(contract_steps).where(contract_steps.c.contract_id == bindparam("named"))
_LAST_STEP = select(func.max(contract_steps.c.number)).where(
    contract_steps.c.contract_id == bindparam("named")
)
_ADD_STEP = contract_steps.insert()
_ADD = insert_absent(contract_courses)
_STATE: Final = ("suspended_at", "suspended_by", "suspend_reason")
_CHANGE = (
    update(contract_courses)
    .where(contract_courses.c.contract_id == bindparam("named"))
    .values({name: bindparam(name) for name in _STATE})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which contract an id belongs to: its kind and its two sides. `newest` is the version that
    decides.
    """

    contract_id: str
    kind: ContractKind
    newest: int
    party: str
    other: str


class CourseReading:
    """How contracts stand."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def head(self, contract_id: str) -> Head:
        """The contract of either kind. Raises CONTRACT_NOT_FOUND."""
        for kind, query in (
            (ContractKind.SHARING, _SHARING_HEAD),
            (ContractKind.BEHAVIOR, _BEHAVIOR_HEAD),
        ):
            row = self._reads.one(query, {"named": contract_id})
            if row is not None:
                return Head(contract_id=contract_id, kind=kind, **row._asdict())
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract_id)

    def get(self, contract_id: str) -> Course:
        """How the contract stands; also for one that is not there."""
        row = self._reads.one(_GET, {"named": contract_id})
        return Course(contract_id=contract_id) if row is None else course_of(row)

    def steps(
        self, contract_id: str, *, before: int | None = None, limit: int = 100
    ) -> tuple[tuple[int, Step], ...]:
        """What was done with a contract, newest first, each with its number; below `before`."""
        number = contract_steps.c.number
        page = _STEPS if before is None else _STEPS.where(number < before)
        rows = self._reads.all(page.order_by(number.desc()).limit(limit), {"named": contract_id})
        return tuple((row.number, _step(row)) for row in rows)


class CourseWriting(CourseReading):
    """How contracts stand, and moving them on. `touch` has replicas look at contracts again."""

    def __init__(self, writes: Writes, touch: Callable[[], None]) -> None:
        super().__init__(writes)
        self._writes = writes
        self._touch = touch

    def follow(self, course: Course, step: Step) -> None:
        """Keeps how a contract stands by now, and the step that made it so.

        What replicas know of contracts is looked at again: whoever releases after this does so by
        the new course.
        """
        suspension = course.suspension
        self._writes.change(_ADD, {"contract_id": course.contract_id})
        self._writes.change(
            _CHANGE,
            {
                "named": course.contract_id,
                "suspended_at": suspension and suspension.at,
                "suspended_by": suspension and suspension.by,
                "suspend_reason": suspension and suspension.reason,
            },
        )
        self._touch()
        self.note(course.contract_id, step)

    def note(self, contract_id: str, step: Step) -> None:
        """Puts down what was done with a contract, after all that was done before."""
        row = self._writes.one(_LAST_STEP, {"named": contract_id})
        last = -1 if row is None or row[0] is None else int(row[0])
        self._writes.change(
            _ADD_STEP,
            {
                "contract_id": contract_id,
                "number": last + 1,
                "kind": step.kind.value,
                "at": step.at,
                "by": step.by,
                "version": step.version,
                "reason": step.reason,
            },
        )


def courses_of(rows: Iterable[Row[Any]]) -> Mapping[str, Course]:
    """The courses of rows of `contract_courses`, by contract."""
    return {row.contract_id: course_of(row) for row in rows}


def course_of(row: Row[Any]) -> Course:
    """One row of `contract_courses`."""
    suspension = None
    if row.suspended_at is not None:
        suspension = Suspension(by=row.suspended_by, at=row.suspended_at, reason=row.suspend_reason)
    return Course(contract_id=row.contract_id, suspension=suspension)


def _step(row: Row[Any]) -> Step:
    return Step(
        kind=StepKind(row.kind), at=row.at, by=row.by, version=row.version, reason=row.reason
    )
