"""What is asked of the enforcement desk."""

from __future__ import annotations

from typing import Protocol

from privacy_service.access import Caller
from privacy_service.enforcement.answer import Answer, InspectAnswer
from privacy_service.enforcement.request import InspectRequest, PreviewRequest, TransferRequest


class EnforcementDesk(Protocol):
    """EnforcementService; `enforcement/` is behind it."""

    def transfer(
        self, caller: Caller, request: TransferRequest, *, seconds: float | None
    ) -> Answer: ...

    def preview(
        self, caller: Caller, request: PreviewRequest, *, seconds: float | None
    ) -> Answer: ...

    def inspect(
        self, caller: Caller, request: InspectRequest, *, seconds: float | None
    ) -> InspectAnswer: ...
