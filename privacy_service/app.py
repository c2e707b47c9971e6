"""The wiring: the only file that names every concrete class.

`running` opens everything in order (keys, database, detector, server) and closes it in reverse:
the server is drained first, then the workers end, then what waits is committed.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from google.protobuf.descriptor import Descriptor
from structlog.typing import FilteringBoundLogger

from privacy_service import errors, logs
from privacy_service.clock import Clock, SystemClock
from privacy_service.custody.acts import Acts
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.ledger import SealedLedger
from privacy_service.custody.records import RecordsDesk
from privacy_service.custody.shelf import Shelf
from privacy_service.desks.audit import EvidenceDesk
from privacy_service.desks.book import Book
from privacy_service.desks.contracts import ContractsDesk
from privacy_service.desks.ports import Desks
from privacy_service.detection.loading import LocalLoad
from privacy_service.detection.pool import PooledDetector, Pooling, pooled
from privacy_service.detection.remembered import Remembered
from privacy_service.detection.settings import DetectionSettings as DetectorSettings
from privacy_service.enforcement.enforce import Enforcement
from privacy_service.enforcement.examine import Decode
from privacy_service.enforcement.findings import Detector
from privacy_service.errors import PrivacyError
from privacy_service.evidence.checkpoint import Checkpoint, sign
from privacy_service.evidence.note import VerifierKey
from privacy_service.metrics import Metrics
from privacy_service.payloads.decode import decode
from privacy_service.payloads.descriptors import DescriptorSet
from privacy_service.payloads.document import Limits
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import Keyring, SecretName
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer
from privacy_service.rpc.credentials import TlsFiles, tls
from privacy_service.rpc.identity import CertificateNames, Identity
from privacy_service.rpc.server import Bounds, Listener, Surroundings, serving
from privacy_service.rpc.tokens import TokenRules, Tokens, load_token_keys
from privacy_service.rpc.watched import Watched
from privacy_service.settings import (
    DatabaseSettings,
    DetectionSettings,
    IdentitySettings,
    KeySettings,
    LimitSettings,
    ServerSettings,
    Settings,
)
from privacy_service.store.database import Database
from privacy_service.store.tuning import Durability, Tuning

_READY_SECONDS = 60.0
_STORE_LOOK_SECONDS = 1.0
_KEYRING_LOOK_SECONDS = 0.25
_REMEMBER_SECONDS = 600.0
_INLINE_CHARS = 4096
"""A structured payload of a few KB is inspected faster here than it crosses to a worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A service that serves: where, and with what. `token_port` is the port of `token_address`."""

    port: int
    token_port: int | None
    database: Database
    keyring: Keyring
    detector: Detector
    desks: Desks
    verifier_key: str


@contextmanager
def running(
    settings: Settings,
    *,
    clock: Clock | None = None,
    log: FilteringBoundLogger | None = None,
    detector: Detector | None = None,
) -> Iterator[Running]:
    """Serves until the block ends. Returns once health says SERVING.

    `detector` stands in for the one of the settings, in tests of what is round it. Raises
    PrivacyError for settings, keys, a database or a model that can't be had.
    """
    clock = clock or SystemClock()
    metrics = Metrics()
    log = log or logs.logger(
        level=settings.log.level,
        as_json=settings.log.format == "json",
        observe=metrics.observe,
    )
    with ExitStack() as opened:
        keyring = open_keyring(settings.keys, clock)
        database = opened.enter_context(
            open_database(settings.database, settings.evidence.origin, clock)
        )
        pool: PooledDetector | None = None
        if detector is None:
            pool = opened.enter_context(open_pool(settings.detection, clock))
            metrics.watch(lambda: asdict(pool.figures))
            detector = pool
        desks = _desks(settings, clock, keyring, database, detector)
        surroundings = Surroundings(
            identify=_identity(settings.identity, clock, log),
            ready=_Readiness(database, pool, clock),
            page_key=keyring.secret(SecretName.PAGE_TOKEN).value,
            clock=clock,
            log=log,
            new_call_id=lambda: uuid.uuid4().hex,
        )
        if pool is not None:
            pool.wait_until_ready(_READY_SECONDS)
        ports = opened.enter_context(
            serving(desks, surroundings, _listeners(settings, log), _bounds(settings.server))
        )
        if settings.server.metrics_address:
            opened.callback(metrics.serve(settings.server.metrics_address))
        yield Running(
            port=ports[0],
            token_port=ports[1] if settings.server.token_address else None,
            database=database,
            keyring=keyring,
            detector=detector,
            desks=desks,
            verifier_key=verifier_key(keyring, settings.evidence.origin),
        )


# -- The parts, also for commands that need no server ------------------------------------------


def open_keyring(settings: KeySettings, clock: Clock) -> FileKeyring:
    """The keyring of the settings; made first where they say so and there is none."""
    passphrase = _passphrase(settings.passphrase_file)
    if settings.create and not settings.keyring.exists():
        settings.keyring.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileKeyring.create(
            settings.keyring, random=os.urandom, clock=clock, passphrase=passphrase
        )
    return FileKeyring.open(settings.keyring, random=os.urandom, clock=clock, passphrase=passphrase)


def _passphrase(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes().rstrip(b"\r\n")
    except OSError:
        raise PrivacyError(errors.KEYS_UNAVAILABLE, setting="keys.passphrase_file") from None


@contextmanager
def open_database(where: DatabaseSettings, origin: str, clock: Clock) -> Iterator[Database]:
    """The database, at this release's schema where `migrate` says so. Raises SCHEMA_TOO_NEW.

    `origin` is the name of its audit log.
    """
    if where.url.startswith("sqlite:///"):
        folder = Path(where.url.removeprefix("sqlite:///")).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tuning = Tuning(durability=Durability(where.synchronous))
    with Database.open(where.url, clock=clock, origin=origin, tuning=tuning) as database:
        if database.needs_migration and where.migrate:
            database.migrate()
        yield database


def detector_settings(settings: DetectionSettings) -> DetectorSettings:
    """The settings as `detection/` takes them."""
    return DetectorSettings(
        model=None if settings.model == "none" else settings.model,
        models=settings.models,
        detector_files=settings.detectors,
        allow_files=settings.allow,
        deny_files=settings.deny,
        second_opinion=None if settings.second_opinion == "none" else settings.second_opinion,
    )


def load_detector(settings: DetectorSettings) -> Detector:
    """A detector in this process."""
    return LocalLoad(settings)()


@contextmanager
def open_pool(settings: DetectionSettings, clock: Clock) -> Iterator[PooledDetector]:
    """The worker pool of the settings."""
    load = LocalLoad(detector_settings(settings))
    memory = (
        Remembered(
            key=os.urandom(32),
            entries=settings.cache,
            seconds=_REMEMBER_SECONDS,
            clock=clock,
        )
        if settings.cache
        else None
    )
    with pooled(
        load,
        inline=load.patterns_only(),
        pooling=Pooling(
            processes=settings.processes,
            queue=settings.queue,
            seconds=settings.seconds,
            inline_chars=_INLINE_CHARS,
        ),
        memory=memory,
        clock=clock,
    ) as pool:
        yield pool


def reader(settings: LimitSettings, descriptors: Sequence[Path] = ()) -> tuple[Limits, Decode]:
    """The limits, and the function that reads payloads within them.

    Raises SETTINGS_INVALID for a file that holds no descriptor set.
    """
    limits = Limits(
        payload_bytes=settings.payload_bytes,
        depth=settings.depth,
        values=settings.values,
        findings=settings.findings,
    )
    known = _descriptors(descriptors)
    return limits, lambda content_type, payload: decode(
        content_type, payload, limits=limits, descriptors=known
    )


@dataclass(frozen=True, slots=True)
class _DescriptorSets:
    """Several sets, asked one after the other: each has its own pool."""

    sets: tuple[DescriptorSet, ...]

    def find(self, message_type: str) -> Descriptor | None:
        found = (one.find(message_type) for one in self.sets)
        return next((descriptor for descriptor in found if descriptor is not None), None)


def _descriptors(files: Sequence[Path]) -> _DescriptorSets:
    try:
        return _DescriptorSets(tuple(DescriptorSet(file.read_bytes()) for file in files))
    except (OSError, ValueError) as unusable:
        raise PrivacyError(
            errors.SETTINGS_INVALID,
            setting="payloads.descriptors",
            cause=type(unusable).__name__,
        ) from None


@contextmanager
def rehearsal_pseudonyms() -> Iterator[Pseudonyms]:
    """Keyed words for `contract test`, the same on every machine: for examples, never for data."""
    drawn = itertools.count()

    def draw(size: int) -> bytes:
        return hashlib.shake_256(f"privacy-service contract test {next(drawn)}".encode()).digest(
            size
        )

    with tempfile.TemporaryDirectory(prefix="privacy-test-") as folder:
        path = Path(folder) / "keyring.json"
        yield Pseudonyms(FileKeyring.create(path, random=draw, clock=SystemClock()))


def verifier_key(keyring: Keyring, origin: str) -> str:
    """The public key by which auditors check the log's checkpoints, as text."""
    return str(VerifierKey(name=origin, public_key=keyring.signer().public_key))


