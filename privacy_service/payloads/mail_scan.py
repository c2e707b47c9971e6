"""Mail into a tree (RFC 5322, MIME), through the standard library's parser.

A message is an object of `headers` (an object of fields by name in lower case), and of `body` or
`parts`; each part is such an object again, with `filename` if it has one; a message that is
attached stands as `message` in its part. A part that is no text is an `Unread` at `attachment`.

Mail counts bytes, and encodes most of what it carries: see `_Places` for where texts stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import collapse_rfc2231_value
from functools import partial
from typing import Final, NamedTuple

from privacy_service import errors
from privacy_service.payloads.document import Key, Limits, NodeKind, Origin, Path, Place, Unread
from privacy_service.payloads.json_scan import leaf
from privacy_service.payloads.mail_headers import (
    ADDRESS_FIELDS,
    SINGLE_FIELDS,
    Mailbox,
    decoded,
    is_field_name,
    known_charset,
    mailboxes,
    on_one_line,
    structural,
    unfolded,
)
from privacy_service.payloads.offsets import Marks, pairs
from privacy_service.payloads.tree import Fault, Slot, Tree

_TEXTUAL: Final = re.compile(
    r"text/[a-z0-9.+-]+|application/(?:json|xml|csv|x-ndjson|jsonl|[a-z0-9.-]+\+(?:json|xml))"
).fullmatch
_container: Final = re.compile(rb"(?im)^content-type[ \t]*:\s*(?:multipart|message)/")
_long_field: Final = re.compile(
    rb"(?im)^content-(?:type|disposition)[ \t]*:(?:[^\r\n]|\r?\n[ \t]){8192}"
).search
_LINE_END: Final = re.compile(r"\r\n?")
_AS_IS: Final = frozenset({"", "7bit", "8bit", "binary"})
MOST_HEADER_BYTES: Final = 262_144
"""All header fields of a mail together: reading them takes long, and none has so many."""
_MOST_CONTAINERS: Final = 100
"""Multiparts and attached messages, of which the parser nests its own calls."""
_LINES_PER_VALUE: Final = 20
"""The parser asks every multipart around a line whether it ends there. Lines times multiparts may
be so many for each value that the limits permit.
"""


class Field(NamedTuple):
    """A header field: its node, and for an address field the nodes of names and addresses, each
    with the node of its mailbox.
    """

    name: str
    node: int
    boxes: tuple[tuple[int, int | None, int | None], ...] | None = None


@dataclass(slots=True)
class Entity:
    """A message or a part of one: which nodes it has. `media` is what it is sent as."""

    node: int
    media: str = "text/plain"
    attached: bool = False
    headers: int | None = None
    fields: list[Field] = field(default_factory=list)
    filename: int | None = None
    body: int | None = None
    parts: list[Entity] = field(default_factory=list)
    message: Entity | None = None


def read_mail(payload: bytes, limits: Limits) -> tuple[Tree, Entity, list[Unread]]:
    """Raises Fault, at a code point of the payload."""
    containers = len(_container.findall(payload))
    deepest = min(limits.depth, _MOST_CONTAINERS)
    if containers > deepest:
        raise Fault(errors.PAYLOAD_TOO_DEEP, 0, limit="depth", maximum=deepest)
    if payload.count(b"\n") * containers > limits.values * _LINES_PER_VALUE:
        raise Fault(errors.PAYLOAD_TOO_MANY_VALUES, 0, limit="values", maximum=limits.values)
    if _long_field(payload):  # the parser takes the square of its length
        raise Fault(errors.PAYLOAD_MALFORMED, 0)
    reader = _Reader(payload, limits)
    message = BytesParser(policy=policy.compat32).parsebytes(payload)
    if payload.strip() and not message.keys():
        raise Fault(errors.PAYLOAD_MALFORMED, 0)
    root = reader.entity(message, Slot())
    return reader.tree, root, reader.unread


def mail_text(payload: bytes) -> str:
    """The payload as the text in which places are told: UTF-8, or Latin-1 where it is not."""
    text = _letters(payload, "utf-8")
    return payload.decode("latin-1") if text is None else text


class _Places:
    """Where texts stand in a mail, as code points of `mail_text`. What is encoded has the span of
    all that is encoded with it.
    """

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._at = 0
        self._inner: list[int] = []  # where the bytes stand that start no code point
        if len(mail_text(payload)) < len(payload):
            self._inner = [byte.start() for byte in re.finditer(rb"[\x80-\xbf]", payload)]

    def skip(self, raw: bytes) -> int:
        """Where the next `raw` starts; what is found next stands behind it."""
        start = self._payload.find(raw, self._at)
        self._at = start + len(raw) if start >= 0 else self._at
        return self.point(max(start, 0))

    def find(self, raw: bytes) -> tuple[int, int]:
        """The next span of `raw`; all of the payload if there is none."""
        start = self._payload.find(raw, self._at)
        if start < 0:
            return 0, self.point(len(self._payload))
        self._at = start + len(raw)
        return self.point(start), self.point(self._at)

    @property
    def now(self) -> int:
        """The end of what was found last."""
        return self.point(self._at)

    def point(self, byte: int) -> int:
        return byte - bisect_left(self._inner, byte)


class _Value(NamedTuple):
    """The value of a field as it is written, and its span."""

    written: str
    start: int
    end: int

    def place(self, part: str) -> Place:
        """Where a part of the value stands, if it stands there letter by letter."""
        at = self.written.find(part)
        if at < 0 or self.end - self.start != len(self.written):
            return Origin(self.start, end=self.end)
        return self.start + at


class _Reader:
    """Walks through a parsed message."""

    def __init__(self, payload: bytes, limits: Limits) -> None:
        self.tree = Tree(limits)
        self.unread: list[Unread] = []
        self._places = _Places(payload)
        self._header_bytes_left = MOST_HEADER_BYTES

    def entity(self, message: Message, slot: Slot) -> Entity:
        index = self.tree.add(slot, NodeKind.OBJECT, "", self._places.now, 0, 0)
        entity = Entity(index, attached=message.get_content_disposition() == "attachment")
        inside = Slot(slot.path, index, None, slot.depth + 1)
        self._fields(message, entity, inside)
        if slot.parent is not None:
            self._filename(message, entity, _under(inside, "filename"))
        self._content(message, entity, inside)
        if message.defects:
            raise Fault(errors.PAYLOAD_MALFORMED, self._places.now)
        self.tree.close(index, 0)
        return entity

    def _filename(self, message: Message, entity: Entity, slot: Slot) -> None:
        written = message.get_param("filename", None, "content-disposition")
        written = message.get_param("name") if written is None else written
        if written is None:
            return
        # RFC 2231 gives three parts; a name in encoded words is what old mailers send.
        name = collapse_rfc2231_value(written) if isinstance(written, tuple) else decoded(written)
        if name is None:
            self._skip(slot.path, "a file name that does not decode", len(written))
        elif name := on_one_line(name):
            now = self._places.now
            entity.filename = self._text(slot, name, Origin(now, end=now))

    # -- Header fields ------------------------------------------------------------------------

    def _fields(self, message: Message, entity: Entity, inside: Slot) -> None:
        fields = [(name, str(raw)) for name, raw in message.raw_items()]
        self._header_bytes_left -= sum(len(name) + len(raw) for name, raw in fields)
        if self._header_bytes_left < 0:
            raise Fault(
                errors.PAYLOAD_TOO_LARGE,
                self._places.now,
                limit="mail_header_bytes",
                maximum=MOST_HEADER_BYTES,
            )
        if all(structural(name.lower()) for name, _raw in fields):
            return
        slot = _under(inside, "headers")
        entity.headers = self.tree.add(slot, NodeKind.OBJECT, "", self._places.now, 0, 0)
        seen: set[str] = set()
        for name, raw in fields:
            if not is_field_name(name):
                raise Fault(errors.PAYLOAD_MALFORMED, self._places.now)
            if name.lower() in seen & SINGLE_FIELDS:
                raise Fault(errors.DUPLICATE_KEY, self._places.now)
            seen.add(name.lower())
            if not structural(name.lower()):
                self._field(entity, _under(slot, name.lower(), entity.headers), name, raw)
        self.tree.close(entity.headers, 0)

    def _field(self, entity: Entity, slot: Slot, name: str, raw: str) -> None:
        written = raw.encode("ascii", "surrogateescape")
        at = self._places.skip(name.encode() + b":")
        start, end = self._places.find(written)
        value = _Value(_letters(written, "utf-8") or "", start, end)
        line = unfolded(value.written)
        slot = slot._replace(key=Key(name, at))
        boxes = mailboxes(line) if name.lower() in ADDRESS_FIELDS else None
        if boxes is not None:
            entity.fields.append(self._mailboxes(slot, name, value, boxes))
        elif (text := decoded(line)) is None or (written and not value.written):
            self._skip(slot.path, "a header field that does not decode", len(written))
        else:
            entity.fields.append(Field(name, self._text(slot, text, value.place(text))))

    def _mailboxes(self, slot: Slot, name: str, value: _Value, boxes: list[Mailbox]) -> Field:
        index = self.tree.add(slot, NodeKind.ARRAY, "", value.start, 0, 0)
        nodes: list[tuple[int, int | None, int | None]] = []
        for number, box in enumerate(boxes):
            inside = _under(slot, number, index)
            node = self.tree.add(inside, NodeKind.OBJECT, "", value.start, 0, 0)
            texts = [
                self._text(_under(inside, part, node), text, value.place(text)) if text else None
                for part, text in zip(Mailbox._fields, box, strict=True)
            ]
            nodes.append((node, texts[0], texts[1]))
            self.tree.close(node, 0)
        self.tree.close(index, 0)
        return Field(name, index, tuple(nodes))

    # -- Content ------------------------------------------------------------------------------

    def _content(self, message: Message, entity: Entity, inside: Slot) -> None:
        entity.media = message.get_content_type()
        if entity.media == "message/rfc822" and message.is_multipart():
            entity.message = self.entity(_parts(message)[0], _under(inside, "message"))
        elif message.get_content_maintype() == "multipart":
            slot = _under(inside, "parts")
            index = self.tree.add(slot, NodeKind.ARRAY, "", self._places.now, 0, 0)
            for number, part in enumerate(_parts(message)):
                where = _under(slot, number, index)
                if _readable(part):
                    entity.parts.append(self.entity(part, where))
                else:
                    self._attachment(part, where.path)
            self.tree.close(index, 0)
        elif _TEXTUAL(entity.media):
            self._body(message, entity, _under(inside, "body"))
        else:
            self._attachment(message, inside.path)

    def _attachment(self, message: Message, path: Path) -> None:
        size = len(message.as_bytes()) if message.is_multipart() else len(_octets(message))
        self._skip((*path, "attachment"), "a part that is not text", size)

    def _body(self, message: Message, entity: Entity, slot: Slot) -> None:
        octets = _octets(message)
        text = _letters(octets, message.get_content_charset("us-ascii"))
        if text is None:
            self._skip(slot.path, "a text that does not decode", len(octets))
        elif text:
            as_is = str(message.get("content-transfer-encoding", "")).strip().lower() in _AS_IS
            place = self._place(octets, text) if as_is else self._whole(message)
            entity.body = self._text(slot, _LINE_END.sub("\n", text), place)

    def _place(self, octets: bytes, text: str) -> Place:
        """Where a text that stands as it is does so: but for line ends of two characters."""
        start, end = self._places.find(octets)
        if end - start != len(text):
            return Origin(start, end=end)
        if "\r\n" not in text:
            return start
        length = len(text) - text.count("\r\n")
        return Origin(start, Marks(length, partial(pairs, text, "\r\n", start)))

    def _whole(self, message: Message) -> Origin:
        raw = str(message.get_payload()).encode("ascii", "surrogateescape")
        start, end = self._places.find(raw)
        return Origin(start, end=end)

    def _text(self, slot: Slot, text: str, place: Place) -> int:
        index = len(self.tree.nodes)
        leaf(self.tree, slot, text, place, 0, 0)
        return index

    def _skip(self, path: Path, reason: str, size: int) -> None:
        self.unread.append(Unread(path=path, reason=reason, size=size))


def _under(slot: Slot, step: str | int, parent: int | None = None) -> Slot:
    """The slot of a member: of what waits at `slot`, or of the node `parent` that came there."""
    if parent is None:
        return Slot((*slot.path, step), slot.parent, None, slot.depth)
    return Slot((*slot.path, step), parent, None, slot.depth + 1)


def _readable(message: Message) -> bool:
    """Whether a part is a text, or has parts: what is neither goes with its name and fields."""
    media = message.get_content_type()
    return (
        message.is_multipart() and (media == "message/rfc822" or media.startswith("multipart/"))
    ) or _TEXTUAL(media) is not None


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)]


def _octets(message: Message) -> bytes:
    octets = message.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""


def _letters(octets: bytes, charset: str) -> str | None:
    """The text; US-ASCII is read as UTF-8, of which it is a part. None where it does not decode."""
    try:
        codec = known_charset(charset)
        return octets.decode("utf-8" if codec == "ascii" else codec)
    except (LookupError, ValueError):
        return None
