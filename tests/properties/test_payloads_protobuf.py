"""A message that is read and written is the same message, whatever it holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from google.protobuf import descriptor_pb2, struct_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.payloads.decode import decode
from privacy_service.payloads.descriptors import DescriptorSet
from privacy_service.payloads.document import Changes, Document, Limits, NodeKind

KINDS = {
    "text": Field.TYPE_STRING,
    "small": Field.TYPE_INT32,
    "large": Field.TYPE_UINT64,
    "zigzag": Field.TYPE_SINT64,
    "single": Field.TYPE_FLOAT,
    "double": Field.TYPE_DOUBLE,
    "truth": Field.TYPE_BOOL,
}


def described() -> DescriptorSet:
    """A message of one field of each kind, one list of each, and one of itself."""
    files = descriptor_pb2.FileDescriptorSet()
    file = files.file.add(name="t.proto", package="t", syntax="proto3")
    message = file.message_type.add(name="T")
    for number, (name, kind) in enumerate(KINDS.items(), 1):
        message.field.add(name=name, number=number, type=kind, label=Field.LABEL_OPTIONAL)
        message.field.add(
            name=f"{name}s", number=number + 20, type=kind, label=Field.LABEL_REPEATED
        )
    message.field.add(name="inner", number=40, type=Field.TYPE_MESSAGE, type_name=".t.T", label=1)
    return DescriptorSet(files.SerializeToString())


DESCRIBED = described()
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(st.characters(codec="utf-8"), max_size=8),
    "small": st.integers(-(2**31), 2**31 - 1),
    "large": st.integers(0, 2**64 - 1),
    "zigzag": st.integers(-(2**63), 2**63 - 1),
    "single": st.floats(width=32),
    "double": st.floats(),
    "truth": st.booleans(),
}


@st.composite
def messages(draw: st.DrawFn, depth: int = 3) -> Any:
    found = DESCRIBED.find("t.T")
    assert found is not None
    message: Any = GetMessageClass(found)()
    for name, value in VALUES.items():
        if draw(st.booleans()):
            setattr(message, name, draw(value))
            getattr(message, f"{name}s").extend(draw(st.lists(value, max_size=2)))
    if depth and draw(st.booleans()):
        message.inner.CopyFrom(draw(messages(depth=depth - 1)))
    return message


def read(payload: bytes, message_type: str = "t.T") -> Document:
    content_type = f"application/protobuf; messageType={message_type}"
    return decode(content_type, payload, limits=Limits(), descriptors=DESCRIBED)


@given(messages())
@settings(max_examples=80, deadline=None)
def test_it_is_the_same_message(message: Any) -> None:
    payload = message.SerializeToString(deterministic=True)
    assert read(payload).render(Changes()) == payload


@given(messages())
@settings(max_examples=80, deadline=None)
def test_every_number_means_what_its_text_says(message: Any) -> None:
    payload = message.SerializeToString(deterministic=True)
    document = read(payload)
    values = {
        node.index: Decimal(node.text) for node in document.nodes if node.kind is NodeKind.NUMBER
    }
    rendered = document.render(Changes(values=values))
    assert [n.text for n in read(rendered).nodes] == [n.text for n in document.nodes]


STRUCTS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1000, 1000), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), STRUCTS, max_size=4))
@settings(max_examples=80, deadline=None)
def test_a_struct_is_what_it_describes(value: dict[str, Any]) -> None:
    struct = struct_pb2.Struct()
    struct.update(value)
    payload = struct.SerializeToString(deterministic=True)
    assert read(payload, "google.protobuf.Struct").render(Changes()) == payload
