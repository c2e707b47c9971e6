"""Key-encryption keys in AWS KMS.

KMS rotates a key's material out of sight and keeps all of it, so that nothing could be retired.
Hence each version is a KMS key of its own, found by two aliases under the prefix of the reference:

    PREFIX/current/NAME      the current version's key
    PREFIX/vVERSION/NAME     that version's key; an alias is made once, so a number has one maker

with every dot of NAME written as a slash, because aliases have none. A wrapping is KMS's own
bytes. The encryption context binds it, and is shown in CloudTrail; so the context that is bound
is its SHA-256 hash, which holds no subject's digest in clear. Retired keys are disabled at once
and deleted after the waiting period that AWS asks for.

Credentials are found as in every AWS tool: role, profile or environment.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.records.keyring import KeyStatus, WrappedKey

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError as missing:  # pragma: no cover - the test installs it
    raise PrivacyError(errors.KEY_PROVIDER_MISSING, extra="aws") from missing

_ARN: Final = re.compile(r"arn:(aws[\w-]*):kms:([\w-]+):(\d{12}):(alias/[A-Za-z0-9/_-]+)")
_WAITING_DAYS: Final = 7
_LOOK_SECONDS: Final = 10.0
_TRIES: Final = 100
_DEAD: Final = ("PendingDeletion", "PendingReplicaDeletion")
_ABSENT: Final = "NotFoundException"
_TAKEN: Final = "AlreadyExistsException"
_UNREADABLE: Final = (
    "InvalidCiphertextException",
    "IncorrectKeyException",
    "KMSInvalidStateException",
    _ABSENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsReference:
    """Region, account and alias prefix, as `awskms:arn:aws:kms:REGION:ACCOUNT:alias/PREFIX`."""

    region: str
    prefix: str
    arn: str

    @classmethod
    def parse(cls, written: str) -> AwsReference:
        """Raises ValueError for anything else."""
        arn = written.removeprefix("awskms:").rstrip("/")
        found = _ARN.fullmatch(arn)
        if found is None or found[4].startswith("alias/aws/"):
            raise ValueError("awskms:arn:aws:kms:REGION:ACCOUNT:alias/PREFIX")
        return cls(region=found[2], prefix=found[4], arn=arn)

    @property
    def account(self) -> str:
        """What aliases of this account and region start with."""
        return self.arn.removesuffix(self.prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """A version, as KMS described it."""

    version: int
    id: str
    state: str
    created_at: datetime


@dataclass(slots=True)
class _Seen:
    """What aliases stood for, each until its time is over."""

    clock: Clock
    _keys: dict[str, tuple[float, _Key | None]] = field(default_factory=dict)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def get(self, alias: str, look: Callable[[], _Key | None]) -> _Key | None:
        now = self.clock.monotonic()
        with self._mutex:
            until, key = self._keys.get(alias, (now, None))
        if until > now:
            return key
        key = look()
        if key is not None:  # one that is not there yet may be made any moment
            with self._mutex:
                self._keys[alias] = (now + _LOOK_SECONDS, key)
        return key

    def forget(self) -> None:
        with self._mutex:
            self._keys.clear()


class AwsProvider:
    """A `KeyProvider` on one account and region of AWS KMS."""

    settles: Final = _LOOK_SECONDS

    def __init__(self, reference: AwsReference, *, clock: Clock, client: Any = None) -> None:
        """Nothing is called yet. Another version's being current is noticed within `settles`."""
        self._reference = reference
        self._seen = _Seen(clock)
        self._kms = client or boto3.client(
            "kms",
            region_name=reference.region,
            config=Config(
                connect_timeout=3,
                read_timeout=5,
                retries={"total_max_attempts": 3, "mode": "standard"},
                max_pool_connections=32,
            ),
        )

    def wrap(self, name: str, material: bytes, context: bytes) -> WrappedKey:
        key = self._current(name)
        with _asking():
            answer = self._kms.encrypt(
                KeyId=key.id, Plaintext=material, EncryptionContext=self._bound(name, context)
            )
        return WrappedKey(
            key_id=self._key_id(name), version=key.version, ciphertext=answer["CiphertextBlob"]
        )

    def unwrap(self, name: str, wrapped: WrappedKey, context: bytes) -> bytes:
        key = self._version(name, wrapped.version) if wrapped.key_id == self._key_id(name) else None
        if key is None or key.state in _DEAD or not wrapped.ciphertext:
            raise _unreadable(wrapped)
        try:
            with _asking(*_UNREADABLE):
                answer = self._kms.decrypt(
                    KeyId=key.id,
                    CiphertextBlob=wrapped.ciphertext,
                    EncryptionContext=self._bound(name, context),
                )
        except ClientError as refused:
            raise _unreadable(wrapped) from refused
        return bytes(answer["Plaintext"])

    def current(self, name: str) -> str:
        version = self._current(name).version
        return WrappedKey(key_id=self._key_id(name), version=version, ciphertext=b"").wrapping_key

    def rotate(self, name: str) -> int:
        made = self._made(name)
        self._seen.forget()
        return made.version

    def retire(self, name: str, version: int) -> None:
        self._seen.forget()
        current = self._looked(self._alias("current", name))
        if current is None or not 1 <= version < current.version:
            raise PrivacyError(errors.KEY_NOT_RETIRABLE, key=name, version=version)
        for number in range(1, version + 1):
            key = self._looked(self._alias(f"v{number}", name))
            if key is not None and key.state not in _DEAD:
                self._destroy(key.id)

    def status(self) -> tuple[KeyStatus, ...]:
        self._seen.forget()
        return tuple(status for name in sorted(self._names()) for status in self._told(name))

    # -- The service --------------------------------------------------------------------------

    def _told(self, name: str) -> Iterator[KeyStatus]:
        current = self._looked(self._alias("current", name))
        newest = 0 if current is None else current.version
        for number in range(1, newest + 1):
            key = self._looked(self._alias(f"v{number}", name))
            yield KeyStatus(
                name=name,
                version=number,
                current=number == newest,
                created_at=None if key is None else key.created_at,
                retired=key is None or key.state in _DEAD,
            )

    def _names(self) -> Iterator[str]:
        start = f"{self._reference.prefix}/current/"
        with _asking():
            for page in self._kms.get_paginator("list_aliases").paginate():
                for alias in page["Aliases"]:
                    if alias["AliasName"].startswith(start):
                        kind, slash, rest = alias["AliasName"].removeprefix(start).partition("/")
                        yield kind + slash + rest.replace("/", ".")

    def _current(self, name: str) -> _Key:
        alias = self._alias("current", name)
        found = self._seen.get(alias, lambda: self._looked(alias))
        return found if found is not None else self._made(name, first=True)

    def _version(self, name: str, number: int) -> _Key | None:
        if number < 1:
            return None
        alias = self._alias(f"v{number}", name)
        return self._seen.get(alias, lambda: self._looked(alias))

    def _looked(self, alias: str) -> _Key | None:
        try:
            with _asking(_ABSENT):
                said = self._kms.describe_key(KeyId=self._reference.account + alias)["KeyMetadata"]
        except ClientError:
            return None
        number = str(said["Description"]).rpartition(" version ")[2]
        if not number.isdecimal():
            raise PrivacyError(errors.KEYS_UNAVAILABLE, cause="an alias leads to a foreign key")
        return _Key(
            version=int(number),
            id=said["KeyId"],
            state=said["KeyState"],
            created_at=said["CreationDate"],
        )

    def _made(self, name: str, *, first: bool = False) -> _Key:
        """The next version. Where `first`, the one that another made meanwhile will do."""
        current = self._looked(self._alias("current", name))
        for _ in range(_TRIES):
            if first and current is not None:
                return current
            number = 1 if current is None else current.version + 1
            made = self._claimed(name, number)
            if made is not None:
                self._make_current(name, made)
                return made
            taken = self._looked(self._alias(f"v{number}", name))
            current = taken or current  # the number is taken, so the next one is tried
        raise PrivacyError(errors.KEYS_UNAVAILABLE, cause="contention")

    def _claimed(self, name: str, number: int) -> _Key | None:
        """A new key under this number; None where another process has the number."""
        with _asking():
            made = self._kms.create_key(
                Description=f"privacy-service {name} version {number}",
                KeySpec="SYMMETRIC_DEFAULT",
                Tags=[{"TagKey": "privacy-service", "TagValue": name}],
            )["KeyMetadata"]
        if not self._aliased(self._alias(f"v{number}", name), made["KeyId"]):
            self._destroy(made["KeyId"])
            return None
        return _Key(
            version=number,
            id=made["KeyId"],
            state=made["KeyState"],
            created_at=made["CreationDate"],
        )

    def _make_current(self, name: str, made: _Key) -> None:
        """Two that rotate at once may leave the smaller of their versions current: each wraps and
        unwraps as well as the other, and the next rotation goes on above both.
        """
        alias = self._alias("current", name)
        if not self._aliased(alias, made.id):
            current = self._looked(alias)
            if current is None or current.version < made.version:
                with _asking():
                    self._kms.update_alias(AliasName=alias, TargetKeyId=made.id)

    def _aliased(self, alias: str, key_id: str) -> bool:
        try:
            with _asking(_TAKEN):
                self._kms.create_alias(AliasName=alias, TargetKeyId=key_id)
        except ClientError:
            return False
        return True

    def _destroy(self, key_id: str) -> None:
        with _asking():
            self._kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=_WAITING_DAYS)

    def _alias(self, kind: str, name: str) -> str:
        return f"{self._reference.prefix}/{kind}/{name.replace('.', '/')}"

    def _key_id(self, name: str) -> str:
        return f"awskms:{self._reference.arn}/{name}"

    def _bound(self, name: str, context: bytes) -> dict[str, str]:
        return {"privacy-service": name, "context": hashlib.sha256(context).hexdigest()}


@contextmanager
def _asking(*told: str) -> Iterator[None]:
    """What is wrong with KMS or our way to it is KEYS_UNAVAILABLE; the codes in `told` are answers
    to what was asked, and come as ClientError.
    """
    try:
        yield
    except ClientError as refused:
        if refused.response["Error"]["Code"] in told:
            raise
        # Also AccessDenied: KMS says it for a key that is not there, and for a lost role.
        raise _unavailable(refused) from refused
    except BotoCoreError as refused:
        raise _unavailable(refused) from refused


def _unavailable(refused: Exception) -> PrivacyError:
    return PrivacyError(errors.KEYS_UNAVAILABLE, cause=type(refused).__name__)


def _unreadable(wrapped: WrappedKey) -> PrivacyError:
    return PrivacyError(errors.RECORD_UNREADABLE, wrapping_key=wrapped.wrapping_key)
