"""Serves pages over HTTP on a port of their own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette

from privacy_service import errors
from privacy_service.errors import PrivacyError

_CONCURRENT: Final = 32
_IDLE_SECONDS: Final = 5
_DRAIN_SECONDS: Final = 5
_WAIT_SECONDS: Final = 0.02


@contextmanager
def serving(
    app: Starlette, address: str, *, certificate: Path | None, private_key: Path | None
) -> Iterator[int]:
    """Serves until the block ends; the port. Over TLS where there is a certificate.

    Raises SETTINGS_INVALID for an address or a certificate that can't be used. Nothing of a request
    is logged: its path is a secret.
    """
    host, _, port = address.rpartition(":")
    try:
        listening = socket.create_server((host.strip("[]"), int(port)), backlog=_CONCURRENT)
    except OSError as error:
        says = error.strerror or "it cannot be had"
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting="pages.address", address=address, says=says
        ) from None
    with listening:
        try:
            server = uvicorn.Server(_config(app, certificate, private_key))
        except (OSError, ssl.SSLError):
            says = "PEM files of a chain and its private key have to be there"
            raise PrivacyError(
                errors.SETTINGS_INVALID, setting="pages.certificate", says=says
            ) from None
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="pages", daemon=True
        )
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(_WAIT_SECONDS)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def _config(app: Starlette, certificate: Path | None, private_key: Path | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        lifespan="off",
        http="h11",
        ws="none",
        limit_concurrency=_CONCURRENT,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
    )
    config.load()
    return config
