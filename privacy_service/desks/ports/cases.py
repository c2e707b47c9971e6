"""What is asked about recorded cases: decided reviews whose content is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.reviews.review import Review


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
class CaseView:
    """A review whose content is kept; until when, by whom and why it is pinned, if it is."""

    review: Review
    pinned_until: datetime | None = None
    pinned_by: str | None = None
    reason: str = field(default="", repr=False)


class CaseDesk(Protocol):
    """GovernanceService on recorded cases. What pins one or lets it go answers with its proof."""

    def pin(
        self, caller: Caller, request: PinCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]: ...

    def unpin(
        self, caller: Caller, request: UnpinCase, *, seconds: float | None
    ) -> tuple[CaseView, AuditStamp]: ...

    def list_cases(
        self, caller: Caller, contract_id: str, *, seconds: float | None
    ) -> tuple[CaseView, ...]: ...
