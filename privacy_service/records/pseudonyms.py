"""Keyed words for people and values: digests, commitments, tokens, hashes, date shifts.

All are HMAC-SHA256 (RFC 2104) over framed parts, under secrets of the keyring. A pair's words come
from a key that is derived for exactly that sender, recipient and purpose, so that nothing links
the words of two pairs. Values are taken letter for letter; only subjects are canonicalised, as
`identity.py` says.

Every word has a key version. The current one is used unless another is asked for; the plural
methods give the words of all versions, the current one first, for look-up after a rotation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privacy_service import errors
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import PrivacyError
from privacy_service.records import hpke
from privacy_service.records.framing import framed
from privacy_service.records.identity import canonical_identifier, canonical_kind
from privacy_service.records.keyring import Keyring, SecretName

TOKEN_PREFIX: Final = "tok_"  # noqa: S105 - no secret
_TOKEN_BYTES: Final = 16
_TOKEN_LETTERS: Final = 26
_MOST_PAIRS: Final = 4096


class Pseudonyms:
    """The words of one keyring. Thread-safe. Every method raises KEYS_UNAVAILABLE."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._derived = lru_cache(maxsize=_MOST_PAIRS)(self._derive)

    def subject_digest(self, kind: str, value: str, /, *, version: int | None = None) -> str:
        """The digest by which a subject is known: 64 hex digits, the same whoever asks.

        `kind` is the kind of identifier (`email`, `phone`, `customer-id`). Raises
        SUBJECT_REQUIRED if nothing is left of the value that could identify anyone.
        """
        kind = canonical_kind(kind)
        identifier = canonical_identifier(kind, value)
        if not identifier:
            raise PrivacyError(errors.SUBJECT_REQUIRED, type=kind)
        secret = self._keyring.secret(SecretName.BLIND_INDEX, version)
        return _mac(secret.value, framed("subject", kind, identifier)).hex()

    def subject_digests(self, kind: str, value: str, /) -> tuple[str, ...]:
        """The subject's digest under every version, the current one first."""
        versions = self._keyring.secret_versions(SecretName.BLIND_INDEX)
        return tuple(self.subject_digest(kind, value, version=version) for version in versions)

    def commitment(self, content: bytes, *, version: int | None = None) -> str:
        """A commitment to the bytes, in 64 hex digits: only who has the key can test a guess."""
        secret = self._keyring.secret(SecretName.COMMITMENT, version)
        # Hashed first, so that a large payload is not copied to be framed.
        return _mac(secret.value, framed("payload", hashlib.sha256(content).digest())).hex()

    def token(self, pair: Pair, entity: str, value: str, *, version: int | None = None) -> str:
        """`tok_` and 26 letters of lower-case base32: 128 bits."""
        word = _mac(self._pair_key("token", pair, version), framed(entity, value))
        letters = base64.b32encode(word[:_TOKEN_BYTES])[:_TOKEN_LETTERS]
        return TOKEN_PREFIX + letters.lower().decode()

    def tokens(self, pair: Pair, entity: str, value: str) -> tuple[str, ...]:
        """The value's token under every version, the current one first."""
        versions = self._keyring.secret_versions(SecretName.PSEUDONYM_ROOT)
        return tuple(self.token(pair, entity, value, version=version) for version in versions)

    def keyed_hash(self, pair: Pair, entity: str, value: str, *, version: int | None = None) -> str:
        """64 hex digits, from which nothing leads back: no value is kept for it."""
        return _mac(self._pair_key("hash", pair, version), framed(entity, value)).hex()

    def date_offset(
        self, pair: Pair, subject: str, days: int, *, version: int | None = None
    ) -> int:
        """By how many days the subject's dates shift: from -days to days, never 0.

        All dates of one subject shift alike, so that the time between them stays.
        Raises ValueError unless `days` is positive.
        """
        if days < 1:
            raise ValueError("dates shift by at least a day")
        word = _mac(self._pair_key("date", pair, version), framed(subject))
        drawn = int.from_bytes(word, "big") % (2 * days)
        return drawn - days if drawn < days else drawn - days + 1

    def encrypted(self, value: str, *, recipient_key: str, info: str) -> str:
        """The value for the recipient alone: see `hpke.encrypt`."""
        return hpke.encrypt(value, recipient_key=recipient_key, info=info)

    def _pair_key(self, use: str, pair: Pair, version: int | None) -> bytes:
        # Asked each time, though the key is cached: a keyring that is gone gives no words.
        root = self._keyring.secret(SecretName.PSEUDONYM_ROOT, version)
        return self._derived(use, pair, root.version)

    def _derive(self, use: str, pair: Pair, version: int) -> bytes:
        root = self._keyring.secret(SecretName.PSEUDONYM_ROOT, version)
        info = framed("pair", use, pair.sender, pair.recipient, pair.purpose)
        return HKDFExpand(algorithm=hashes.SHA256(), length=32, info=info).derive(root.value)


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def keyed_digests(keyring: Keyring) -> Callable[[bytes], tuple[str, ...]]:
    """What gives the keyed digests of bytes under every version of the key, the current one
    first.
    """
    pseudonyms = Pseudonyms(keyring)

    def digests(content: bytes) -> tuple[str, ...]:
        versions = keyring.secret_versions(SecretName.COMMITMENT)
        return tuple(pseudonyms.commitment(content, version=version) for version in versions)

    return digests
