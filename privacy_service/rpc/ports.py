"""What the servicers ask of the rest of the service: one desk for each service of the API.

A desk method is named after its RPC, takes the caller, a plain request (`desks/ports.py`) and the
seconds that are left, and raises PrivacyError: NOT_YOUR_PARTNER (or a NOT_FOUND) for what belongs
to others, and DEADLINE_PASSED when the seconds are over. Requests come with the rules of the
.proto files kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.contracts.model import ContractVersion
from privacy_service.desks.ports import (
    DeleteRecord,
    GetConsistencyProof,
    GetContract,
    GetContractInForce,
    GetInclusionProof,
    GetRecord,
    InclusionProof,
    ListContracts,
    ListContractVersions,
    ListDisclosures,
    ListEntries,
    ListRecords,
    LogEntry,
    Page,
    PutContract,
    PutRecord,
    Record,
)
from privacy_service.enforcement.answer import Answer, AuditStamp, InspectAnswer, RevealAnswer
from privacy_service.enforcement.request import (
    InspectRequest,
    PreviewRequest,
    RevealRequest,
    TransferRequest,
)
from privacy_service.evidence.disclosures import Disclosure


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

    def reveal(
        self, caller: Caller, request: RevealRequest, *, seconds: float | None
    ) -> RevealAnswer: ...


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
    ) -> Page[ContractVersion]: ...

    def list_contract_versions(
        self, caller: Caller, request: ListContractVersions, *, seconds: float | None
    ) -> Page[ContractVersion]: ...

    def get_contract_in_force(
        self, caller: Caller, request: GetContractInForce, *, seconds: float | None
    ) -> tuple[ContractVersion, ...]:
        """The sender's, the recipient's, or both in this order."""
        ...


class RecordDesk(Protocol):
    """RecordService. Records come sorted by id."""

    def put_record(
        self, caller: Caller, request: PutRecord, *, seconds: float | None
    ) -> Record: ...

    def get_record(
        self, caller: Caller, request: GetRecord, *, seconds: float | None
    ) -> Record: ...

    def list_records(
        self, caller: Caller, request: ListRecords, *, seconds: float | None
    ) -> Page[Record]: ...

    def delete_record(
        self, caller: Caller, request: DeleteRecord, *, seconds: float | None
    ) -> AuditStamp: ...


class AuditDesk(Protocol):
    """AuditService. Proofs raise AUDIT_RANGE_INVALID for what is not in the log."""

    def list_entries(
        self, caller: Caller, request: ListEntries, *, seconds: float | None
    ) -> Page[LogEntry]: ...

    def get_checkpoint(self, caller: Caller, *, seconds: float | None) -> str:
        """The newest checkpoint as a signed note."""
        ...

    def get_inclusion_proof(
        self, caller: Caller, request: GetInclusionProof, *, seconds: float | None
    ) -> InclusionProof: ...

    def get_consistency_proof(
        self, caller: Caller, request: GetConsistencyProof, *, seconds: float | None
    ) -> tuple[bytes, ...]: ...

    def list_disclosures(
        self, caller: Caller, request: ListDisclosures, *, seconds: float | None
    ) -> Page[Disclosure]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """One of each, for the server."""

    enforcement: EnforcementDesk
    contracts: ContractDesk
    records: RecordDesk
    audit: AuditDesk
