"""What is asked of the mailing desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.breaches.bounces import Returned
from privacy_service.breaches.mailings import (
    DEFAULT_BATCH,
    Contacts,
    Mailing,
    MailingAct,
    MailingPlan,
    Progress,
)
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMailing:
    """What would be sent, and to how many."""

    notice_id: str
    contacts: Contacts
    batch: int = DEFAULT_BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMailing:
    """`digest` is that of what was approved."""

    notice_id: str
    digest: str
    contacts: Contacts
    batch: int = DEFAULT_BATCH
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMailing:
    notice_id: str
    act: MailingAct
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBounce:
    """`reference` is the Message-ID of the letter that came back."""

    reference: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReturned:
    """Messages as they are in the mailbox that undeliverable mail comes back to."""

    messages: tuple[bytes, ...] = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingView:
    """A mailing, and how far it is."""

    mailing: Mailing
    progress: Progress


class MailingDesk(Protocol):
    """MailingService. What changes a mailing answers with its proof."""

    def plan_mailing(
        self, caller: Caller, request: PlanMailing, *, seconds: float | None
    ) -> tuple[MailingPlan, AuditStamp]: ...

    def start_mailing(
        self, caller: Caller, request: StartMailing, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]: ...

    def control_mailing(
        self, caller: Caller, request: ControlMailing, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]: ...

    def get_mailing(
        self, caller: Caller, notice_id: str, *, seconds: float | None
    ) -> MailingView: ...

    def record_bounce(
        self, caller: Caller, request: RecordBounce, *, seconds: float | None
    ) -> tuple[MailingView, AuditStamp]: ...


class ReturnedMailDesk(Protocol):
    """MailingService on what came back."""

    def record_returned(
        self, caller: Caller, request: RecordReturned, *, seconds: float | None
    ) -> tuple[tuple[Returned, ...], AuditStamp]: ...
