"""What is asked about releases that are looked at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.enforcement.answer import AuditStamp


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


class ReinspectionDesk(Protocol):
    """BreachService on releases."""

    def reinspect_release(
        self, caller: Caller, request: ReinspectRelease, *, seconds: float | None
    ) -> Reinspected: ...
