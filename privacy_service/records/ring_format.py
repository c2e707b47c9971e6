"""The bytes of a keyring file: JSON, with its content in clear or under a passphrase.

    {"format": "privacy-service-keyring", "version": 1, "ring": {...}}
    {"format": "privacy-service-keyring", "version": 1,
     "passphrase": {"kdf": "argon2id", "memory_kib": ..., "iterations": ..., "lanes": ...,
                    "salt": base64},
     "sealed": base64(nonce, 12 bytes; AES-256-GCM of the ring's JSON)}

The associated data of the sealed form is the `passphrase` object as canonical JSON, so that its
parameters cannot be weakened unseen.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.keyring import Random
from privacy_service.records.ring import Ring

FORMAT: Final = "privacy-service-keyring"
VERSION: Final = 1
_NONCE: Final = 12
_MOST_MEMORY_KIB: Final = 4 << 20  # what a file may ask for: 4 GiB, a hundred rounds
_MOST_ITERATIONS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """What one guess at a passphrase costs; by default RFC 9106, section 4, second choice."""

    memory_kib: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4


ADVISED: Final = Argon2Cost()


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFormat:
    """How one keyring is written: in clear (`passphrase` None) or sealed.

    A file in the other form than this one is refused: whoever gave a passphrase must not be
    served from an open file.
    """

    random: Random = field(repr=False)
    passphrase: bytes | None = field(repr=False, default=None)
    cost: Argon2Cost = ADVISED

    def encode(self, ring: Ring) -> bytes:
        """The file's bytes."""
        written: dict[str, Any] = {"format": FORMAT, "version": VERSION}
        if self.passphrase is None:
            written["ring"] = ring.to_json()
        else:
            written |= self._sealed(json.dumps(ring.to_json()).encode(), self.passphrase)
        return json.dumps(written, indent=1).encode() + b"\n"

    def decode(self, content: bytes) -> Ring:
        """The ring in the file's bytes. Raises KEYRING_INVALID."""
        try:
            read = json.loads(content)
            if (read["format"], read["version"]) != (FORMAT, VERSION):
                raise ValueError("another format")
            return Ring.from_json(self._content(read))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, InvalidTag):
            raise PrivacyError(errors.KEYRING_INVALID) from None

    def _content(self, read: Any) -> Any:
        if self.passphrase is None:
            return read["ring"]
        bound, sealed = read["passphrase"], base64.b64decode(read["sealed"], validate=True)
        key = _stretched(self.passphrase, bound)
        return json.loads(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _canonical(bound)))

    def _sealed(self, content: bytes, passphrase: bytes) -> dict[str, Any]:
        # The salt is fresh for every write, and so the key: its nonce is used once.
        bound = {
            "kdf": "argon2id",
            "memory_kib": self.cost.memory_kib,
            "iterations": self.cost.iterations,
            "lanes": self.cost.lanes,
            "salt": base64.b64encode(self.random(16)).decode(),
        }
        nonce, key = self.random(_NONCE), _stretched(passphrase, bound)
        sealed = nonce + AESGCM(key).encrypt(nonce, content, _canonical(bound))
        return {"passphrase": bound, "sealed": base64.b64encode(sealed).decode()}


def _stretched(passphrase: bytes, bound: Any) -> bytes:
    memory_kib, iterations = int(bound["memory_kib"]), int(bound["iterations"])
    if bound["kdf"] != "argon2id" or memory_kib > _MOST_MEMORY_KIB or iterations > _MOST_ITERATIONS:
        raise ValueError("a derivation that is not made")
    return Argon2id(
        salt=base64.b64decode(bound["salt"], validate=True),
        length=32,
        iterations=iterations,
        lanes=int(bound["lanes"]),
        memory_cost=memory_kib,
    ).derive(passphrase)


def _canonical(bound: Any) -> bytes:
    return json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
