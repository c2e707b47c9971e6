"""What is asked of playbooks: their runs, and what stands in the path of checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.curbs import Curb, CurbState
from privacy_service.behavior.runs import Risk, Run
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class CurbView:
    """A curb, and where it stands now."""

    curb: Curb
    state: CurbState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run, the curbs of its that hold, and the targets that are missed by now."""

    run: Run
    curbs: tuple[CurbView, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuns:
    """`resolved`: also those that are over."""

    contract_id: str | None = None
    resolved: bool = False
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPlaybook:
    """`began_at` is when what it is for began; None: now."""

    contract_id: str
    playbook: str
    reason: str = field(repr=False)
    began_at: datetime | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask:
    run_id: str
    step: int
    evidence: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveRun:
    """`began_at` is when the failure began, where that is known by now."""

    run_id: str
    residual: Risk
    says: str = field(repr=False)
    began_at: datetime | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltChecks:
    """`half_open_after` None: until somebody resumes it."""

    contract_id: str
    reason: str = field(repr=False)
    half_open_after: timedelta | None = None
    probes: int = 3
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCurb:
    curb_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCurbs:
    """`lifted`: also those that hold no more."""

    contract_id: str | None = None
    lifted: bool = False
    place: Place = FIRST_PAGE


class PlaybookDesk(Protocol):
    """PlaybookService. What changes something answers with its proof."""

    def list_runs(
        self, caller: Caller, request: ListRuns, *, seconds: float | None
    ) -> Page[RunView]: ...

    def get_run(self, caller: Caller, run_id: str, *, seconds: float | None) -> RunView: ...

    def start_playbook(
        self, caller: Caller, request: StartPlaybook, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]: ...

    def complete_task(
        self, caller: Caller, request: CompleteTask, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]: ...

    def resolve_run(
        self, caller: Caller, request: ResolveRun, *, seconds: float | None
    ) -> tuple[RunView, AuditStamp]: ...

    def halt_checks(
        self, caller: Caller, request: HaltChecks, *, seconds: float | None
    ) -> tuple[CurbView, AuditStamp]: ...

    def resume_curb(
        self, caller: Caller, request: ResumeCurb, *, seconds: float | None
    ) -> tuple[CurbView, AuditStamp]: ...

    def list_curbs(
        self, caller: Caller, request: ListCurbs, *, seconds: float | None
    ) -> Page[CurbView]: ...
