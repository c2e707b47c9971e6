"""The gRPC server: from the desks to open ports, and back in good order."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_reflection.v1alpha import reflection

from privacy_service import errors
from privacy_service.clock import Clock
from privacy_service.desks.ports.desks import Desks
from privacy_service.errors import PrivacyError
from privacy_service.rpc.audit import AuditServicer
from privacy_service.rpc.behavior import BehaviorServicer
from privacy_service.rpc.breach_notices import BreachNoticeServicer
from privacy_service.rpc.breaches import BreachServicer
from privacy_service.rpc.chain import Chain, Lanes
from privacy_service.rpc.consent import ConsentServicer
from privacy_service.rpc.contracts import ContractServicer
from privacy_service.rpc.enforcement import EnforcementServicer
from privacy_service.rpc.governance import GovernanceServicer
from privacy_service.rpc.guard import Gate
from privacy_service.rpc.health import Health, Ready
from privacy_service.rpc.holds import LegalHoldServicer
from privacy_service.rpc.identity import Identify
from privacy_service.rpc.keys import KeyServicer
from privacy_service.rpc.lanes import Lane
from privacy_service.rpc.mailings import MailingServicer
from privacy_service.rpc.monitors import MonitorServicer
from privacy_service.rpc.notices import NoticeServicer
from privacy_service.rpc.pages import PageTokens
from privacy_service.rpc.playbooks import PlaybookServicer
from privacy_service.rpc.records import RecordServicer
from privacy_service.rpc.requests import SubjectRequestServicer
from privacy_service.rpc.retention import RetentionServicer
from privacy_service.rpc.reviews import ReviewServicer
from privacy_service.rpc.room import Room
from privacy_service.rpc.rules import Rules
from privacy_service.v1 import (
    audit_pb2,
    audit_pb2_grpc,
    behavior_pb2,
    behavior_pb2_grpc,
    breach_notices_pb2,
    breach_notices_pb2_grpc,
    breaches_pb2,
    breaches_pb2_grpc,
    consent_pb2,
    consent_pb2_grpc,
    contracts_pb2,
    contracts_pb2_grpc,
    enforcement_pb2,
    enforcement_pb2_grpc,
    governance_pb2,
    governance_pb2_grpc,
    holds_pb2,
    holds_pb2_grpc,
    keys_pb2,
    keys_pb2_grpc,
    mailings_pb2,
    mailings_pb2_grpc,
    monitors_pb2,
    monitors_pb2_grpc,
    notices_pb2,
    notices_pb2_grpc,
    playbooks_pb2,
    playbooks_pb2_grpc,
    records_pb2,
    records_pb2_grpc,
    requests_pb2,
    requests_pb2_grpc,
    retention_pb2,
    retention_pb2_grpc,
    reviews_pb2,
    reviews_pb2_grpc,
)

SERVICES: Final[tuple[ServiceDescriptor, ...]] = tuple(
    service
    for file in (
        enforcement_pb2,
        behavior_pb2,
        playbooks_pb2,
        monitors_pb2,
        reviews_pb2,
        contracts_pb2,
        governance_pb2,
        records_pb2,
        holds_pb2,
        breaches_pb2,
        breach_notices_pb2,
        mailings_pb2,
        consent_pb2,
        requests_pb2,
        notices_pb2,
        keys_pb2,
        retention_pb2,
        audit_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
)
"""Every service of the API."""

_MANY: Final = 4096
"""Calls that gRPC itself holds at a time, of all kinds; beyond it refuses without details."""

_ASIDE: Final = 64
"""Calls that one connection may have open besides: health, reflection, and those to be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An address (`host:port`, port 0 picks one), in TLS or, on loopback only, in plain text."""

    address: str
    credentials: grpc.ServerCredentials | None

    def __post_init__(self) -> None:
        if self.credentials is None and not _is_loopback(self.address):
            raise PrivacyError(errors.SETTINGS_INVALID, setting="server.insecure_loopback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much at a time, how large, how long.

    `threads` single calls are worked on at a time and `calls` are accepted; `streams` are open at
    a time, each with a thread of its own; `bytes_at_work` are the bytes of the requests that are
    worked on, if there are several. Above them: SERVER_BUSY.
    """

    threads: int = 16
    calls: int = 64
    streams: int = 16
    exchanges: int = 256
    """Open at a time in what is registered beside the API, each with a thread that mostly waits."""
    bytes_at_work: int = 24 * 1024 * 1024
    message_bytes: int = 16 * 1024 * 1024
    call_seconds: float = 60.0
    stream_seconds: float = 600.0
    """How long one output may stream."""
    notice_seconds: float = 0.0
    """How long a stopping server still accepts calls while it says NOT_SERVING, so that balancers
    can look."""
    drain_seconds: float = 10.0
    """How long it then lets running calls finish."""
    connection_seconds: float = 0.0
    """After how long a client is asked to connect anew, so that a balancer of connections can
    spread them; 0: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the server is given besides the desks. `page_key` has at least 32 bytes."""

    identify: Identify
    ready: Ready
    page_key: bytes
    clock: Clock
    log: structlog.typing.FilteringBoundLogger
    new_call_id: Callable[[], str]


