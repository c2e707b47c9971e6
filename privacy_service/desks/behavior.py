"""The behavior desk: put, get and list behavior contracts; check prompts and outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.behavior.answer import CheckAnswer
from privacy_service.behavior.enforce import BehaviorEnforcement
from privacy_service.behavior.in_force import BehaviorVersion, dated
from privacy_service.behavior.lint import SetUp, check_contract
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.outcomes import FiredTally
from privacy_service.behavior.report import BehaviorReport, Tally, report
from privacy_service.behavior.request import CheckRequest
from privacy_service.behavior.streamed import StreamedChecks, StreamEvents, StreamPart
from privacy_service.clock import Clock
from privacy_service.contracts.course import Course
from privacy_service.contracts.dates import warnings_of
from privacy_service.desks.ports.behavior import GetBehaviorReport, PutBehavior
from privacy_service.desks.ports.contracts import GetContract, ListContracts, Listed
from privacy_service.desks.ports.pages import Page
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind

PUT: Final = "BehaviorService/PutBehaviorContract"
_USUAL_SPAN: Final = timedelta(days=7)
_LONGEST_SPAN: Final = timedelta(days=366)
_READS_ALL: Final = frozenset({Role.OFFICER, Role.AUDITOR})


class Versions(Protocol):
    """The stored behavior contracts, to look up."""

    def newest(self, contract_id: str) -> BehaviorVersion: ...

    def version(self, contract_id: str, number: int) -> BehaviorVersion: ...

    def tallies(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[Tally, ...]: ...

    def begun_by_windows(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[FiredTally, ...]: ...

    def courses(self, party: str, provider: str) -> Mapping[str, Course]: ...

    def list(
        self, partner: str | None, *, after: str | None, limit: int
    ) -> tuple[BehaviorVersion, ...]: ...


class PutVersion(Protocol):
    """Records the attempt, then stores a version with its effect; the version with its number."""

    def __call__(
        self,
        contract: BehaviorContract,
        *,
        source: str,
        put_by: str,
        expected: int | None,
        attempt: AuditEntry,
        seconds: float | None,
    ) -> BehaviorVersion: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorDesk:
    """Answers BehaviorService. A partner sees the contracts that it is a side of, and puts its own
    as their party. `set_up` is what contracts may name.
    """

    versions: Callable[[], AbstractContextManager[Versions]]
    put: PutVersion
    enforcement: BehaviorEnforcement
    clock: Clock
    set_up: SetUp

    def put_behavior_contract(
        self, caller: Caller, request: PutBehavior, *, seconds: float | None
    ) -> BehaviorVersion:
        """Puts a new version; the same contract again is the version that is there.

        Raises CONTRACT_INVALID for what `behavior lint` calls an error, CONTRACT_VERSION_CONFLICT,
        CONTRACT_ID_TAKEN and NOT_YOUR_PARTNER.
        """
        today = self.clock.now().date()
        contract = check_contract(request.source, name="contract", today=today, set_up=self.set_up)
        if Role.OFFICER not in caller.roles:
            caller.require_partner(contract.party)
        return self.put(
            contract,
            source=request.source,
            put_by=caller.name,
            expected=request.expected_version,
            attempt=AuditEntry(
                kind=EntryKind.ATTEMPT,
                action=PUT,
                at=self.clock.now(),
                actor=caller.name,
                partner=contract.party,
                counterparty=contract.provider,
                resource=contract.id,
            ),
            seconds=seconds,
        )

    def get_behavior_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> BehaviorVersion:
        """One version, the newest if none is named. Raises CONTRACT_NOT_FOUND."""
        del seconds
        with self.versions() as versions:
            found = (
                versions.newest(request.contract_id)
                if request.version is None
                else versions.version(request.contract_id, request.version)
            )
        if caller.roles & _READS_ALL or caller.partner in (
            found.contract.party,
            found.contract.provider,
        ):
            return found
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=request.contract_id)

    def list_behavior_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[Listed[BehaviorVersion]]:
        """The newest version of each contract that the caller may see, by id, each with the dates
        that come near.
        """
        del seconds
        partner = request.partner
        if not caller.roles & _READS_ALL:
            if partner not in (None, caller.partner):
                raise PrivacyError(errors.NOT_YOUR_PARTNER)
            partner = caller.partner
        limit = request.place.limit
        with self.versions() as versions:
            rows = versions.list(partner, after=request.place.after, limit=limit + 1)
            pairs = {(one.contract.party, one.contract.provider) for one in rows}
            courses = {
                name: course for pair in pairs for name, course in versions.courses(*pair).items()
            }
        now = self.clock.now()
        return Page(
            items=tuple(
                Listed(
                    version=one,
                    warnings=warnings_of(dated(one), courses.get(one.contract.id), now=now),
                )
                for one in rows[:limit]
            ),
            next=rows[limit - 1].contract.id if len(rows) > limit else None,
        )

    def get_behavior_report(
        self, caller: Caller, request: GetBehaviorReport, *, seconds: float | None
    ) -> BehaviorReport:
        """How a contract was kept, over at most a year. Raises CONTRACT_NOT_FOUND, and
        REQUEST_INVALID for a span that ends before it begins or is longer.
        """
        until = request.until or self.clock.now()
        since = request.since or until - _USUAL_SPAN
        if not since < until <= since + _LONGEST_SPAN:
            raise PrivacyError(errors.REQUEST_INVALID, field="since")
        asked = GetContract(contract_id=request.contract_id)
        contract = self.get_behavior_contract(caller, asked, seconds=seconds).contract
        with self.versions() as versions:
            tallies = versions.tallies(contract.id, since=since, until=until)
            windows = versions.begun_by_windows(contract.id, since=since, until=until)
        return report(
            contract.id,
            tallies,
            since=since,
            until=until,
            expectations=(one.id for one in contract.expectations),
            modes=(mode.id for mode in contract.failure_modes),
            windows=windows,
        )

    def check(self, caller: Caller, request: CheckRequest, *, seconds: float | None) -> CheckAnswer:
        """What the contract in force makes of a prompt or an output."""
        return self.enforcement.check(caller, request, seconds=seconds)

    def check_stream(
        self,
        caller: Caller,
        opening: CheckRequest,
        parts: Iterator[StreamPart],
        *,
        seconds: float | None,
    ) -> StreamEvents:
        """What the contract in force makes of an output while it comes."""
        return StreamedChecks(checks=self.enforcement).check(
            caller, opening, parts, seconds=seconds
        )
