"""Stands for the playbook desk where the server round it is tested."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from privacy_service.access import Caller
from privacy_service.behavior.curbs import Curb, CurbState, Tally
from privacy_service.behavior.model import Halt, TaskKind
from privacy_service.behavior.runs import Cause, Run, RunTask
from privacy_service.desks.ports.monitors import GetMonitors, Monitors
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.ports.playbooks import (
    CompleteTask,
    CurbView,
    HaltChecks,
    ListCurbs,
    ListRuns,
    ResolveRun,
    ResumeCurb,
    RunView,
    StartPlaybook,
)
from privacy_service.enforcement.answer import AuditStamp

AT = datetime(2026, 11, 26, tzinfo=UTC)
STAMP = AuditStamp(position=2, attempt=1, origin="test.example/audit")


@dataclass
class FakePlaybooks:
    """One run with one task, and one halt."""

    run: Run = field(
        default_factory=lambda: Run(
            id="run-1", contract_id="c", number=1, party="acme", provider="parrot", playbook="p",
            cause=Cause.PERSON, began_at=AT, detected_at=AT, steps=2, step=2, step_since=AT,
            tasks=(RunTask(step=1, kind=TaskKind.RULE, title="t", owner="o", due_at=AT),),
        )
    )  # fmt: skip
    curb: Curb = field(
        default_factory=lambda: Curb(
            id="curb-1", contract_id="c", party="acme", does=Halt(), reason="r", placed_by="ann",
            placed_at=AT, tally=Tally(since=AT),
        )
    )  # fmt: skip

    def list_runs(
        self, caller: Caller, request: ListRuns, *, seconds: float | None
    ) -> Page[RunView]:
        return Page(items=(RunView(run=self.run),), next=None)

    def get_run(self, caller: Caller, run_id: str, *, seconds: float | None) -> RunView:
        return RunView(run=replace(self.run, id=run_id))

    def start_playbook(
        self, caller: Caller, request: StartPlaybook, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]:
        self.run = replace(self.run, started_by=caller.name, reason=request.reason)
        return RunView(run=self.run), STAMP

    def complete_task(
        self, caller: Caller, request: CompleteTask, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]:
        done = self.run.with_task_done(
            request.step, by=caller.name, evidence=request.evidence, at=AT
        )
        return RunView(run=done), STAMP

    def resolve_run(
        self, caller: Caller, request: ResolveRun, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]:
        done = replace(self.run, resolved_at=AT, residual=request.residual, resolved_by=caller.name)
        return RunView(run=done), STAMP

    def halt_checks(
        self, caller: Caller, request: HaltChecks, *, seconds: float | None
    ) -> tuple[CurbView, AuditStamp]:
        return CurbView(curb=self.curb, state=CurbState.IN_PLACE), STAMP

    def resume_curb(
        self, caller: Caller, request: ResumeCurb, *, seconds: float | None
    ) -> tuple[CurbView, AuditStamp]:
        lifted = self.curb.lifted(by=caller.name, at=AT)
        return CurbView(curb=lifted, state=CurbState.LIFTED), STAMP

    def list_curbs(
        self, caller: Caller, request: ListCurbs, *, seconds: float | None
    ) -> Page[CurbView]:
        return Page(items=(CurbView(curb=self.curb, state=CurbState.IN_PLACE),), next=None)


class FakeMonitors:
    """Nothing was counted."""

    def get_monitors(
        self, caller: Caller, request: GetMonitors, *, seconds: float | None
    ) -> Monitors:
        return Monitors(
            contract_id=request.contract_id, number=1, since=AT - request.last, until=AT,
            series=(), windows=(), objectives=(),
        )  # fmt: skip