@contextmanager
def serving(
    desks: Desks,
    surroundings: Surroundings,
    listeners: Sequence[Listener],
    bounds: Bounds = Bounds(),
    *,
    probes: Sequence[str] = (),
    beside: Sequence[Callable[[grpc.Server], None]] = (),
) -> Iterator[tuple[int, ...]]:
    """Serves while the block runs; gives the port of each listener.

    At `probes` (addresses) it answers for its health in plain text, and knows nothing else there.
    `beside` register services that are not of the API, which are guarded as those are.
    At the end of the block health says NOT_SERVING, new calls are refused, and running ones have
    `drain_seconds` to finish. Raises SETTINGS_INVALID for an address that cannot be had.
    """
    lanes = _lanes(bounds)
    server = grpc.server(
        lanes.calls.pool,
        interceptors=[Chain(_gate(surroundings, bounds), lanes)],
        options=_options(bounds),
        maximum_concurrent_rpcs=_MANY,
    )
    health = Health([service.full_name for service in SERVICES], surroundings.ready)
    _register(server, desks, PageTokens(surroundings.page_key), health)
    for register in beside:
        register(server)
    try:
        ports = tuple(_listen(server, listener) for listener in listeners)
        health.begin()
        server.start()
        with _probed(health, probes):
            try:
                yield ports
            finally:
                health.end()
                time.sleep(bounds.notice_seconds)
                server.stop(bounds.drain_seconds).wait()
    finally:
        lanes.close()


@contextmanager
def _probed(health: Health, addresses: Sequence[str]) -> Iterator[None]:
    """Another server, which has nothing but health: what asks there may come from anywhere."""
    if not addresses:
        yield
        return
    server = grpc.server(ThreadPoolExecutor(2, "probe"), options=(("grpc.so_reuseport", 0),))
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    for address in addresses:
        _bind(server, address, None, setting="server.probe_address")
    server.start()
    try:
        yield
    finally:
        server.stop(None).wait()


def _lanes(bounds: Bounds) -> Lanes:
    return Lanes(
        calls=Lane("call", threads=bounds.threads, calls=bounds.calls),
        streams=Lane("stream", threads=bounds.streams),
        beside=Lane("beside", threads=bounds.exchanges),
        health=Lane("health", threads=2, calls=_MANY),
        reflection=Lane("reflection", threads=4),
        refusals=Lane("refusal", threads=1, calls=_MANY),
    )


def _gate(surroundings: Surroundings, bounds: Bounds) -> Gate:
    requests = (method.input_type for service in SERVICES for method in service.methods)
    return Gate(
        identify=surroundings.identify,
        rules=Rules(*requests),
        clock=surroundings.clock,
        log=surroundings.log.bind(),  # once, and not at every line
        new_call_id=surroundings.new_call_id,
        longest=bounds.call_seconds,
        longest_stream=bounds.stream_seconds,
        room=Room(bounds.bytes_at_work),
        answer_bytes=bounds.message_bytes,
    )


