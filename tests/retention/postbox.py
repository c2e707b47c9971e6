"""A mail server that keeps what it is sent, and answers as it is told."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from privacy_service.settings import NoticeSettings


class Postbox:
    """`to_data` may be `dies`: the line is cut once the message was taken; or `leaves`: it is cut
    once that was said, too. `lines` are those over which mail came.
    """

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.lines: list[Any] = []
        self.to_recipient = "250 OK"
        self.to_data = "250 OK"

    @property
    def read(self) -> list[EmailMessage]:
        return [
            message_from_bytes(mail.content, policy=default)  # type: ignore[misc,arg-type]
            for mail in self.mails
        ]

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(envelope)
        self.lines.append(session.peer)
        if self.to_data == "dies":
            server.transport.abort()
        if self.to_data == "leaves":
            server.loop.call_later(0.05, server.transport.abort)
            return "250 OK"
        return self.to_data


@contextmanager
def postbox(
    trust: ssl.SSLContext | None = None, *, smtputf8: bool = False
) -> Iterator[tuple[Postbox, str]]:
    """The server, and its host:port. With a context it takes mail over STARTTLS alone."""
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tls = {"tls_context": trust, "require_starttls": True} if trust else {}
    controller = Controller(box, hostname="127.0.0.1", port=port, enable_SMTPUTF8=smtputf8, **tls)
    controller.start()
    try:
        yield box, f"127.0.0.1:{port}"
    finally:
        controller.stop(no_assert=True)


def mailing_through(address: str, **more: Any) -> NoticeSettings:
    return NoticeSettings(
        organisation="Acme",
        contact="dpo@acme.example",
        smtp_address=address,
        smtp_security="loopback",
        sender="dpo@acme.example",
        **more,
    )
