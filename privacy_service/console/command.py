"""`privacy-service console`: pages for data-protection officers, beside a running service."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
import uvicorn

from privacy_service.commands.client import (
    DEFAULT_ADDRESS,
    Address,
    Authority,
    Connection,
    TokenFile,
)
from privacy_service.commands.screen import console as screen
from privacy_service.console.pages import Console, drawn
from privacy_service.console.sessions import Sessions
from privacy_service.console.times import Times

_GRACE_SECONDS = 5


def console(
    listen: Annotated[
        str, typer.Option(envvar="PRIVACY_CONSOLE_LISTEN", help="host:port of the pages.")
    ] = "127.0.0.1:8450",
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="A name that browsers call it by; repeatable. Default: that of --listen."
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(envvar="PRIVACY_CONSOLE_CERT", help="PEM file: pages over TLS.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar="PRIVACY_CONSOLE_KEY", help="PEM file of its private key.")
    ] = None,
    behind_tls: Annotated[
        bool, typer.Option("--behind-tls", help="Something in front of it speaks TLS.")
    ] = False,
    zone: Annotated[
        str, typer.Option("--zone", envvar="PRIVACY_ZONE", help="Whose clock times are shown by.")
    ] = "UTC",
    address: Address = DEFAULT_ADDRESS,
    ca: Authority = None,
    token: TokenFile = None,
) -> None:
    """Serves pages on which officers see what is due, decide reviews, and act; auditors look.

    Whoever opens them signs in with their own token. With --token it prints a link that signs
    you in once.

    Example: privacy-service console --address 127.0.0.1:8443 --ca authority.pem --token officer.jwt
    """
    name, _colon, port = listen.rpartition(":")
    name = name.strip("[]")
    secure = tls_cert is not None or behind_tls
    if not (name and port.isdigit()):
        raise typer.BadParameter("write it as host:port", param_hint="--listen")
    if not secure and not _loopback(name):
        raise typer.BadParameter(
            "other machines reach this address: give --tls-cert and --tls-key, or --behind-tls",
            param_hint="--listen",
        )
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(
            "write a time zone as Europe/Berlin", param_hint="--zone"
        ) from None
    with Connection(address=address, authority=ca).open() as channel:
        pages = Console(
            channel=channel,
            sessions=Sessions(now=_now, draw=drawn),
            times=Times(clock, _now),
            hosts=host or [name, *(["localhost"] if _loopback(name) else [])],
            secure=secure,
        )
        where = f"{'https' if tls_cert else 'http'}://{listen}"
        if token is not None:
            key = drawn()
            pages.start[key] = token.read_text(encoding="utf-8").strip()
            where = f"{where}/start/{key}"
        screen.print(f"open {where}", markup=False, soft_wrap=True)
        uvicorn.run(
            pages.application(),
            host=name,
            port=int(port),
            ssl_certfile=tls_cert,
            ssl_keyfile=tls_key,
            access_log=False,
            server_header=False,
            log_level="warning",
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
