"""Protobuf messages into a tree, by their descriptors.

A message is an object of the fields that are set, by their names in the .proto file; a repeated
field is an array, a map an object. Enum values go by name. Timestamps, durations and field masks
are texts as in the JSON mapping; wrappers are what they wrap; `google.protobuf.Struct` is what it
describes; an `Any` holds the message in it, at its own path, and is an `Unread` where its type is
not known. Bytes that are UTF-8 are text, others are an `Unread`. Fields that the descriptor does
not know are refused.

Nothing in a message stands letter by letter, so every place is the whole of it, in bytes.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Key, Limits, NodeKind, Origin, Unread
from privacy_service.payloads.json_scan import leaf
from privacy_service.payloads.tree import Slot, Tree

_G = "google.protobuf."
WRITTEN_AS_TEXT: Final = frozenset({f"{_G}Timestamp", f"{_G}Duration", f"{_G}FieldMask"})
WRAPPERS: Final = frozenset(
    f"{_G}{name}Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
STRUCT, VALUE, LIST, ANY = f"{_G}Struct", f"{_G}Value", f"{_G}ListValue", f"{_G}Any"


@dataclass(slots=True)
class Scalar:
    """A value, or a message that is written as one. `field` is its field, or that of the value in
    a wrapper; None for a value of a Struct.
    """

    node: int
    value: Any
    field: FieldDescriptor | None = None


@dataclass(slots=True)
class Record:
    """A message with the fields that are set."""

    node: int
    members: list[tuple[FieldDescriptor, Branch]]


@dataclass(slots=True)
class Packed:
    """An Any, with the message in it, and what is read of that."""

    node: int
    message: Message
    inner: Branch | None


@dataclass(slots=True)
class Many:
    """A repeated field, or a list of a Struct."""

    node: int
    items: list[Branch]


@dataclass(slots=True)
class Table:
    """A map, or a Struct: by its keys as they are."""

    node: int
    entries: list[tuple[Any, Branch]]


Branch = Scalar | Record | Packed | Many | Table


def read_message(
    payload: bytes, descriptor: Descriptor, limits: Limits
) -> tuple[Tree, Branch, list[Unread]]:
    """Raises PrivacyError and Fault, without a position in the text: there is none."""
    message = GetMessageClass(descriptor)()
    try:
        message.ParseFromString(payload)
    except DecodeError as error:
        if "MaxDepth" in str(error):
            raise PrivacyError(errors.PAYLOAD_TOO_DEEP, limit="depth", maximum=100) from None
        raise PrivacyError(errors.PAYLOAD_MALFORMED) from None
    reader = _Reader(payload, limits)
    root = reader.branch(message, Slot(), None)
    assert root is not None  # only bytes and an Any can be unread
    return reader.tree, root, reader.unread


class _Reader:
    """Walks through a parsed message."""

    def __init__(self, payload: bytes, limits: Limits) -> None:
        self.tree = Tree(limits)
        self.unread: list[Unread] = []
        self._place = Origin(0, end=len(payload))

    def branch(self, value: Any, slot: Slot, field: FieldDescriptor | None) -> Branch | None:
        """The branch of a value or a message; None where it is unread."""
        if not isinstance(value, Message):
            return self._scalar(value, slot, field)
        message: Any = value  # what it has depends on its descriptor
        _require_known(message)
        name = message.DESCRIPTOR.full_name
        if name in WRITTEN_AS_TEXT:
            return Scalar(self._text(slot, _json_text(message)), message)
        if name in WRAPPERS:
            inner = message.DESCRIPTOR.fields_by_name["value"]
            wrapped = self._scalar(message.value, slot, inner)
            return wrapped and Scalar(wrapped.node, message, inner)
        if name == ANY:
            return self._packed(message, slot)
        if name in (STRUCT, VALUE, LIST):
            return self._dynamic(message, name, slot)
        return self._record(message, slot)

    def _record(self, message: Message, slot: Slot) -> Record:
        node = self._container(slot, NodeKind.OBJECT)
        members: list[tuple[FieldDescriptor, Branch]] = []
        for field, value in message.ListFields():
            name = f"[{field.full_name}]" if field.is_extension else field.name
            member = self._member(field, value, _under(slot, name, node))
            if member is not None:
                members.append((field, member))
        self.tree.close(node, 0)
        return Record(node, members)

    def _member(self, field: FieldDescriptor, value: Any, slot: Slot) -> Branch | None:
        entry = map_entry(field)
        if entry is not None:
            return self._table(sorted(value.items()), slot, entry.fields_by_name["value"])
        if field.is_repeated:
            return self._many(value, slot, field)
        return self.branch(value, slot, field)

    def _many(self, values: Any, slot: Slot, field: FieldDescriptor | None) -> Many:
        node = self._container(slot, NodeKind.ARRAY)
        items = [
            self.branch(value, _under(slot, number, node), field)
            for number, value in enumerate(values)
        ]
        self.tree.close(node, 0)
        return Many(node, [item for item in items if item is not None])

    def _table(
        self, entries: list[tuple[Any, Any]], slot: Slot, field: FieldDescriptor | None
    ) -> Table:
        node = self._container(slot, NodeKind.OBJECT)
        branches: list[tuple[Any, Branch]] = []
        for key, value in entries:
            name = _word(key) if isinstance(key, bool) else str(key)
            inside = _under(slot, name, node)._replace(key=Key(name, self._place))
            branch = self.branch(value, inside, field)
            if branch is not None:
                branches.append((key, branch))
        self.tree.close(node, 0)
        return Table(node, branches)

    def _dynamic(self, message: Any, name: str, slot: Slot) -> Branch:
        """What a Struct, or a part of one, describes."""
        if name == STRUCT:
            return self._table(sorted(message.fields.items()), slot, None)
        if name == LIST:
            return self._many(message.values, slot, None)
        kind = message.WhichOneof("kind")
        if kind in ("struct_value", "list_value"):
            inner = getattr(message, kind)
            _require_known(inner)
            return self._dynamic(inner, inner.DESCRIPTOR.full_name, slot)
        value = None if kind in (None, "null_value") else getattr(message, kind)
        return Scalar(self._leaf(*_described(value, None), slot), value)

    def _packed(self, message: Any, slot: Slot) -> Packed | None:
        name = message.type_url.rpartition("/")[2]
        try:
            described = message.DESCRIPTOR.file.pool.FindMessageTypeByName(name)
            inner = GetMessageClass(described).FromString(message.value)
        except (KeyError, DecodeError):
            self.unread.append(
                Unread(path=slot.path, reason="a message of no known type", size=message.ByteSize())
            )
            return None
        node = self._container(slot, NodeKind.OBJECT)
        branch = self.branch(inner, Slot(slot.path, node, None, slot.depth + 1), None)
        self.tree.close(node, 0)
        return Packed(node, inner, branch)

    # -- Nodes --------------------------------------------------------------------------------

    def _scalar(self, value: Any, slot: Slot, field: FieldDescriptor | None) -> Scalar | None:
        kind, text = _described(value, field)
        if isinstance(value, bytes):
            try:
                text = value.decode()
            except UnicodeDecodeError:
                self.unread.append(
                    Unread(path=slot.path, reason="bytes that are not text", size=len(value))
                )
                return None
        return Scalar(self._leaf(kind, text, slot), value, field)

    def _leaf(self, kind: NodeKind, text: str, slot: Slot) -> int:
        if kind is NodeKind.TEXT:
            return self._text(slot, text)
        return self.tree.add(slot, kind, text, self._place, 0, 0)

    def _container(self, slot: Slot, kind: NodeKind) -> int:
        return self.tree.add(slot, kind, "", self._place, 0, 0)

    def _text(self, slot: Slot, text: str) -> int:
        node = len(self.tree.nodes)
        leaf(self.tree, slot, text, self._place, 0, 0)
        return node


def map_entry(field: FieldDescriptor) -> Any | None:
    """The descriptor of a map's entries; None for a field that is no map."""
    entry = field.message_type
    if entry is None or not field.is_repeated or not entry.GetOptions().map_entry:
        return None
    return entry


