"""Mail that came back, read as what it is: a report on delivery (RFC 3464).

    read_report(bytes) -> Report | None        None: no such report, whoever wrote it
    report.about       -> what of ours it may be about: a letter of a mailing, or a notice

Whoever has our Message-ID had the letter, so that nobody else can say that it came back. The words
of a report name its recipient; nothing of them is kept but the status code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from enum import StrEnum
from typing import Final

MOST_BYTES: Final = 1 << 17
"""Of a message no more is looked at: what a report says stands at its beginning."""
_MOST_FOLDED: Final = 1 << 14
"""What a header has at most, over all its lines: reading a long one takes time by its square."""
_MOST_PARTS: Final = 20
_MOST_REFERENCES: Final = 20
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_OURS: Final = re.compile(
    r"(?<![0-9A-Za-z.-])(?P<notice>notice-[0-9a-f]{1,40})(?:\.(?P<letter>[0-9a-f]{32}))?(?![0-9A-Za-z.-])"
)
_ID_HEADERS: Final = ("original-envelope-id", "message-id", "in-reply-to", "references")
_MOST_HEADER: Final = 2000


class Came(StrEnum):
    """What a message that came back is."""

    BOUNCED = "bounced"
    """Something of ours did not arrive, and is known as come back."""
    NOT_FINAL = "not_final"
    """A report that says something else: it is delayed, or it has arrived."""
    NOT_OURS = "not_ours"
    """A report about something that is not known here, or never left."""
    NO_REPORT = "no_report"
    """No report on delivery that can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A notice; of its mailing the letter whose recipient's digest begins so."""

    notice: str
    letter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report says: whether delivery failed for good, and its status (RFC 3463)."""

    failed: bool
    status: str
    about: tuple[About, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What became of one message that came back."""

    came: Came
    notice: str = ""
    status: str = ""
    letter: bool = False
    """Whether it was a letter of the notice's mailing."""


def read_report(content: bytes) -> Report | None:
    """The report that a message is. Never raises, whatever it holds."""
    read = content[:MOST_BYTES]
    if _longest_header(read) > _MOST_FOLDED:
        return None
    try:
        message = BytesParser(policy=compat32).parsebytes(read)
        if message.get_content_type() != "multipart/report":
            return None
        return _report(message)
    except (MessageError, RecursionError, ValueError, LookupError, AttributeError, TypeError):
        return None


def _longest_header(content: bytes) -> int:
    """The bytes of the longest line with those that continue it."""
    longest = run = 0
    for line in content.splitlines():
        run = len(line) + (run if line[:1] in (b" ", b"\t") else 0)
        longest = max(longest, run)
    return longest


def _report(message: Message) -> Report | None:
    parts = [part for part, _ in zip(message.walk(), range(_MOST_PARTS), strict=False)]
    status = next(
        (part for part in parts if part.get_content_type() == "message/delivery-status"), None
    )
    if status is None or not status.is_multipart():
        return None
    fields = [block for block in status.get_payload() if isinstance(block, Message)]
    said = [word for block in fields for word in _said(block, "action")]
    codes = [code for block in fields for code in _STATUS.findall(" ".join(_said(block, "status")))]
    failed = "failed" in (word.strip().casefold() for word in said)
    texts = [*_ids(message), *(text for block in fields for text in _ids(block))]
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "message/global"):
            texts += [text for inner in _inner(part) for text in _ids(inner)]
        elif part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            texts += _ids(_headers(part))
    return Report(failed=failed, status=codes[0] if codes else "", about=_about(texts))


def _inner(part: Message) -> list[Message]:
    held = part.get_payload()
    return [one for one in held if isinstance(one, Message)] if isinstance(held, list) else []


def _headers(part: Message) -> Message:
    """The headers that were returned without their message."""
    held = part.get_payload(decode=True)
    return BytesHeaderParser(policy=compat32).parsebytes(held if isinstance(held, bytes) else b"")


def _ids(block: Message) -> Iterator[str]:
    for name in _ID_HEADERS:
        yield from _said(block, name)


def _said(block: Message, name: str) -> list[str]:
    return [str(value)[:_MOST_HEADER] for value in block.get_all(name, [])[:_MOST_REFERENCES]]


def _about(texts: list[str]) -> tuple[About, ...]:
    """What of ours is named, letters first: a letter's notice is not itself what came back."""
    found = {
        About(notice=one["notice"], letter=one["letter"]): None
        for text in texts
        for one in _OURS.finditer(text)
    }
    letters = [one for one in found if one.letter is not None]
    of_letters = {one.notice for one in letters}
    rest = [one for one in found if one.letter is None and one.notice not in of_letters]
    return tuple([*letters, *rest][:_MOST_REFERENCES])
