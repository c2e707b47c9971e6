"""A keyring whose key-encryption keys are with a provider, and never here.

Data keys are wrapped and unwrapped by the provider. The service's own secrets are wrapped by it,
kept by the store and held in clear in memory for a bounded time. While the provider cannot be
reached nothing new is made, and what is held goes on until its time is over; the call after the
provider is back works again, because nothing is remembered but that it failed within the last
second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.records import wrapped_secrets
from privacy_service.records.keyring import KeyStatus, Random, Secret, SecretName, WrappedKey
from privacy_service.records.provider import SERVICE_KEY, KeyProvider, partner_key
from privacy_service.records.signing import SeedSigner
from privacy_service.records.wrapped_secrets import SIGNER, SecretShelf, WrappedSecret

T = TypeVar("T")

_SECRET_BYTES: Final = 32
_QUIET_SECONDS: Final = 1.0
_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class _Opened:
    """The secrets in clear, by name and version, until `expires`."""

    secrets: Mapping[str, tuple[Secret, ...]] = field(repr=False)
    expires: float


class ProvidedKeyring:
    """A `Keyring` on a provider and a shelf of wrapped secrets."""

    def __init__(
        self,
        provider: KeyProvider,
        shelf: SecretShelf,
        *,
        random: Random,
        clock: Clock,
        seconds: float = 300.0,
    ) -> None:
        """Secrets are used from memory for at most `seconds`. Use `create` the first time.

        Raises KEYS_NOT_SET_UP where there are no secrets yet, and KEYRING_INVALID where they are
        another provider's.
        """
        self._provider = provider
        self._shelf = shelf
        self._random = random
        self._clock = clock
        self._seconds = seconds
        self._failed = float("-inf")
        self._mutex = threading.Lock()
        self._held: _Opened | None = None
        self._opened()

    @classmethod
    def create(
        cls,
        provider: KeyProvider,
        shelf: SecretShelf,
        *,
        random: Random,
        clock: Clock,
        seconds: float = 300.0,
    ) -> ProvidedKeyring:
        """As the constructor, and makes the secrets that are missing.

        Several processes may do this at once: the first to put a secret has made it.
        """
        there = shelf.all()
        for name in wrapped_secrets.NAMES:
            if name not in there:
                shelf.put(_wrapped(provider, name, 1, random(_SECRET_BYTES), clock))
        return cls(provider, shelf, random=random, clock=clock, seconds=seconds)

    def wrap(self, partner: str, key: bytes, context: bytes) -> WrappedKey:
        return self._asked(lambda: self._provider.wrap(partner_key(partner), key, context))

    def unwrap(self, partner: str, wrapped: WrappedKey, context: bytes) -> bytes:
        return self._asked(lambda: self._provider.unwrap(partner_key(partner), wrapped, context))

    def wrapping_key(self, partner: str) -> str:
        return self._asked(lambda: self._provider.current(partner_key(partner)))

    def rotate(self, partner: str) -> int:
        return self._asked(lambda: self._provider.rotate(partner_key(partner)))

    def retire(self, partner: str, version: int) -> None:
        self._asked(lambda: self._provider.retire(partner_key(partner), version))

    def secret(self, name: SecretName, version: int | None = None) -> Secret:
        return self._secret(f"secret/{name.value}", version)

    def secret_versions(self, name: SecretName) -> tuple[int, ...]:
        secrets = self._opened()[f"secret/{name.value}"]
        return tuple(secret.version for secret in reversed(secrets))

    def rotate_secret(self, name: SecretName) -> int:
        return self._next(f"secret/{name.value}")

    def rewrap_secrets(self) -> int:
        self._asked(lambda: self._provider.rotate(SERVICE_KEY))
        rows = [row for versions in self._shelf.all().values() for row in versions]
        for row in rows:
            material = self._asked(partial(_unwrapped, self._provider, row))
            fresh = self._fresh(row.name, row.version, material)
            self._shelf.rewrap(fresh, under=row.wrapping_key)
        return len(rows)

    def signer(self, version: int | None = None) -> SeedSigner:
        return SeedSigner.of(self._secret(SIGNER, version).value)

    def rotate_signer(self) -> int:
        return self._next(SIGNER)

    def status(self) -> tuple[KeyStatus, ...]:
        provided = self._asked(self._provider.status)
        return tuple(sorted((*provided, *self._shelved()), key=lambda s: (s.name, s.version)))

    def _shelved(self) -> Iterator[KeyStatus]:
        for name, versions in self._shelf.all().items():
            for row in versions:
                yield KeyStatus(
                    name=name,
                    version=row.version,
                    current=row is versions[-1],
                    created_at=row.created_at,
                )

    def _secret(self, name: str, version: int | None) -> Secret:
        secrets = self._opened()[name]
        if version is None:
            return secrets[-1]
        found = next((secret for secret in secrets if secret.version == version), None)
        if found is None:
            raise PrivacyError(errors.KEYRING_INVALID, key=name, version=version)
        return found

    def _next(self, name: str) -> int:
        for _ in range(_TRIES):  # others may make theirs first
            version = len(self._shelf.all()[name]) + 1
            if self._shelf.put(self._fresh(name, version, self._random(_SECRET_BYTES))):
                self._held = None
                return version
        raise PrivacyError(errors.KEYS_UNAVAILABLE, cause="contention")

    def _fresh(self, name: str, version: int, material: bytes) -> WrappedSecret:
        return self._asked(lambda: _wrapped(self._provider, name, version, material, self._clock))

    def _opened(self) -> Mapping[str, tuple[Secret, ...]]:
        """The secrets: those that are held, or all of them unwrapped anew."""
        held = self._held
        if held is not None and self._clock.monotonic() < held.expires:
            return held.secrets
        with self._mutex:
            held, now = self._held, self._clock.monotonic()
            if held is None or now >= held.expires:
                self._held = None  # not even for a moment longer than their time
                held = _Opened(self._unwrapped(), now + self._seconds)
                self._held = held
        return held.secrets

    def _unwrapped(self) -> dict[str, tuple[Secret, ...]]:
        rows = self._shelf.all()
        missing = [name for name in wrapped_secrets.NAMES if name not in rows]
        if missing:
            raise PrivacyError(errors.KEYS_NOT_SET_UP, secret=missing[0])
        return {name: tuple(self._in_clear(row) for row in rows[name]) for name in rows}

    def _in_clear(self, row: WrappedSecret) -> Secret:
        try:
            material = self._asked(lambda: _unwrapped(self._provider, row))
        except PrivacyError as error:
            if error.reason is errors.RECORD_UNREADABLE:
                raise PrivacyError(
                    errors.KEYRING_INVALID, key=row.name, wrapping_key=row.wrapping_key
                ) from None
            raise
        return Secret(version=row.version, value=material)

    def _asked(self, ask: Callable[[], T]) -> T:
        """What the provider answers; not asked again within a second of its last failure, so that
        calls that wait for it in vain do not take up the service.
        """
        if self._clock.monotonic() - self._failed < _QUIET_SECONDS:
            raise PrivacyError(errors.KEYS_UNAVAILABLE, cause="it failed a moment ago")
        try:
            return ask()
        except PrivacyError as error:
            if error.reason is errors.KEYS_UNAVAILABLE:
                self._failed = self._clock.monotonic()
            raise


def _wrapped(
    provider: KeyProvider, name: str, version: int, material: bytes, clock: Clock
) -> WrappedSecret:
    key = provider.wrap(SERVICE_KEY, material, wrapped_secrets.context(name, version))
    return WrappedSecret(
        name=name,
        version=version,
        wrapping_key=key.wrapping_key,
        wrapped=key.ciphertext,
        created_at=clock.now(),
    )


def _unwrapped(provider: KeyProvider, row: WrappedSecret) -> bytes:
    try:
        key = WrappedKey.of(row.wrapping_key, row.wrapped)
    except ValueError:
        raise PrivacyError(errors.RECORD_UNREADABLE) from None
    return provider.unwrap(SERVICE_KEY, key, wrapped_secrets.context(row.name, row.version))
