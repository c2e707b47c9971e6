"""Key-encryption keys in an HSM, through its PKCS#11 module.

Each version is an AES-256 key object on the token: sensitive, not extractable, its label
PREFIX/NAME. Its CKA_ID is version (4 bytes) ‖ seconds since 1970 when it was made (8 bytes) ‖ 8
random bytes, integers big-endian.

PKCS#11 has nothing to make a number unique with. So two machines that make the same version at the
same moment make two keys; both unwrap what they wrapped, and both machines go on with the one of
the smaller id.

A wrapping, to the byte:

    offset  bytes  what
    0       20     the CKA_ID of the key
    20      12     nonce, random
    32      m      AES-256-GCM ciphertext, as long as the plaintext
    32 + m  16     GCM tag

    associated data = framed("privacy-service wrap 1", wrapping key's word, context)

Nonces are random, so wraps are counted and the key is rotated long before 2^32 (`wrap_uses.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.records.framing import framed
from privacy_service.records.keyring import KeyStatus, Random, WrappedKey

try:
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
except ImportError as missing:  # pragma: no cover - the test installs it
    raise PrivacyError(errors.KEY_PROVIDER_MISSING, extra="hsm") from missing

_LABEL: Final = "privacy-service wrap 1"
_VERSION: Final = 4
_MADE: Final = 8
_ID: Final = 20
_NONCE: Final = 12
_TAG: Final = 16
_LOOK_SECONDS: Final = 1.0
"""How long the versions of a key that were found are not looked for again: that costs as much as
thirty wraps.
"""
_USED_FOR: Final = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
    Attribute.WRAP: False,
    Attribute.UNWRAP: False,
    Attribute.SIGN: False,
    Attribute.VERIFY: False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmReference:
    """Where an HSM's keys are: a URI of RFC 7512 with these attributes,
    `pkcs11:token=LABEL;object=PREFIX?module-path=/path/to/module.so`.
    """

    module: str
    token: str
    prefix: str = "privacy-service"

    @classmethod
    def parse(cls, uri: str) -> HsmReference:
        """Raises ValueError for what lacks a token or a module, or has what is not known here."""
        path, _, query = uri.removeprefix("pkcs11:").partition("?")
        pairs = [*path.split(";"), *query.split("&")]
        given = dict(_pair(one) for one in pairs if one)
        unknown = given.keys() - {"token", "object", "module-path"}
        if unknown or not given.get("token") or not given.get("module-path"):
            raise ValueError("pkcs11:token=LABEL;object=PREFIX?module-path=FILE")
        return cls(
            module=given["module-path"],
            token=given["token"],
            prefix=given.get("object", "privacy-service"),
        )


def _pair(written: str) -> tuple[str, str]:
    name, _, value = written.partition("=")
    return name, unquote(value)


class _Module:
    """A PKCS#11 module, which a process has once: its sessions, and whose turn it is."""

    _loaded: Final[dict[str, _Module]] = {}
    _loading: Final = threading.Lock()

    def __init__(self, path: str) -> None:
        self._path = path
        self._sessions: dict[str, Any] = {}
        self.seen: dict[tuple[str, str], tuple[float, list[_Version]]] = {}
        self.turn = threading.RLock()

    @classmethod
    def of(cls, path: str) -> _Module:
        with cls._loading:
            return cls._loaded.setdefault(path, cls(path))

    def session(self, token: str, pin: Callable[[], str]) -> Any:
        """The logged-in session of a token; opened again where the last one was lost."""
        if token not in self._sessions:
            # A module goes on with the tokens that it saw when it was initialized.
            self.forget()
            library = pkcs11.lib(self._path)
            library.reinitialize()
            found = library.get_token(token_label=token)
            self._sessions[token] = found.open(rw=True, user_pin=pin())
        return self._sessions[token]

    def forget(self) -> None:
        """After an error: the next call opens everything again."""
        for session in self._sessions.values():
            with suppress(pkcs11.PKCS11Error):
                session.close()
        self._sessions.clear()
        self.seen.clear()


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of a key: its number, and its object on the token."""

    number: int
    id: bytes
    key: Any

    @property
    def made_at(self) -> datetime:
        seconds = int.from_bytes(self.id[_VERSION : _VERSION + _MADE], "big")
        return datetime.fromtimestamp(seconds, UTC)


class Pkcs11Provider:
    """A `KeyProvider` on one token. Its calls take turns, as one session asks for."""

    settles: Final = _LOOK_SECONDS

    def __init__(
        self, reference: HsmReference, *, pin: Callable[[], str], random: Random, clock: Clock
    ) -> None:
        """`pin` is asked whenever a session is opened. Nothing is opened yet."""
        self._reference = reference
        self._pin = pin
        self._random = random
        self._clock = clock
        self._module = _Module.of(reference.module)

    def wrap(self, name: str, material: bytes, context: bytes) -> WrappedKey:
        with self._session() as session:
            version = self._current(session, name)
            word = WrappedKey(key_id=self._key_id(name), version=version.number, ciphertext=b"")
            nonce = self._random(_NONCE)
            sealed = version.key.encrypt(material, **_gcm(nonce, word, context))
        return WrappedKey(
            key_id=word.key_id, version=word.version, ciphertext=version.id + nonce + sealed
        )

    def unwrap(self, name: str, wrapped: WrappedKey, context: bytes) -> bytes:
        ciphertext = wrapped.ciphertext
        with self._session() as session:
            version = self._named(session, name, wrapped)
            if version is None or len(ciphertext) < _ID + _NONCE + _TAG:
                raise _unreadable(wrapped)
            nonce = ciphertext[_ID : _ID + _NONCE]
            try:
                opened = version.key.decrypt(
                    ciphertext[_ID + _NONCE :], **_gcm(nonce, wrapped, context)
                )
            except pkcs11.PKCS11Error:
                # Modules report a tag that does not hold as they like, some as a general error.
                # A key that still encrypts is not lost: then it is the wrapping that is wrong.
                version.key.encrypt(b"", **_gcm(self._random(_NONCE), wrapped, b"probe"))
                raise _unreadable(wrapped) from None
        return bytes(opened)

    def current(self, name: str) -> str:
        with self._session() as session:
            number = self._current(session, name).number
        return WrappedKey(key_id=self._key_id(name), version=number, ciphertext=b"").wrapping_key

    def rotate(self, name: str) -> int:
        with self._session() as session:
            return self._made(session, name).number

    def retire(self, name: str, version: int) -> None:
        with self._session() as session:
            versions = self._looked_for(session, name)
            if not versions or not 1 <= version < versions[-1].number:
                raise PrivacyError(errors.KEY_NOT_RETIRABLE, key=name, version=version)
            for one in versions:
                if one.number <= version:
                    one.key.destroy()
            self._module.seen.clear()

    def status(self) -> tuple[KeyStatus, ...]:
        prefix = f"{self._reference.prefix}/"
        with self._session() as session:
            found = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
            labels = {str(one.label) for one in found}
            names = sorted(name.removeprefix(prefix) for name in labels if name.startswith(prefix))
            return tuple(
                status for name in names for status in _told(name, self._versions(session, name))
            )

    # -- The token ----------------------------------------------------------------------------

    @contextmanager
    def _session(self) -> Iterator[Any]:
        with self._module.turn:
            try:
                yield self._module.session(self._reference.token, self._pin)
            except (pkcs11.PKCS11Error, OSError) as refused:
                self._module.forget()
                raise PrivacyError(
                    errors.KEYS_UNAVAILABLE, cause=type(refused).__name__
                ) from refused

    def _current(self, session: Any, name: str) -> _Version:
        versions = self._versions(session, name)
        if not versions:
            return self._made(session, name)
        newest = versions[-1].number
        return next(one for one in versions if one.number == newest)

    def _made(self, session: Any, name: str) -> _Version:
        versions = self._looked_for(session, name)
        number = versions[-1].number + 1 if versions else 1
        made = int(self._clock.now().timestamp())
        identity = number.to_bytes(_VERSION, "big") + made.to_bytes(_MADE, "big")
        session.generate_key(
            KeyType.AES,
            256,
            id=identity + self._random(_ID - len(identity)),
            label=self._label(name),
            template=_USED_FOR,
        )
        self._module.seen.clear()
        return self._current(session, name)

    def _named(self, session: Any, name: str, wrapped: WrappedKey) -> _Version | None:
        """The version that made this wrapping, if the wrapping says so about itself throughout."""
        identity = wrapped.ciphertext[:_ID]
        if wrapped.key_id != self._key_id(name):
            return None
        versions = (one for one in self._versions(session, name) if one.id == identity)
        found = next(versions, None)
        return found if found is not None and found.number == wrapped.version else None

    def _versions(self, session: Any, name: str) -> list[_Version]:
        """By number, then id."""
        place, now = (self._reference.token, self._label(name)), self._clock.monotonic()
        until, found = self._module.seen.get(place, (now, []))
        if until <= now:
            found = self._looked_for(session, name)
            self._module.seen[place] = (now + _LOOK_SECONDS, found)
        return found

    def _looked_for(self, session: Any, name: str) -> list[_Version]:
        wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._label(name)}
        found = [(bytes(key.id), key) for key in session.get_objects(wanted)]
        return sorted(
            (
                _Version(int.from_bytes(identity[:_VERSION], "big"), identity, key)
                for identity, key in found
                if len(identity) == _ID
            ),
            key=lambda version: version.id,
        )

    def _label(self, name: str) -> str:
        return f"{self._reference.prefix}/{name}"

    def _key_id(self, name: str) -> str:
        return f"pkcs11:{self._reference.token}/{self._label(name)}"


def _gcm(nonce: bytes, word: WrappedKey, context: bytes) -> dict[str, Any]:
    bound = framed(_LABEL, word.wrapping_key, context)
    return {
        "mechanism": Mechanism.AES_GCM,
        "mechanism_param": pkcs11.GCMParams(nonce, bound),
    }


def _told(name: str, versions: list[_Version]) -> Iterator[KeyStatus]:
    """A number that is not on the token any more was retired: versions are made without gaps."""
    made = {version.number: version.made_at for version in reversed(versions)}
    newest = versions[-1].number
    for number in range(1, newest + 1):
        yield KeyStatus(
            name=name,
            version=number,
            current=number == newest,
            created_at=made.get(number),
            retired=number not in made,
        )


def _unreadable(wrapped: WrappedKey) -> PrivacyError:
    return PrivacyError(errors.RECORD_UNREADABLE, wrapping_key=wrapped.wrapping_key)
