"""What is asked where a key is exposed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.breaches.statements import Scoped
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportExposedKey:
    """`key` is as `keys status` has it, `partner/NAME` or `partner/NAME#VERSION`, or a data key's
    id. `reason` names no person.
    """

    key: str
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedKey:
    """The breach that is open about it, empty where none is opened; and what the key seals."""

    breach_id: str
    scope: Scoped
    audit: AuditStamp


class ExposureDesk(Protocol):
    """BreachService on exposed keys."""

    def report_exposed_key(
        self, caller: Caller, request: ReportExposedKey, *, seconds: float | None
    ) -> ExposedKey: ...
