"""A mailbox over IMAP in a process of its own (pymap), and what a mail server puts into it."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from privacy_service.settings import NoticeSettings

USER, PASSWORD = "bounces", "only-in-tests"
_PROGRAM = "from pymap.main import main; main()"


@contextmanager
def mailbox() -> Iterator[str]:
    """The server's host:port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    words = ["--no-tls", "--host", "127.0.0.1", "--port", port, "dict", "--demo-data"]
    words += ["--demo-user", USER, "--demo-password", PASSWORD]
    with subprocess.Popen([sys.executable, "-c", _PROGRAM, *words]) as server:
        try:
            _await(int(port))
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()


def put(address: str, *messages: bytes) -> None:
    """Mail comes in."""
    with _logged_in(address) as client:
        for message in messages:
            word, _ = client.append("INBOX", "", "", message.replace(b"\n", b"\r\n"))
            assert word == "OK"


def unread(address: str) -> int:
    with _logged_in(address) as client:
        client.select("INBOX", readonly=True)
        return len(client.search(None, "UNSEEN")[1][0].split())


def reading(settings: NoticeSettings, address: str, folder: Path) -> NoticeSettings:
    """The settings, with this mailbox."""
    secret = folder / "imap"
    secret.write_text(PASSWORD, encoding="utf-8")
    more: dict[str, Any] = {
        "imap_address": address, "imap_security": "loopback", "imap_user": USER,
        "imap_password_file": secret,
    }  # fmt: skip
    return settings.model_copy(update=more)


def report(
    reference: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    envelope: str = "",
) -> bytes:
    """What a mail server sends about a letter of ours (RFC 3464)."""
    known = f"Original-Envelope-Id: {envelope}\n" if envelope else ""
    returned = f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {reference}\n"
    return (
        "From: MAILER-DAEMON@mx.example\nTo: dpo@acme.example\nSubject: Undelivered\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nNo such mailbox: maria@mail.example\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n{known}\n"
        f"Final-Recipient: rfc822; maria@mail.example\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 maria@mail.example\n\n{returned}--b--\n"
    ).encode()


@contextmanager
def _logged_in(address: str) -> Iterator[imaplib.IMAP4]:
    host, _, port = address.rpartition(":")
    with imaplib.IMAP4(host, int(port), timeout=10) as client:
        client.login(USER, PASSWORD)
        yield client


def _await(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError
