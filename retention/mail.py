"""Delivers by e-mail.

Up to the message itself nothing has left, and the server may be asked again. Once it is being
handed over and no answer comes, nobody knows: that is `in_doubt`.

    with open_line(settings) as line:      one connection, for as many letters as the server takes
        line.deliver(parcel)

A connection that was used before and died before anything was handed over is made anew, once.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import lru_cache
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.settings import NoticeSettings
from retention.delivery import Carrier, Outcome, Parcel, Word

NEEDS_SMTPUTF8: Final = "SMTPUTF8 not offered"
"""Why a letter is refused whose address a server has to take as it is written (RFC 6531)."""
_SECONDS: Final = 20.0
_GOODBYE_SECONDS: Final = 2.0
_LETTERS_IN_A_LINE: Final = 500
"""After which a connection is made anew: many servers take no more over one."""
_CLOSING: Final = 421
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+@[^\s<>()\[\],;:\\\"@]+")
_NOT_ONE_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_XTEXT: Final = re.compile(r"[A-Za-z0-9.-]{1,100}")


@dataclass(frozen=True, slots=True)
class Mail(Carrier):
    """Mails a parcel's subject and text through the server of the settings, each over a connection
    of its own.
    """

    settings: NoticeSettings

    def deliver(self, parcel: Parcel) -> Outcome:
        with open_line(self.settings) as line:
            return line.deliver(parcel)

    def reference(self, parcel_id: str) -> str:
        """The Message-ID of a parcel, the same at every attempt."""
        return _reference(self.settings, parcel_id)


@dataclass(slots=True)
class Line(Carrier):
    """One connection to the mail server, made when it is first needed. For one thread."""

    settings: NoticeSettings
    _server: smtplib.SMTP | None = field(default=None, init=False)
    _letters: int = field(default=0, init=False)

    def deliver(self, parcel: Parcel) -> Outcome:
        to = _envelope(parcel.to)
        if to is None:
            return Outcome(Word.REFUSED, "no address")
        made = message(
            sender=self.settings.sender,
            to=to,
            subject=parcel.subject,
            text=parcel.text,
            reference=_reference(self.settings, parcel.id),
        )
        try:
            return self.hand_over(made, parcel.id)
        except PrivacyError:
            return Outcome(Word.LATER, "not set up")

    def hand_over(self, made: EmailMessage, known_as: str = "") -> Outcome:
        """Hands a message over; `known_as` is told to the server, for what comes back (RFC 3461).

        Raises SETTINGS_INVALID where there is no mail server.
        """
        if self._letters >= _LETTERS_IN_A_LINE:
            self.close()
        used = self._server is not None
        try:
            return self._given(made, known_as)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            if not used:
                return _without(error)
        try:
            return self._given(made, known_as)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return _without(error)

    def close(self) -> None:
        """Ends the connection; another letter makes another one."""
        server, self._server, self._letters = self._server, None, 0
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                if server.sock is not None:
                    server.sock.settimeout(_GOODBYE_SECONDS)
                    server.quit()
            server.close()

    # -- One letter ---------------------------------------------------------------------------

    def _given(self, made: EmailMessage, known_as: str) -> Outcome:
        """Raises OSError, SMTPException where nothing was handed over and the line is no good."""
        if self._server is None:
            self._server = _connected(self.settings)
        server, to = self._server, str(made["To"])
        self._letters += 1
        wide = not (to.isascii() and self.settings.sender.isascii())
        if wide and not server.has_extn("smtputf8"):
            return Outcome(Word.REFUSED, NEEDS_SMTPUTF8)
        tells = bool(_XTEXT.fullmatch(known_as)) and server.has_extn("dsn")
        options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
        options += [f"ENVID={known_as}", "RET=HDRS"] if tells else []
        _answered(server.mail(self.settings.bounces or self.settings.sender, options))
        code, says = server.rcpt(to, ("NOTIFY=FAILURE",) if tells else ())
        if code == _CLOSING:
            raise smtplib.SMTPResponseException(code, says)
        if not _is_yes(code):
            server.rset()
            return _without(smtplib.SMTPResponseException(code, says))
        return self._said(server, made.as_bytes(policy=SMTPUTF8 if wide else SMTP))

    def _said(self, server: smtplib.SMTP, content: bytes) -> Outcome:
        """From here on it may have been taken, and nothing is tried again."""
        try:
            code, says = server.data(content)
        except smtplib.SMTPResponseException as error:
            code, says = error.smtp_code, error.smtp_error  # type: ignore[assignment]
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome(Word.IN_DOUBT, type(error).__name__)
        if _is_yes(code):
            return Outcome(Word.SENT, "250")
        self.close()
        return _without(smtplib.SMTPResponseException(code, says))


@contextmanager
def open_line(settings: NoticeSettings) -> Iterator[Line]:
    """A line that is closed when the block ends."""
    with closing(Line(settings)) as line:
        yield line


def message(*, sender: str, to: str, subject: str, text: str, reference: str) -> EmailMessage:
    """A message of plain text. What stands in a value is no header of its own."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = to
    made["Subject"] = _NOT_ONE_LINE.sub(" ", subject).strip()
    made["Message-ID"] = reference
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def deliver(made: EmailMessage, settings: NoticeSettings) -> Outcome:
    """Hands a message to the mail server. Raises SETTINGS_INVALID where there is none."""
    with open_line(settings) as line:
        return line.hand_over(made)


def _reference(settings: NoticeSettings, parcel_id: str) -> str:
    return f"<{parcel_id}@{settings.sender.rpartition('@')[2] or 'localhost'}>"


def _envelope(address: str) -> str | None:
    """The address, its domain in ASCII; None for what is none."""
    if _ADDRESS.fullmatch(address) is None:
        return None
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def _connected(settings: NoticeSettings) -> smtplib.SMTP:
    if settings.smtp_address is None or not settings.sender:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.smtp_address")
    host, _, port = settings.smtp_address.rpartition(":")
    if settings.smtp_security == "loopback" and host not in _LOOPBACK:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.smtp_security")
    if settings.smtp_security == "tls":
        trust = _trusted(settings.smtp_authority)
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port), timeout=_SECONDS, context=trust)
    else:
        server = smtplib.SMTP(host, int(port), timeout=_SECONDS)
    server.ehlo()
    if settings.smtp_security == "starttls":
        server.starttls(context=_trusted(settings.smtp_authority))
        server.ehlo()
    if settings.smtp_user is not None and settings.smtp_password_file is not None:
        password = settings.smtp_password_file.read_text(encoding="utf-8").strip()
        server.login(settings.smtp_user, password)
    return server


def _trusted(authority: Path | None) -> ssl.SSLContext:
    return _context(authority, authority.stat().st_mtime_ns if authority else 0)


@lru_cache(maxsize=2)
def _context(authority: Path | None, changed: int) -> ssl.SSLContext:
    """Kept, because reading the system's authorities takes longer than to send a mail."""
    del changed
    return ssl.create_default_context(cafile=authority)


def _answered(answer: tuple[int, bytes]) -> None:
    """Raises SMTPResponseException for anything but yes."""
    code, says = answer
    if not _is_yes(code):
        raise smtplib.SMTPResponseException(code, says)


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _without(error: Exception) -> Outcome:
    """Nothing was handed over: for good, or for now."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Outcome(Word.LATER, f"{error.smtp_code} at login")
    if isinstance(error, smtplib.SMTPResponseException):
        word = Word.REFUSED if error.smtp_code >= 500 else Word.LATER
        return Outcome(word, str(error.smtp_code))
    return Outcome(Word.LATER, type(error).__name__)
