"""A whole service in a process of its own: a test may kill it and start it again on its files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from pydantic import BaseModel

from privacy_service.commands.trial import Trial, set_up
from privacy_service.settings import DetectionSettings, Settings
from tests.service.conftest import Peer

PARTNERS = ["acme-shop", "swift-parcel", "other-shop", "helpdesk-ai"]
PATTERNS_ONLY = DetectionSettings(model="none", processes=1)
READY_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """The service: its files, its process, and what it has said on both of its outputs."""

    trial: Trial
    settings: Settings
    program: tuple[str, ...]
    said: Path
    process: subprocess.Popen[bytes] | None = None
    _peers: list[Peer] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.settings.server.address.rpartition(":")[2])

    @property
    def database(self) -> Path:
        return Path(self.settings.database.url.removeprefix("sqlite:///"))

    def start(self) -> None:
        """Returns once health says SERVING."""
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, *self.program],
                env={**os.environ, **as_environment(self.settings)},
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=Path(__file__).parents[2],
            )
        self._wait_until_serving()

    def kill(self) -> None:
        """kill -9, at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the status that the process ends with."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def partner(self, name: str) -> Peer:
        """A caller with the partner's certificate."""
        files = self.trial.partners[name]
        credentials = grpc.ssl_channel_credentials(
            files.authority.read_bytes(),
            files.private_key.read_bytes(),
            files.certificate.read_bytes(),
        )
        return self._peer(self.port, credentials, name)

    def person(self, role: str) -> Peer:
        """A caller with a token."""
        token = (self.trial.folder / "tls" / f"{role}.jwt").read_text()
        credentials = grpc.ssl_channel_credentials(self.trial.authority.read_bytes())
        address = self.settings.server.token_address or ""
        port = int(address.rpartition(":")[2])
        return self._peer(port, credentials, role, (("authorization", f"Bearer {token}"),))

    def close(self) -> None:
        for peer in self._peers:
            peer.channel.close()
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def _peer(
        self,
        port: int,
        credentials: grpc.ChannelCredentials,
        name: str,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> Peer:
        options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.enable_retries", 0)]
        channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials, options=options)
        self._peers.append(Peer(channel, name, metadata))
        return self._peers[-1]

    def _wait_until_serving(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"it ended: {self.said.read_text()[-2000:]}")
            with contextlib.suppress(grpc.RpcError):
                if self.health() == "SERVING":
                    return
            time.sleep(0.05)
        raise AssertionError(f"it does not serve: {self.said.read_text()[-2000:]}")

    def health(self) -> str:
        credentials = grpc.ssl_channel_credentials(
            self.trial.authority.read_bytes(),
            self.trial.partners["acme-shop"].private_key.read_bytes(),
            self.trial.partners["acme-shop"].certificate.read_bytes(),
        )
        with grpc.secure_channel(f"127.0.0.1:{self.port}", credentials) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


@contextmanager
def served(
    folder: Path,
    *,
    program: Sequence[str] = ("-m", "privacy_service", "serve"),
    detection: DetectionSettings = PATTERNS_ONLY,
    trial: Trial | None = None,
    **groups: Any,
) -> Iterator[Served]:
    """A service that has been started; `groups` change settings, as `server={"threads": 2}`.

    `trial` is what it shares with other replicas: keyring, certificates, database.
    """
    trial = trial or set_up(folder / "trial", PARTNERS, detection=detection)
    server = {
        "address": f"127.0.0.1:{free_port()}",
        "token_address": f"127.0.0.1:{free_port()}",
        **groups.pop("server", {}),
    }
    changed = {
        name: getattr(trial.settings, name).model_copy(update=update)
        for name, update in {**groups, "server": server}.items()
    }
    settings = trial.settings.model_copy(update=changed)
    one = Served(trial, settings, tuple(program), folder / "said.log")
    try:
        one.start()
        yield one
    finally:
        one.close()


@contextmanager
def fleet(folder: Path, database: str, size: int, **groups: Any) -> Iterator[list[Served]]:
    """So many replicas on one database, all started."""
    trial = set_up(folder / "trial", PARTNERS, detection=PATTERNS_ONLY, database=database)
    with ExitStack() as opened:
        replicas = []
        for number in range(size):
            place = folder / f"replica-{number}"
            place.mkdir()
            server = {"probe_address": f"127.0.0.1:{free_port()}", **groups.get("server", {})}
            own = {**groups, "server": server}
            replicas.append(opened.enter_context(served(place, trial=trial, **own)))
        yield replicas


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as an operator gives them."""
    return {
        f"PRIVACY_{group}__{name}".upper(): _written(value)
        for group, inner in settings
        if isinstance(inner, BaseModel)
        for name, value in inner.model_dump(mode="json", exclude_none=True).items()
    }


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
