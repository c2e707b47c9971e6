"""What is asked of the breach notice desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.breaches.notices import BreachNotice, Phase
from privacy_service.breaches.notices import Decision as NoticeDecision
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBreachNotice:
    """`contents` are in the officer's words, by the ids of the rule. `place` None: the rule's.

    At most one of `to`, an e-mail address, and `partner`; neither: it is printed.
    """

    breach_id: str
    rule_id: str
    place: str | None = None
    phase: Phase = Phase.INITIAL
    language: str = "en"
    contents: Mapping[str, str] = field(default_factory=dict, repr=False)
    to: str = field(default="", repr=False)
    partner: str = ""
    reasons_for_delay: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideBreachNotice:
    """`digest` is that of what the caller saw."""

    notice_id: str
    digest: str
    decision: NoticeDecision
    says: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBreachNotice:
    """`digest` is that of what was approved."""

    notice_id: str
    digest: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPartnerBreachNotices:
    """What a partner is told of breaches."""

    partner: str
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmBreachNotice:
    """The partner has received it; `digest` is that of what it received."""

    notice_id: str
    digest: str
    request_id: str


class PrintForm(StrEnum):
    """What a notice is printed as."""

    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNotice:
    """A notice on paper; `digest` is that of the notice, and stands on it."""

    content_type: str
    content: bytes = field(repr=False)
    digest: str


class BreachNoticeDesk(Protocol):
    """BreachNoticeService. What changes a notice answers with its proof."""

    def draft_notice(
        self, caller: Caller, request: DraftBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...

    def get_notice(
        self, caller: Caller, notice_id: str, *, seconds: float | None
    ) -> BreachNotice: ...

    def list_notices(
        self, caller: Caller, breach_id: str, *, seconds: float | None
    ) -> tuple[BreachNotice, ...]: ...

    def print_notice(
        self, caller: Caller, notice_id: str, form: PrintForm, *, seconds: float | None
    ) -> PrintedNotice: ...

    def decide_notice(
        self, caller: Caller, request: DecideBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...

    def send_notice(
        self, caller: Caller, request: SendBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...

    def list_partner_notices(
        self, caller: Caller, request: ListPartnerBreachNotices, *, seconds: float | None
    ) -> Page[BreachNotice]: ...

    def confirm_notice(
        self, caller: Caller, request: ConfirmBreachNotice, *, seconds: float | None
    ) -> tuple[BreachNotice, AuditStamp]: ...
