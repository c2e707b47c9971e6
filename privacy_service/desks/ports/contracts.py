"""What is asked of the contract desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from privacy_service.access import Caller
from privacy_service.contracts.dates import DateWarning
from privacy_service.contracts.model import ContractVersion
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[V]):
    """A version in a list, with the dates of its contract that come near or are past."""

    version: V
    warnings: tuple[DateWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PutContract:
    """`expected_version`: 0 for a contract that is not there yet, None for whatever there is."""

    source: str = field(repr=False)
    expected_version: int | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetContract:
    """`version` None: the newest."""

    contract_id: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContracts:
    """`partner` None: all that the caller may see."""

    partner: str | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ListContractVersions:
    contract_id: str
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class GetContractInForce:
    """`at` None: now."""

    sender: str
    recipient: str
    purpose: str
    at: datetime | None = None


class ContractDesk(Protocol):
    """ContractService. Lists come sorted: contracts by id, versions newest first."""

    def put_contract(
        self, caller: Caller, request: PutContract, *, seconds: float | None
    ) -> ContractVersion: ...

    def get_contract(
        self, caller: Caller, request: GetContract, *, seconds: float | None
    ) -> ContractVersion: ...

    def list_contracts(
        self, caller: Caller, request: ListContracts, *, seconds: float | None
    ) -> Page[Listed[ContractVersion]]: ...

    def list_contract_versions(
        self, caller: Caller, request: ListContractVersions, *, seconds: float | None
    ) -> Page[ContractVersion]: ...

    def get_contract_in_force(
        self, caller: Caller, request: GetContractInForce, *, seconds: float | None
    ) -> tuple[ContractVersion, ...]:
        """The sender's, the recipient's, or both in this order."""
        ...
