"""grpc.health.v1: whether each service can do its work now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from grpc_health.v1.health import OVERALL_HEALTH, HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse

Ready = Callable[[str], bool]
"""Whether a service (its full name; empty: the server as a whole) can do its work. It is asked
several times a second, so it looks and does not work; if it raises, the answer is no.
"""

_LOOK_SECONDS: Final = 0.25


class Health:
    """Keeps the health of the services as `ready` says, from `begin` to `end`."""

    def __init__(self, services: Sequence[str], ready: Ready) -> None:
        self.servicer = HealthServicer()
        self._services = (OVERALL_HEALTH, *services)
        self._ready = ready
        self._said: dict[str, bool] = {}
        self._ended = threading.Event()
        self._looking = threading.Thread(target=self._keep_looking, name="health", daemon=True)
        for service in self._services:
            self.servicer.set(service, HealthCheckResponse.NOT_SERVING)

    def begin(self) -> None:
        """Looks once, and goes on looking."""
        self._look()
        self._looking.start()

    def end(self) -> None:
        """NOT_SERVING from now on, whatever `ready` says."""
        self._ended.set()
        self.servicer.enter_graceful_shutdown()

    def _keep_looking(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        for service in self._services:
            serves = self._serves(service)
            if self._said.get(service) is not serves:
                self._said[service] = serves
                status = HealthCheckResponse.SERVING if serves else HealthCheckResponse.NOT_SERVING
                self.servicer.set(service, status)

    def _serves(self, service: str) -> bool:
        try:
            return self._ready(service)
        except Exception:  # noqa: BLE001 - a check that fails is not a yes
            return False
