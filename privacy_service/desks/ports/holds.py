"""What is asked of the legal hold desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef
from privacy_service.subjects.holds import HeldUse, LegalHold


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """What is None is not named; at least one of subjects, partner, contract and query is.

    `query` is a record query as it was written; `breach_id` the breach whose evidence is held.
    """

    subjects: tuple[SubjectRef, ...] = ()
    partner: str | None = None
    contract: str | None = None
    query: str | None = None
    matter: str
    reason: str = field(repr=False)
    approver: str
    review_on: date
    use: HeldUse = HeldUse.RESTRICTED
    breach_id: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListHolds:
    """`lifted`: also those that hold no more. `subject`: those that name this person."""

    lifted: bool = False
    subject: SubjectRef | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeLift:
    hold_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmLift:
    hold_id: str
    request_id: str


class LegalHoldDesk(Protocol):
    """LegalHoldService. Holds come sorted by id. What changes one answers with its proof."""

    def place_hold(
        self, caller: Caller, request: PlaceHold, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]: ...

    def get_hold(self, caller: Caller, hold_id: str, *, seconds: float | None) -> LegalHold: ...

    def list_holds(
        self, caller: Caller, request: ListHolds, *, seconds: float | None
    ) -> Page[LegalHold]: ...

    def propose_lift(
        self, caller: Caller, request: ProposeLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]: ...

    def confirm_lift(
        self, caller: Caller, request: ConfirmLift, *, seconds: float | None
    ) -> tuple[LegalHold, AuditStamp]: ...
