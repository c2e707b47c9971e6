"""Time stamps of RFC 3161 over published checkpoints: a third party says that they existed by then.

The stamp is over the bytes of the published note, so that `openssl ts -verify` checks it as well.
Needs the extra [timestamps].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.publishing.http import ask


class StampInvalid(ValueError):  # noqa: N818 - it says what is so, as our reasons do
    """It is no time stamp of these bytes by an authority that is trusted."""


@dataclass(frozen=True, slots=True)
class TrustedRoots:
    """The authorities that time stamps are believed from."""

    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The certificates of a PEM file. Raises SETTINGS_INVALID."""
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as unusable:
            raise PrivacyError(
                errors.SETTINGS_INVALID,
                setting="evidence.time_stamp_roots",
                cause=type(unusable).__name__,
            ) from None
        return cls(tuple(found))

    def verify(self, stamp: bytes, stamped: bytes) -> datetime:
        """When the stamp says that `stamped` existed. Raises StampInvalid."""
        return _verified(self._verifier(None), stamp, stamped)

    def _verifier(self, nonce: int | None) -> Verifier:
        return VerifierBuilder(roots=list(self.certificates), nonce=nonce).build()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStampAuthority:
    """Where time stamps are asked for, and whose are believed."""

    url: str
    roots: TrustedRoots

    def stamp(self, stamped: bytes, client: httpx.Client) -> bytes:
        """The DER response with the stamp, checked. Raises StampInvalid, and httpx.HTTPError."""
        request = (
            TimestampRequestBuilder()
            .data(stamped)
            .hash_algorithm(HashAlgorithm.SHA256)
            .cert_request(cert_request=True)
            .nonce(nonce=True)
            .build()
        )
        body = request.as_bytes()
        answer = ask(client, self.url, body, **{"content-type": "application/timestamp-query"})
        if answer.status_code != httpx.codes.OK:
            raise StampInvalid(f"the authority answered {answer.status_code}")
        verifier = self.roots._verifier(request.nonce)  # noqa: SLF001 - the two are one thing
        _verified(verifier, answer.content, stamped)
        return answer.content


def _verified(verifier: Verifier, stamp: bytes, stamped: bytes) -> datetime:
    try:
        response = decode_timestamp_response(stamp)
        verifier.verify_message(response, stamped)
    except (VerificationError, ValueError) as invalid:
        raise StampInvalid(f"the time stamp does not hold: {invalid}") from None
    return response.tst_info.gen_time.astimezone(UTC)
