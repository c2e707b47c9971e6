"""A desk that GovernanceService can be served from."""

from __future__ import annotations

from dataclasses import dataclass, field

from privacy_service.access import Caller
from privacy_service.contracts.course import ContractKind, Course
from privacy_service.desks.ports.courses import CourseView, ResumeContract, SuspendContract
from privacy_service.enforcement.answer import AuditStamp
from tests.rpc.breach_fakes import AT, STAMP


@dataclass
class FakeCourses:
    """Every contract is there, and stands as it was moved."""

    courses: dict[str, Course] = field(default_factory=dict)

    def suspend(
        self, caller: Caller, request: SuspendContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        course = self._course(request.contract_id)
        self.courses[request.contract_id] = course.suspended(
            by=caller.name, reason=request.reason, at=AT
        )
        return self.course(caller, request.contract_id, seconds=seconds), STAMP

    def resume(
        self, caller: Caller, request: ResumeContract, *, seconds: float | None
    ) -> tuple[CourseView, AuditStamp]:
        self.courses[request.contract_id] = self._course(request.contract_id).resumed(
            by=caller.name
        )
        return self.course(caller, request.contract_id, seconds=seconds), STAMP

    def course(self, caller: Caller, contract_id: str, *, seconds: float | None) -> CourseView:
        return CourseView(
            kind=ContractKind.SHARING,
            party="acme",
            other="globex",
            number=1,
            course=self._course(contract_id),
            steps=(),
        )

    def _course(self, contract_id: str) -> Course:
        return self.courses.get(contract_id, Course(contract_id=contract_id))
