"""What is asked about releases that are looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.breaches.reinspections import Reinspection
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.evidence.queries import DisclosureQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinspectRelease:
    disclosure_id: str
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinspected:
    """What should not have left, by entity, and the breach that is open about it: empty where
    nothing was found, or none is opened.
    """

    found: Mapping[str, int]
    breach_id: str
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReinspection:
    """What was released: by sender, recipient or either, under a contract, in a period."""

    query: DisclosureQuery
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReinspection:
    reinspection_id: str
    request_id: str


class ReinspectionDesk(Protocol):
    """BreachService on releases."""

    def reinspect_release(
        self, caller: Caller, request: ReinspectRelease, *, seconds: float | None
    ) -> Reinspected: ...


class ReinspectionsDesk(Protocol):
    """BreachService on reinspections of many releases."""

    def count_releases(self, caller: Caller, request: StartReinspection) -> int: ...

    def start_reinspection(
        self, caller: Caller, request: StartReinspection, *, seconds: float | None
    ) -> tuple[Reinspection, AuditStamp]: ...

    def cancel_reinspection(
        self, caller: Caller, request: CancelReinspection, *, seconds: float | None
    ) -> tuple[Reinspection, AuditStamp]: ...

    def get_reinspection(self, caller: Caller, reinspection_id: str) -> Reinspection: ...

    def list_reinspections(self, caller: Caller, place: Place) -> Page[Reinspection]: ...
