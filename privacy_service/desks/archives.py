"""Evidence archives: what belongs to a case, gathered in one state of the database, and sealed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeVar

from privacy_service import errors
from privacy_service.behavior.canonical import canonical_bytes as canonical_behavior
from privacy_service.behavior.read import read as read_behavior
from privacy_service.contracts.canonical import canonical_bytes
from privacy_service.desks.audit import SequencedLeaf
from privacy_service.desks.versions import StoredVersion, as_version
from privacy_service.errors import PrivacyError
from privacy_service.evidence.archive import (
    Anchor,
    Case,
    ContractText,
    ProvenEntry,
    asked,
    sealed_archive,
)
from privacy_service.evidence.archive_index import index_files
from privacy_service.evidence.archive_span import (
    MOST_PLACES,
    Span,
    is_of_period,
    is_of_period_alone,
)
from privacy_service.evidence.checkpoint import claimed
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.evidence.merkle import (
    Frontier,
    ReadNode,
    consistency_proof,
    inclusion_proof,
    range_proof,
    read_together,
)
from privacy_service.evidence.note import Signer
from privacy_service.evidence.queries import DisclosureQuery, EntryQuery

MOST_ENTRIES: Final = 10_000
"""Entries in one archive. The whole log is exported in another way: `audit export`."""

_PAGE: Final = 1000
_MOST_PEOPLE: Final = 500

T = TypeVar("T")


class Entries(Protocol):
    """The audit log, in one read transaction."""

    def size(self) -> int: ...

    def entries(
        self, start: int = 0, limit: int = 100, query: EntryQuery | None = None
    ) -> tuple[SequencedLeaf, ...]: ...

    def at(self, positions: Sequence[int]) -> tuple[SequencedLeaf, ...]: ...

    def frontier(self, size: int | None = None) -> Frontier: ...

    def period(self, since: datetime | None, until: datetime | None) -> tuple[int, int] | None: ...

    def digests(self, first: int, end: int) -> tuple[bytes, ...]: ...

    def leaf(self, position: int) -> bytes: ...

    def nodes(self, wanted: Sequence[tuple[int, int]], /) -> Mapping[tuple[int, int], bytes]: ...


class Ledger(Protocol):
    """The disclosure ledger, in the same transaction."""

    def at(self, positions: Sequence[int]) -> tuple[Disclosure, ...]: ...

    def list(
        self, query: DisclosureQuery, *, after: int = -1, limit: int = 100
    ) -> tuple[Disclosure, ...]: ...


class Versions(Protocol):
    """Contract versions, in the same transaction."""

    def version(self, contract_id: str, number: int) -> StoredVersion: ...


class StoredBehavior(Protocol):
    """A stored version of a behavior contract."""

    @property
    def source(self) -> str: ...


class Behaviors(Protocol):
    """Versions of behavior contracts, in the same transaction."""

    def version(self, contract_id: str, number: int) -> StoredBehavior: ...


class Evidence(Protocol):
    """One consistent state of everything that is evidence."""

    @property
    def audit(self) -> Entries: ...

    @property
    def disclosures(self) -> Ledger: ...

    @property
    def contracts(self) -> Versions: ...

    @property
    def behavior(self) -> Behaviors: ...


class Published(Protocol):
    """The newest published checkpoint of at most so many entries, and its time stamp."""

    def __call__(self, most: int, /) -> tuple[str, bytes | None] | None: ...


Attach = Callable[[EntryQuery], Mapping[str, bytes]]
"""Files that someone else keeps about what is asked, by name: receipts, notices. An empty mapping
where nothing is known of it. It must not change the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """Makes archives, one at a time. Thread-safe.

    `checkpoint` signs the head of the log, `signers` the archive. `published` None: nothing is
    published. Every one of `attach` is asked for each archive.
    """

    origin: str
    evidence: Callable[[], AbstractContextManager[Evidence]]
    checkpoint: Callable[[Entries], str]
    signers: Callable[[], tuple[Signer, ...]]
    published: Published | None = None
    attach: tuple[Attach, ...] = ()
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def archive(self, query: EntryQuery, *, follow: bool, seconds: float | None) -> bytes:
        """The archive of what is asked; with `follow` also of what was disclosed about the people
        whom its entries name.

        Raises EVIDENCE_NOT_FOUND where nothing is known of it, EVIDENCE_TOO_LARGE where it is more
        than an archive takes, SERVER_BUSY where another one is still being made.
        """
        if not self._turn.acquire(timeout=-1 if seconds is None else max(0.0, seconds)):
            raise PrivacyError(errors.SERVER_BUSY, limit="archives", most=1)
        try:
            with self.evidence() as evidence:
                case = self._case(evidence, query, follow=follow)
            return sealed_archive(case, index_files(case), *self.signers())
        finally:
            self._turn.release()

    def _case(self, evidence: Evidence, query: EntryQuery, *, follow: bool) -> Case:
        note = self.checkpoint(evidence.audit)
        size = claimed(note).size
        places = _places(evidence.audit, query)
        found = _found(evidence, query, places, follow=follow)
        if not found:
            raise PrivacyError(errors.EVIDENCE_NOT_FOUND)
        # What stands beside the period shows where it ends, and is no part of it.
        about = [one for one in found if one in places or not is_of_period_alone(asked(query))]
        attached = {n: c for each in self.attach for n, c in each(query).items()}
        return Case(
            origin=self.origin,
            asked=query,
            checkpoint=note,
            entries=_proven(evidence.audit, found, size),
            disclosures=evidence.disclosures.at(about),
            contracts=tuple(_texts(evidence, found)),
            anchor=self._anchor(evidence.audit, size),
            span=_span(evidence.audit, places, size),
            attached=attached,
        )

    def _anchor(self, log: Entries, size: int) -> Anchor | None:
        found = self.published(size) if self.published else None
        if found is None:
            return None
        note, stamp = found
        older = claimed(note).size
        hashes = read_together(lambda read: consistency_proof(older, size, read), log.nodes)
        return Anchor(note=note, hashes=hashes, stamp=stamp)


