"""What is asked about recorded cases: decided reviews whose content is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.request import CheckRequest
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.reviews.review import Review, ReviewKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PinCase:
    """`reason` names no person."""

    review_id: str
    until: datetime
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpinCase:
    """`reason` names no person."""

    review_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCase:
    """A prompt or an output of a validation, of one step of a scenario. `scenario` names no
    person.
    """

    contract_id: str
    check: CheckRequest
    scenario: str
    step: int
    until: datetime
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A review whose content is kept; until when, by whom and why it is pinned, if it is."""

    review: Review
    pinned_until: datetime | None = None
    pinned_by: str | None = None
    reason: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Which scenario and step it is, of a validation; else empty."""
        return (self.review.note or "") if self.recorded else ""

    @property
    def recorded(self) -> bool:
        """Whether a validation recorded it; else people decided it."""
        return self.review.kind is ReviewKind.CASE


class CaseDesk(Protocol):
    """GovernanceService on recorded cases. What pins one or lets it go answers with its proof."""

    def pin(
        self, caller: Caller, request: PinCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]: ...

    def unpin(
        self, caller: Caller, request: UnpinCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]: ...

    def record(
        self, caller: Caller, request: RecordCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]: ...

    def list_cases(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> tuple[CaseView, ...]: ...
