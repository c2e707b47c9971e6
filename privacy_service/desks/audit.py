"""The audit desk: entries, checkpoints, proofs, and the disclosure ledger. Read only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.desks.ports.audit import (
    ExportEvidence,
    GetConsistencyProof,
    GetInclusionProof,
    InclusionProof,
    ListDisclosures,
    ListEntries,
    LogEntry,
)
from privacy_service.desks.ports.pages import Page
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    read_together,
)
from privacy_service.evidence.queries import DisclosureQuery, EntryQuery

_READS_ALL = frozenset({Role.OFFICER, Role.AUDITOR})


class SequencedLeaf(Protocol):
    """An entry at its place in the log."""

    @property
    def position(self) -> int: ...

    @property
    def leaf(self) -> bytes: ...

    @property
    def digest(self) -> bytes: ...


class Log(Protocol):
    """The audit log, in one read transaction."""

    def size(self) -> int: ...

    def at(self, positions: Sequence[int], /) -> tuple[SequencedLeaf, ...]: ...

    def entries(self, start: int = 0, limit: int = 100) -> tuple[SequencedLeaf, ...]: ...

    def frontier(self, size: int | None = None) -> Frontier: ...

    def nodes(self, wanted: Sequence[tuple[int, int]], /) -> Mapping[tuple[int, int], bytes]: ...


class Disclosures(Protocol):
    """The disclosure ledger: one page of it, and the cursor to the next."""

    def __call__(
        self, query: DisclosureQuery, /, *, after: str | None, limit: int
    ) -> tuple[tuple[Disclosure, ...], str | None]: ...


class Archive(Protocol):
    """Makes the archive of what is asked."""

    def __call__(self, query: EntryQuery, /, *, follow: bool, seconds: float | None) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDesk:
    """Answers AuditService.

    `checkpoint` signs the log's head, and raises LOG_CONTRADICTS_CHECKPOINT rather than sign
    against what was signed before; `digests` gives the keyed digests of a subject, one for each
    version of the key.
    """

    log: Callable[[], AbstractContextManager[Log]]
    disclosures: Disclosures
    checkpoint: Callable[[Log], str]
    digests: Callable[[str, str], tuple[str, ...]]
    archive: Archive

    def list_entries(
        self, caller: Caller, request: ListEntries, *, seconds: float | None
    ) -> Page[LogEntry]:
        """Entries in order, exactly as the tree has them."""
        del caller, seconds
        start = int(request.place.after) if request.place.after else request.start_position
        limit = request.place.limit
        with self.log() as log:
            rows = log.entries(start, limit + 1)
        more = str(rows[limit].position) if len(rows) > limit else None
        items = tuple(
            LogEntry(position=row.position, leaf=row.leaf, digest=row.digest)
            for row in rows[:limit]
        )
        return Page(items=items, next=more)

    def get_checkpoint(self, caller: Caller, *, seconds: float | None) -> str:
        """The log's head, signed. Raises LOG_CONTRADICTS_CHECKPOINT."""
        del caller, seconds
        with self.log() as log:
            return self.checkpoint(log)

    def get_inclusion_proof(
        self, caller: Caller, request: GetInclusionProof, *, seconds: float | None
    ) -> InclusionProof:
        """That an entry is in the tree of this size. Raises AUDIT_RANGE_INVALID.

        The entry itself comes along for those who may read it: officers, auditors, and the partner
        whose act it was.
        """
        del seconds
        with self.log() as log:
            _require(request.position < request.tree_size <= log.size())
            hashes = read_together(
                lambda read: inclusion_proof(request.position, request.tree_size, read), log.nodes
            )
            (entry,) = log.at([request.position])
            leaf, digest = entry.leaf, entry.digest
        may_read = caller.roles & _READS_ALL or _partner_of(leaf) == caller.partner
        return InclusionProof(
            leaf_hash=digest, hashes=tuple(hashes), leaf=leaf if may_read else b""
        )

    def get_consistency_proof(
        self, caller: Caller, request: GetConsistencyProof, *, seconds: float | None
    ) -> tuple[bytes, ...]:
        """That the larger tree is the smaller one, appended to. Raises AUDIT_RANGE_INVALID."""
        del caller, seconds
        with self.log() as log:
            _require(0 < request.first_tree_size <= request.second_tree_size <= log.size())
            first, second = request.first_tree_size, request.second_tree_size
            return read_together(lambda read: consistency_proof(first, second, read), log.nodes)

    def list_disclosures(
        self, caller: Caller, request: ListDisclosures, *, seconds: float | None
    ) -> Page[Disclosure]:
        """Who received what: a partner sees the disclosures that it is a side of."""
        del seconds
        partner = request.partner
        if not caller.roles & _READS_ALL:
            if partner not in (None, caller.partner):
                raise PrivacyError(errors.NOT_YOUR_PARTNER)
            partner = caller.partner
        subject = request.subject
        query = DisclosureQuery(
            subjects=None if subject is None else self.digests(subject.type, subject.value),
            partner=partner,
            sender=request.sender,
            recipient=request.recipient,
            contract=request.contract_id,
            number=request.version,
            since=request.since,
            until=request.until,
        )
        items, more = self.disclosures(query, after=request.place.after, limit=request.place.limit)
        return Page(items=items, next=more)

    def export_evidence(
        self, caller: Caller, request: ExportEvidence, *, seconds: float | None
    ) -> bytes:
        """The archive of what is asked."""
        del caller
        subject = request.subject
        query = EntryQuery(
            resource=request.resource,
            subjects=None if subject is None else self.digests(subject.type, subject.value),
            partner=request.partner,
            contract=request.contract_id,
            number=request.version,
            since=request.since,
            until=request.until,
        )
        return self.archive(query, follow=request.with_disclosures, seconds=seconds)


def _partner_of(leaf: bytes) -> str | None:
    try:
        return AuditEntry.from_bytes(leaf).partner
    except (ValueError, KeyError, TypeError):  # damaged: it is nobody's
        return ""


def _require(holds: object, /) -> None:
    if not holds:
        raise PrivacyError(errors.AUDIT_RANGE_INVALID)
