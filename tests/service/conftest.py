"""A whole service on a free port: mTLS, SQLite, a file keyring, the real detector."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import httpx
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from privacy_service.app.running import Running, running
from privacy_service.commands.client import Connection
from privacy_service.commands.trial import Trial, set_up
from privacy_service.console.pages import Console, drawn
from privacy_service.console.sessions import Sessions
from privacy_service.console.times import Times
from privacy_service.settings import DetectionSettings, PayloadSettings
from privacy_service.v1 import (
    answer_pb2,
    audit_pb2_grpc,
    consent_pb2_grpc,
    contracts_pb2,
    contracts_pb2_grpc,
    enforcement_pb2,
    enforcement_pb2_grpc,
    holds_pb2_grpc,
    notices_pb2_grpc,
    records_pb2_grpc,
)
from tests.service.browsing import Browser, Hands, served, token
from tests.unit.payloads.test_protobuf import shop

CONTRACTS = Path(__file__).parent / "contracts"
PARTNERS = ["acme-shop", "swift-parcel", "other-shop", "helpdesk-ai"]
DELIVERY = "dpv:DeliveryOfGoods"


@dataclass(frozen=True)
class Peer:
    """Someone who calls: a partner by certificate, or a person by token."""

    channel: grpc.Channel
    name: str
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def enforcement(self) -> enforcement_pb2_grpc.EnforcementServiceStub:
        return enforcement_pb2_grpc.EnforcementServiceStub(self.channel)

    @property
    def contracts(self) -> contracts_pb2_grpc.ContractServiceStub:
        return contracts_pb2_grpc.ContractServiceStub(self.channel)

    @property
    def records(self) -> records_pb2_grpc.RecordServiceStub:
        return records_pb2_grpc.RecordServiceStub(self.channel)

    @property
    def holds(self) -> holds_pb2_grpc.LegalHoldServiceStub:
        return holds_pb2_grpc.LegalHoldServiceStub(self.channel)

    @property
    def consents(self) -> consent_pb2_grpc.ConsentServiceStub:
        return consent_pb2_grpc.ConsentServiceStub(self.channel)

    @property
    def notices(self) -> notices_pb2_grpc.NoticeServiceStub:
        return notices_pb2_grpc.NoticeServiceStub(self.channel)

    @property
    def audit(self) -> audit_pb2_grpc.AuditServiceStub:
        return audit_pb2_grpc.AuditServiceStub(self.channel)

    def transfer(self, payload: bytes | str, **more: Any) -> answer_pb2.TransferResult:
        """Sends a payload from this partner, to swift-parcel for delivery unless told otherwise."""
        return self.enforcement.Transfer(
            transfer_request(more.pop("sender", self.name), payload, **more), timeout=30
        ).result

    def put_contract(self, source: str) -> contracts_pb2.SharingContract:
        return self.contracts.PutContract(
            contracts_pb2.PutContractRequest(source=source, request_id=str(uuid.uuid4())),
            timeout=10,
            metadata=self.metadata,
        ).contract


def transfer_request(
    sender: str, payload: bytes | str, **more: Any
) -> enforcement_pb2.TransferRequest:
    given = {
        "sender": sender,
        "recipient": "swift-parcel",
        "purpose": DELIVERY,
        "content_type": "application/json",
        "payload": payload.encode() if isinstance(payload, str) else payload,
        "request_id": str(uuid.uuid4()),
    }
    return enforcement_pb2.TransferRequest(**(given | more))


@dataclass(frozen=True)
class Service:
    """The running service and those who may call it."""

    trial: Trial
    running: Running
    _peers: dict[str, Peer] = field(default_factory=dict)

    def partner(self, name: str) -> Peer:
        if name not in self._peers:
            files = self.trial.partners[name]
            credentials = grpc.ssl_channel_credentials(
                files.authority.read_bytes(),
                files.private_key.read_bytes(),
                files.certificate.read_bytes(),
            )
            self._peers[name] = Peer(self._open(self.running.port, credentials), name)
        return self._peers[name]

    def person(self, role: str) -> Peer:
        if role not in self._peers:
            token = self.trial.folder / "tls" / f"{role}.jwt"
            credentials = grpc.ssl_channel_credentials(self.trial.authority.read_bytes())
            channel = self._open(self.running.token_port, credentials)
            metadata = (("authorization", f"Bearer {token.read_text()}"),)
            self._peers[role] = Peer(channel, role, metadata)
        return self._peers[role]

    def close(self) -> None:
        for peer in self._peers.values():
            peer.channel.close()

    def _open(self, port: int | None, credentials: grpc.ChannelCredentials) -> grpc.Channel:
        options = [("grpc.max_receive_message_length", 64 << 20)]
        return grpc.secure_channel(f"127.0.0.1:{port}", credentials, options=options)


def reason_of(error: grpc.RpcError) -> str:
    """The stable reason in an error's details."""
    for detail in rpc_status.from_call(error).details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    raise AssertionError("an error without ErrorInfo")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    trial = set_up(
        tmp_path_factory.mktemp("service") / "trial",
        PARTNERS,
        detection=DetectionSettings(processes=1),
    )
    descriptors = trial.folder / "shop.binpb"
    descriptors.write_bytes(shop())
    payloads = PayloadSettings(descriptors=(descriptors,))
    with running(trial.settings.model_copy(update={"payloads": payloads})) as serving:
        service = Service(trial, serving)
        for file in sorted(CONTRACTS.glob("*.yaml")):
            source = file.read_text()
            party = "swift-parcel" if "\nparty: {partner: swift-parcel" in source else "acme-shop"
            service.partner(party).put_contract(source)
        yield service
        service.close()


@pytest.fixture(scope="session")
def acme(service: Service) -> Peer:
    return service.partner("acme-shop")


# -- The console --------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def console(service: Service, clock: Hands) -> Iterator[Console]:
    address = f"127.0.0.1:{service.running.token_port}"
    with Connection(address=address, authority=service.trial.authority).open() as channel:
        yield Console(
            channel=channel,
            sessions=Sessions(now=clock, draw=drawn),
            times=Times(ZoneInfo("UTC"), clock),
            hosts=["127.0.0.1"],
            secure=False,
        )


@pytest.fixture
def browser(console: Console) -> Iterator[Callable[[], Browser]]:
    """Opens another browser."""
    opened: list[httpx.Client] = []
    with served(console.application()) as address:

        def another() -> Browser:
            opened.append(httpx.Client(base_url=address, follow_redirects=True, timeout=60))
            return Browser(opened[-1])

        yield another
        for client in opened:
            client.close()


@pytest.fixture
def first_officer(service: Service, browser: Callable[[], Browser]) -> Browser:
    return _signed_in(service, browser, "officer")


@pytest.fixture
def second_officer(service: Service, browser: Callable[[], Browser]) -> Browser:
    return _signed_in(service, browser, "second-officer")


def _signed_in(service: Service, browser: Callable[[], Browser], name: str) -> Browser:
    at = browser()
    at.sign_in(token(service, name))
    return at
