"""Where protobuf message types come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

_WELL_KNOWN: Final = (
    any_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)


class DescriptorSource(Protocol):
    """Knows message types by their full name."""

    def find(self, message_type: str) -> Descriptor | None:
        """The type (`shop.v1.Order`), with all that it refers to; None where it is not known."""
        ...


class DescriptorSet:
    """The message types of one FileDescriptorSet, as `protoc --include_imports -o` writes it.

    The well-known types need not be in it. Raises ValueError where it does not hold up. Nothing in
    it is shared with other sets, nor with the types that this process was built with.
    """

    def __init__(self, serialized: bytes) -> None:
        self._pool = DescriptorPool()
        try:
            described = descriptor_pb2.FileDescriptorSet.FromString(serialized)
            for file in _in_order([*described.file, *_well_known(described)]):
                self._pool.AddSerializedFile(file.SerializeToString())
        except (DecodeError, TypeError, RecursionError):
            raise ValueError("this is no descriptor set that holds together") from None

    def find(self, message_type: str) -> Descriptor | None:
        try:
            return self._pool.FindMessageTypeByName(message_type)
        except KeyError:
            return None


def _well_known(
    described: descriptor_pb2.FileDescriptorSet,
) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """The files of the well-known types that the set does not have."""
    present = {file.name for file in described.file}
    for module in _WELL_KNOWN:
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        if file.name not in present:
            yield file


def _in_order(
    files: list[descriptor_pb2.FileDescriptorProto],
) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """Each file behind those that it imports; ones that import each other do not come."""
    waiting = {file.name: file for file in files}
    given: set[str] = set()
    while ready := [file for file in waiting.values() if given.issuperset(file.dependency)]:
        for file in ready:
            given.add(file.name)
            del waiting[file.name]
            yield file
    if waiting:
        raise TypeError("files are missing, or import each other")
