"""Links that confirm one thing: signed, for one purpose, and over at a time.

A link is a JSON Web Token (RFC 7519), HS256, under a key of its own that follows from the keyring's
secret for commitments. It says what it is for, about which notice, and until when; nobody is
named in it. Whoever has it may do that one thing, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.keyring import Keyring, SecretName

LONGEST: Final = 1024
_ALGORITHM: Final = "HS256"
_INFO: Final = b"privacy-service links 1"


class LinkPurpose(StrEnum):
    """What a link does. One made for one purpose is nothing for another."""

    CONFIRM_NOTICE = "confirm_notice"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links. Thread-safe. Every method raises KEYS_UNAVAILABLE."""

    keyring: Keyring

    def made(self, purpose: LinkPurpose, about: str, *, until: datetime) -> str:
        """A link that does `purpose` with `about` until then. The same words give the same link."""
        claims = {"aud": purpose.value, "sub": about, "exp": int(until.timestamp())}
        key = _key(self.keyring.secret(SecretName.COMMITMENT).value)
        return jwt.encode({"alg": _ALGORITHM}, claims, key, algorithms=[_ALGORITHM])

    def read(self, purpose: LinkPurpose, link: str, *, now: datetime) -> str:
        """What the link is about. Raises LINK_INVALID for what is not a link of ours for this, and
        LINK_EXPIRED for one whose time is over.
        """
        claims = self._claims(link)
        about, until = claims.get("sub"), claims.get("exp")
        if claims.get("aud") != purpose.value or not isinstance(about, str):
            raise PrivacyError(errors.LINK_INVALID)
        if not isinstance(until, int) or now >= datetime.fromtimestamp(until, UTC):
            raise PrivacyError(errors.LINK_EXPIRED)
        return about

    def _claims(self, link: str) -> dict[str, Any]:
        if len(link) <= LONGEST and link.isascii():
            for key in self._keys():
                try:
                    return jwt.decode(link, key, algorithms=[_ALGORITHM]).claims
                except (JoseError, ValueError):
                    continue
        raise PrivacyError(errors.LINK_INVALID)

    def _keys(self) -> Iterator[OctKey]:
        """Under every version of the secret, the current one first."""
        for version in self.keyring.secret_versions(SecretName.COMMITMENT):
            yield _key(self.keyring.secret(SecretName.COMMITMENT, version).value)


def _key(secret: bytes) -> OctKey:
    derived = HKDFExpand(algorithm=hashes.SHA256(), length=32, info=_INFO).derive(secret)
    return OctKey.import_key(derived)