def _places(log: Entries, query: EntryQuery) -> range:
    """The positions that the period takes up; none where none was asked for."""
    if not is_of_period(asked(query)):
        return range(0)
    found = log.period(query.since, query.until)
    return range(0) if found is None else range(*found)


def _span(log: Entries, places: range, size: int) -> Span | None:
    if not places or len(places) > MOST_PLACES:
        return None
    first, end = places.start, places.stop
    proof = read_together(lambda read: range_proof(first, end, size, read), log.nodes)
    return Span(first=first, leaves=log.digests(first, end), proof=proof)


def _found(
    evidence: Evidence, query: EntryQuery, places: range, *, follow: bool
) -> dict[int, bytes]:
    """The entries that are asked for, the attempts of their effects, and with `follow` the releases
    about the people that they name: leaves by position. Of a period alone all that stands in its
    `places`, and its two neighbours, which show that it begins and ends there.
    """
    found: dict[int, bytes] = {}
    start = 0
    while page := evidence.audit.entries(start, _PAGE, query):
        _add(found, page)
        start = page[-1].position + 1
    if found and is_of_period_alone(asked(query)):
        whole = range(max(places.start - 1, 0), places.stop + 1)
        if len(whole) > MOST_ENTRIES:
            raise PrivacyError(errors.EVIDENCE_TOO_LARGE, limit="entries", most=MOST_ENTRIES)
        _add(found, evidence.audit.at([place for place in whole if place not in found]))
    if follow:
        _add(found, evidence.audit.at(_releases(evidence, query, found)))
    effects = (entry for leaf in found.values() if (entry := _read(leaf)))
    attempts = {effect.attempt for effect in effects if effect.attempt is not None}
    _add(found, evidence.audit.at(sorted(attempts - found.keys())))
    return dict(sorted(found.items()))


def _add(found: dict[int, bytes], entries: Sequence[SequencedLeaf]) -> None:
    found |= {entry.position: entry.leaf for entry in entries}
    if len(found) > MOST_ENTRIES:
        raise PrivacyError(errors.EVIDENCE_TOO_LARGE, limit="entries", most=MOST_ENTRIES)


