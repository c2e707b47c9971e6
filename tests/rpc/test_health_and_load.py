"""Health, reflection, and what a full server does."""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health_pb2 import HealthCheckResponse as Said

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.logs import logger
from privacy_service.metrics import Metrics
from privacy_service.rpc.server import SERVICES, Bounds, Listener, serving
from privacy_service.v1 import enforcement_pb2, enforcement_pb2_grpc
from tests.faults.served import free_port
from tests.rpc.fakes import treated
from tests.rpc.house import House, call, refusal, transfer

GRPCURL = Path(__file__).parents[2] / ".venv/bin/grpcurl"


def health(channel: grpc.Channel, service: str = "") -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=2).status


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 3
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_calls_are_counted_whatever_the_log_leaves_out(tmp_path: Path, level: str) -> None:
    metrics, said = Metrics(), io.StringIO()
    log = logger(level=level, stream=said, observe=metrics.observe)
    with House(folder=tmp_path, logger=log).open() as house, house.as_partner() as channel:
        call(channel, "EnforcementService/Transfer", transfer())

    labels = {"method": "EnforcementService/Transfer", "code": "OK", "reason": ""}
    assert metrics.registry.get_sample_value("privacy_calls_total", labels) == 1
    assert ("rpc_answered" in said.getvalue()) == (level == "info")


def test_health_is_what_readiness_says_for_each_service(own_house: House) -> None:
    names = [service.full_name for service in SERVICES]
    with own_house.plain() as channel:
        assert {health(channel, name) for name in ["", *names]} == {Said.SERVING}
        own_house.ready |= {"": False, "privacy_service.v1.EnforcementService": False}
        assert eventually(lambda: health(channel) == Said.NOT_SERVING)
        assert health(channel, "privacy_service.v1.EnforcementService") == Said.NOT_SERVING
        assert health(channel, "privacy_service.v1.AuditService") == Said.SERVING
        own_house.ready.clear()
        assert eventually(lambda: health(channel) == Said.SERVING)


def test_a_readiness_that_fails_is_no_readiness(tmp_path: Path) -> None:
    house = House(folder=tmp_path)
    surroundings = house.surroundings()

    def broken(service: str) -> bool:
        raise RuntimeError(service)

    object.__setattr__(surroundings, "ready", broken)
    listener = Listener(address="127.0.0.1:0", credentials=None)
    with (
        serving(house.desks, surroundings, [listener], Bounds(drain_seconds=0)) as (port,),
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        assert health(channel) == Said.NOT_SERVING


def test_a_probe_address_knows_health_and_nothing_else(tmp_path: Path) -> None:
    house = House(folder=tmp_path)
    probe = f"127.0.0.1:{free_port()}"
    listener = Listener(address="127.0.0.1:0", credentials=None)
    with (
        serving(
            house.desks, house.surroundings(), [listener], Bounds(drain_seconds=0), probes=[probe]
        ),
        grpc.insecure_channel(probe) as channel,
    ):
        assert health(channel) == Said.SERVING
        house.ready[""] = False
        assert eventually(lambda: health(channel) == Said.NOT_SERVING)
        with pytest.raises(grpc.RpcError) as caught:
            enforcement_pb2_grpc.EnforcementServiceStub(channel).Inspect(
                enforcement_pb2.InspectRequest(), timeout=2
            )
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_stopping_server_gives_notice_before_it_takes_no_more(tmp_path: Path) -> None:
    house = House(folder=tmp_path, bounds=Bounds(notice_seconds=1.0, drain_seconds=0.2))
    probe = f"127.0.0.1:{free_port()}"
    listener = Listener(address="127.0.0.1:0", credentials=None)
    stop = threading.Event()
    with (
        ThreadPoolExecutor(1) as beside,
        grpc.insecure_channel(probe) as probed,
    ):
        serves = beside.submit(_served_until, stop, house, listener, probe)
        assert eventually(lambda: _answers(probed, Said.SERVING))
        stop.set()
        assert eventually(lambda: health(probed) == Said.NOT_SERVING)
        assert not serves.done()  # it still takes calls
        serves.result(timeout=5)


def _served_until(stop: threading.Event, house: House, listener: Listener, probe: str) -> None:
    with serving(house.desks, house.surroundings(), [listener], house.bounds, probes=[probe]):
        stop.wait(5)


def _answers(channel: grpc.Channel, status: int) -> bool:
    try:
        return health(channel) == status
    except grpc.RpcError:
        return False


def test_clients_are_asked_to_connect_anew(tmp_path: Path) -> None:
    """A balancer of connections can spread them only then; nobody loses a call by it."""
    house = House(folder=tmp_path, bounds=Bounds(connection_seconds=0.2, drain_seconds=0.2))
    seen: set[grpc.ChannelConnectivity] = set()
    with house.open(), house.plain() as channel:
        channel.subscribe(seen.add)
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert health(channel) == Said.SERVING
            time.sleep(0.02)
    assert grpc.ChannelConnectivity.IDLE in seen


def test_a_watcher_hears_of_every_change(own_house: House) -> None:
    with own_house.plain() as channel:
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watching).status == Said.SERVING
        own_house.ready[""] = False
        assert next(watching).status == Said.NOT_SERVING
        watching.cancel()


