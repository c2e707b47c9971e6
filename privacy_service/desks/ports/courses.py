"""What is asked of the course desk: how contracts of both kinds stand, and moving them on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.contracts.course import ContractKind, Course, Step
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendContract:
    """`reason` names no person."""

    contract_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeContract:
    """`reason` names no person."""

    contract_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    """How a contract stands. `number` is the version in force; `steps` come newest first."""

    kind: ContractKind
    party: str
    other: str
    number: int
    course: Course
    steps: tuple[Step, ...]


class CourseDesk(Protocol):
    """GovernanceService. What changes a course answers with its proof."""

    def suspend(
        self, caller: Caller, request: SuspendContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def resume(
        self, caller: Caller, request: ResumeContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]: ...

    def course(self, caller: Caller, contract_id: str, *, seconds: float | None) -> CourseView: ...
