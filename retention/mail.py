"""Delivers by e-mail.

Up to the message itself nothing has left, and the server may be asked again. Once it is being
handed over and no answer comes, nobody knows: that is `in_doubt`.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.settings import NoticeSettings
from retention.delivery import Carrier, Outcome, Parcel, Word

_SECONDS: Final = 20.0
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+@[^\s<>()\[\],;:\\\"@]+")
_NOT_ONE_LINE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Mail(Carrier):
    """Mails a parcel's subject and text through the server of the settings."""

    settings: NoticeSettings

    def deliver(self, parcel: Parcel) -> Outcome:
        to = _envelope(parcel.to)
        if to is None:
            return Outcome(Word.REFUSED, "no address")
        made = message(
            sender=self.settings.sender,
            to=to,
            subject=parcel.subject,
            text=parcel.text,
            reference=self.reference(parcel.id),
        )
        try:
            return deliver(made, self.settings)
        except PrivacyError:
            return Outcome(Word.LATER, "not set up")

    def reference(self, parcel_id: str) -> str:
        """The Message-ID of a parcel, the same at every attempt."""
        return f"<{parcel_id}@{self.settings.sender.rpartition('@')[2] or 'localhost'}>"


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
    try:
        server = _connected(settings)
    except (OSError, smtplib.SMTPException) as error:
        return _without(error)
    try:
        return _handed_over(server, made, settings.sender, str(made["To"]))
    finally:
        server.close()


def _envelope(address: str) -> str | None:
    """The address in ASCII; None for what is none, or needs a mail server that few have."""
    if _ADDRESS.fullmatch(address) is None:
        return None
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}" if local.isascii() else None
    except UnicodeError:
        return None


def _handed_over(server: smtplib.SMTP, made: EmailMessage, sender: str, to: str) -> Outcome:
    try:
        _answered(server.mail(sender))
        _answered(server.rcpt(to))
    except (OSError, smtplib.SMTPException) as error:
        return _without(error)
    try:
        _answered(server.data(made.as_bytes()))
    except smtplib.SMTPResponseException as error:
        return _without(error)
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(Word.IN_DOUBT, type(error).__name__)
    return Outcome(Word.SENT, "250")


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
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, says)


def _without(error: Exception) -> Outcome:
    """Nothing was handed over: for good, or for now."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Outcome(Word.LATER, f"{error.smtp_code} at login")
    if isinstance(error, smtplib.SMTPResponseException):
        word = Word.REFUSED if error.smtp_code >= 500 else Word.LATER
        return Outcome(word, str(error.smtp_code))
    return Outcome(Word.LATER, type(error).__name__)
