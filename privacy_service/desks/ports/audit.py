"""What is asked of the audit desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import FIRST_PAGE, Page, Place
from privacy_service.enforcement.request import SubjectRef
from privacy_service.evidence.disclosures import Disclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """`leaf` is the exact bytes that the log's tree is made of; `digest` the hash that the tree has
    there: another one where someone has changed the entry since.
    """

    position: int
    leaf: bytes
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntries:
    """From `start_position` on; a cursor in `place` stands for a later one."""

    start_position: int = 0
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class GetInclusionProof:
    position: int
    tree_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """`leaf` are the entry's bytes, empty for a caller who may not read them."""

    leaf_hash: bytes
    hashes: tuple[bytes, ...]
    leaf: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetConsistencyProof:
    first_tree_size: int
    second_tree_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDisclosures:
    """`partner` matches either side; `version` narrows `contract_id`; `since` is inclusive, `until`
    exclusive; what is None is not asked.
    """

    partner: str | None = None
    subject: SubjectRef | None = None
    sender: str | None = None
    recipient: str | None = None
    contract_id: str | None = None
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    place: Place = FIRST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEvidence:
    """What an archive is to be about; all that is not None must hold, and something is asked.

    `resource` is the id of what acts were about: a subject's request, a breach, a record, a
    contract. `with_disclosures` adds what was disclosed about the people whom those acts name.
    """

    resource: str | None = None
    subject: SubjectRef | None = None
    partner: str | None = None
    contract_id: str | None = None
    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    with_disclosures: bool = False


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

    def export_evidence(
        self, caller: Caller, request: ExportEvidence, *, seconds: float | None
    ) -> bytes:
        """A signed archive. Raises EVIDENCE_NOT_FOUND and EVIDENCE_TOO_LARGE."""
        ...
