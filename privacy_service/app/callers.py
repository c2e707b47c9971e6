"""Where callers are listened to, and how they are known."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from structlog.typing import FilteringBoundLogger

from privacy_service.breaches.quarantine import Shown
from privacy_service.clock import Clock
from privacy_service.rpc.credentials import TlsFiles, tls
from privacy_service.rpc.identity import CertificateNames, Identity, RequireNotRevoked
from privacy_service.rpc.server import Bounds, Listener
from privacy_service.rpc.tokens import TokenRules, Tokens, load_token_keys
from privacy_service.rpc.watched import Watched
from privacy_service.settings import (
    IdentitySettings,
    ServerSettings,
    Settings,
)
from privacy_service.store.database import Database


def identity(
    settings: IdentitySettings, clock: Clock, log: FilteringBoundLogger, database: Database
) -> Identity:
    names = CertificateNames(
        uri=f"spiffe://{settings.trust_domain}/partner/{{partner}}",
        dns_partners=settings.dns_partners,
    )
    if settings.token_keys is None:
        return Identity(names, None, clock, revocations(database))
    keys = Watched(
        settings.token_keys,
        load=partial(load_token_keys, settings.token_keys),
        setting="identity.token_keys",
        holds="public keys: a JWKS, or one in PEM",
        log=log,
    )
    rules = TokenRules(
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        leeway=settings.token_leeway_seconds,
    )
    return Identity(names, Tokens(keys, rules, clock), clock, revocations(database))


def revocations(database: Database) -> RequireNotRevoked:
    """Asks the database each time, so that a revocation holds from its answer on."""

    def require_not_revoked(certificate: Shown, /) -> None:
        with database.reading() as view:
            view.quarantines.active().require_not_revoked(certificate)

    return require_not_revoked


def listeners(settings: Settings, log: FilteringBoundLogger) -> list[Listener]:
    """One for callers with certificates, and those that are asked for: for callers with tokens
    alone, and in plain text for health checks (whoever calls more there needs a token).
    """
    server = settings.server
    listeners = _callers(server, log)
    if server.health_address is not None:
        listeners.append(Listener(address=server.health_address, credentials=None))
    return listeners


def _callers(server: ServerSettings, log: FilteringBoundLogger) -> list[Listener]:
    if server.insecure_loopback or server.certificate is None or server.private_key is None:
        return [Listener(address=server.address, credentials=None)]
    files = TlsFiles(
        certificate=server.certificate, private_key=server.private_key, client_ca=server.client_ca
    )
    listeners = [Listener(address=server.address, credentials=tls(files, log=log))]
    if server.token_address is not None:
        credentials = tls(replace(files, client_ca=None), log=log)
        listeners.append(Listener(address=server.token_address, credentials=credentials))
    return listeners


def bounds(settings: ServerSettings) -> Bounds:
    return Bounds(
        threads=settings.threads,
        calls=settings.concurrent,
        exchanges=max(settings.exchanges, 1),
        message_bytes=settings.message_bytes,
        notice_seconds=settings.notice_seconds,
        drain_seconds=settings.drain_seconds,
        connection_seconds=settings.connection_seconds,
    )
