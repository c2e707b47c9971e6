"""A real Envoy before a partner's server, with the configuration that is deployed, for tests."""

from __future__ import annotations

import copy
import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import httpx
import yaml

from tests.faults.served import free_port
from tests.service.conftest import Service

ROOT = Path(__file__).parents[2]
ENVOY = ROOT / ".venv/envoy/bin/envoy"
EXT_PROC = "envoy.filters.http.ext_proc"
PER_ROUTE = "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute"


@dataclass(frozen=True)
class Got:
    """A request that reached the partner."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Upstream:
    """The partner's server: it remembers what it gets, and answers as it is told."""

    port: int = 0
    grpc_port: int = 0
    got: list[Got] = field(default_factory=list)
    grpc_got: list[bytes] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    body: bytes = b'{"received": true}'
    grpc_answer: bytes = b""

    @contextmanager
    def answering(self, body: bytes, *, status: int = 200, **headers: str) -> Iterator[None]:
        before = self.status, self.headers, self.body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.status, self.body = status, body
        self.headers = {"content-type": "application/json"} | named
        try:
            yield
        finally:
            self.status, self.headers, self.body = before

    def last(self) -> Got:
        return self.got[-1]


@contextmanager
def upstream() -> Iterator[Upstream]:
    one = Upstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            try:
                body = self._body()
            except ValueError:  # cut off: it never came
                self.close_connection = True
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            one.got.append(Got(self.path, headers, body))
            self.send_response(one.status)
            for name, value in one.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(one.body)))
            # Kept open, it could be closed by us just as Envoy sends the next request on it.
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(one.body)

        do_GET = do_POST  # noqa: N815

        def _body(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", "0")))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: Any) -> None:
            pass

    class Echo(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            def answer(message: bytes, context: Any) -> bytes:
                one.grpc_got.append(message)
                return one.grpc_answer

            return grpc.unary_unary_rpc_method_handler(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    one.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    called = grpc.server(ThreadPoolExecutor(2))
    called.add_generic_rpc_handlers((Echo(),))
    one.grpc_port = called.add_insecure_port("127.0.0.1:0")
    called.start()
    try:
        yield one
    finally:
        called.stop(None)
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Sidecar:
    """The Envoy, and the ports of its listeners by name."""

    ports: dict[str, int]
    upstream: Upstream

    def call(
        self, host: str, body: bytes | None = None, *, listener: str = "outbound", **more: Any
    ) -> httpx.Response:
        """A POST to `host`, or what `more` says, through the Envoy."""
        headers = {"host": host, "content-type": "application/json"} | more.pop("headers", {})
        url = f"http://127.0.0.1:{self.ports[listener]}{more.pop('target', '/orders')}"
        method = more.pop("method", "POST")
        return httpx.request(method, url, content=body, headers=headers, timeout=20, **more)


@dataclass(frozen=True)
class Extra:
    """A host of a test's own. `modes` stand over the modes of the filter."""

    host: str
    says: dict[str, str]
    modes: dict[str, str] = field(default_factory=dict)
    cluster: str = "swift_parcel"
    of_route: dict[str, str] = field(default_factory=dict)
    """Metadata that its one route has beside that of the host."""


@contextmanager
def sidecar(
    service: Service,
    folder: Path,
    extras: list[Extra],
    filters: dict[str, dict[str, Any]],
    *,
    change: Callable[[dict[str, Any]], None] = lambda config: None,
) -> Iterator[Sidecar]:
    """The Envoy of `deploy/`, speaking for acme-shop. `filters` are further listeners, by name,
    with what differs in their filter.
    """
    with upstream() as partner:
        ports = {name: free_port() for name in ("outbound", "admin", *filters)}
        config = configured(service, partner, ports, extras, filters)
        change(config)
        path = folder / "envoy.yaml"
        path.write_text(yaml.safe_dump(config))
        with (folder / "envoy.log").open("wb") as said:
            process = subprocess.Popen(
                [str(ENVOY), "-c", str(path), "--concurrency", "1", "--disable-hot-restart"],
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait(ports["admin"], process, folder / "envoy.log")
            yield Sidecar(ports, partner)
        finally:
            process.terminate()
            process.wait(20)


def configured(
    service: Service,
    partner: Upstream,
    ports: dict[str, int],
    extras: list[Extra],
    filters: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """What is deployed, with this machine's addresses and files in it."""
    config = yaml.safe_load((ROOT / "deploy/envoy/gateway.yaml").read_text())
    config["admin"]["address"]["socket_address"]["port_value"] = ports["admin"]
    resources = config["static_resources"]
    (listener,) = resources["listeners"]
    listener["address"]["socket_address"]["port_value"] = ports["outbound"]
    hosts = _manager(listener)["route_config"]["virtual_hosts"]
    hosts += [_host(extra) for extra in extras]
    for name, changes in filters.items():
        other = copy.deepcopy(listener)
        other["name"] = name
        other["address"]["socket_address"]["port_value"] = ports[name]
        _manager(other)["http_filters"][0]["typed_config"] |= changes
        resources["listeners"].append(other)
    files = service.trial.partners["acme-shop"]
    named = {
        "privacy_service": service.running.port,
        "swift_parcel": partner.port,
        "helpdesk_ai": partner.port,
    }
    for cluster in resources["clusters"]:
        (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        endpoint["endpoint"]["address"]["socket_address"] = {
            "address": "127.0.0.1",
            "port_value": named[cluster["name"]],
        }
        if cluster["name"] != "privacy_service":
            del cluster["transport_socket"]  # the partners of the test speak plainly
            continue
        tls = cluster["transport_socket"]["typed_config"]
        tls["sni"] = "localhost"
        context = tls["common_tls_context"]
        (certificate,) = context["tls_certificates"]
        certificate["certificate_chain"]["filename"] = str(files.certificate)
        certificate["private_key"]["filename"] = str(files.private_key)
        validation = context["validation_context"]
        validation["trusted_ca"]["filename"] = str(files.authority)
        validation["match_typed_subject_alt_names"][0]["matcher"]["exact"] = "localhost"
    called = copy.deepcopy(next(c for c in resources["clusters"] if c["name"] == "swift_parcel"))
    called["name"] = called["load_assignment"]["cluster_name"] = "grpc_partner"
    address = called["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]
    address["socket_address"]["port_value"] = partner.grpc_port
    service_cluster = resources["clusters"][0]
    called["typed_extension_protocol_options"] = service_cluster["typed_extension_protocol_options"]
    resources["clusters"].append(called)
    return config


def _manager(listener: dict[str, Any]) -> dict[str, Any]:
    return listener["filter_chains"][0]["filters"][0]["typed_config"]


def _host(extra: Extra) -> dict[str, Any]:
    overrides = _metadata(extra.says)
    if extra.modes:
        overrides["processing_mode"] = extra.modes
    route: dict[str, Any] = {"match": {"prefix": "/"}, "route": {"cluster": extra.cluster}}
    if extra.of_route:
        route |= _per_route(_metadata(extra.of_route))
    return {
        "name": extra.host,
        "domains": [extra.host, f"{extra.host}:*"],
        "routes": [route],
        **_per_route(overrides),
    }


def _per_route(overrides: dict[str, Any]) -> dict[str, Any]:
    return {"typed_per_filter_config": {EXT_PROC: {"@type": PER_ROUTE, "overrides": overrides}}}


def _metadata(says: dict[str, str]) -> dict[str, Any]:
    return {"grpc_initial_metadata": [{"key": key, "value": said} for key, said in says.items()]}


def _wait(admin: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{admin}/ready", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text(errors="replace")[-2000:])


def document(response: httpx.Response) -> dict[str, Any]:
    """The problem that a response is."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    said: dict[str, Any] = json.loads(response.content)
    return said
