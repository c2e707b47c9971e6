from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, struct_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.message_factory import GetMessageClass

from privacy_service import errors
from privacy_service.payloads.decode import decode
from privacy_service.payloads.descriptors import DescriptorSet
from privacy_service.payloads.document import Changes, Document, Limits, NewValue, NodeKind
from tests.unit.payloads.documents import at, refusal, scalars

TYPE = "application/x-protobuf; messageType=shop.v1.Order"
G = ".google.protobuf."


def shop() -> bytes:
    """The descriptor set of a small shop, as protoc would write it."""
    described = descriptor_pb2.FileDescriptorSet()
    file = described.file.add(name="shop.proto", package="shop.v1", syntax="proto3")
    file.dependency.extend(
        f"google/protobuf/{name}.proto"
        for name in ("timestamp", "duration", "struct", "wrappers", "any")
    )
    status = file.enum_type.add(name="Status")
    for number, name in enumerate(("STATUS_UNSPECIFIED", "PAID", "SENT")):
        status.value.add(name=name, number=number)
    person = file.message_type.add(name="Person")
    add(person, "name", 1, Field.TYPE_STRING)
    add(person, "mails", 2, Field.TYPE_STRING, many=True)
    order = file.message_type.add(name="Order")
    for number, (name, kind, of, many) in enumerate(
        [
            ("id", Field.TYPE_STRING, "", False),
            ("card", Field.TYPE_UINT64, "", False),
            ("total", Field.TYPE_DOUBLE, "", False),
            ("weight", Field.TYPE_FLOAT, "", False),
            ("paid", Field.TYPE_BOOL, "", False),
            ("status", Field.TYPE_ENUM, ".shop.v1.Status", False),
            ("customer", Field.TYPE_MESSAGE, ".shop.v1.Person", False),
            ("others", Field.TYPE_MESSAGE, ".shop.v1.Person", True),
            ("counts", Field.TYPE_INT32, "", True),
            ("note", Field.TYPE_BYTES, "", False),
            ("at", Field.TYPE_MESSAGE, f"{G}Timestamp", False),
            ("took", Field.TYPE_MESSAGE, f"{G}Duration", False),
            ("extra", Field.TYPE_MESSAGE, f"{G}Struct", False),
            ("coupon", Field.TYPE_MESSAGE, f"{G}StringValue", False),
            ("more", Field.TYPE_MESSAGE, f"{G}Any", False),
            ("labels", Field.TYPE_MESSAGE, ".shop.v1.Order.LabelsEntry", True),
            ("people", Field.TYPE_MESSAGE, ".shop.v1.Order.PeopleEntry", True),
        ],
        start=1,
    ):
        add(order, name, number, kind, of, many=many)
    for name, of in (("LabelsEntry", ""), ("PeopleEntry", ".shop.v1.Person")):
        entry = order.nested_type.add(name=name)
        entry.options.map_entry = True
        add(entry, "key", 1, Field.TYPE_STRING if not of else Field.TYPE_INT32)
        add(entry, "value", 2, Field.TYPE_MESSAGE if of else Field.TYPE_STRING, of)
    return described.SerializeToString()


def add(
    message: Any, name: str, number: int, kind: Any, of: str = "", *, many: bool = False
) -> None:
    label = Field.LABEL_REPEATED if many else Field.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, type=kind, label=label)
    if of:
        field.type_name = of


SHOP = DescriptorSet(shop())


def message(name: str = "Order") -> Any:
    described = SHOP.find(f"shop.v1.{name}")
    assert described is not None
    return GetMessageClass(described)()


def full() -> Any:
    order = message()
    order.id, order.card, order.total, order.weight = "A-1", 4111111111111111, 129.5, 0.1
    order.paid, order.status, order.note = True, 1, b"jane@x.com"
    order.customer.name = "Jane"
    order.customer.mails.extend(["a@x.com", "b@x.com"])
    order.others.add(name="Bob")
    order.others.add(name="Zoe")
    order.counts.extend([0, -5])
    order.at.FromJsonString("2024-05-01T10:20:30Z")
    order.took.FromJsonString("1.500s")
    order.extra.update({"a": {"b": [1, "x", None, True]}, "n": 2.5})
    order.coupon.value = "C-1"
    person = message("Person")
    person.name = "Any Jane"
    order.more.Pack(person)
    order.labels["jane@x.com"] = '{"k": "v"}'
    order.labels["z"] = ""
    order.people[7].name = "Seven"
    return order


def read(payload: bytes, content_type: str = TYPE, **limits: int) -> Document:
    return decode(content_type, payload, limits=Limits(**limits), descriptors=SHOP)


def parsed(payload: bytes) -> Any:
    order = message()
    order.ParseFromString(payload)
    return order


def changed(values: dict[tuple[str | int, ...], NewValue]) -> Any:
    document = read(full().SerializeToString())
    changes = {at(document, *path).index: value for path, value in values.items()}
    return parsed(document.render(Changes(values=changes)))


