"""What is asked about the outcomes of checks, and about failure modes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.outcomes import (
    Catalogue,
    ModeRecord,
    OutcomeKind,
    ReportedOutcome,
)
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutcome:
    """`check_id` is the request id that the check was made with."""

    party: str
    check_id: str
    kind: OutcomeKind
    broken: tuple[str, ...] = ()
    failure: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReported:
    """What was kept, and the run of a playbook that it began, if it did."""

    outcome: ReportedOutcome
    run_id: str | None
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFailureModes:
    """`contract_id` None: of every contract that the caller may see. `until` None: now; `since`
    None: 30 days before. A page has so many contracts.
    """

    contract_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFailureMode:
    contract_id: str
    failure: str
    since: datetime | None = None
    until: datetime | None = None


class OutcomeDesk(Protocol):
    """What BehaviorService knows from outcomes."""

    def report_outcome(
        self, caller: Caller, request: ReportOutcome, *, seconds: float | None
    ) -> OutcomeReported: ...

    def get_failure_mode(
        self, caller: Caller, request: GetFailureMode, *, seconds: float | None
    ) -> ModeRecord: ...

    def list_failure_modes(
        self, caller: Caller, request: ListFailureModes, *, seconds: float | None
    ) -> Page[Catalogue]: ...
