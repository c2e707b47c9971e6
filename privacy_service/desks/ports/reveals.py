"""What is asked of the reveal desk."""

from __future__ import annotations

from typing import Protocol

from privacy_service.access import Caller
from privacy_service.enforcement.answer import RestoreAnswer, RevealAnswer
from privacy_service.enforcement.request import RestoreRequest, RevealRequest


class RevealDesk(Protocol):
    """What EnforcementService does with tokens; `enforcement/reveal.py` is behind it."""

    def reveal(
        self, caller: Caller, request: RevealRequest, *, seconds: float | None
    ) -> RevealAnswer: ...

    def restore(
        self, caller: Caller, request: RestoreRequest, *, seconds: float | None
    ) -> RestoreAnswer: ...
