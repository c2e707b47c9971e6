"""The contract desk: put, get, list, versions, and the ones in force."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.clock import Clock
from privacy_service.contracts.canonical import digest
from privacy_service.contracts.dates import warnings_of
from privacy_service.contracts.lint import check
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.desks.book import Book, ContractRows
from privacy_service.desks.ports.contracts import (
    GetContract,
    GetContractInForce,
    ListContracts,
    ListContractVersions,
    Listed,
    PutContract,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.desks.versions import StoredVersion, as_version, dated
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind

T = TypeVar("T")
PUT = "ContractService/PutContract"
_READS_ALL = frozenset({Role.OFFICER, Role.AUDITOR})


class ContractShelf(ContractRows, Protocol):
    """The stored contracts, to look up."""

    def newest(self, contract_id: str) -> StoredVersion: ...

    def version(self, contract_id: str, number: int) -> StoredVersion: ...

    def versions(
        self, contract_id: str, *, before: int | None = None, limit: int = 100
    ) -> tuple[StoredVersion, ...]: ...

    def list(
        self, partner: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> tuple[StoredVersion, ...]: ...


class PutVersion(Protocol):
    """Records the attempt, then stores a version with its effect; the version with its number."""

    def __call__(
        self,
        contract: SharingContract,
        *,
        digest: str,
        source: str,
        put_by: str,
        expected: int | None,
        attempt: AuditEntry,
        seconds: float | None,
    ) -> ContractVersion: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractsDesk:
    """Answers ContractService. A partner sees the contracts that bind it, and puts its own."""

    shelf: Callable[[], AbstractContextManager[ContractShelf]]
    put: PutVersion
    book: Book
    clock: Clock

    def put_contract(
        self, caller: Caller, request: PutContract, *, seconds: float | None
    ) -> ContractVersion:
        """Puts a new version; the same contract again is the version that is there.

        Raises CONTRACT_INVALID for what `contract lint` calls an error, CONTRACT_VERSION_CONFLICT,
        and NOT_YOUR_PARTNER.
        """
        contract = check(request.source, name="contract", today=self.clock.now().date())
        self._require_author(caller, contract)
        version = self.put(
            contract,
            digest=digest(contract),
            source=request.source,
            put_by=caller.name,
            expected=request.expected_version,
            attempt=self._attempt(caller, contract),
            seconds=seconds,
        )
        self.book.forget()
        return version

    def get_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> ContractVersion:
        """One version, the newest if none is named. Raises CONTRACT_NOT_FOUND."""
        del seconds
        with self.shelf() as shelf:
            row = (
                shelf.newest(request.contract_id)
                if request.version is None
                else shelf.version(request.contract_id, request.version)
            )
        return _seen(caller, as_version(row))

    def list_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[Listed[ContractVersion]]:
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
        with self.shelf() as shelf:
            rows = shelf.list(partner, after=request.place.after, limit=limit + 1)
            found = [as_version(row) for row in rows[:limit]]
            courses = {
                name: course
                for pair in {_pair(version) for version in found}
                for name, course in shelf.courses(*pair).items()
            }
        now = self.clock.now()
        return Page(
            items=tuple(
                Listed(
                    version=one,
                    warnings=warnings_of(dated(one), courses.get(one.contract.id), now=now),
                )
                for one in found
            ),
            next=rows[limit - 1].id if len(rows) > limit else None,
        )

    def list_contract_versions(
        self, caller: Caller, request: ListContractVersions, *, seconds: float | None
    ) -> Page[ContractVersion]:
        """Every version of one contract, newest first. Raises CONTRACT_NOT_FOUND."""
        del seconds
        limit = request.place.limit
        before = int(request.place.after) if request.place.after else None
        with self.shelf() as shelf:
            _seen(caller, as_version(shelf.newest(request.contract_id)))
            rows = shelf.versions(request.contract_id, before=before, limit=limit + 1)
        more = str(rows[limit - 1].number) if len(rows) > limit else None
        return Page(items=tuple(as_version(row) for row in rows[:limit]), next=more)

    def get_contract_in_force(
        self, caller: Caller, request: GetContractInForce, *, seconds: float | None
    ) -> tuple[ContractVersion, ...]:
        """The versions that a transfer would be decided by."""
        del seconds
        if not caller.roles & _READS_ALL and caller.partner not in (
            request.sender,
            request.recipient,
        ):
            raise PrivacyError(errors.NOT_YOUR_PARTNER)
        at = request.at or self.clock.now()
        return self.book.in_force(request.sender, request.recipient, request.purpose, at=at).refs

    def _require_author(self, caller: Caller, contract: SharingContract) -> None:
        if Role.OFFICER not in caller.roles:
            caller.require_partner(contract.party.partner)

    def _attempt(self, caller: Caller, contract: SharingContract) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=PUT,
            at=self.clock.now(),
            actor=caller.name,
            partner=contract.party.partner,
            counterparty=contract.counterparty.partner,
            resource=contract.id,
        )


def _pair(version: ContractVersion) -> tuple[str, str]:
    contract = version.contract
    return contract.party.partner, contract.counterparty.partner


def _seen(caller: Caller, version: ContractVersion) -> ContractVersion:
    """The version, if the caller may know of it; what it may not know is not there."""
    sides = (version.contract.party.partner, version.contract.counterparty.partner)
    if caller.roles & _READS_ALL or caller.partner in sides:
        return version
    raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=version.contract.id)
