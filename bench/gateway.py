"""What the gateway adds to an HTTP request: straight to the other side, through an Envoy, and
through an Envoy with the gateway.

One caller on one connection. The other side is an Envoy that answers at once, so that what is
measured is the way there.
"""

from __future__ import annotations

import copy
import http.client
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.clocks import latency
from bench.report import Report, Row
from bench.service import KB, Payload, Server, channel_to, letter, orders, serving, transfer
from privacy_service.gateway.config import Place, Sidecar, envoy_config
from privacy_service.gateway.route import Route, Way
from tests.faults.served import free_port

ENVOY = Path(__file__).parents[1] / ".venv/envoy/bin/envoy"


def run(report: Report, *, full: bool) -> None:
    """The table. `full` sends more of each."""
    count = 1000 if full else 200
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(folder, cores="0", processes=1, second="none") as service,
    ):
        sent = (orders(KB), letter(), orders(100 * KB))
        rows = [_measured(service, payload, count) for payload in sent]
    report.table("A request to the other side, ms", rows)


def _measured(service: Server, payload: Payload, count: int) -> Row:
    ways = {name: free_port() for name in ("direct", "envoy", "gateway")}
    with enveloped(service, payload, ways), channel_to(service) as channel:
        took: dict[str, list[float]] = {name: [] for name in (*ways, "Transfer")}
        connections = {name: _connected(port) for name, port in ways.items()}
        calls: dict[str, Callable[[], object]] = {
            name: lambda one=one: _post(one, payload) for name, one in connections.items()
        }
        calls["Transfer"] = lambda: transfer(channel, payload)
        for _ in range(count):  # taking turns, so that a noisy neighbour troubles all alike
            for name, call in calls.items():
                began = time.perf_counter()
                call()
                took[name].append(time.perf_counter() - began)
    seen = {name: latency(times, 0) for name, times in took.items()}
    row: Row = {"payload": payload.name}
    for name in ("direct", "envoy", "Transfer", "gateway"):
        row |= {f"{name} median": seen[name].median, f"{name} p90": seen[name].p90}
    return row


def _connected(port: int) -> http.client.HTTPConnection:
    until = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.connect()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return connection


def _post(connection: http.client.HTTPConnection, payload: Payload) -> None:
    connection.request("POST", "/", payload.content, {"content-type": payload.content_type})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{payload.name} came to {answer.status}: {said.decode()}")


@contextmanager
def enveloped(service: Server, payload: Payload, ways: dict[str, int]) -> Iterator[None]:
    """One Envoy with three listeners: the other side, before it nothing, and the gateway."""
    sidecar = Sidecar(
        route=Route(
            partner="bench-shop",
            counterparty="bench-carrier",
            request=Way.TRANSFER,
            response=Way.PASS,
            purpose=payload.purpose,
        ),
        listen=Place(host="127.0.0.1", port=ways["gateway"]),
        upstream=Place(host="127.0.0.1", port=ways["direct"]),
        service=Place(host="127.0.0.1", port=service.port),
        authority=Path(service.said["authority"]),
        certificate=Path(service.said["certificate"]),
        private_key=Path(service.said["private_key"]),
        service_name="localhost",
        plain=True,
    )
    config = envoy_config(sidecar)
    listeners = config["static_resources"]["listeners"]
    plain, direct = copy.deepcopy(listeners[0]), copy.deepcopy(listeners[0])
    for name, listener in (("envoy", plain), ("direct", direct)):
        listener["name"] = name
        listener["address"]["socket_address"]["port_value"] = ways[name]
        del _manager(listener)["http_filters"][0]
        listeners.append(listener)
    answer = {"status": 200, "body": {"inline_string": "{}"}}
    (host,) = _manager(direct)["route_config"]["virtual_hosts"]
    host["routes"] = [{"match": {"prefix": "/"}, "direct_response": answer}]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(config, file)
        file.flush()
        command = [str(ENVOY), "-c", file.name, "--concurrency", "1", "--disable-hot-restart"]
        with subprocess.Popen(
            [*command, "-l", "off"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield
            finally:
                process.terminate()


def _manager(listener: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return config