def _under(slot: Slot, step: str | int, node: int) -> Slot:
    return Slot((*slot.path, step), node, None, slot.depth + 1)


def _require_known(message: Message) -> None:
    """Raises PAYLOAD_MALFORMED where a message has fields that its descriptor does not know."""
    if len(UnknownFieldSet(message)):
        raise _malformed(message)


def _malformed(message: Message) -> PrivacyError:
    # By its type, and not by its path: the keys of maps are the payload's own.
    return PrivacyError(errors.PAYLOAD_MALFORMED, message_type=message.DESCRIPTOR.full_name)


def _json_text(message: Any) -> str:
    try:
        text: str = message.ToJsonString()
    except ValueError:  # a date that is none
        raise _malformed(message) from None
    return text


def _described(value: Any, field: FieldDescriptor | None) -> tuple[NodeKind, str]:
    """The kind and the text of a value."""
    match value:
        case None:
            return NodeKind.NULL, "null"
        case bool():
            return NodeKind.BOOLEAN, _word(value)
        case str():
            return NodeKind.TEXT, value
        case float():
            if not math.isfinite(value):
                return NodeKind.TEXT, str(value)
            single = field is not None and field.type == FieldDescriptor.TYPE_FLOAT
            return NodeKind.NUMBER, _single(value) if single else _number(value, field)
        case int() if field is not None and field.enum_type is not None:
            named = field.enum_type.values_by_number.get(value)
            return (NodeKind.NUMBER, str(value)) if named is None else (NodeKind.TEXT, named.name)
        case _:
            return (
                (NodeKind.TEXT, "") if isinstance(value, bytes) else (NodeKind.NUMBER, str(value))
            )


def _word(value: object) -> str:
    return "true" if value else "false"


def _number(value: float, field: FieldDescriptor | None) -> str:
    """A double; one of a Struct that is whole, as JSON would have it."""
    return str(int(value)) if field is None and value.is_integer() else repr(value)


def _single(value: float) -> str:
    """The shortest text for a number of 32 bits."""
    for digits in range(6, 9):
        text = f"{value:.{digits}g}"
        if struct.unpack("<f", struct.pack("<f", float(text)))[0] == value:
            return text
    return f"{value:.9g}"
