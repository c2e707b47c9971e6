"""A real server on port 0 with everything round it: an authority, an issuer of tokens, a log."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import structlog
import trustme
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from joserfc import jwt
from joserfc.jwk import OKPKey
from structlog.testing import LogCapture
from structlog.typing import FilteringBoundLogger

from privacy_service.access import Role
from privacy_service.clock import SystemClock
from privacy_service.desks.ports.desks import Desks
from privacy_service.rpc.credentials import TlsFiles, tls
from privacy_service.rpc.identity import CertificateNames, Identity
from privacy_service.rpc.server import SERVICES, Bounds, Listener, Surroundings, serving
from privacy_service.rpc.tokens import TokenRules, Tokens, load_token_keys
from privacy_service.rpc.watched import Watched
from privacy_service.v1 import enforcement_pb2 as pb
from tests.rpc.fakes import fake_desks

ISSUER, AUDIENCE = "https://issuer.test", "privacy-service"
NAMES = CertificateNames(
    uri="spiffe://privacy.test/partner/{partner}",
    dns="{partner}.partners.test",
    dns_partners={"legacy.globex.test": "globex"},
)


class Issuer:
    """Signs bearer tokens with an Ed25519 key, and writes its public key where it is told."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", parameters={"kid": "one"})

    def write_keys(self, path: Path) -> None:
        path.write_text(json.dumps({"keys": [self.key.as_dict(private=False)]}))

    def token(self, *roles: Role | str, partner: str | None = None, **claims: Any) -> str:
        said = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "tester", "exp": int(time.time()) + 300,
            "roles": list(roles),
        }  # fmt: skip
        if partner is not None:
            said["partner"] = partner
        said |= claims
        said = {name: value for name, value in said.items() if value is not None}
        header = {"alg": "Ed25519", "kid": "one"}
        return jwt.encode(header, said, self.key, algorithms=["Ed25519"])


@dataclass
class House:
    """What a test needs to call the server and to look at what it did."""

    folder: Path
    desks: Desks = field(default_factory=fake_desks)
    ca: trustme.CA = field(default_factory=trustme.CA)
    issuer: Issuer = field(default_factory=Issuer)
    log: LogCapture = field(default_factory=LogCapture)
    logger: FilteringBoundLogger | None = None
    ready: dict[str, bool] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=lambda: Bounds(drain_seconds=1.0))
    mtls_port: int = 0
    tls_port: int = 0
    plain_port: int = 0

    def surroundings(self) -> Surroundings:
        keys = self.folder / "jwks.json"
        self.issuer.write_keys(keys)
        log = self.logger or structlog.wrap_logger(None, processors=[self.log])
        watched = Watched(
            keys,
            load=lambda: load_token_keys(keys),
            setting="identity.token_keys",
            holds="public keys",
            log=log,
        )
        rules = TokenRules(issuer=ISSUER, audience=AUDIENCE, leeway=5)
        clock = SystemClock()
        return Surroundings(
            identify=Identity(
                NAMES, Tokens(watched, rules, clock), clock, lambda certificate: None
            ),
            ready=lambda service: self.ready.get(service, True),
            page_key=b"k" * 32,
            clock=clock,
            log=log,
            new_call_id=lambda: uuid.uuid4().hex,
        )

    def server_files(self) -> TlsFiles:
        issued = self.ca.issue_cert("localhost", "127.0.0.1")
        return self.write(issued)

    def write(self, issued: trustme.LeafCert) -> TlsFiles:
        """The files of the server, (re)written with this certificate."""
        files = TlsFiles(
            certificate=self.folder / "server.pem",
            private_key=self.folder / "server.key",
            client_ca=self.folder / "ca.pem",
        )
        assert files.client_ca is not None
        self.ca.cert_pem.write_to_path(str(files.client_ca))
        issued.private_key_pem.write_to_path(str(files.private_key))
        files.certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        return files

    @contextmanager
    def open(self) -> Iterator[House]:
        files = self.server_files()
        open_files = TlsFiles(certificate=files.certificate, private_key=files.private_key)
        surroundings = self.surroundings()
        listeners = (
            Listener(address="localhost:0", credentials=tls(files, log=surroundings.log)),
            Listener(address="localhost:0", credentials=tls(open_files, log=surroundings.log)),
            Listener(address="127.0.0.1:0", credentials=None),
        )
        with serving(self.desks, surroundings, listeners, self.bounds) as ports:
            self.mtls_port, self.tls_port, self.plain_port = ports
            yield self

    # -- Clients ------------------------------------------------------------------------------

    def client_cert(self, *names: str, **how: Any) -> trustme.LeafCert:
        return self.ca.issue_cert(*names, **how)

    def by_certificate(
        self, certificate: trustme.LeafCert, port: int | None = None
    ) -> grpc.Channel:
        credentials = grpc.ssl_channel_credentials(
            self.ca.cert_pem.bytes(),
            certificate.private_key_pem.bytes(),
            b"".join(pem.bytes() for pem in certificate.cert_chain_pems),
        )
        return grpc.secure_channel(f"localhost:{port or self.mtls_port}", credentials)

    def as_partner(self, partner: str = "acme") -> grpc.Channel:
        return self.by_certificate(spiffe_cert(self.ca, f"spiffe://privacy.test/partner/{partner}"))

    @contextmanager
    def as_partner_later(self) -> Iterator[Callable[[], grpc.Channel]]:
        """A channel that is made once the server has its port, and outlives the server."""
        made: list[grpc.Channel] = []

        def channel() -> grpc.Channel:
            if not made:
                made.append(self.as_partner())
            return made[0]

        yield channel
        for one in made:
            one.close()

    def over_tls(self) -> grpc.Channel:
        credentials = grpc.ssl_channel_credentials(self.ca.cert_pem.bytes())
        return grpc.secure_channel(f"localhost:{self.tls_port}", credentials)

    def plain(self) -> grpc.Channel:
        return grpc.insecure_channel(f"127.0.0.1:{self.plain_port}")

    def lines(self, event: str = "rpc_answered") -> list[dict[str, Any]]:
        """What the log has, once the server's threads have had time to write it."""
        time.sleep(0.05)
        return [dict(line) for line in self.log.entries if line["event"] == event]