def test_an_unknown_service_is_not_found(house: House) -> None:
    with house.plain() as channel, pytest.raises(grpc.RpcError) as error:
        health(channel, "somebody.else")
    assert error.value.code() is grpc.StatusCode.NOT_FOUND  # type: ignore[attr-defined]


# -- Under load -------------------------------------------------------------------------------


def test_health_answers_while_every_thread_works(tmp_path: Path) -> None:
    house = House(folder=tmp_path, bounds=Bounds(threads=2, calls=4, drain_seconds=0.5))
    let_go = threading.Event()

    def answer() -> Any:
        let_go.wait(10)
        return treated(transfer(payload=b"x"))  # type: ignore[arg-type]

    house.desks.enforcement.script[b"wait"] = answer
    with house.open(), house.as_partner() as partner, house.plain() as prober:
        stub = partner.unary_unary(
            "/privacy_service.v1.EnforcementService/Transfer",
            response_deserializer=enforcement_pb2.TransferResponse.FromString,
        )
        working = [
            stub.future(transfer(payload=b"wait").SerializeToString(), timeout=9) for _ in range(4)
        ]
        assert eventually(lambda: len(house.desks.enforcement.asked) == 2)

        with pytest.raises(grpc.RpcError) as error:
            stub(transfer(payload=b"one more").SerializeToString(), timeout=9)
        busy = refusal(error.value)
        assert (busy.code, busy.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_BUSY")

        took = [elapsed(lambda: health(prober)) for _ in range(50)]
        assert max(took) < 0.5
        assert statistics.median(took) < 0.05

        let_go.set()
        assert all(one.result(timeout=5).result.payload == b"X" for one in working)


def elapsed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def test_whoever_is_unknown_holds_no_thread(tmp_path: Path) -> None:
    """Calls that announce a message and never send it are refused before it is waited for."""
    house = House(folder=tmp_path, bounds=Bounds(threads=1, calls=8, drain_seconds=0.5))
    with house.open(), house.over_tls() as stranger, house.as_partner() as partner:
        silent = stranger.stream_unary("/privacy_service.v1.EnforcementService/Transfer")
        stop = threading.Event()

        def never() -> Any:
            stop.wait(10)
            yield b""

        for _ in range(4):
            with pytest.raises(grpc.RpcError) as error:
                silent(never(), timeout=5)
            assert refusal(error.value).reason == "CALLER_UNKNOWN"
        call(partner, "EnforcementService/Transfer", transfer(), timeout=2)
        stop.set()


def test_more_streams_than_may_be_open_are_refused(tmp_path: Path) -> None:
    house = House(folder=tmp_path, bounds=Bounds(streams=1, drain_seconds=0.2))
    with house.open(), house.as_partner() as channel:
        path = "/privacy_service.v1.EnforcementService/TransferStream"
        item = enforcement_pb2.TransferStreamRequest(item_id="1", request=transfer())
        stop = threading.Event()

        def held() -> Any:
            yield item.SerializeToString()
            stop.wait(10)

        first = channel.stream_stream(path)(held())
        next(first)
        with pytest.raises(grpc.RpcError) as error:
            next(channel.stream_stream(path)(held()))
        assert refusal(error.value).reason == "SERVER_BUSY"
        call(channel, "EnforcementService/Transfer", transfer())
        first.cancel()
        stop.set()


def test_running_calls_are_finished_and_new_ones_refused_at_the_end(tmp_path: Path) -> None:
    house = House(folder=tmp_path, bounds=Bounds(drain_seconds=5))
    begun, let_go = threading.Event(), threading.Event()

    def answer() -> Any:
        begun.set()
        let_go.wait(5)
        return treated(transfer(payload=b"last"))  # type: ignore[arg-type]

    house.desks.enforcement.script[b"last"] = answer
    with ThreadPoolExecutor(1) as clients, house.as_partner_later() as channel:
        with house.open():
            running = clients.submit(
                call, channel(), "EnforcementService/Transfer", transfer(payload=b"last")
            )
            assert begun.wait(5)
            threading.Timer(0.3, let_go.set).start()
        assert running.result(timeout=5).result.payload == b"LAST"
        with pytest.raises(grpc.RpcError):
            call(channel(), "EnforcementService/Transfer", transfer(), timeout=0.5)


# -- Listeners --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.test:0", "unix:/tmp/x", ":0", "0"]
)
def test_plain_text_is_for_loopback(address: str) -> None:
    with pytest.raises(PrivacyError) as error:
        Listener(address=address, credentials=None)
    assert error.value.reason is errors.SETTINGS_INVALID


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0", "localhost:0", "127.8.9.1:1"])
def test_loopback_may_be_plain(address: str) -> None:
    Listener(address=address, credentials=None)


