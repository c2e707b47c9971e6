"""A throw-away certificate authority, so that a first try runs over real mTLS.

For demonstrations and tests on one machine. A deployment has certificates from its own authority
(docs/operating.md).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """Where a certificate, its private key and its authority's certificate are, in PEM."""

    certificate: Path
    private_key: Path
    authority: Path


class DevAuthority:
    """Issues certificates below `folder`, which it makes with mode 0700."""

    def __init__(self, folder: Path, *, now: datetime) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = _name("privacy-service demonstration authority")
        builder = _builder(name, name, self._key.public_key(), now).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self._certificate = builder.sign(self._key, hashes.SHA256())
        self._authority = folder / "authority.pem"
        self._authority.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(self) -> CertificateFiles:
        """A server certificate for this machine's loopback addresses."""
        names = [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.IPAddress(ipaddress.ip_address("::1")),
        ]
        return self._issue("server", names, ExtendedKeyUsageOID.SERVER_AUTH)

    def partner(self, partner: str, trust_domain: str) -> CertificateFiles:
        """A client certificate with the partner's SPIFFE id."""
        names = [x509.UniformResourceIdentifier(f"spiffe://{trust_domain}/partner/{partner}")]
        return self._issue(partner, names, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(
        self, stem: str, names: Sequence[x509.GeneralName], usage: x509.ObjectIdentifier
    ) -> CertificateFiles:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(stem), self._certificate.subject, key.public_key(), self._now)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        files = CertificateFiles(
            certificate=self._folder / f"{stem}.pem",
            private_key=self._folder / f"{stem}-key.pem",
            authority=self._authority,
        )
        files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files.private_key.touch(mode=0o600)
        files.private_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
    )
