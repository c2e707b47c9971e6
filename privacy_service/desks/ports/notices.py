"""What is asked of the notice desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.subjects.notices import Notice, NoticeKind, NoticeState


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNotices:
    """`settled`: also those of which nothing more will come."""

    partner: str
    settled: bool = False
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNotices:
    """What is None or empty is not asked; no `states`: neither confirmed nor excused."""

    recipient: str = ""
    states: tuple[NoticeState, ...] = ()
    kind: NoticeKind | None = None
    request_id: str = ""
    before: datetime | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmNotice:
    notice_id: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseNotice:
    """`reason` is coded."""

    notice_id: str
    reason: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutNoticeAddress:
    """At most one of `url` and `email`; neither: the partner asks by itself. `language` is that of
    e-mails. `new_secret`: what signs its calls is made anew.
    """

    partner: str
    url: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    language: str = ""
    new_secret: bool = False
    request_id: str


class NoticeDesk(Protocol):
    """NoticeService. Notices come sorted by id."""

    def list_notices(
        self, caller: Caller, request: ListNotices, *, seconds: float | None
    ) -> Page[Notice]: ...

    def search_notices(
        self, caller: Caller, request: SearchNotices, *, seconds: float | None
    ) -> Page[Notice]:
        """Sorted by deadline, without what they are about."""
        ...

    def confirm_notice(
        self, caller: Caller, request: ConfirmNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]: ...

    def excuse_notice(
        self, caller: Caller, request: ExcuseNotice, *, seconds: float | None
    ) -> tuple[Notice, AuditStamp]: ...

    def put_notice_address(
        self, caller: Caller, request: PutNoticeAddress, *, seconds: float | None
    ) -> tuple[str, AuditStamp]:
        """The secret that the partner verifies calls with; empty where it is not called."""
        ...
