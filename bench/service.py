"""Transfer over gRPC, beside Presidio called once per text and a gRPC echo of the same bytes.

Rates are per core: calls for each second of processor time that the server and its workers used,
so that a busy machine and the client's own work do not count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
from faker import Faker
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench import baseline, payloads
from bench.clocks import Latency, latency, saturated
from bench.echo import METHOD, OPTIONS
from bench.machine import processor_seconds
from bench.report import Report, Row
from privacy_service.v1 import enforcement_pb2, enforcement_pb2_grpc

KB = 1024
Call = Callable[[grpc.Channel, "Payload"], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What is sent, and the texts that Presidio gets for it."""

    name: str
    content_type: str
    purpose: str
    content: bytes
    texts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server in a process of its own, and how to reach it."""

    pid: int
    said: dict[str, str]
    port: int
    ready_seconds: float

    def processor_seconds(self) -> float:
        """What it and its children have used."""
        return processor_seconds(self.pid)


def run(report: Report, *, full: bool) -> None:
    """Every table. `full` goes on to 10 MB."""
    sizes = (1, 10, 100, 1000, 10_000) if full else (1, 10, 100, 1000)
    for second in ("none", "rampart"):
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(folder, cores="0", processes=1, second=second) as service,
            echoing(service, "0") as echo,
        ):
            # Orders ask no model: who reads texts makes no difference to them.
            sent = (orders(KB), letter(), orders(100 * KB)) if second == "none" else (letter(),)
            rows = list(_compared(service, echo, sent))
            report.table(f"One core for the server, second opinion {second}", rows)
            if second == "none":
                report.table("Orders by size", list(_by_size(service, sizes)))
    with tempfile.TemporaryDirectory() as folder:
        count = os.cpu_count() or 1
        cores = ",".join(map(str, range(count)))
        with serving(folder, cores=cores, processes=count, second="rampart") as service:
            report.table("Health while every core detects", [_health(service)])
    report.table("Start", list(_starts()))


def transfer(channel: grpc.Channel, payload: Payload) -> bytes:
    """One payload through the service."""
    request = enforcement_pb2.TransferRequest(
        sender="bench-shop",
        recipient="bench-carrier",
        purpose=payload.purpose,
        content_type=payload.content_type,
        payload=payload.content,
        request_id=str(uuid.uuid4()),
    )
    response = enforcement_pb2_grpc.EnforcementServiceStub(channel).Transfer(request, timeout=600)
    released = response.result.payload
    if not released:
        raise RuntimeError(f"{payload.name} was not released: {response.result.decision}")
    return bytes(released)


def echoed(channel: grpc.Channel, payload: Payload) -> bytes:
    """One payload there and back."""
    call: Callable[..., bytes] = channel.unary_unary(METHOD)
    return call(payload.content, timeout=600)


def orders(size: int) -> Payload:
    """Orders of about `size` bytes of JSON."""
    records = payloads.structured(size, dense=True)
    texts = [text for _, text in payloads.scalars(records) if isinstance(text, str)]
    return Payload(
        name=f"orders, {size // KB} KB",
        content_type="application/json",
        purpose="dpv:DeliveryOfGoods",
        content=json.dumps({"orders": records}).encode(),
        texts=texts,
    )


def letter() -> Payload:
    """A support e-mail of 1 KB."""
    fake = Faker("en_US")
    fake.seed_instance(3)
    text = payloads.email(fake)
    return Payload(
        name="e-mail, 1 KB",
        content_type="text/plain",
        purpose="dpv:CommunicationForCustomerCare",
        content=text.encode(),
        texts=[text],
    )


def _compared(service: Server, echo: Server, sent: Sequence[Payload]) -> Iterator[Row]:
    analyzer, anonymizer = baseline.analyzer(), baseline.anonymizer()
    for payload in sent:
        ours, took = _loaded(service, transfer, payload)
        back, _ = _loaded(echo, echoed, payload)
        theirs = _per_processor_second(
            partial(baseline.anonymized, analyzer, anonymizer, payload.texts)
        )
        yield {
            "payload": payload.name,
            "Transfer /s/core": ours,
            "Presidio /s/core": theirs,
            "echo /s/core": back,
            "Transfer/Presidio": ours / theirs,
            "Transfer/echo": ours / back,
            "median ms": took.median,
            "p99 ms": took.p99,
        }


def _by_size(service: Server, sizes: Sequence[int]) -> Iterator[Row]:
    """One caller; small payloads are sent often enough for the processor's clock to tell."""
    for size in sizes:
        payload, calls = orders(size * KB), max(1, 300 // size)
        with channel_to(service) as channel:
            transfer(channel, payload)
            used, began = service.processor_seconds(), time.perf_counter()
            for _ in range(calls):
                transfer(channel, payload)
            took = (time.perf_counter() - began) / calls
            used = (service.processor_seconds() - used) / calls
        yield {
            "payload": payload.name,
            "bytes": len(payload.content),
            "ms": took * 1e3,
            "processor ms": used * 1e3,
            "processor us/byte": used / len(payload.content) * 1e6,
        }


def _loaded(server: Server, call: Call, payload: Payload) -> tuple[float, Latency]:
    """Calls per second of the server's processor time, and how long they took, for four callers."""
    with channel_to(server) as channel:
        call(channel, payload)
        used = server.processor_seconds()
        calls: list[float] = []

        def timed(_: int) -> None:
            before = time.perf_counter()
            call(channel, payload)
            calls.append(time.perf_counter() - before)

        took = saturated(timed, callers=4, seconds=6)
        return len(calls) / (server.processor_seconds() - used), took


def _per_processor_second(work: Callable[[], object]) -> float:
    """How often it can be done in a second of this process's processor time."""
    work()
    began, calls = time.process_time(), 0
    while time.process_time() - began < 3 or not calls:
        work()
        calls += 1
    return calls / (time.process_time() - began)


def _health(service: Server) -> Row:
    """The health check every 20 ms while eight callers send e-mails without a pause."""
    payload, over, times = letter(), threading.Event(), []
    with channel_to(service) as channel, channel_to(service) as other:
        stub = health_pb2_grpc.HealthStub(other)

        def look() -> None:
            while not over.wait(0.02):
                before = time.perf_counter()
                stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
                times.append(time.perf_counter() - before)

        transfer(channel, payload)
        looking = threading.Thread(target=look)
        looking.start()
        load = saturated(lambda _: transfer(channel, payload), callers=8, seconds=10)
        over.set()
        looking.join()
    seen = latency(times, len(times))
    return {
        "Transfers/s": load.rate,
        "checks": len(times),
        "median ms": seen.median,
        "p99 ms": seen.p99,
        "worst ms": seen.worst,
    }


def _starts() -> Iterator[Row]:
    """The command as a user types it, in a new folder and then in the same."""
    with tempfile.TemporaryDirectory() as folder:
        for what in ("first", "again"):
            took, used = _started_once(folder)
            yield {
                "serve --demo, from the start of Python to SERVING": what,
                "s": took,
                "processor s, workers included": used,
            }


def _started_once(folder: str) -> tuple[float, float]:
    command = ["-m", "privacy_service", "serve", "--demo", "--folder", folder]
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command, "--address", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        if not process.stdout.readline().startswith("Serving"):
            raise RuntimeError("the service did not start")
        took, used = time.perf_counter() - began, processor_seconds(process.pid)
        process.terminate()
        process.stdout.read()
    return took, used


# -- Servers in processes of their own ----------------------------------------------------------


@contextmanager
def serving(folder: str, *, cores: str, processes: int, second: str) -> Iterator[Server]:
    """The service on these cores; `second` is its second opinion."""
    with started("bench.serving", folder, cores, str(processes), second) as service:
        yield service


@contextmanager
def echoing(service: Server, cores: str) -> Iterator[Server]:
    """The echo on these cores, with the certificates of the service."""
    names = ("authority", "server_certificate", "server_key")
    with started("bench.echo", cores, *(service.said[name] for name in names)) as echo:
        said = service.said | {"port": str(echo.port)}
        yield Server(pid=echo.pid, said=said, port=echo.port, ready_seconds=echo.ready_seconds)


@contextmanager
def started(module: str, *arguments: str) -> Iterator[Server]:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": ""},
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = json.loads(process.stdout.readline())
        took = time.perf_counter() - began
        yield Server(pid=process.pid, said=said, port=int(said["port"]), ready_seconds=took)
        process.stdin.close()
        process.wait(30)


@contextmanager
def channel_to(server: Server) -> Iterator[grpc.Channel]:
    names = ("authority", "private_key", "certificate")
    credentials = grpc.ssl_channel_credentials(*(Path(server.said[n]).read_bytes() for n in names))
    with grpc.secure_channel(f"127.0.0.1:{server.port}", credentials, OPTIONS) as channel:
        yield channel
