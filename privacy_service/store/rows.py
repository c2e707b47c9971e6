"""What the store gives back and takes: rows as values.

Bytes are stored and returned as they are; nothing here seals or opens. Subjects are keyed digests
in hex. Values that could hold personal data, sealed or not, do not print.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from privacy_service.contracts.model import Direction, SharingContract, Status
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.store.versions import Unnumbered


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencedEntry:
    """An audit entry at its place. `leaf` is the exact bytes that the log's tree is made of.

    `digest` is the leaf hash that the tree was made with: another one than the leaf's where someone
    has changed the leaf since.
    """

    position: int
    leaf: bytes
    digest: bytes

    @property
    def entry(self) -> AuditEntry:
        """The leaf, read."""
        return AuditEntry.from_bytes(self.leaf)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnnumberedContract(Unnumbered):
    """A version of a sharing contract before the store gave it a number."""

    counterparty: str
    direction: Direction
    status: Status
    effective_from: datetime
    effective_until: datetime | None

    @classmethod
    def of(
        cls, contract: SharingContract, *, digest: str, source: str, put_at: datetime, put_by: str
    ) -> UnnumberedContract:
        """The contract's columns, read off the contract."""
        return cls(
            id=contract.id,
            digest=digest,
            party=contract.party.partner,
            counterparty=contract.counterparty.partner,
            direction=contract.direction,
            status=contract.status,
            effective_from=contract.effective_from,
            effective_until=contract.effective_until,
            source=source,
            put_at=put_at,
            put_by=put_by,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContract(UnnumberedContract):
    """An immutable contract version; `number` counts from 1 per contract."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary:
    """A sealed record without its bytes.

    `id` is unique per partner. `size` is that of the content before sealing, in bytes. `data_keys`
    are the ids of the keys that it is sealed under. `keep_until` None: no end is known. `used_at`
    is when it was opened last, `restricted_at` since when its use is restricted by a schedule,
    `anonymised_at` since when what is left of it is about nobody.
    """

    id: str
    partner: str
    content_type: str
    size: int
    data_keys: tuple[str, ...]
    subjects: tuple[str, ...]
    contracts: tuple[ContractRef, ...] = ()
    created_at: datetime
    keep_until: datetime | None = None
    used_at: datetime | None = None
    restricted_at: datetime | None = None
    anonymised_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord(RecordSummary):
    """A sealed record, whole."""

    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDataKey:
    """A live data key of one subject at one partner, wrapped by the key named `wrapping_key`."""

    id: str
    partner: str
    subject: str
    wrapping_key: str
    wrapped: bytes = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """One version of a secret of the service, wrapped by the key named `wrapping_key`."""

    name: str
    version: int
    wrapping_key: str
    wrapped: bytes = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token of one sender, recipient and purpose, and the value that it stands for, sealed for
    one of the people whose value it is: `subject`, None where nobody is known.
    """

    token: str = field(repr=False)
    sender: str
    recipient: str
    purpose: str
    entity: str
    subject: str | None
    data_key: str
    sealed: bytes = field(repr=False)
    minted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MintedToken:
    """That a token was minted for a person, and when."""

    token: str = field(repr=False)
    subject: str | None
    minted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenShare:
    """A token's row of one person. `live`: the data key that seals it was not shredded."""

    row: StoredToken
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The answer that a request id was given.

    `request_digest` is a keyed commitment to the request; `position` that of the effect entry.
    """

    partner: str
    request_id: str
    request_digest: str
    sealed_answer: bytes = field(repr=False)
    position: int
    expires_at: datetime


class ReplayConflict(Exception):  # noqa: N818 -- it says what is so, as our reasons do
    """Another request with this id was answered first: read its answer with `replays.find`."""

    def __init__(self, partner: str, request_id: str) -> None:
        super().__init__("the request id was answered first by another request")
        self.partner = partner
        self.request_id = request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwrittenTombstone:
    """A deletion that the tombstone journal does not have yet.

    `kind` is one of `subjects.journal.Buried`. `word` is what the database called it: a subject
    whose key at the partner was shredded, the id of a record, a token, a request id; for a person
    what `subjects.journal.Erased` says.
    """

    kind: str
    partner: str
    word: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """A note of the tombstone journal: its number and its SHA-256 in hex."""

    number: int
    digest: str
