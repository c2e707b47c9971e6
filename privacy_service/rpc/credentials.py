"""The server's certificate and the authorities of its clients, from files that may be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from privacy_service.rpc.watched import Watched

_HOLDS: Final = (
    "PEM: a certificate chain, the private key of its first, and authorities where they are named"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: the certificate chain, its private key without passphrase, and the authorities
    whose client certificates are accepted. Without authorities no client certificate is asked for,
    and callers need a token.
    """

    certificate: Path
    private_key: Path
    client_ca: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        files = (self.certificate, self.private_key, self.client_ca)
        return tuple(path for path in files if path is not None)


def tls(files: TlsFiles, *, log: structlog.typing.FilteringBoundLogger) -> grpc.ServerCredentials:
    """Credentials that follow the files: each handshake uses them as they are then.

    With authorities, a client without a certificate of theirs, or with one that has expired, does
    not get past the handshake. Raises SETTINGS_INVALID for files that do not fit together.
    """
    watched = Watched(
        *files.paths, load=lambda: _load(files), setting="server.certificate", holds=_HOLDS, log=log
    )
    used = watched.current()

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal used
        current = watched.current()
        if current is used:
            return None
        used = current
        return current

    return grpc.dynamic_ssl_server_credentials(
        used,
        renewed,  # type: ignore[arg-type]  # the stub forgets that None means: as it was
        require_client_authentication=files.client_ca is not None,
    )


def _load(files: TlsFiles) -> grpc.ServerCertificateConfiguration:
    """Raises ValueError for a key that is not the certificate's, OSError for a missing file."""
    chain, key = files.certificate.read_bytes(), files.private_key.read_bytes()
    ca = None if files.client_ca is None else files.client_ca.read_bytes()
    leaf = x509.load_pem_x509_certificates(chain)[0]
    if load_pem_private_key(key, password=None).public_key() != leaf.public_key():
        raise ValueError("the private key is not the certificate's")
    if ca is not None:
        x509.load_pem_x509_certificates(ca)
    return grpc.ssl_server_certificate_configuration([(key, chain)], root_certificates=ca)
