"""What KeyService asks of the rest of the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from privacy_service.access import Caller
from privacy_service.desks.ports.pages import Page, Place
from privacy_service.enforcement.answer import AuditStamp
from privacy_service.enforcement.request import SubjectRef


class KeyState(Enum):
    """What a key version is good for."""

    CURRENT = "current"
    OLDER = "older"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVersion:
    """One version of one key. `wraps` is what it is counted for, at least what there was. At
    `rotates_at` it gets its next version by itself (None: age does not do that). `exposed_in` is
    the breach that was opened because it was reported to be exposed.
    """

    name: str
    version: int
    state: KeyState
    created_at: datetime | None
    retired_at: datetime | None
    data_keys: int
    wraps: int
    rotates_at: datetime | None = None
    exposed_in: str | None = None


class SharedKey(Enum):
    """Keys that are nobody's own."""

    TOKENS = "tokens"
    SECRETS = "secrets"
    SIGNER = "signer"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateKey:
    """Either a partner or a shared key; `breach_id` is the breach that it contains."""

    partner: str | None
    shared: SharedKey | None
    breach_id: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatedKey:
    """`version` is 0 where what the key protects was protected anew and kept its versions."""

    name: str
    version: int
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrapKeys:
    """`partner` None: every partner's. `cursor` None: from the beginning."""

    partner: str | None
    limit: int
    cursor: str | None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RewrappedKeys:
    """`left` are under an older version still. `cursor` None: there is nothing more to try."""

    rewrapped: int
    unreadable: int
    left: int
    cursor: str | None
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireKey:
    """The version, and all before it."""

    partner: str
    version: int
    dry_run: bool
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredKey:
    """`data_keys` are still wrapped by what is to go."""

    data_keys: int
    audit: AuditStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class ShredKey:
    """`reason` goes into the audit log as it is; `breach_id` is the breach that it contains."""

    partner: str
    subject: SubjectRef
    reason: str = field(repr=False)
    dry_run: bool
    breach_id: str | None = None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShreddedKey:
    """`live`: whether there is, or was, a live key. Records and tokens are those it seals."""

    live: bool
    records: int
    tokens: int
    audit: AuditStamp


class KeyProblem(Enum):
    """Why something does not open that should."""

    KEY_LOST = "the key version that wraps its data key is gone"
    DATA_KEY_MISSING = "its data key's row is gone, without a tombstone"
    CHANGED = "its bytes were changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFault:
    """A data key (`record` None) or a record that does not open."""

    partner: str
    problem: KeyProblem
    record: str | None = None
    data_key: str | None = None
    wrapping_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyKeys:
    """`partner` None: every partner's."""

    partner: str | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedKeys:
    """What one page came to. `next` is the cursor to the next page, None on the last."""

    data_keys: int
    records: int
    shredded_records: int
    faults: tuple[KeyFault, ...]
    next: str | None


class KeyDesk(Protocol):
    """KeyService. Every call is in the audit log. Raises KEYS_UNAVAILABLE."""

    def list_keys(
        self, caller: Caller, place: Place, *, seconds: float | None
    ) -> Page[KeyVersion]: ...

    def rotate_key(
        self, caller: Caller, request: RotateKey, *, seconds: float | None
    ) -> RotatedKey: ...

    def rewrap_keys(
        self, caller: Caller, request: RewrapKeys, *, seconds: float | None
    ) -> RewrappedKeys: ...

    def retire_key(
        self, caller: Caller, request: RetireKey, *, seconds: float | None
    ) -> RetiredKey: ...

    def shred_key(
        self, caller: Caller, request: ShredKey, *, seconds: float | None
    ) -> ShreddedKey: ...

    def verify_keys(
        self, caller: Caller, request: VerifyKeys, *, seconds: float | None
    ) -> VerifiedKeys: ...