def _options(bounds: Bounds) -> tuple[tuple[str, Any], ...]:
    return (
        ("grpc.so_reuseport", 0),  # else a second server on the same port is no error
        ("grpc.max_concurrent_streams", _calls_of_a_connection(bounds)),
        ("grpc.max_receive_message_length", bounds.message_bytes),
        ("grpc.max_send_message_length", bounds.message_bytes),
        ("grpc.keepalive_time_ms", 30_000),  # a peer that vanished is noticed
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        *_renewal(bounds),
    )


def _calls_of_a_connection(bounds: Bounds) -> int:
    return bounds.calls + bounds.streams + bounds.exchanges + _ASIDE


def _renewal(bounds: Bounds) -> tuple[tuple[str, Any], ...]:
    if not bounds.connection_seconds:
        return ()
    return (
        ("grpc.max_connection_age_ms", round(bounds.connection_seconds * 1000)),
        ("grpc.max_connection_age_grace_ms", round(bounds.call_seconds * 1000)),
    )


def _register(server: grpc.Server, desks: Desks, pages: PageTokens, health: Health) -> None:
    enforcement_pb2_grpc.add_EnforcementServiceServicer_to_server(
        EnforcementServicer(desks.enforcement, desks.revealing), server
    )
    behavior_pb2_grpc.add_BehaviorServiceServicer_to_server(
        BehaviorServicer(desks.behavior, desks.outcomes, pages), server
    )
    playbooks_pb2_grpc.add_PlaybookServiceServicer_to_server(
        PlaybookServicer(desks.playbooks, pages), server
    )
    monitors_pb2_grpc.add_MonitorServiceServicer_to_server(MonitorServicer(desks.monitors), server)
    reviews_pb2_grpc.add_ReviewServiceServicer_to_server(
        ReviewServicer(desks.reviews, desks.samples, pages), server
    )
    contracts_pb2_grpc.add_ContractServiceServicer_to_server(
        ContractServicer(desks.contracts, pages), server
    )
    governance_pb2_grpc.add_GovernanceServiceServicer_to_server(
        GovernanceServicer(desks.courses, desks.proposals, desks.shadows, desks.cases, pages),
        server,
    )
    records_pb2_grpc.add_RecordServiceServicer_to_server(
        RecordServicer(desks.records, pages), server
    )
    holds_pb2_grpc.add_LegalHoldServiceServicer_to_server(
        LegalHoldServicer(desks.holds, pages), server
    )
    consent_pb2_grpc.add_ConsentServiceServicer_to_server(
        ConsentServicer(desks.consents, pages), server
    )
    breaches_pb2_grpc.add_BreachServiceServicer_to_server(
        BreachServicer(
            desks.breaches,
            desks.containment,
            desks.exposures,
            desks.reinspections,
            desks.many_reinspections,
            pages,
        ),
        server,
    )
    requests_pb2_grpc.add_SubjectRequestServiceServicer_to_server(
        SubjectRequestServicer(desks.requests, pages), server
    )
    notices_pb2_grpc.add_NoticeServiceServicer_to_server(
        NoticeServicer(desks.notices, pages), server
    )
    keys_pb2_grpc.add_KeyServiceServicer_to_server(KeyServicer(desks.keys, pages), server)
    retention_pb2_grpc.add_RetentionServiceServicer_to_server(
        RetentionServicer(desks.retention, pages), server
    )
    mailings_pb2_grpc.add_MailingServiceServicer_to_server(
        MailingServicer(desks.mailings, desks.returned_mail), server
    )
    breach_notices_pb2_grpc.add_BreachNoticeServiceServicer_to_server(
        BreachNoticeServicer(desks.breach_notices, pages), server
    )
    audit_pb2_grpc.add_AuditServiceServicer_to_server(AuditServicer(desks.audit, pages), server)
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    shown = (*(service.full_name for service in SERVICES), HEALTH, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(shown, server)


def _listen(server: grpc.Server, listener: Listener) -> int:
    """The port. Raises SETTINGS_INVALID."""
    return _bind(server, listener.address, listener.credentials, setting="server.address")


def _bind(
    server: grpc.Server, address: str, credentials: grpc.ServerCredentials | None, *, setting: str
) -> int:
    try:
        if credentials is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, credentials)
    except RuntimeError:
        says = "another process listens there, or it is no address of this machine"
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting=setting, address=address, says=says
        ) from None


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