def spiffe_cert(
    ca: trustme.CA, *uris: str, dns: tuple[str, ...] = (), not_after: datetime | None = None
) -> trustme.LeafCert:
    """A client certificate with URI SANs, which trustme does not make itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    authority = x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    authority_key = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.UniformResourceIdentifier(uri) for uri in uris]
    names += [x509.DNSName(name) for name in dns]
    end = not_after or datetime.now(UTC) + timedelta(days=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "client")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=30))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())  # type: ignore[arg-type]
    )
    pem = serialization.Encoding.PEM
    return trustme.LeafCert(
        key.private_bytes(
            pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ),
        built.public_bytes(pem),
        [],
    )


# -- Calls ------------------------------------------------------------------------------------

METHODS = {
    f"{service.name}/{method.name}": method for service in SERVICES for method in service.methods
}


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def call(
    channel: grpc.Channel,
    rpc: str,
    request: Message,
    metadata: tuple[tuple[str, str], ...] = (),
    timeout: float = 10.0,
) -> Any:
    """Calls any RPC by its name; of a streaming one, the first response."""
    from google.protobuf.message_factory import GetMessageClass

    method = METHODS[rpc]
    path = f"/privacy_service.v1.{rpc}"
    read = GetMessageClass(method.output_type).FromString
    if method.server_streaming:
        stream = channel.stream_stream(
            path, request_serializer=lambda one: one.SerializeToString(), response_deserializer=read
        )
        return next(iter(stream(iter([request]), metadata=metadata, timeout=timeout)))
    unary = channel.unary_unary(
        path, request_serializer=lambda one: one.SerializeToString(), response_deserializer=read
    )
    return unary(request, metadata=metadata, timeout=timeout)


@dataclass(frozen=True)
class Refusal:
    """An error as a client reads it."""

    code: grpc.StatusCode
    message: str
    info: error_details_pb2.ErrorInfo
    status: status_pb2.Status

    @property
    def reason(self) -> str:
        return self.info.reason

    def detail(self, kind: type[Message]) -> Any:
        for packed in self.status.details:
            if packed.Is(kind.DESCRIPTOR):
                found = kind()
                packed.Unpack(found)
                return found
        return None


def refusal(error: grpc.RpcError) -> Refusal:
    status = rpc_status.from_call(error) or status_pb2.Status()
    return refusal_of(status, error.code(), error.details())  # type: ignore[attr-defined]


def refusal_of(
    status: status_pb2.Status, code: grpc.StatusCode = grpc.StatusCode.OK, message: str = ""
) -> Refusal:
    info = error_details_pb2.ErrorInfo()
    for packed in status.details:
        if packed.Is(info.DESCRIPTOR):
            packed.Unpack(info)
    return Refusal(code, message, info, status)


def transfer(**changes: Any) -> pb.TransferRequest:
    said: dict[str, Any] = {
        "sender": "acme", "recipient": "globex", "purpose": "dpv:FulfilmentOfContractualObligation",
        "content_type": "application/json", "payload": b'{"email":"a@b.example"}',
        "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    return pb.TransferRequest(**(said | changes))
