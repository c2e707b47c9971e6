"""Content types in and out: decode, walk, canonicalize, rebuild. Pure."""

from privacy_service.payloads.canonical import Bounds, View, Views, views
from privacy_service.payloads.decode import decode
from privacy_service.payloads.descriptors import DescriptorSet, DescriptorSource
from privacy_service.payloads.document import (
    Changes,
    Document,
    Key,
    Limits,
    NewValue,
    Node,
    NodeKind,
    Origin,
    Path,
    Step,
    Unread,
    pointer,
)

__all__ = [
    "Bounds",
    "Changes",
    "DescriptorSet",
    "DescriptorSource",
    "Document",
    "Key",
    "Limits",
    "NewValue",
    "Node",
    "NodeKind",
    "Origin",
    "Path",
    "Step",
    "Unread",
    "View",
    "Views",
    "decode",
    "pointer",
    "views",
]
