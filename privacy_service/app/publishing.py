"""Signing the audit log's head, and publishing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.evidence.cosignature import WitnessKey
from privacy_service.evidence.note import NoteInvalid, Signer, VerifierKey
from privacy_service.publishing.head import SignedHead
from privacy_service.publishing.places import place_at
from privacy_service.publishing.publish import Publisher, Stamping
from privacy_service.publishing.published import Published
from privacy_service.publishing.witnesses import Witness
from privacy_service.records.keyring import Keyring
from privacy_service.settings import EvidenceSettings
from privacy_service.store.audit import AuditReading
from privacy_service.store.database import Database


def log_signers(keyring: Keyring) -> tuple[Signer, ...]:
    """Every key that the log signs with, the present one first: who knows only an older one, which
    was replaced since, can still check what is signed.
    """
    older = (row for row in keyring.status() if row.name == "signer" and not row.current)
    versions = sorted((row.version for row in older if row.retired_at is None), reverse=True)
    return (keyring.signer(), *(keyring.signer(version) for version in versions))


def log_keys(keyring: Keyring, origin: str) -> tuple[VerifierKey, ...]:
    """The public keys of `log_signers`, in its order."""
    signers = log_signers(keyring)
    return tuple(VerifierKey(name=origin, public_key=signer.public_key) for signer in signers)


def signed_head(
    settings: EvidenceSettings, keyring: Keyring, database: Database, clock: Clock
) -> SignedHead:
    """What signs the log's head, and never against what is published of it."""
    return SignedHead(
        origin=settings.origin,
        log=lambda: _log(database),
        signers=partial(log_signers, keyring),
        published=_published(settings, keyring) if settings.publish_to else None,
        clock=clock,
    )


def open_publisher(
    settings: EvidenceSettings, keyring: Keyring, database: Database, clock: Clock
) -> Publisher:
    """What publishes the log's head. Raises SETTINGS_INVALID where no place is set for it."""
    return Publisher(
        log=lambda: _log(database),
        head=signed_head(settings, keyring, database, clock),
        published=_published(settings, keyring),
        witnesses=tuple(_witness(key, url) for key, url in settings.witnesses.items()),
        time_stamps=_time_stamps(settings.time_stamp_url, settings.time_stamp_roots),
    )


def last_published(
    settings: EvidenceSettings, keyring: Keyring
) -> Callable[[int], tuple[str, bytes | None] | None] | None:
    """What gives the newest published checkpoint of at most so many entries, and its time stamp;
    None where nothing is published.
    """
    return _published(settings, keyring).newest_to if settings.publish_to else None


def check_log(
    settings: EvidenceSettings,
    keyring: Keyring,
    database: Database,
    clock: Clock,
    log: FilteringBoundLogger,
) -> None:
    """Raises LOG_CONTRADICTS_CHECKPOINT unless the log continues what was published of it.

    Where the place does not answer, that is logged and the service starts: it signs no checkpoint
    until it could look.
    """
    try:
        with _log(database) as reading:
            signed_head(settings, keyring, database, clock).checked(reading)
    except PrivacyError as error:
        if error.reason is not errors.PUBLICATION_UNAVAILABLE:
            raise
        log.warning("published_checkpoints_unreachable", reason=error.reason.code)


def _published(settings: EvidenceSettings, keyring: Keyring) -> Published:
    if settings.publish_to is None:
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting="evidence.publish_to", says="it is not set"
        )
    return Published(
        place=place_at(settings.publish_to), keys=lambda: log_keys(keyring, settings.origin)
    )


def _witness(key: str, url: str) -> Witness:
    try:
        return Witness(key=WitnessKey.parse(key), url=url)
    except NoteInvalid as invalid:
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting="evidence.witnesses", says=str(invalid)
        ) from None


def _time_stamps(url: str | None, roots: Path | None) -> Stamping | None:
    if url is None or roots is None:
        return None
    try:
        from privacy_service.publishing.time_stamps import TimeStampAuthority, TrustedRoots
    except ModuleNotFoundError:
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting="evidence.time_stamp_url", missing="[timestamps]"
        ) from None
    return TimeStampAuthority(url=url, roots=TrustedRoots.read(roots))


@contextmanager
def _log(database: Database) -> Iterator[AuditReading]:
    with database.reading() as view:
        yield view.audit
