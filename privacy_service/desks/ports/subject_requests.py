"""What is asked of the subject request desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef
from privacy_service.subjects.corrections import Corrections
from privacy_service.subjects.erasures import Count
from privacy_service.subjects.notices import Notice
from privacy_service.subjects.requests import IdentityLevel, RequestKind, SubjectRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIdentifier:
    """One way in which a person is known; `partner` for a word of one partner alone."""

    type: str
    value: str = field(repr=False)
    partner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequest:
    """`regime` is one of the rule packs', or a rule of them; `place` where the clock is read.
    `received_at` None: now. `purpose` is what an objection is to.
    """

    kind: RequestKind
    identifiers: tuple[NamedIdentifier, ...]
    regime: str
    place: str
    received_at: datetime | None = None
    purpose: str | None = None
    request_id: str


class StepKind(StrEnum):
    """What an officer can do to a request."""

    CHECK_IDENTITY = "check_identity"
    ASK = "ask"
    ANSWERED = "answered"
    ACKNOWLEDGE = "acknowledge"
    EXTEND = "extend"
    START = "start"
    DISCLOSE = "disclose"
    CORRECT = "correct"
    REFUSE = "refuse"
    NOTE = "note"
    ANNOUNCE_LIFT = "announce_lift"
    LIFT = "lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """`says` is a coded reason, the note's text, or the public key that a bundle is made for;
    `level` and `evidence` (SHA-256 in hex) are for a check of identity, `corrections` for what is
    to be corrected.
    """

    subject_request_id: str
    step: StepKind
    says: str = ""
    level: IdentityLevel | None = None
    evidence: str = field(default="", repr=False)
    corrections: Corrections | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequests:
    """`closed`: also those that are closed; `overdue`: only those; `subject`: about this person."""

    closed: bool = False
    overdue: bool = False
    subject: SubjectRef | None = None
    place: Place = FIRST_PAGE


class Happened(Protocol):
    """One line of a request's history."""

    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def says(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDetails:
    """A request, who is told of it, and what was done to it."""

    request: SubjectRequest
    overdue: bool = False
    notices: tuple[Notice, ...] = ()
    history: tuple[Happened, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePart:
    """One part of a bundle, encrypted; of how many."""

    sealed: str = field(repr=False)
    parts: int


class ErasurePlan(Protocol):
    """What an erasure would do."""

    @property
    def deleted(self) -> tuple[Count, ...]: ...
    @property
    def kept(self) -> tuple[Count, ...]: ...
    @property
    def recipients(self) -> tuple[str, ...]: ...


class CorrectionLine(Protocol):
    """So many records of a partner: of which `field` would change, or which are left for a
    reason.
    """

    @property
    def partner(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def count(self) -> int: ...


class CorrectionPlan(Protocol):
    """What corrections would do. `more`: not every record was opened."""

    @property
    def lines(self) -> Sequence[CorrectionLine]: ...
    @property
    def recipients(self) -> tuple[str, ...]: ...
    @property
    def more(self) -> bool: ...


class SubjectRequestDesk(Protocol):
    """SubjectRequestService. Requests come sorted by id."""

    def submit_request(
        self, caller: Caller, request: SubmitRequest, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]: ...

    def get_request(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> RequestDetails: ...

    def list_requests(
        self, caller: Caller, request: ListRequests, *, seconds: float | None
    ) -> Page[RequestDetails]: ...

    def take_step(
        self, caller: Caller, request: TakeStep, *, seconds: float | None
    ) -> tuple[RequestDetails, AuditStamp]: ...

    def plan_erasure(
        self, caller: Caller, request_id: str, *, seconds: float | None
    ) -> ErasurePlan: ...

    def plan_correction(
        self, caller: Caller, request_id: str, corrections: Corrections, *, seconds: float | None
    ) -> CorrectionPlan:
        """Heard, and not kept."""
        ...

    def get_erasure_receipt(self, caller: Caller, request_id: str, *, seconds: float | None) -> str:
        """The receipt's file, as text."""
        ...

    def get_bundle_part(
        self, caller: Caller, request_id: str, number: int, *, seconds: float | None
    ) -> BundlePart: ...
