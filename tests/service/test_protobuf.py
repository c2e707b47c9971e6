"""A protobuf message through the wired reader, by a descriptor set of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from privacy_service import errors
from privacy_service.app.reading import reader
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes
from privacy_service.settings import LimitSettings


def descriptor_set() -> bytes:
    file = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax="proto3")
    field = file.message_type.add(name="Order").field.add(name="email", number=1)
    field.type = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
    field.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
    return descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString()


def test_a_message_is_read_and_written_by_its_descriptor(tmp_path: Path) -> None:
    file = tmp_path / "shop.binpb"
    file.write_bytes(descriptor_set())
    _limits, read = reader(LimitSettings(), [file])
    document = read("application/x-protobuf; messageType=shop.Order", b"\x0a\x03a@b")
    (email,) = [node for node in document.nodes if node.path == ("email",)]
    assert email.text == "a@b"
    assert document.render(Changes(values={email.index: "x"})) == b"\x0a\x01x"


def test_a_file_that_is_no_descriptor_set_is_a_setting_that_does_not_hold_up(
    tmp_path: Path,
) -> None:
    file = tmp_path / "shop.binpb"
    file.write_bytes(b"\xff\xff")
    with pytest.raises(PrivacyError) as caught:
        reader(LimitSettings(), [file])
    assert caught.value.reason is errors.SETTINGS_INVALID
    assert caught.value.details["setting"] == "payloads.descriptors"
