"""Mail, written: put together anew from what was read, so that nothing else of it leaves.

Line lengths, encodings and boundaries are ours; so are the fields that say how the mail is put
together. The same document gives the same bytes.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.quoprimime import body_encode
from email.utils import encode_rfc2231
from itertools import count
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes, Node, Unread, pointer
from privacy_service.payloads.mail_headers import (
    LONGEST_ADDRESS,
    Mailbox,
    address_field,
    field,
    fitting,
    on_one_line,
)
from privacy_service.payloads.mail_scan import Entity, Field
from privacy_service.payloads.plain_text import plain
from privacy_service.payloads.splice import Plan, named, require_scalars, settle
from privacy_service.payloads.text_document import embedded_rendered, unwritable
from privacy_service.payloads.tree import Tree

# Types that are sent as what they are; the name of any other could say something.
_KNOWN: Final = re.compile(
    "text/(?:plain|html|csv|calendar|markdown|xml)|application/(?:json|xml)"
    "|multipart/(?:mixed|alternative|related)"
).fullmatch
_seven_bit: Final = re.compile(r"(?:[\t\x20-\x7e]{0,900}+\n)*+[\t\x20-\x7e]{0,900}+").fullmatch
_NEWLINE: Final = b"\r\n"
_LONGEST_NAME: Final = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDocument:
    """A mail that was read. Without its root it is an empty line: no fields and no text."""

    tree: Tree
    root: Entity
    unread: Sequence[Unread]
    content_type: str = "message/rfc822"

    @property
    def nodes(self) -> Sequence[Node]:
        return self.tree.nodes

    def render(self, changes: Changes) -> bytes:
        """See `Document.render`. Only texts have new values, and an address no very long one."""
        plan = embedded_rendered(self.tree, settle(self.tree, changes))
        require_scalars(self.tree, plan)
        try:
            return _Composer(self.tree, plan).mail(self.root)
        except UnicodeEncodeError:
            raise unwritable(self.tree, changes) from None


class _Composer:
    """Writes one mail with its changes."""

    def __init__(self, tree: Tree, plan: Plan) -> None:
        self._tree = tree
        self._values = plan.values
        self._gone = set(plan.removed)
        self._names = dict(named(tree, plan, fitting))

    def mail(self, entity: Entity) -> bytes:
        written = self._entity(entity)
        if written is None:
            return _NEWLINE
        fields, content = written
        return b"MIME-Version: 1.0\r\n" + fields + _NEWLINE + content

    def _entity(self, entity: Entity) -> tuple[bytes, bytes] | None:
        """The fields and the content; None where nothing is left of either."""
        if entity.node in self._gone:
            return None
        own = b"".join(self._fields(entity))
        filename = on_one_line(self._text(entity.filename))
        if filename:
            own += _disposition(entity, filename)
        described = self._content(entity)
        if described is None:
            return (own, b"") if own else None
        how, content = described
        return own + how, content

    def _fields(self, entity: Entity) -> Iterator[bytes]:
        if entity.headers is None or entity.headers in self._gone:
            return
        for one in entity.fields:
            if one.node in self._gone:
                continue
            name = self._names.get(one.node, one.name)
            if one.boxes is None:
                yield field(name, self._text(one.node))
            elif boxes := list(self._boxes(one)):
                yield address_field(name, boxes)

    def _boxes(self, one: Field) -> Iterator[Mailbox]:
        for node, name, address in one.boxes or ():
            box = Mailbox(self._text(name), self._text(address))
            if address is not None and len(box.address) > LONGEST_ADDRESS:
                path = pointer(self._tree.nodes[address].path)
                raise PrivacyError(errors.TREATMENT_FAILED, path=path)
            if node not in self._gone and any(box):
                yield box

    def _text(self, index: int | None) -> str:
        """The text of a node as it is now: empty if it is gone."""
        if index is None or index in self._gone:
            return ""
        if index in self._values:
            return plain(self._values[index])
        return self._tree.sources.get(index, self._tree.nodes[index].text)

    def _content(self, entity: Entity) -> tuple[bytes, bytes] | None:
        """The fields that describe the content, and the content."""
        if entity.message is not None:
            inner = self._entity(entity.message)
            if inner is None:
                return None
            return b"Content-Type: message/rfc822\r\n", inner[0] + _NEWLINE + inner[1]
        if entity.parts:
            return self._parts(entity)
        text = self._text(entity.body)
        if not text:
            return None
        how, content = _encoded(text)
        return f'Content-Type: {_media(entity.media)}; charset="utf-8"\r\n{how}'.encode(), content

    def _parts(self, entity: Entity) -> tuple[bytes, bytes] | None:
        holder = self._tree.nodes[entity.parts[0].node].parent
        written = [self._entity(part) for part in entity.parts if holder not in self._gone]
        parts = [fields + _NEWLINE + content for fields, content in filter(None, written)]
        if not parts:
            return None
        boundary = _boundary(parts)
        how = f'Content-Type: {_media(entity.media)}; boundary="{boundary}"\r\n'.encode()
        line = f"--{boundary}".encode()
        body = b"".join(line + _NEWLINE + part + _NEWLINE for part in parts)
        return how, body + line + b"--\r\n"


def _boundary(parts: Sequence[bytes]) -> str:
    """The first of `=_1`, `=_2`, … that starts no line of what it parts."""
    for number in count(1):
        boundary = f"=_{number}"
        if not any(f"--{boundary}".encode() in part for part in parts):
            return boundary
    raise AssertionError


def _media(media: str) -> str:
    """The type to name for a text or for parts."""
    if _KNOWN(media):
        return media
    if media.startswith("multipart/"):
        return "multipart/mixed"
    suffix = media.rpartition("+")[2]
    return f"application/{suffix}" if suffix in ("json", "xml") else "text/plain"


def _encoded(text: str) -> tuple[str, bytes]:
    """The field that names the encoding, and the text in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    octets = text.replace("\n", "\r\n").encode()
    if _seven_bit(text):
        return "Content-Transfer-Encoding: 7bit\r\n", octets
    if sum(byte > 0x7F for byte in octets) * 3 > len(octets):
        lines = encodebytes(octets).replace(b"\n", _NEWLINE)
        return "Content-Transfer-Encoding: base64\r\n", lines
    lines = body_encode(octets.decode("latin-1"), eol="\r\n").encode()
    return "Content-Transfer-Encoding: quoted-printable\r\n", lines


def _disposition(entity: Entity, filename: str) -> bytes:
    """The field with the file name, in pieces where one line could not hold it (RFC 2231)."""
    kind = "attachment" if entity.attached else "inline"
    written = encode_rfc2231(filename, "utf-8")
    if len(written) <= _LONGEST_NAME:
        return f"Content-Disposition: {kind}; filename*={written}\r\n".encode()
    pieces = re.findall(rf"(?:%..|.){{1,{_LONGEST_NAME // 3}}}", written)
    named_pieces = "".join(
        f";\r\n filename*{number}*={piece}" for number, piece in enumerate(pieces)
    )
    return f"Content-Disposition: {kind}{named_pieces}\r\n".encode()