def test_every_field_that_is_set_is_a_place() -> None:
    assert scalars(read(full().SerializeToString())) == {
        ("id",): "A-1",
        ("card",): "4111111111111111",
        ("total",): "129.5",
        ("weight",): "0.1",
        ("paid",): "true",
        ("status",): "PAID",
        ("customer", "name"): "Jane",
        ("customer", "mails", 0): "a@x.com",
        ("customer", "mails", 1): "b@x.com",
        ("others", 0, "name"): "Bob",
        ("others", 1, "name"): "Zoe",
        ("counts", 0): "0",
        ("counts", 1): "-5",
        ("note",): "jane@x.com",
        ("at",): "2024-05-01T10:20:30Z",
        ("took",): "1.500s",
        ("extra", "a", "b", 0): "1",
        ("extra", "a", "b", 1): "x",
        ("extra", "a", "b", 2): "null",
        ("extra", "a", "b", 3): "true",
        ("extra", "n"): "2.5",
        ("coupon",): "C-1",
        ("more", "name"): "Any Jane",
        ("labels", "jane@x.com", "k"): "v",
        ("labels", "z"): "",
        ("people", "7", "name"): "Seven",
    }


def test_kinds_are_those_of_the_fields_and_only_map_keys_stand_in_the_payload() -> None:
    document = read(full().SerializeToString())
    kinds = {node.path: node.kind for node in document.nodes}
    assert kinds["card",] is NodeKind.NUMBER
    assert kinds["paid",] is NodeKind.BOOLEAN
    assert kinds["extra", "a", "b", 2] is NodeKind.NULL
    assert kinds["counts",] is NodeKind.ARRAY
    assert [node.key.text for node in document.nodes if node.key] == [
        "a",
        "b",
        "n",
        "jane@x.com",
        "k",
        "z",
        "7",
    ]
    size = len(full().SerializeToString())
    assert all(node.origin.span(0, 1) == (0, size) for node in document.nodes)


def test_without_changes_it_is_the_same_message() -> None:
    payload = full().SerializeToString(deterministic=True)
    assert parsed(read(payload).render(Changes())) == full()
    assert read(payload).render(Changes()) == read(payload).render(Changes())
    assert read(b"").render(Changes()) == b""


def test_new_values_are_of_the_type_of_their_field() -> None:
    order = changed(
        {
            ("id",): None,
            ("card",): "4111000000000000",
            ("total",): Decimal("1.25"),
            ("weight",): 2,
            ("paid",): "false",
            ("status",): "SENT",
            ("customer", "mails", 1): "<EMAIL_ADDRESS>",
            ("counts", 0): Decimal(7),
            ("note",): "ü",
            ("at",): "2024-01-01T00:00:00Z",
            ("extra", "a", "b", 0): "one",
            ("extra", "a", "b", 1): None,
            ("extra", "n"): 3,
            ("coupon",): "x",
            ("more", "name"): "A",
            ("labels", "jane@x.com", "k"): "w",
            ("people", "7", "name"): "S",
        }
    )
    expected = full()
    expected.id, expected.card, expected.total, expected.weight = "", 4111000000000000, 1.25, 2.0
    expected.paid, expected.status, expected.note = False, 2, "ü".encode()
    expected.customer.mails[1] = "<EMAIL_ADDRESS>"
    expected.counts[0] = 7
    expected.at.FromJsonString("2024-01-01T00:00:00Z")
    expected.extra.update({"a": {"b": ["one", None, None, True]}, "n": 3.0})
    expected.coupon.value = "x"
    person = message("Person")
    person.name = "A"
    expected.more.Pack(person)
    expected.labels["jane@x.com"] = '{"k": "w"}'
    expected.people[7].name = "S"
    assert order == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("card",), "<CREDIT_CARD>"),
        (("card",), -1),
        (("card",), Decimal("1.5")),
        (("card",), True),
        (("counts", 0), 2**31),
        (("total",), "abc"),
        (("paid",), "maybe"),
        (("status",), "<STATUS>"),
        (("at",), "2024"),
        (("id",), "\ud800"),
        (("customer",), "x"),
        (("counts",), "x"),
        ((), "x"),
    ],
)
def test_what_does_not_fit_its_field_is_refused_with_its_path(
    path: tuple[str | int, ...], value: NewValue
) -> None:
    details = refusal(errors.TREATMENT_FAILED, lambda: changed({path: value}))
    assert details == {"path": "".join(f"/{step}" for step in path)}


def test_removed_fields_elements_and_entries_vanish() -> None:
    document = read(full().SerializeToString())
    gone = [("card",), ("customer", "mails", 0), ("others", 1), ("at",), ("extra", "a", "b", 1)]
    gone += [("labels", "jane@x.com"), ("more", "name"), ("people",), ("coupon",)]
    removed = frozenset(node.index for node in document.nodes if node.path in gone)
    order = parsed(document.render(Changes(removed=removed)))
    assert list(order.customer.mails) == ["b@x.com"]
    assert [other.name for other in order.others] == ["Bob"]
    assert order.card == 0
    assert not order.HasField("at")
    assert not order.HasField("coupon")
    assert list(order.extra["a"]["b"]) == [1, None, True]
    assert dict(order.labels) == {"z": ""}
    assert not order.people
    assert order.more.value == b""
    assert document.render(Changes(removed=frozenset({0}))) == b""