def test_a_port_that_is_taken_is_an_error(house: House) -> None:
    listener = Listener(address=f"127.0.0.1:{house.plain_port}", credentials=None)
    with (
        pytest.raises(PrivacyError) as error,
        serving(house.desks, house.surroundings(), [listener]),
    ):
        pass
    assert error.value.reason is errors.SETTINGS_INVALID


# -- A tool that knows nothing of us ----------------------------------------------------------


def grpcurl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(GRPCURL), *arguments], capture_output=True, text=True, timeout=20, check=False
    )


def test_grpcurl_lists_and_describes(house: House) -> None:
    server = f"127.0.0.1:{house.plain_port}"
    listed = grpcurl("-plaintext", server, "list").stdout.split()
    assert {service.full_name for service in SERVICES} < set(listed)
    described = grpcurl("-plaintext", server, "describe", "privacy_service.v1.TransferRequest")
    assert "string request_id = 6" in described.stdout


def test_grpcurl_checks_health(house: House) -> None:
    server = f"127.0.0.1:{house.plain_port}"
    said = grpcurl("-plaintext", server, "grpc.health.v1.Health/Check")
    assert json.loads(said.stdout) == {"status": "SERVING"}


def test_grpcurl_transfers_by_certificate(house: House, tmp_path: Path) -> None:
    certificate = house.client_cert("acme.partners.test")
    files = {name: tmp_path / name for name in ("cert", "key", "ca")}
    files["cert"].write_bytes(certificate.cert_chain_pems[0].bytes())
    files["key"].write_bytes(certificate.private_key_pem.bytes())
    files["ca"].write_bytes(house.ca.cert_pem.bytes())
    request = {
        "sender": "acme", "recipient": "globex", "purpose": "dpv:X", "contentType": "text/plain",
        "payload": "aGk=", "requestId": "5f0c8c3e-54a0-4f4e-9a53-0a1f5d8b0c11",
    }  # fmt: skip
    said = grpcurl(
        "-cacert", str(files["ca"]), "-cert", str(files["cert"]), "-key", str(files["key"]),
        "-d", json.dumps(request), f"localhost:{house.mtls_port}",
        "privacy_service.v1.EnforcementService/Transfer",
    )  # fmt: skip
    assert json.loads(said.stdout)["result"]["payload"] == "SEk=", said.stderr


def test_grpcurl_shows_the_details_of_an_error(house: House) -> None:
    said = grpcurl(
        "-plaintext", "-H", f"authorization: Bearer {house.issuer.token('auditor')}",
        "-d", '{"contractId": "none"}', f"127.0.0.1:{house.plain_port}",
        "privacy_service.v1.ContractService/GetContract",
    )  # fmt: skip
    assert said.returncode != 0
    assert "NotFound" in said.stderr
    assert "CONTRACT_NOT_FOUND" in said.stderr
