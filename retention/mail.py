"""Mails one message, and says what became of it.

Up to the message itself nothing has left, and the server may be asked again. Once it is being
handed over and no answer comes, nobody knows: that is `in_doubt`, and never sent again by itself.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.settings import NoticeSettings

_SECONDS: Final = 20.0
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`sent`, `later`, `refused` or `in_doubt`; and the server's code, without its words, which may
    name the recipient.
    """

    word: str
    said: str


def message(*, sender: str, to: str, subject: str, text: str, reference: str) -> EmailMessage:
    """A message of plain text. Its Message-ID is the reference, the same at every attempt."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = to
    made["Subject"] = subject
    made["Message-ID"] = reference
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def deliver(made: EmailMessage, settings: NoticeSettings) -> Outcome:
    """Hands the message to the mail server. Raises SETTINGS_INVALID where there is none."""
    try:
        server = _connected(settings)
    except (OSError, smtplib.SMTPException) as error:
        return _without(error)
    try:
        try:
            _answered(server.mail(settings.sender))
            _answered(server.rcpt(str(made["To"])))
        except (OSError, smtplib.SMTPException) as error:
            return _without(error)
        try:
            _answered(server.data(made.as_bytes()))
        except smtplib.SMTPResponseException as error:
            return _without(error)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("in_doubt", type(error).__name__)
        return Outcome("sent", "250")
    finally:
        server.close()


def _connected(settings: NoticeSettings) -> smtplib.SMTP:
    if settings.smtp_address is None or not settings.sender:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.smtp_address")
    host, _, port = settings.smtp_address.rpartition(":")
    if settings.smtp_security == "loopback" and host not in _LOOPBACK:
        raise PrivacyError(errors.SETTINGS_INVALID, setting="notices.smtp_security")
    context = ssl.create_default_context(cafile=settings.smtp_authority)
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port), timeout=_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, int(port), timeout=_SECONDS)
    server.ehlo()
    if settings.smtp_security == "starttls":
        server.starttls(context=context)
        server.ehlo()
    if settings.smtp_user is not None and settings.smtp_password_file is not None:
        password = settings.smtp_password_file.read_text(encoding="utf-8").strip()
        server.login(settings.smtp_user, password)
    return server


def _answered(answer: tuple[int, bytes]) -> None:
    """Raises SMTPResponseException for anything but yes."""
    code, says = answer
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, says)


def _without(error: Exception) -> Outcome:
    """Nothing was handed over: for good, or for now."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Outcome("later", f"{error.smtp_code} at login")
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome("refused" if error.smtp_code >= 500 else "later", str(error.smtp_code))
    return Outcome("later", type(error).__name__)
