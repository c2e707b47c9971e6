"""What is asked of the breach desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.obligations import Obligation
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.statements import Nature, Scoped, Statement, TimeSaid
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreach:
    """`capacities` and `seats` empty: as the settings say."""

    title: str
    natures: tuple[Nature, ...] = ()
    capacities: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    times: tuple[TimeSaid, ...] = ()
    drill: bool = False
    says: str = field(default="", repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBreach:
    """`entry` None: as it is now."""

    breach_id: str
    entry: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBreaches:
    """`state` None: any. `drills`: those too."""

    state: BreachState | None = None
    drills: bool = False
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStatement:
    """`expected`: the last entry that the caller knows; None: whatever there is."""

    breach_id: str
    statement: Statement = field(repr=False)
    expected: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeBreach:
    """`breach_id` None: the answer is not kept. `subject` goes into the question as a digest."""

    question: ScopeQuestion
    subject: SubjectRef | None = None
    breach_id: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachView:
    """A breach with what is asked for, and until when its record is kept."""

    breach: Breach
    obligations: tuple[Obligation, ...]
    keep_until: date | None
    delete_after: date | None = None
    """After which day its record is deleted, unless a hold keeps it; None: it is kept."""


class BreachDesk(Protocol):
    """BreachService. Breaches come sorted by id. What says something answers with its proof."""

    def open_breach(
        self, caller: Caller, request: OpenBreach, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]: ...

    def get_breach(
        self, caller: Caller, request: GetBreach, *, seconds: float | None
    ) -> BreachView: ...

    def list_breaches(
        self, caller: Caller, request: ListBreaches, *, seconds: float | None
    ) -> Page[BreachView]: ...

    def record_statement(
        self, caller: Caller, request: RecordStatement, *, seconds: float | None
    ) -> tuple[BreachView, AuditStamp]: ...

    def count_scope(
        self, caller: Caller, request: ScopeBreach, *, seconds: float | None
    ) -> Scoped: ...

    def scope_breach(
        self, caller: Caller, request: ScopeBreach, *, seconds: float | None
    ) -> tuple[Scoped, BreachView, AuditStamp]: ...
