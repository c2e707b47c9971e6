"""Data keys: one per subject and partner, so that shredding it makes all that it sealed unreadable.

A data key is 32 random bytes that exist in clear only in memory: the store keeps it wrapped. The
plaintext is cached here for a bounded time and for a bounded number of keys. `purge` drops it at
once in this process; in others it is gone when its time is over. Python cannot promise that the
bytes are overwritten in memory before that memory is used again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.records.framing import framed
from privacy_service.records.keyring import Random, WrappedKey
from privacy_service.records.wrap_uses import WrapUses

KEY_BYTES: Final = 32
ID_BYTES: Final = 16


class SealedKey(Protocol):
    """A wrapped data key, as a store gives it back."""

    @property
    def id(self) -> str:
        """32 hex digits, random; the header of what the key seals names it."""
        ...

    @property
    def partner(self) -> str: ...

    @property
    def subject(self) -> str:
        """The subject's keyed digest, or what `pair_scope` says."""
        ...

    @property
    def wrapping_key(self) -> str: ...

    @property
    def wrapped(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A wrapped data key, to be stored. It is bound to its id, partner and subject."""

    id: str
    partner: str
    subject: str
    wrapping_key: str
    wrapped: bytes = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenKey:
    """A data key in clear. It does not print."""

    id: str
    material: bytes = field(repr=False)


def pair_scope(recipient: str) -> str:
    """In the place of a subject: the sender's key for what concerns a recipient and nobody else."""
    return f"pair:{recipient}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A plaintext key until `expires`, and the wrapping that it was opened from."""

    key: OpenKey
    wrapped: bytes = field(repr=False)
    expires: float


class Wraps(Protocol):
    """What data keys ask of a `Keyring`."""

    def wrap(self, partner: str, key: bytes, context: bytes) -> WrappedKey: ...

    def unwrap(self, partner: str, wrapped: WrappedKey, context: bytes) -> bytes: ...


class DataKeys:
    """Makes data keys, opens them, and wraps them anew. Thread-safe."""

    def __init__(
        self,
        keyring: Wraps,
        *,
        random: Random,
        clock: Clock,
        uses: WrapUses | None = None,
        seconds: float = 300.0,
        most: int = 10_000,
    ) -> None:
        """Plaintext keys are used for at most `seconds`, and at most `most` are held at once.

        One whose time is over is dropped at the next call, whichever key that is for, or at the
        next `expire`. `uses` counts wraps; None only where nothing made here is kept.
        """
        self._uses = uses
        self._keyring = keyring
        self._random = random
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()
        self._seals: OrderedDict[str, int] = OrderedDict()
        self._purges = 0
        self._mutex = threading.Lock()

    def new(self, partner: str, subject: str) -> DataKey:
        """A fresh key for the subject at the partner. Raises KEYS_UNAVAILABLE."""
        name, material = self._random(ID_BYTES).hex(), self._random(KEY_BYTES)
        wrapped = self._wrapped(partner, material, _context(partner, subject, name))
        return DataKey(
            id=name,
            partner=partner,
            subject=subject,
            wrapping_key=wrapped.wrapping_key,
            wrapped=wrapped.ciphertext,
            created_at=self._clock.now(),
        )

    def opened(self, key: SealedKey) -> OpenKey:
        """The key in clear. Raises RECORD_UNREADABLE or KEYS_UNAVAILABLE."""
        with self._mutex:
            self._expire()
            held, purges = self._held.get((key.partner, key.subject)), self._purges
        if held and held.key.id == key.id and held.wrapped == key.wrapped:
            return held.key
        opened = self._unwrapped(key)
        self._hold(key, opened, purges)
        return opened

    def opened_to_seal(self, key: SealedKey) -> OpenKey:
        """As `opened`, and counts one more seal."""
        opened = self.opened(key)
        with self._mutex:
            self._seals[key.id] = self._seals.pop(key.id, 0) + 1
            if len(self._seals) > self._most:
                self._seals.popitem(last=False)
        return opened

    def rewrapped(self, key: SealedKey) -> WrappedKey:
        """The same key under the partner's current key-encryption key; what it sealed stays.

        Raises RECORD_UNREADABLE where the old wrapping is lost for good.
        """
        context = _context(key.partner, key.subject, key.id)
        return self._wrapped(key.partner, self._unwrapped(key).material, context)

    def check(self, key: SealedKey) -> None:
        """Unwraps the key, whether it is held or not. Raises what `opened` raises."""
        self._unwrapped(key)

    def purge(self, partner: str, subject: str) -> None:
        """Forgets the plaintext of a subject's key at once. Call it with every shred."""
        with self._mutex:
            self._purges += 1
            self._held.pop((partner, subject), None)

    def expire(self) -> None:
        """Forgets the keys whose time is over. To be called now and then, where no one seals."""
        with self._mutex:
            self._expire()

    def seals(self) -> Mapping[str, int]:
        """How often the keys that sealed lately did so in this process, by id.

        For watching only: docs/sealed-format.md says why no bound is near.
        """
        with self._mutex:
            return dict(self._seals)

    def _wrapped(self, partner: str, material: bytes, context: bytes) -> WrappedKey:
        wrapped = self._keyring.wrap(partner, material, context)
        if self._uses is not None:
            self._uses.used(partner, wrapped.wrapping_key)
        return wrapped

    def _unwrapped(self, key: SealedKey) -> OpenKey:
        try:
            wrapped = WrappedKey.of(key.wrapping_key, key.wrapped)
        except ValueError:
            raise PrivacyError(errors.RECORD_UNREADABLE, data_key=key.id) from None
        context = _context(key.partner, key.subject, key.id)
        return OpenKey(id=key.id, material=self._keyring.unwrap(key.partner, wrapped, context))

    def _hold(self, key: SealedKey, opened: OpenKey, purges: int) -> None:
        expires = self._clock.monotonic() + self._seconds
        with self._mutex:
            if purges != self._purges:  # perhaps this very key was shredded meanwhile
                return
            place = (key.partner, key.subject)
            self._held.pop(place, None)
            self._held[place] = _Held(key=opened, wrapped=key.wrapped, expires=expires)
            if len(self._held) > self._most:
                self._held.popitem(last=False)

    def _expire(self) -> None:
        """Drops what is too old: keys are held in the order in which they expire."""
        now = self._clock.monotonic()
        while self._held and next(iter(self._held.values())).expires <= now:
            self._held.popitem(last=False)


def _context(partner: str, subject: str, name: str) -> bytes:
    return framed("data key", partner, subject, name)
