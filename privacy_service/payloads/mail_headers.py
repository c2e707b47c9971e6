"""Header fields of mail (RFC 5322, RFC 2047), read and written.

An address field is a list of mailboxes, each a name and an address. What stands for an address
once it was treated is seldom one, so it is written as the local part of an address in the domain
`removed.invalid` (RFC 2606), and read as itself again.
"""

from __future__ import annotations

import codecs
import re
from email.errors import MessageError
from email.header import Header, decode_header
from email.utils import getaddresses, quote, unquote
from typing import Final, NamedTuple

ADDRESS_FIELDS: Final = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc"}
    | {f"resent-{name}" for name in ("from", "sender", "reply-to", "to", "cc", "bcc")}
    | {"return-receipt-to", "disposition-notification-to"}
)
# At most one of each in a message (RFC 5322, section 3.6).
SINGLE_FIELDS: Final = frozenset(
    {"date", "from", "sender", "reply-to", "to", "cc", "bcc"}
    | {"message-id", "in-reply-to", "references", "subject"}
)

_STANDS_FOR: Final = "@removed.invalid"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_address: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})*").fullmatch
# RFC 5322 would permit brackets and quotes too; nobody has them in a name, and JSON begins so.
is_field_name: Final = re.compile(r"[A-Za-z0-9!#$%&'*+./@^_`|~-]+").fullmatch
_fold: Final = re.compile(r"\r?\n(?=[ \t])").sub
_control: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+").sub
_charset: Final = re.compile(
    r"ascii|utf-8|utf-16(?:-[bl]e)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|tis-620"
    r"|gb2312|gbk|gb18030|big5\w*|hz|euc_\w+|shift_jis\w*|iso2022_\w+|johab"
).fullmatch
_word: Final = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*+\?=").sub
_MOST_UNFINISHED: Final = 50
_MOST_NESTED: Final = 50
_NEWLINE: Final = "\r\n"
_LONGEST_LINE: Final = 900  # of the 998 of RFC 5322, section 2.1.1
_LONGEST_NAME: Final = 60
LONGEST_ADDRESS: Final = 400  # one cannot be folded; half of it may have to be quoted


class Mailbox(NamedTuple):
    """A name and an address; either may be empty."""

    name: str
    address: str


def unfolded(raw: str) -> str:
    """The value of a field on one line, without the blanks around it."""
    return _fold("", raw).strip(" \t\r\n")


def decoded(value: str) -> str | None:
    """The value with its encoded words decoded; None where that cannot be done."""
    if _word("", value).count("=?") > _MOST_UNFINISHED:
        return None  # the library would look for the end of each through all of the rest
    try:
        words = decode_header(value)
        if len(words) > 1 and not value.isascii():
            return None  # the library cannot tell letters from its own escapes here
        text = "".join(
            word if isinstance(word, str) else word.decode(known_charset(charset or "ascii"))
            for word, charset in words
        )
    except (MessageError, LookupError, ValueError):
        return None
    return on_one_line(text)


def on_one_line(text: str) -> str:
    """The text as a field can hold it: with a blank for control characters."""
    return _control(" ", text).strip()


def known_charset(name: str) -> str:
    """The charset's name in Python. Raises LookupError for what is no charset of letters: Python
    has codecs for other things, some of which take time without bound.
    """
    codec = codecs.lookup(name).name
    if _charset(codec) is None:
        raise LookupError
    return codec


def mailboxes(value: str) -> list[Mailbox] | None:
    """The mailboxes of an address field; None where it is no plain list of them."""
    if value.count("(") + value.count(":") > _MOST_NESTED:
        return None  # the parser nests as deep as its input
    found: list[Mailbox] = []
    for written_name, written in getaddresses([value]):
        name, address = decoded(written_name), _unwrapped(written)
        if name is None or "@" not in written:
            return None
        found.append(Mailbox(name, address))
    return found or None


def _unwrapped(address: str) -> str:
    if address.endswith(_STANDS_FOR) and address.startswith('"'):
        return unquote(address.removesuffix(_STANDS_FOR))
    return address


def field(name: str, value: str) -> bytes:
    """A field of text as it is sent: folded, and in encoded words where it must be."""
    value = on_one_line(value)
    folded = _folded(name, value, None if value.isascii() and "=?" not in value else "utf-8")
    if max(map(len, folded.split(_NEWLINE))) > _LONGEST_LINE:
        folded = _folded(name, value, "utf-8")
    return f"{name}: {folded}{_NEWLINE}".encode()


def _folded(name: str, value: str, charset: str | None) -> str:
    return Header(value, charset, header_name=name).encode(linesep=_NEWLINE)


def address_field(name: str, boxes: list[Mailbox]) -> bytes:
    """An address field as it is sent, a mailbox on each line."""
    return f"{name}: {f',{_NEWLINE} '.join(map(_mailbox, boxes))}{_NEWLINE}".encode()


def _mailbox(box: Mailbox) -> str:
    name, address = map(on_one_line, box)
    if not _address(address):
        address = f'"{quote(address)}"{_STANDS_FOR}'
    if not name:
        return address
    if name.isascii() and "=?" not in name and len(name) <= _LONGEST_NAME:
        return f'"{quote(name)}" <{address}>'
    return f"{_folded('', name, 'utf-8')} <{address}>"


def fitting(name: str) -> str:
    """The name as one that a field of text can have, and that no field of ours has."""
    fits = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "X"
    return f"X-{fits}" if structural(fits.lower()) or fits.lower() in ADDRESS_FIELDS else fits


def structural(name: str) -> bool:
    """Whether a field (in lower case) says how the mail is put together: written anew."""
    return name in (
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-length",
        "content-md5",
    )
