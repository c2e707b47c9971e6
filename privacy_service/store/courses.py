"""How contracts of both kinds stand, what is proposed, and what was done with them, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from privacy_service import errors
from privacy_service.contracts.course import (
    Canary,
    ContractKind,
    Course,
    Planned,
    Step,
    StepKind,
    Suspension,
)
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes, insert_absent
from privacy_service.store.tables import (
    behavior_contracts,
    behavior_versions,
    contract_courses,
    contract_steps,
    contract_versions,
    contracts,
)

_GET = select(contract_courses).where(contract_courses.c.contract_id == bindparam("named"))
_DUE = (
    select(contract_courses.c.contract_id)
    .where(contract_courses.c.planned_at <= bindparam("now"))
    .order_by(contract_courses.c.planned_at)
    .limit(bindparam("most"))
)
_SHARING_HEAD = select(
    contracts.c.newest, contracts.c.party, contracts.c.counterparty.label("other")
).where(contracts.c.id == bindparam("named"))
_BEHAVIOR_HEAD = select(
    behavior_contracts.c.newest, behavior_contracts.c.party,
    behavior_contracts.c.provider.label("other"),
).where(behavior_contracts.c.id == bindparam("named"))  # fmt: skip
_ACTIVATE_SHARING = (
    update(contracts)
    .where(contracts.c.id == bindparam("named"))
    .values(
        newest=bindparam("number"),
        counterparty=select(contract_versions.c.counterparty)
        .where(
            contract_versions.c.contract_id == bindparam("named"),
            contract_versions.c.number == bindparam("number"),
        )
        .scalar_subquery(),
    )
)
_ACTIVATE_BEHAVIOR = (
    update(behavior_contracts)
    .where(behavior_contracts.c.id == bindparam("named"))
    .values(
        newest=bindparam("number"),
        provider=select(behavior_versions.c.provider)
        .where(
            behavior_versions.c.contract_id == bindparam("named"),
            behavior_versions.c.number == bindparam("number"),
        )
        .scalar_subquery(),
    )
)
_STEPS = select(contract_steps).where(contract_steps.c.contract_id == bindparam("named"))
_IN_FORCE = (
    select(contract_steps.c.version)
    .distinct()
    .where(
        contract_steps.c.contract_id == bindparam("named"),
        contract_steps.c.kind.in_((StepKind.PUT.value, StepKind.ACTIVATED.value)),
    )
)
_LAST_STEP = select(func.max(contract_steps.c.number)).where(
    contract_steps.c.contract_id == bindparam("named")
)
_ADD_STEP = contract_steps.insert()
_ADD = insert_absent(contract_courses)
_CHANGE = (
    update(contract_courses)
    .where(contract_courses.c.contract_id == bindparam("named"))
    .values(
        {one.name: bindparam(one.name) for one in contract_courses.c if one.name != "contract_id"}
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which contract an id belongs to: its kind and its two sides. `newest` is the version in
    force, 0 where there is none yet.
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
        """How the contract stands. Raises CONTRACT_NOT_FOUND."""
        head = self.head(contract_id)
        row = self._reads.one(_GET, {"named": contract_id})
        if row is None:
            return Course(contract_id=contract_id, active=head.newest)
        return _course(row, head.newest)

    def due(self, now: datetime, *, limit: int = 100) -> tuple[str, ...]:
        """The contracts with a plan for an instant that has come."""
        rows = self._reads.all(_DUE, {"now": now, "most": limit})
        return tuple(row.contract_id for row in rows)

    def once_in_force(self, contract_id: str) -> frozenset[int]:
        """The versions of a contract that are or were in force."""
        rows = self._reads.all(_IN_FORCE, {"named": contract_id})
        return frozenset(row.version for row in rows)

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
        the new course. Raises CONTRACT_NOT_FOUND.
        """
        head = self.head(course.contract_id)
        if course.active != head.newest:
            sharing = head.kind is ContractKind.SHARING
            self._writes.change(
                _ACTIVATE_SHARING if sharing else _ACTIVATE_BEHAVIOR,
                {"named": course.contract_id, "number": course.active},
            )
        self._writes.change(_ADD, {"contract_id": course.contract_id})
        self._writes.change(_CHANGE, {"named": course.contract_id, **_values(course)})
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
    """The courses of rows of `contract_courses` with the version in force, by contract."""
    return {row.contract_id: _course(row, row.newest) for row in rows}


def _course(row: Row[Any], active: int) -> Course:
    suspension = planned = canary = retirement = None
    if row.suspended_at is not None:
        suspension = Suspension(by=row.suspended_by, at=row.suspended_at, reason=row.suspend_reason)
    if row.retired_at is not None:
        retirement = Suspension(by=row.retired_by, at=row.retired_at, reason=row.retire_reason)
    if row.planned_number is not None:
        planned = Planned(number=row.planned_number, at=row.planned_at, by=row.planned_by)
    if row.canary_number is not None:
        canary = Canary(number=row.canary_number, share=row.canary_share)
    return Course(
        contract_id=row.contract_id,
        active=active,
        back_to=row.back_to,
        planned=planned,
        canary=canary,
        suspension=suspension,
        retirement=retirement,
        certified_at=row.certified_at,
        as_of=row.as_of,
    )


def _values(course: Course) -> dict[str, object]:
    suspension, planned, canary = course.suspension, course.planned, course.canary
    retirement = course.retirement
    return {
        "suspended_at": suspension and suspension.at,
        "suspended_by": suspension and suspension.by,
        "suspend_reason": suspension and suspension.reason,
        "back_to": course.back_to,
        "planned_number": planned and planned.number,
        "planned_at": planned and planned.at,
        "planned_by": planned and planned.by,
        "canary_number": canary and canary.number,
        "canary_share": canary and canary.share,
        "retired_at": retirement and retirement.at,
        "retired_by": retirement and retirement.by,
        "retire_reason": retirement and retirement.reason,
        "certified_at": course.certified_at,
        "as_of": course.as_of,
    }


def _step(row: Row[Any]) -> Step:
    return Step(
        kind=StepKind(row.kind), at=row.at, by=row.by, version=row.version, reason=row.reason
    )
