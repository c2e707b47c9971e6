"""Protobuf messages, written: put together anew from what was read.

Without its root a message is empty, which is no bytes at all. The same document gives the same
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import EncodeError, Message
from google.protobuf.message_factory import GetMessageClass

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes, NewValue, Node, Unread, pointer
from privacy_service.payloads.message_scan import (
    STRUCT,
    VALUE,
    Branch,
    Many,
    Packed,
    Record,
    Scalar,
    Table,
    map_entry,
)
from privacy_service.payloads.plain_text import plain
from privacy_service.payloads.splice import Names, Plan, require_scalars, settle
from privacy_service.payloads.text_document import embedded_rendered
from privacy_service.payloads.tree import Tree

_number_text: Final = re.compile(
    r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?"
).fullmatch
_TRUTH: Final = {"true": True, "false": False, "": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDocument:
    """A message that was read."""

    content_type: str
    tree: Tree
    root: Branch
    descriptor: Descriptor
    unread: Sequence[Unread]

    @property
    def nodes(self) -> Sequence[Node]:
        return self.tree.nodes

    @property
    def _empty(self) -> Message:
        return GetMessageClass(self.descriptor)()

    def render(self, changes: Changes) -> bytes:
        """See `Document.render`. A new value is of its field's type; a field that is required
        stays, or the message as a whole cannot be written (path "").
        """
        plan = embedded_rendered(self.tree, settle(self.tree, changes))
        if plan.removed[:1] == [0]:
            return b""
        require_scalars(self.tree, plan)
        message = self._empty
        _Composer(self.tree, plan).fill(message, self.root)
        try:
            written: bytes = message.SerializeToString(deterministic=True)
        except EncodeError:
            raise PrivacyError(errors.TREATMENT_FAILED, path="") from None
        return written


class _Composer:
    """Fills new messages with what is left of a document."""

    def __init__(self, tree: Tree, plan: Plan) -> None:
        self._tree = tree
        self._gone = set(plan.removed)
        self._values = plan.values
        self._keys = plan.keys

    def fill(self, target: Any, branch: Branch) -> None:
        """Makes an empty message what the branch says."""
        match branch:
            case Record():
                for field, member in branch.members:
                    if member.node not in self._gone:
                        self._member(target, field, member)
            case Packed():
                if branch.inner is not None and branch.inner.node not in self._gone:
                    inner = type(branch.message)()
                    self.fill(inner, branch.inner)
                    target.Pack(inner, deterministic=True)
            case Scalar():
                self._scalar_message(target, branch)
            case _:
                self._dynamic(target, branch)

    def _member(self, target: Any, field: FieldDescriptor, member: Branch) -> None:
        present = target.Extensions[field] if field.is_extension else getattr(target, field.name)
        if isinstance(member, Table) and (entry := map_entry(field)) is not None:
            self._entries(present, member, entry)
        elif isinstance(member, Many) and field.is_repeated:
            for item in self._left(member.items):
                self._item(present, field, item)
        elif field.message_type is not None:
            present.SetInParent()
            self.fill(present, member)
        else:
            with self._refusing(member):
                _set(target, field, self._value(member))

    def _item(self, present: Any, field: FieldDescriptor, item: Branch) -> None:
        if field.message_type is not None:
            self.fill(present.add(), item)
        else:
            with self._refusing(item):
                present.append(self._value(item))

    def _entries(self, present: Any, table: Table, entry: Any) -> None:
        key_field, value_field = entry.fields_by_name["key"], entry.fields_by_name["value"]
        for key, branch in self._named(table, key_field):
            with self._refusing(branch):
                if value_field.message_type is None:
                    present[key] = self._value(branch)
                else:
                    present[key].SetInParent()
                    self.fill(present[key], branch)

    def _named(self, table: Table, field: FieldDescriptor | None) -> Iterator[tuple[Any, Branch]]:
        """The entries that stay, by the keys that they will have: of their type, and distinct."""
        left = [(key, branch) for key, branch in table.entries if branch.node not in self._gone]
        names = Names(self._name(branch) for _, branch in left if branch.node not in self._keys)
        for key, branch in left:
            if branch.node not in self._keys:
                yield key, branch
                continue
            name = names.give(self._name(branch), self._keys[branch.node])
            with self._refusing(branch):
                new = name if field is None else _typed(name, field)
            yield new, branch

    def _dynamic(self, target: Any, branch: Branch) -> None:
        """A Struct, a Value or a ListValue."""
        name = target.DESCRIPTOR.full_name
        if isinstance(branch, Table):
            described = target if name == STRUCT else target.struct_value
            described.SetInParent()
            for key, inner in self._named(branch, None):
                self.fill(described.fields[key], inner)
        elif isinstance(branch, Many):
            described = target.list_value if name == VALUE else target
            described.SetInParent()
            for item in self._left(branch.items):
                self.fill(described.values.add(), item)

    def _scalar_message(self, target: Any, scalar: Scalar) -> None:
        """A message that is written as one value: a Timestamp, a wrapper, a Value."""
        if target.DESCRIPTOR.full_name == VALUE:
            with self._refusing(scalar):
                _set_dynamic(target, self._values.get(scalar.node, scalar.value))
        elif scalar.node not in self._values:
            target.CopyFrom(scalar.value)
        elif scalar.field is not None:
            with self._refusing(scalar):
                _set(target, scalar.field, self._value(scalar))
        elif new := plain(self._values[scalar.node]):
            with self._refusing(scalar):
                target.FromJsonString(new)

    # -- Small things -------------------------------------------------------------------------

    def _left(self, branches: Iterable[Branch]) -> list[Branch]:
        return [branch for branch in branches if branch.node not in self._gone]

    def _name(self, branch: Branch) -> str:
        key = self._tree.nodes[branch.node].key
        return key.text if key is not None else ""

    def _value(self, branch: Branch) -> Any:
        """The value of a field of one value. Raises ValueError where a new one does not fit it."""
        assert isinstance(branch, Scalar)
        if branch.node not in self._values:
            return branch.value
        assert branch.field is not None
        return _typed(self._values[branch.node], branch.field)

    @contextmanager
    def _refusing(self, branch: Branch) -> Iterator[None]:
        """Turns what the library raises for a value that does not fit into TREATMENT_FAILED."""
        try:
            yield
        except (ValueError, TypeError, ArithmeticError, KeyError):
            path = pointer(self._tree.nodes[branch.node].path)
            raise PrivacyError(errors.TREATMENT_FAILED, path=path) from None


def _set(target: Any, field: FieldDescriptor, value: Any) -> None:
    if field.is_extension:
        target.Extensions[field] = value
    else:
        setattr(target, field.name, value)


def _set_dynamic(target: Any, value: Any) -> None:
    """Gives a google.protobuf.Value a value: its own kinds are the ones of JSON."""
    match value:
        case None:
            target.null_value = 0
        case bool():
            target.bool_value = value
        case str():
            target.string_value = value
        case _:
            target.number_value = float(value)


def _typed(new: NewValue, field: FieldDescriptor) -> Any:
    """The value as one of the field's type. Raises ValueError, KeyError or OverflowError."""
    if field.enum_type is not None:
        return _enum(new, field.enum_type)
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            text = plain(new)
            return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
        case FieldDescriptor.CPPTYPE_BOOL:
            return _TRUTH[plain(new)]
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return float(_number(new))
        case _:
            number = Decimal(_number(new))
            if number != number.to_integral_value():
                raise ValueError("not a whole number")
            return int(number)


def _number(new: NewValue) -> str:
    """The number as text, as JSON would write it; nothing is zero."""
    text = plain(new) or "0"
    if _number_text(text) is None:
        raise ValueError("not a number")
    return text


def _enum(new: NewValue, kind: EnumDescriptor) -> int:
    text = plain(new)
    if not text or _number_text(text) is not None:
        return int(text or "0")
    number: int = kind.values_by_name[text].number
    return number
