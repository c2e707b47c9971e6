"""Reads a mailbox over IMAP, from a place on, and changes nothing in it."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.settings import NoticeSettings

_SECONDS: Final = 20.0
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder that is open. `validity` names its numbering (UIDVALIDITY): with another one, all
    places mean something else.
    """

    server: imaplib.IMAP4 = field(repr=False)
    validity: int

    def after(self, place: int, *, most: int) -> tuple[int, ...]:
        """The numbers of the next messages, in order. Raises MAILBOX_UNAVAILABLE."""
        found = _data(self.server.uid("SEARCH", f"UID {place + 1}:*"))
        numbers = sorted(int(word) for word in b" ".join(_bytes(found)).split())
        # `*` is the last message, also where that comes before the place.
        return tuple(number for number in numbers if number > place)[:most]

    def beginning(self, number: int, *, most: int) -> bytes:
        """The first bytes of a message; none where it is gone. Raises MAILBOX_UNAVAILABLE."""
        found = _data(self.server.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{most}>)"))
        return next((one[1][:most] for one in found if isinstance(one, tuple)), b"")


@contextmanager
def open_inbox(settings: NoticeSettings) -> Iterator[Inbox]:
    """The folder of the settings, to be read alone.

    Raises MAILBOX_UNAVAILABLE, also for what goes wrong while it is open; SETTINGS_INVALID.
    """
    try:
        server = _connected(settings)
        try:
            _data(server.select(_quoted(settings.imap_folder), readonly=True))
            told = server.response("UIDVALIDITY")[1]
            yield Inbox(server, int((_bytes(told) or [b"0"])[0]))
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
    except (imaplib.IMAP4.error, OSError, ValueError):
        raise PrivacyError(errors.MAILBOX_UNAVAILABLE) from None


def _connected(settings: NoticeSettings) -> imaplib.IMAP4:
    host, _, port = (settings.imap_address or "").rpartition(":")
    if settings.imap_security == "loopback" and host not in _LOOPBACK:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.imap_security")
    if settings.imap_password_file is None:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.imap_password_file")
    trust = ssl.create_default_context(cafile=settings.imap_authority)
    if settings.imap_security == "tls":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            host, int(port), ssl_context=trust, timeout=_SECONDS
        )
    else:
        server = imaplib.IMAP4(host, int(port), timeout=_SECONDS)
    if settings.imap_security == "starttls":
        server.starttls(trust)
    password = settings.imap_password_file.read_text(encoding="utf-8").strip()
    server.login(settings.imap_user, password)
    return server


def _data(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    """What was answered. Raises IMAP4.error for a no."""
    word, data = answer
    if word != "OK":
        raise imaplib.IMAP4.error
    return data


def _bytes(data: Sequence[object]) -> list[bytes]:
    return [one for one in data if isinstance(one, bytes)]


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
