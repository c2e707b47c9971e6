"""What is asked of containment: partners and certificates that are stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.breaches.quarantine import Quarantine, Stopped
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinePartner:
    """`breach_id` None: for no breach. `not_known_yet`: also a partner that no contract names."""

    partner: str
    stopped: Stopped = Stopped.EVERYTHING
    certificate: str | None = None
    not_known_yet: bool = False
    breach_id: str | None = None
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuarantines:
    """`lifted`: also those that hold no more."""

    lifted: bool = False
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRelease:
    quarantine_id: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRelease:
    quarantine_id: str
    request_id: str


class ContainmentDesk(Protocol):
    """BreachService on containment. What changes a quarantine answers with its proof."""

    def quarantine(
        self, caller: Caller, request: QuarantinePartner, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]: ...

    def list_quarantines(
        self, caller: Caller, request: ListQuarantines, *, seconds: float | None
    ) -> Page[Quarantine]: ...

    def propose_release(
        self, caller: Caller, request: ProposeRelease, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]: ...

    def confirm_release(
        self, caller: Caller, request: ConfirmRelease, *, seconds: float | None
    ) -> tuple[Quarantine, AuditStamp]: ...
