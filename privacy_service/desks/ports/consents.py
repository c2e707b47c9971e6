"""What is asked of the consent desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef
from privacy_service.subjects.consent import ConsentRecord, ConsentState, ConsentTerms, Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    """`subjects` and `terms` are those of a new record; for one that is there they may be left out.

    `at` None: now.
    """

    partner: str
    record_id: str
    subjects: tuple[SubjectRef, ...] = ()
    terms: ConsentTerms | None = None
    state: ConsentState
    at: datetime | None = None
    expression: Expression = Expression.EXPLICIT
    by: str = "data-subject"
    valid_for: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """One record, or all that are in force of one person: the other is None."""

    partner: str
    record_id: str | None = None
    subject: SubjectRef | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetConsent:
    partner: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConsents:
    """What is None is not asked."""

    partner: str | None = None
    subject: SubjectRef | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentNow:
    """A consent record, and the instant at which its state is told."""

    record: ConsentRecord
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """That a person has opted out of sale and sharing at a partner, and when they said so."""

    partner: str
    at: datetime


class ConsentDesk(Protocol):
    """ConsentService. Records come sorted by partner and id."""

    def record_consent(
        self, caller: Caller, request: RecordConsent, *, seconds: float | None
    ) -> tuple[ConsentNow, AuditStamp]: ...

    def withdraw_consent(
        self, caller: Caller, request: WithdrawConsent, *, seconds: float | None
    ) -> tuple[tuple[str, ...], AuditStamp]:
        """The ids of what was withdrawn, and the proof."""
        ...

    def get_consent(
        self, caller: Caller, request: GetConsent, *, seconds: float | None
    ) -> ConsentNow: ...

    def list_consents(
        self, caller: Caller, request: ListConsents, *, seconds: float | None
    ) -> Page[ConsentNow]: ...

    def list_opt_outs(
        self, caller: Caller, subject: SubjectRef, *, seconds: float | None
    ) -> tuple[OptOut, ...]:
        """Sorted by partner."""
        ...
