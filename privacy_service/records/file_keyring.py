"""A keyring in one file, for one machine: `ring_format.py` has its bytes.

Processes on the machine share the file. A change is made under a lock, on the newest content, and
replaces the file in one step; every other process sees it at its next look. Keys that a version
of the file held are in every backup of it: what `retire` destroys must be destroyed there too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.records.keyring import KeyStatus, Random, Secret, SecretName, WrappedKey
from privacy_service.records.private_file import Mark, PrivateFile
from privacy_service.records.ring import Ring
from privacy_service.records.ring_format import ADVISED, Argon2Cost, RingFormat
from privacy_service.records.signing import SeedSigner

_WRAPPING_BYTES: Final = 64  # AES-256-SIV takes two keys of 32
_SECRET_BYTES: Final = 32
_SIGNER: Final = "signer"
_LABEL: Final = b"privacy-service wrap 1"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the file held when it had that mark, and the secrets that were asked for since."""

    mark: Mark
    ring: Ring
    secrets: dict[tuple[SecretName, int | None], Secret] = field(default_factory=dict, repr=False)


class FileKeyring:
    """A `Keyring` whose keys are in a file that only its owner reads."""

    def __init__(
        self, path: Path, *, written: RingFormat, clock: Clock, look_every: float = 0.0
    ) -> None:
        """Use `create` or `open`."""
        self._look_every = look_every
        self._looked = clock.monotonic()
        self._file = PrivateFile(path)
        self._format = written
        self._clock = clock
        self._mutex = threading.Lock()
        self._seen = self._loaded()

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        random: Random,
        clock: Clock,
        passphrase: bytes | None = None,
        cost: Argon2Cost = ADVISED,
    ) -> Self:
        """Makes the file, with every secret and the signing key in it.

        Raises KEYRING_EXISTS: a new keyring in the place of a lost one would open nothing.
        """
        ring, at = Ring(id=random(8).hex()), clock.now()
        for name in SecretName:
            ring = ring.with_next(_secret(name), random(_SECRET_BYTES), at)
        ring = ring.with_next(_SIGNER, random(_SECRET_BYTES), at)
        written = RingFormat(random=random, passphrase=passphrase, cost=cost)
        PrivateFile(path).create(written.encode(ring))
        return cls(path, written=written, clock=clock)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        random: Random,
        clock: Clock,
        passphrase: bytes | None = None,
        cost: Argon2Cost = ADVISED,
        look_every: float = 0.0,
    ) -> Self:
        """The keyring in that file, read at once.

        Another process's change, or the loss of the file, is noticed at most `look_every` seconds
        late; 0 looks at every call, which costs a system call for each keyed word.

        Raises KEYS_UNAVAILABLE, KEYRING_EXPOSED, or KEYRING_INVALID, also where a passphrase is
        given and the file has none, or the other way round. `cost` is for writing.
        """
        written = RingFormat(random=random, passphrase=passphrase, cost=cost)
        return cls(path, written=written, clock=clock, look_every=look_every)

    def wrap(self, partner: str, key: bytes, context: bytes) -> WrappedKey:
        ring, name = self._having(_partner(partner), _WRAPPING_BYTES)
        bare = _bare(ring, name)
        # SIV needs no nonce (RFC 5297): there is none to count over all processes and restarts.
        siv = AESSIV(_material(ring, name, bare.version))
        return replace(bare, ciphertext=siv.encrypt(key, _bound(bare, context)))

    def unwrap(self, partner: str, wrapped: WrappedKey, context: bytes) -> bytes:
        ring, name = self._ring(), _partner(partner)
        material = ring.material(name, wrapped.version)
        if material is None or wrapped.key_id != _key_id(ring, name):
            raise PrivacyError(errors.RECORD_UNREADABLE, wrapping_key=wrapped.wrapping_key)
        try:
            return AESSIV(material).decrypt(wrapped.ciphertext, _bound(wrapped, context))
        except (InvalidTag, ValueError):
            raise PrivacyError(
                errors.RECORD_UNREADABLE, wrapping_key=wrapped.wrapping_key
            ) from None

    def wrapping_key(self, partner: str) -> str:
        return _bare(*self._having(_partner(partner), _WRAPPING_BYTES)).wrapping_key

    def rotate(self, partner: str) -> int:
        return self._next(_partner(partner), _WRAPPING_BYTES)

    def retire(self, partner: str, version: int) -> None:
        at = self._clock.now()
        self._change(lambda ring: ring.without(_partner(partner), version, at))

    def secret(self, name: SecretName, version: int | None = None) -> Secret:
        seen = self._fresh()
        found = seen.secrets.get((name, version))
        if found is None:
            ring, key = self._having(_secret(name), _SECRET_BYTES)
            number = ring.current(key) if version is None else version
            found = Secret(version=number, value=_material(ring, key, number))
            seen.secrets[name, version] = found
        return found

    def secret_versions(self, name: SecretName) -> tuple[int, ...]:
        ring, key = self._having(_secret(name), _SECRET_BYTES)
        return ring.live(key)

    def rotate_secret(self, name: SecretName) -> int:
        return self._next(_secret(name), _SECRET_BYTES)

    def rewrap_secrets(self) -> int:
        def written_again(ring: Ring) -> Ring:
            return replace(ring)  # another value, so that it is written, under a fresh salt

        ring = self._change(written_again)
        return sum(len(ring.live(_secret(name))) for name in SecretName) + len(ring.live(_SIGNER))

    def signer(self, version: int | None = None) -> SeedSigner:
        ring, key = self._having(_SIGNER, _SECRET_BYTES)
        number = ring.current(key) if version is None else version
        seed = _material(ring, key, number)
        return SeedSigner.of(seed)

    def rotate_signer(self) -> int:
        return self._next(_SIGNER, _SECRET_BYTES)

    def status(self) -> tuple[KeyStatus, ...]:
        return tuple(self._ring().status())

    def _having(self, name: str, size: int) -> tuple[Ring, str]:
        """The ring with that key in it, which is made if it is not there yet."""
        ring = self._ring()
        if name not in ring:
            made, at = self._format.random(size), self._clock.now()
            ring = self._change(
                lambda newest: newest if name in newest else newest.with_next(name, made, at)
            )
        return ring, name

    def _next(self, name: str, size: int) -> int:
        made, at = self._format.random(size), self._clock.now()
        return self._change(lambda ring: ring.with_next(name, made, at)).current(name)

    def _ring(self) -> Ring:
        return self._fresh().ring

    def _fresh(self) -> _Seen:
        """The newest content; the file is read only when it is not the one that was seen."""
        seen, now = self._seen, self._clock.monotonic()
        if self._look_every and now - self._looked < self._look_every:
            return seen
        mark = self._file.mark()
        if mark == seen.mark:
            self._looked = now
            return seen
        with self._mutex:
            self._seen = self._loaded()
            return self._seen

    def _loaded(self) -> _Seen:
        mark, content = self._file.read()
        return _Seen(mark, self._format.decode(content))

    def _change(self, change: Callable[[Ring], Ring]) -> Ring:
        with self._mutex, self._file.locked():
            ring = self._loaded().ring
            changed = change(ring)
            if changed is not ring:
                self._file.replace(self._format.encode(changed))
            self._seen = _Seen(self._file.mark(), changed)
            return changed


def _partner(partner: str) -> str:
    return f"partner/{partner}"


def _secret(name: SecretName) -> str:
    return f"secret/{name.value}"


def _key_id(ring: Ring, name: str) -> str:
    return f"file:{ring.id}/{name}"


def _bare(ring: Ring, name: str) -> WrappedKey:
    """A wrapping by the current version, before there is anything in it."""
    return WrappedKey(key_id=_key_id(ring, name), version=ring.current(name), ciphertext=b"")


def _bound(wrapped: WrappedKey, context: bytes) -> list[bytes]:
    return [_LABEL, wrapped.wrapping_key.encode(), context]


def _material(ring: Ring, name: str, version: int) -> bytes:
    material = ring.material(name, version)
    if material is None:
        raise PrivacyError(errors.KEYRING_INVALID, key=name, version=version)
    return material