def _releases(evidence: Evidence, query: EntryQuery, found: Mapping[int, bytes]) -> list[int]:
    """Where the log has the releases about the people whom the entries name, in the period."""
    named = (entry for leaf in found.values() if (entry := _read(leaf)))
    people = sorted({subject for entry in named for subject in entry.subjects})
    if len(people) > _MOST_PEOPLE:
        raise PrivacyError(errors.EVIDENCE_TOO_LARGE, limit="people", most=_MOST_PEOPLE)
    if not people:
        return []
    about = DisclosureQuery(subjects=tuple(people), since=query.since, until=query.until)
    positions: list[int] = []
    while page := evidence.disclosures.list(
        about, after=positions[-1] if positions else -1, limit=_PAGE
    ):
        positions += (one.position for one in page if one.position is not None)
        if len(positions) > MOST_ENTRIES:
            raise PrivacyError(errors.EVIDENCE_TOO_LARGE, limit="entries", most=MOST_ENTRIES)
    return positions


def _proven(log: Entries, found: Mapping[int, bytes], size: int) -> tuple[ProvenEntry, ...]:
    """Each entry with its proof. The nodes of all proofs are read together."""

    def proofs(read: ReadNode) -> tuple[ProvenEntry, ...]:
        return tuple(
            ProvenEntry(position=position, leaf=leaf, hashes=inclusion_proof(position, size, read))
            for position, leaf in found.items()
        )

    return read_together(proofs, log.nodes)


def _texts(evidence: Evidence, found: Mapping[int, bytes]) -> Iterator[ContractText]:
    """Each contract version that the entries name, sharing or behavior: the digest says which."""
    refs = {ref for leaf in found.values() if (entry := _read(leaf)) for ref in entry.contracts}
    for ref in sorted(refs, key=lambda ref: (ref.id, ref.number)):
        source, canonical = _text(evidence, ref)
        yield ContractText(
            id=ref.id, number=ref.number, digest=ref.digest, source=source, canonical=canonical
        )


def _text(evidence: Evidence, ref: ContractRef) -> tuple[str, bytes | None]:
    """A contract version as it was put, and its canonical form. Raises CONTRACT_NOT_FOUND."""
    sharing = _known(lambda: evidence.contracts.version(ref.id, ref.number))
    if sharing is not None and sharing.digest == ref.digest:
        return sharing.source, _canonical(sharing, ref.digest)
    behavior = _known(lambda: evidence.behavior.version(ref.id, ref.number))
    if behavior is not None:
        return behavior.source, _canonical_behavior(behavior.source, ref.digest)
    if sharing is None:
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=ref.id)
    # Not what the entries name: it has no canonical form here.
    return sharing.source, _canonical(sharing, ref.digest)


def _known(find: Callable[[], T]) -> T | None:
    """What is found; None where there is none."""
    try:
        return find()
    except PrivacyError as error:
        if error.reason is not errors.CONTRACT_NOT_FOUND:
            raise
        return None


def _canonical_behavior(source: str, digest: str) -> bytes | None:
    """As `_canonical`, of a behavior contract."""
    try:
        canonical = canonical_behavior(read_behavior(source, name="archive"))
    except PrivacyError:
        return None
    return canonical if digest == f"sha256:{hashlib.sha256(canonical).hexdigest()}" else None


def _canonical(row: StoredVersion, digest: str) -> bytes | None:
    """The form whose hash is the digest; None for a contract that an older release wrote in another
    one, or that this release does not read any more.
    """
    try:
        canonical = canonical_bytes(as_version(row).contract)
    except PrivacyError:
        return None
    return canonical if digest == f"sha256:{hashlib.sha256(canonical).hexdigest()}" else None


def _read(leaf: bytes) -> AuditEntry | None:
    """The entry; None for one that was damaged: the archive has it, and its proof fails."""
    try:
        return AuditEntry.from_bytes(leaf)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