def _desks(
    settings: Settings, clock: Clock, keyring: Keyring, database: Database, detector: Detector
) -> Desks:
    origin = settings.evidence.origin
    replay_for = timedelta(seconds=settings.transfer.replay_seconds)
    pseudonyms = Pseudonyms(keyring)
    data_keys = DataKeys(keyring, random=os.urandom, clock=clock)
    sealer = Sealer(data_keys, os.urandom)
    keys = SubjectKeys(database, data_keys)
    acts = Acts(database, clock)
    shelf = Shelf(database, acts, clock)
    book = Book(shelf.contracts, clock, staleness=settings.transfer.contract_staleness_seconds)
    limits, read = reader(settings.limits, settings.payloads.descriptors)
    return Desks(
        enforcement=Enforcement(
            contracts=book,
            detector=detector,
            pseudonyms=pseudonyms,
            ledger=SealedLedger(
                database=database,
                keys=keys,
                sealer=sealer,
                origin=origin,
                replay_for=replay_for,
            ),
            decode=read,
            clock=clock,
            limits=limits,
            new_id=lambda: uuid.uuid4().hex,
        ),
        contracts=ContractsDesk(shelf=shelf.contracts, put=shelf.put, book=book, clock=clock),
        records=RecordsDesk(
            database=database,
            acts=acts,
            keys=keys,
            sealer=sealer,
            digest=pseudonyms.subject_digest,
            commitment=pseudonyms.commitment,
            clock=clock,
            origin=origin,
            replay_for=replay_for,
        ),
        audit=EvidenceDesk(
            log=shelf.log,
            disclosures=shelf.disclosures,
            checkpoint=lambda size, root: sign(
                Checkpoint(origin=origin, size=size, root=root), keyring.signer()
            ),
            digest=pseudonyms.subject_digest,
        ),
    )


