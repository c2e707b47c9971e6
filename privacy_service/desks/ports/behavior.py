"""What is asked of the behavior desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.report import BehaviorReport
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.streamed import StreamEvents, StreamPart
from privacy_service.desks.ports.contracts import GetContract, ListContracts, Listed
from privacy_service.desks.ports.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBehavior:
    """`expected_version`: 0 for a contract that is not there yet, None for whatever there is."""

    source: str = field(repr=False)
    expected_version: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetBehaviorReport:
    """`until` None: now; `since` None: a week before."""

    contract_id: str
    since: datetime | None = None
    until: datetime | None = None


class BehaviorDesk(Protocol):
    """BehaviorService. Contracts come sorted by id."""

    def put_behavior_contract(
        self, caller: Caller, request: PutBehavior, *, seconds: float | None
    ) -> BehaviorVersion: ...

    def get_behavior_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> BehaviorVersion: ...

    def list_behavior_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[Listed[BehaviorVersion]]: ...

    def get_behavior_report(
        self, caller: Caller, request: GetBehaviorReport, *, seconds: float | None
    ) -> BehaviorReport: ...

    def check(
        self, caller: Caller, request: CheckRequest, *, seconds: float | None
    ) -> CheckAnswer: ...

    def check_stream(
        self,
        caller: Caller,
        opening: CheckRequest,
        parts: Iterator[StreamPart],
        *,
        seconds: float | None,
    ) -> StreamEvents:
        """What may go out, as it may, and the answer at the end. Closed early, it is incomplete."""
        ...
