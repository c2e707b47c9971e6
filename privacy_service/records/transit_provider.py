"""Key-encryption keys in the Transit engine of Vault or OpenBao.

Each key is a Transit key of type aes256-gcm96 named PREFIX.NAME (a partner's `partner/acme` is
PREFIX.partner.acme); its versions are Transit's own. The context is bound as associated data. A
wrapping is Transit's own text, `vault:vVERSION:...`. Retiring sets the least version that decrypts
and trims what is below it, so that it is gone from the engine's storage, too.

The policy that the token needs is in docs/keys.md. The token's file is read again when Transit
refuses it, so whatever renews the file (an agent, a sidecar) is enough.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.framing import framed
from privacy_service.records.keyring import KeyStatus, WrappedKey

try:
    import hvac
    import requests
    from hvac import exceptions as refusals
except ImportError as missing:  # pragma: no cover - the test installs it
    raise PrivacyError(errors.KEY_PROVIDER_MISSING, extra="vault") from missing

_LABEL: Final = "privacy-service wrap 1"
_SECONDS: Final = 5
_PAUSES: Final = (0.01, 0.03, 0.09, 0.27)
_CIPHERTEXT: Final = re.compile(r"vault:v([1-9][0-9]{0,8}):[A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitReference:
    """Where the engine is: `transit:https://HOST:PORT/MOUNT/PREFIX`, and `?namespace=` where the
    server has namespaces.
    """

    server: str
    mount: str
    prefix: str
    namespace: str | None = None

    @classmethod
    def parse(cls, written: str) -> TransitReference:
        """Raises ValueError unless it is https, or http to this machine, with mount and prefix."""
        url = urlsplit(written.removeprefix("transit:"))
        mount, _, prefix = url.path.strip("/").rpartition("/")
        here = url.hostname in ("127.0.0.1", "localhost", "::1")
        safe = url.scheme == "https" or (url.scheme == "http" and here)
        if not safe or not mount or "@" in url.netloc:
            raise ValueError("transit:https://HOST:PORT/MOUNT/PREFIX")
        if not re.fullmatch(r"\w[\w-]*", prefix, re.ASCII):
            raise ValueError("the prefix has letters, digits, _ and - only")
        namespace = parse_qs(url.query).get("namespace", [None])[0]
        return cls(
            server=f"{url.scheme}://{url.netloc}", mount=mount, prefix=prefix, namespace=namespace
        )


class TransitProvider:
    """A `KeyProvider` on one Transit engine."""

    settles: Final = 0.0

    def __init__(
        self,
        reference: TransitReference,
        *,
        token: Callable[[], str],
        authority: Path | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        """`token` is asked at first, and when the server refuses the one it gave. `authority` is
        a PEM file of those that may vouch for the server (None: the system's). Nothing is called
        yet.
        """
        self._reference = reference
        self._token = token
        self._client = hvac.Client(
            url=reference.server,
            namespace=reference.namespace,
            timeout=seconds,
            verify=True if authority is None else str(authority),
            allow_redirects=False,
        )
        self._client.token = None

    def wrap(self, name: str, material: bytes, context: bytes) -> WrappedKey:
        answer = self._write(
            f"encrypt/{self._key(name)}",
            plaintext=_text(material),
            associated_data=_text(framed(_LABEL, self._key_id(name), context)),
        )
        ciphertext = answer["ciphertext"]
        return WrappedKey(
            key_id=self._key_id(name),
            version=_version(ciphertext),
            ciphertext=ciphertext.encode("ascii"),
        )

    def unwrap(self, name: str, wrapped: WrappedKey, context: bytes) -> bytes:
        key_id = self._key_id(name)
        written = wrapped.ciphertext.decode("ascii", "replace")
        if wrapped.key_id != key_id or _version(written) != wrapped.version:
            raise _unreadable(wrapped)
        try:
            answer = self._write(
                f"decrypt/{self._key(name)}",
                ciphertext=written,
                associated_data=_text(framed(_LABEL, key_id, context)),
            )
        except refusals.InvalidRequest:
            raise _unreadable(wrapped) from None
        return base64.b64decode(answer["plaintext"])

    def current(self, name: str) -> str:
        latest = self._made(name)["latest_version"]
        return WrappedKey(key_id=self._key_id(name), version=latest, ciphertext=b"").wrapping_key

    def rotate(self, name: str) -> int:
        if self._found(name) is None:
            return int(self._made(name)["latest_version"])
        answer = self._write(f"keys/{self._key(name)}/rotate")
        latest = answer.get("latest_version") if answer else None
        return int(latest or self._made(name)["latest_version"])  # older servers answer nothing

    def retire(self, name: str, version: int) -> None:
        key = self._found(name)
        if key is None or not 1 <= version < key["latest_version"]:
            raise PrivacyError(errors.KEY_NOT_RETIRABLE, key=name, version=version)
        least = version + 1
        if least > key["min_decryption_version"]:
            self._write(
                f"keys/{self._key(name)}/config",
                min_decryption_version=least,
                min_encryption_version=max(least, key["min_encryption_version"]),
            )
        if least > key["min_available_version"]:
            self._write(f"keys/{self._key(name)}/trim", min_available_version=least)

    def status(self) -> tuple[KeyStatus, ...]:
        mark = f"{self._reference.prefix}."
        with self._asking() as client:
            listed = client.list(f"{self._reference.mount}/keys")
        keys = [key for key in (listed["data"]["keys"] if listed else ()) if key.startswith(mark)]
        names = [key.removeprefix(mark).replace(".", "/", 1) for key in keys]
        return tuple(status for name in sorted(names) for status in self._told(name))

    def _told(self, name: str) -> Iterator[KeyStatus]:
        key = self._found(name)
        if key is None:
            return
        for number in range(1, key["latest_version"] + 1):
            made = key["keys"].get(str(number))
            live = made is not None and number >= key["min_decryption_version"]
            yield KeyStatus(
                name=name,
                version=number,
                current=number == key["latest_version"],
                created_at=None if made is None else datetime.fromtimestamp(_seconds(made), UTC),
                retired=not live,
            )

    # -- The server ---------------------------------------------------------------------------

    def _made(self, name: str) -> dict[str, Any]:
        """The key, made if it is not there yet: making one that is there changes nothing."""
        found = self._found(name)
        if found is None:
            self._write(f"keys/{self._key(name)}", type="aes256-gcm96")
            found = self._found(name)
        if found is None:
            raise PrivacyError(errors.KEYS_UNAVAILABLE, cause="the key was not made")
        return found

    def _found(self, name: str) -> dict[str, Any] | None:
        with self._asking() as client:
            answer = client.read(f"{self._reference.mount}/keys/{self._key(name)}")
        return None if answer is None else answer["data"]

    def _write(self, path: str, **said: object) -> dict[str, Any]:
        with self._asking() as client:
            answer = _insisting(
                lambda: client.write_data(f"{self._reference.mount}/{path}", data=said)
            )
        # Where there is nothing to say, the answer is a bare response.
        return (answer.get("data") or {}) if isinstance(answer, dict) else {}

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """The client. What is wrong with the server or our way to it is KEYS_UNAVAILABLE."""
        if self._client.token is None:
            self._client.token = self._token()
        try:
            yield self._client
        except refusals.InvalidRequest:
            raise
        except refusals.Forbidden as refused:
            self._client.token = None  # it may have been renewed: the next call asks for it
            raise _unavailable(refused) from refused
        except (refusals.VaultError, requests.RequestException) as refused:
            raise _unavailable(refused) from refused

    def _key(self, name: str) -> str:
        return f"{self._reference.prefix}.{name.replace('/', '.', 1)}"

    def _key_id(self, name: str) -> str:
        return f"transit:{self._reference.mount}/{self._key(name)}"


def _insisting(write: Callable[[], Any]) -> Any:
    """The answer, at the first tries also after an internal error: OpenBao says that to all but
    one of those who change a key at the same moment. Nothing that we write does harm twice.
    """
    for pause in _PAUSES:
        try:
            return write()
        except refusals.InternalServerError:
            time.sleep(pause)
    return write()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _seconds(made: Any) -> float:
    """When a version was made: seconds, or a text, by the type of key and the server's age."""
    if isinstance(made, int | float):
        return float(made)
    text = made if isinstance(made, str) else made["creation_time"]
    return datetime.fromisoformat(text).timestamp()


def _version(ciphertext: str) -> int:
    """The version that made it, 0 for what Transit never made."""
    found = _CIPHERTEXT.fullmatch(ciphertext)
    if found is None:
        return 0
    try:  # one spelling of every ciphertext: what is not canonical was changed
        rest = ciphertext.rpartition(":")[2]
        canonical = base64.b64encode(base64.b64decode(rest, validate=True)).decode() == rest
    except (binascii.Error, ValueError):
        return 0
    return int(found[1]) if canonical else 0


def _unavailable(refused: Exception) -> PrivacyError:
    return PrivacyError(errors.KEYS_UNAVAILABLE, cause=type(refused).__name__)


def _unreadable(wrapped: WrappedKey) -> PrivacyError:
    return PrivacyError(errors.RECORD_UNREADABLE, wrapping_key=wrapped.wrapping_key)