def test_renamed_map_keys_stay_distinct_and_of_their_type() -> None:
    document = read(full().SerializeToString())
    keys = {at(document, "labels", "z").index: "<E>", at(document, "extra", "n").index: "a"}
    label = next(node for node in document.nodes if node.path == ("labels", "jane@x.com"))
    order = parsed(document.render(Changes(keys={**keys, label.index: "<E>"})))
    assert set(order.labels) == {"<E>", "<E>_2"}
    assert set(order.extra) == {"a", "a_2"}
    seven = next(node for node in document.nodes if node.path == ("people", "7"))
    details = refusal(
        errors.TREATMENT_FAILED, lambda: document.render(Changes(keys={seven.index: "<E>"}))
    )
    assert details == {"path": "/people/7"}


def test_what_cannot_be_looked_into_is_told_and_does_not_leave() -> None:
    order = full()
    order.note = b"\xff\xfe"
    order.more.type_url = "type.googleapis.com/unknown.Type"
    document = read(order.SerializeToString())
    assert document.unread[0].size == 2
    assert [part.path for part in document.unread] == [("note",), ("more",)]
    order.ClearField("note")
    order.ClearField("more")
    assert parsed(document.render(Changes())) == order


def test_fields_that_the_descriptor_does_not_know_are_refused() -> None:
    payload = full().SerializeToString()
    refusal(errors.PAYLOAD_MALFORMED, lambda: read(payload + b"\xc0\x3e\x01"))
    order = message()
    order.customer.ParseFromString(b"\xc0\x3e\x01")
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(order.SerializeToString()))
    assert details == {"message_type": "shop.v1.Person"}
    order = message()
    order.at.seconds = 2**62
    details = refusal(errors.PAYLOAD_MALFORMED, lambda: read(order.SerializeToString()))
    assert details == {"message_type": "google.protobuf.Timestamp"}


def test_what_is_no_message_is_refused() -> None:
    refusal(errors.PAYLOAD_MALFORMED, lambda: read(b"\x0a\xff"))
    refusal(errors.PAYLOAD_MALFORMED, lambda: read(b"\x0a\x01\xff"))
    for content_type in (
        "application/x-protobuf",
        "application/protobuf; messageType=shop.v1.None",
        'application/protobuf; messageType=""',
    ):
        refusal(errors.PROTOBUF_TYPE_UNKNOWN, lambda: read(b"", content_type))  # noqa: B023
    refusal(errors.PROTOBUF_TYPE_UNKNOWN, lambda: decode(TYPE, b"", limits=Limits()))


def test_any_holds_any_message_and_not_for_ever() -> None:
    order = full()
    for _ in range(10):
        inner = type(order.more)()
        inner.CopyFrom(order.more)
        order.more.Pack(inner)
    payload = order.SerializeToString()
    document = read(payload)
    assert scalars(document)["more", "name"] == "Any Jane"
    assert parsed(document.render(Changes())) == order
    order.more.Pack(order.at)
    document = read(order.SerializeToString())
    assert scalars(document)["more",] == "2024-05-01T10:20:30Z"
    assert parsed(document.render(Changes())) == order
    assert refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload, depth=10))["maximum"] == 10


def test_limits_hold() -> None:
    nested = struct_pb2.Value(bool_value=True).SerializeToString()
    for _ in range(5_000):
        inner = b"\x0a" + length(nested) + nested
        nested = b"\x32" + length(inner) + inner
    value_type = "application/protobuf; messageType=google.protobuf.Value"
    details = refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(nested, value_type))
    assert details == {"limit": "depth", "maximum": 100}
    payload = full().SerializeToString()
    assert refusal(errors.PAYLOAD_TOO_DEEP, lambda: read(payload, depth=2))["maximum"] == 2
    refusal(errors.PAYLOAD_TOO_MANY_VALUES, lambda: read(payload, values=20))
    refusal(errors.PAYLOAD_TOO_LARGE, lambda: read(payload, payload_bytes=20))


def length(content: bytes) -> bytes:
    size, out = len(content), b""
    while size > 127:
        out += bytes([size & 127 | 128])
        size >>= 7
    return out + bytes([size])


def test_a_descriptor_set_that_does_not_hold_together_is_a_value_error() -> None:
    missing = descriptor_pb2.FileDescriptorSet()
    missing.file.add(name="a.proto", dependency=["b.proto"])
    for serialized in (b"\xff", missing.SerializeToString()):
        with pytest.raises(ValueError, match="descriptor set"):
            DescriptorSet(serialized)
