"""A whole service.

`running` opens everything in order (detector, database, keys, server) and closes it in reverse:
the server is drained first, then what waits is committed, then the workers end. The detector comes
first because its workers load while the rest is opened.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass

from structlog.typing import FilteringBoundLogger

from privacy_service import logs
from privacy_service.app.callers import bounds, identity, listeners
from privacy_service.app.desks import open_desks
from privacy_service.app.detector import open_pool
from privacy_service.app.gateway import open_gateway
from privacy_service.app.keys import open_keyring, verifier_key
from privacy_service.app.pages import serving_pages
from privacy_service.app.publishing import check_log
from privacy_service.app.storage import open_database
from privacy_service.app.tombstones import open_journal, settle, writing_of, writing_soon
from privacy_service.app.watching import DateFigures, MonitorFigures, ShadowFigures
from privacy_service.clock import Clock, SystemClock
from privacy_service.custody.shadowing import Shadowing
from privacy_service.desks.ports.desks import Desks
from privacy_service.detection.pool import PooledDetector
from privacy_service.enforcement.findings import Detector
from privacy_service.errors import PrivacyError
from privacy_service.metrics import Metrics
from privacy_service.records.keyring import Keyring, SecretName
from privacy_service.rpc.server import Surroundings, serving
from privacy_service.settings import (
    Settings,
)
from privacy_service.store.database import Database

_READY_SECONDS = 60.0
_STORE_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A service that serves: where, and with what. `token_port` is the port of `token_address`."""

    port: int
    token_port: int | None
    pages_port: int | None
    settings: Settings
    clock: Clock
    log: FilteringBoundLogger
    metrics: Metrics
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
    pool: PooledDetector | None = None,
    detector: Detector | None = None,
) -> Iterator[Running]:
    """Serves until the block ends. Returns once health says SERVING.

    `pool` is that of the settings where the caller has opened it already, to have its workers load
    meanwhile; it stays the caller's to close. `detector` stands in for a pool, in tests of what is
    round it. Raises PrivacyError for settings, keys, a database or a model that can't be had.
    """
    clock = clock or SystemClock()
    metrics = Metrics()
    log = log or logs.logger(
        level=settings.log.level,
        as_json=settings.log.format == "json",
        observe=metrics.observe,
    )
    with ExitStack() as opened:
        if detector is None:
            pool = pool or opened.enter_context(open_pool(settings.detection, clock))
            metrics.watch(lambda: asdict(pool.figures))
            detector = pool
        database = opened.enter_context(
            open_database(settings.database, settings.evidence.origin, clock)
        )
        keyring = open_keyring(settings.keys, clock, database)
        check_log(settings.evidence, keyring, database, clock, log)
        journal = open_journal(
            settings.tombstones, settings.evidence.origin, keyring, database, clock
        )
        settle(journal)
        journaled = writing_of(journal)
        shadowing = opened.enter_context(Shadowing(database, clock))
        desks = open_desks(
            settings,
            clock,
            keyring,
            database,
            detector,
            journaled=journaled,
            remembered=opened.enter_context(writing_soon(journaled)),
            shadowing=shadowing,
        )
        surroundings = Surroundings(
            identify=identity(settings.identity, clock, log, database),
            ready=_Readiness(database, pool, clock),
            page_key=keyring.secret(SecretName.PAGE_TOKEN).value,
            clock=clock,
            log=log,
            new_call_id=lambda: uuid.uuid4().hex,
        )
        if pool is not None:
            pool.wait_until_ready(_READY_SECONDS)
        probe = settings.server.probe_address
        ports = opened.enter_context(
            serving(
                desks,
                surroundings,
                listeners(settings, log),
                bounds(settings.server),
                probes=(probe,) if probe else (),
                beside=open_gateway(settings, desks, keyring),
            )
        )
        metrics.registry.register(MonitorFigures(database=database, clock=clock))
        metrics.registry.register(DateFigures(database=database, clock=clock))
        metrics.registry.register(ShadowFigures(shadowing))
        if settings.server.metrics_address:
            opened.callback(metrics.serve(settings.server.metrics_address))
        pages_port = opened.enter_context(
            serving_pages(settings, database=database, keyring=keyring, clock=clock, log=log)
        )
        yield Running(
            port=ports[0],
            token_port=ports[1] if settings.server.token_address else None,
            pages_port=pages_port,
            settings=settings,
            clock=clock,
            log=log,
            metrics=metrics,
            database=database,
            keyring=keyring,
            detector=detector,
            desks=desks,
            verifier_key=verifier_key(keyring, settings.evidence.origin),
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
                self._database.require_answers()
                self._answers = True
            except PrivacyError:
                self._answers = False
        return self._answers
