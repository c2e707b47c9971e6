"""What is asked of the shadow desk: versions that judge beside the one in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.contracts.shadow import ShadowReport
from privacy_service.enforcement.answer import AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class StartShadow:
    """`share` is how much of the requests it judges, in ten-thousandths. `reason` names no
    person.
    """

    contract_id: str
    version: int
    share: int
    until: datetime
    reason: str = field(repr=False)
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopShadow:
    """`reason` names no person."""

    contract_id: str
    reason: str = field(repr=False)
    request_id: str


class ShadowDesk(Protocol):
    """GovernanceService on shadows. What begins or ends one answers with its proof."""

    def start(
        self, caller: Caller, request: StartShadow, *, seconds: float | None
    ) -> tuple[ShadowReport, AuditStamp]: ...

    def stop(
        self, caller: Caller, request: StopShadow, *, seconds: float | None
    ) -> tuple[ShadowReport, AuditStamp]: ...

    def report(
        self, caller: Caller, contract_id: str, version: int | None, *, seconds: float | None
    ) -> ShadowReport: ...