def _identity(settings: IdentitySettings, clock: Clock, log: FilteringBoundLogger) -> Identity:
    names = CertificateNames(
        uri=f"spiffe://{settings.trust_domain}/partner/{{partner}}",
        dns_partners=settings.dns_partners,
    )
    if settings.token_keys is None:
        return Identity(names, None, clock)
    keys = Watched(
        settings.token_keys,
        load=partial(load_token_keys, settings.token_keys),
        setting="identity.token_keys",
        log=log,
    )
    rules = TokenRules(
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        leeway=settings.token_leeway_seconds,
    )
    return Identity(names, Tokens(keys, rules, clock), clock)


def _listeners(settings: Settings, log: FilteringBoundLogger) -> list[Listener]:
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


def _bounds(settings: ServerSettings) -> Bounds:
    return Bounds(
        threads=settings.threads,
        calls=settings.concurrent,
        message_bytes=settings.message_bytes,
        drain_seconds=settings.drain_seconds,
    )


class _Readiness:
    """Whether the service can do its work: the detector is warm and the database answers.

    The database is asked at most once a second, however often this is.
    """

    def __init__(self, database: Database, pool: PooledDetector | None, clock: Clock) -> None:
        self._database = database
        self._pool = pool
        self._clock = clock
        self._asked = float("-inf")
        self._answers = False

    def __call__(self, service: str) -> bool:
        del service  # every service needs the database, and those that need no detector are few
        return (self._pool is None or self._pool.ready) and self._database_answers()

    def _database_answers(self) -> bool:
        now = self._clock.monotonic()
        if now - self._asked >= _STORE_LOOK_SECONDS:
            self._asked = now
            try:
                with self._database.reading() as view:
                    view.audit.size()
                self._answers = True
            except PrivacyError:
                self._answers = False
        return self._answers
