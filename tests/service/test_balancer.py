"""The balancer of `deploy/`, a real Envoy, before two real services: who calls stays who calls, and
a replica that dies costs no call that its caller repeats.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml

from privacy_service.v1 import answer_pb2, audit_pb2, audit_pb2_grpc, enforcement_pb2_grpc
from tests.faults.proofs import ORDER, disclosures
from tests.faults.served import Served, fleet, free_port
from tests.service.conftest import CONTRACTS, Peer, reason_of, transfer_request
from tests.stores.databases import empty_url

ROOT = Path(__file__).parents[2]
ENVOY = ROOT / ".venv/envoy/bin/envoy"
RETRIES = {
    "methodConfig": [
        {
            "name": [{"service": "privacy_service.v1.EnforcementService"}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                # As docs/operating.md says: gRPC cancels what arrives while a server stops.
                "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
            },
        }
    ]
}

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(not ENVOY.exists(), reason="no Envoy on this machine: tools/prepare-envoy"),
]


@dataclass(frozen=True)
class Balancer:
    """Envoy, and whom it stands before."""

    partners: int
    people: int
    admin: int
    replicas: list[Served]

    def healthy(self) -> int:
        """How many replicas it sends partners to."""
        return sum(
            host["health_status"]["eds_health_status"] == "HEALTHY"
            and not host["health_status"].get("failed_active_health_check", False)
            for host in self._hosts()
        )

    def connections(self) -> list[int]:
        """How many connections each replica was given."""
        return [
            int(stat.get("value", 0))
            for host in self._hosts()
            for stat in host["stats"]
            if stat["name"] == "cx_total"
        ]

    def _hosts(self) -> list[dict[str, Any]]:
        url = f"http://127.0.0.1:{self.admin}/clusters?format=json"
        with urllib.request.urlopen(url, timeout=5) as answer:
            clusters = json.load(answer)["cluster_statuses"]
        return next(c["host_statuses"] for c in clusters if c["name"] == "partners")

    @contextmanager
    def partner(self, name: str) -> Iterator[Peer]:
        """A caller with a connection of its own, that repeats what was not answered."""
        files = self.replicas[0].trial.partners[name]
        credentials = grpc.ssl_channel_credentials(
            files.authority.read_bytes(),
            files.private_key.read_bytes(),
            files.certificate.read_bytes(),
        )
        options = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.service_config", json.dumps(RETRIES)),
        ]
        with grpc.secure_channel(f"127.0.0.1:{self.partners}", credentials, options) as channel:
            yield Peer(channel, name)


@pytest.fixture(scope="module")
def balancer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balancer]:
    folder = tmp_path_factory.mktemp("balancer")
    url = empty_url("postgresql", folder)
    with fleet(folder, url, 2, server={"notice_seconds": 2.0}) as replicas:
        one = Balancer(free_port(), free_port(), free_port(), replicas)
        config = folder / "envoy.yaml"
        config.write_text(yaml.safe_dump(configured(one)))
        with (folder / "envoy.log").open("wb") as said:
            process = subprocess.Popen(
                [str(ENVOY), "-c", str(config), "--concurrency", "1", "--disable-hot-restart"],
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: one.healthy() == 2)
            replicas[0].partner("acme-shop").put_contract((CONTRACTS / "delivery.yaml").read_text())
            yield one
        finally:
            process.terminate()
            process.wait(20)


def configured(one: Balancer) -> dict[str, Any]:
    """The configuration that is deployed, with this machine's addresses in it and nothing else."""
    config = yaml.safe_load((ROOT / "deploy/envoy/envoy.yaml").read_text())
    config["admin"]["address"]["socket_address"]["port_value"] = one.admin
    ports = {"partners": one.partners, "people": one.people}
    listening = config["static_resources"]
    for kind in ("listeners", "clusters"):  # these replicas serve no pages
        listening[kind] = [each for each in listening[kind] if each["name"] in ports]
    for listener in config["static_resources"]["listeners"]:
        listener["address"]["socket_address"] = {
            "address": "127.0.0.1",
            "port_value": ports[listener["name"]],
        }
    for cluster in config["static_resources"]["clusters"]:
        cluster["load_assignment"]["endpoints"] = [
            {"lb_endpoints": [endpoint(replica, cluster["name"]) for replica in one.replicas]}
        ]
    return config


def endpoint(replica: Served, cluster: str) -> dict[str, Any]:
    server = replica.settings.server
    address = server.address if cluster == "partners" else server.token_address
    return {
        "endpoint": {
            "address": {"socket_address": {"address": "127.0.0.1", "port_value": port(address)}},
            "health_check_config": {"port_value": port(server.probe_address)},
        }
    }


def port(address: str | None) -> int:
    return int((address or "").rpartition(":")[2])


def wait_until(so: Any, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if so():
                return
        except OSError:  # it does not listen yet
            pass
        time.sleep(0.1)
    raise AssertionError("it did not come to be")


def test_the_service_knows_its_callers_through_the_balancer(balancer: Balancer) -> None:
    with balancer.partner("acme-shop") as acme:
        result = acme.transfer(json.dumps(ORDER))
        assert result.decision.effect == answer_pb2.EFFECT_TREATED
    with balancer.partner("other-shop") as other, pytest.raises(grpc.RpcError) as caught:
        other.transfer(json.dumps(ORDER), sender="acme-shop")
    assert reason_of(caught.value) == "NOT_YOUR_PARTNER"
    nobody = grpc.ssl_channel_credentials(balancer.replicas[0].trial.authority.read_bytes())
    with grpc.secure_channel(f"127.0.0.1:{balancer.partners}", nobody) as stranger:
        stub = enforcement_pb2_grpc.EnforcementServiceStub(stranger)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Transfer(transfer_request("acme-shop", "{}"), timeout=3)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE  # not past the handshake


def test_people_reach_their_port_with_a_token(balancer: Balancer) -> None:
    trial = balancer.replicas[0].trial
    credentials = grpc.ssl_channel_credentials(trial.authority.read_bytes())
    metadata = (("authorization", f"Bearer {trial.auditor_token.read_text()}"),)
    with grpc.secure_channel(f"127.0.0.1:{balancer.people}", credentials) as channel:
        stub = audit_pb2_grpc.AuditServiceStub(channel)
        answer = stub.GetCheckpoint(audit_pb2.GetCheckpointRequest(), metadata=metadata, timeout=10)
    assert answer.signed_note


def test_connections_are_spread_over_the_replicas(balancer: Balancer) -> None:
    for _ in range(8):
        with balancer.partner("acme-shop") as acme:
            acme.transfer(json.dumps(ORDER))
    assert min(balancer.connections()) > 0


class Callers:
    """Partners that send one order after the other, each on its own connection."""

    def __init__(self, balancer: Balancer, count: int) -> None:
        self.answered: dict[str, int] = {}
        self.failed: list[str] = []
        self._balancer = balancer
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        with self._balancer.partner("acme-shop") as acme:
            while not self._stop.is_set():
                request = transfer_request("acme-shop", json.dumps(ORDER))
                try:
                    answer = acme.enforcement.Transfer(request, timeout=20)
                except grpc.RpcError as error:
                    self.failed.append(f"{error.code()} {error.details()}")
                else:
                    self.answered[request.request_id] = answer.result.audit.position
                time.sleep(0.05)

    def wait_for(self, more: int) -> None:
        wanted = len(self.answered) + more
        wait_until(lambda: len(self.answered) >= wanted or self.failed)

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)


def test_no_call_is_lost_when_a_replica_stops_or_dies(balancer: Balancer) -> None:
    first, second = balancer.replicas
    before = {found.position for found in disclosures(second.person("auditor"))}
    callers = Callers(balancer, 6)
    callers.wait_for(20)
    assert first.stop() == 0  # as at an upgrade: notice first, then the end
    callers.wait_for(20)
    first.start()
    wait_until(lambda: balancer.healthy() == 2)
    callers.wait_for(20)
    second.kill()
    callers.wait_for(20)
    wait_until(lambda: balancer.healthy() == 1)
    second.start()
    callers.end()
    assert callers.failed == []
    after = {found.position for found in disclosures(second.person("auditor"))}
    assert after - before == set(callers.answered.values())
