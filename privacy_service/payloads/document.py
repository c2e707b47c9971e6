"""The one document model: what every content type is read into and rendered from.

A document is a tree in preorder. Containers are objects and arrays; everything else is a scalar.
Text that itself holds a document (JSON in a string) is an `EMBEDDED` node whose one child is the
root of that document, at the same path: a contract names `$.meta.email` whether `meta` is an
object or a string that holds one.

A document never changes. `render` takes `Changes` and returns the bytes of a new payload of the
same content type, which parses again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Protocol

Step = str | int
Path = tuple[Step, ...]

NewValue = str | int | Decimal | bool | None
"""What a scalar may become. `None` is null where the content type has one, else empty text."""


class NodeKind(Enum):
    """What a node is. The first three have children, the others have text."""

    OBJECT = "object"
    ARRAY = "array"
    EMBEDDED = "embedded"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"

    @property
    def scalar(self) -> bool:
        return self not in (NodeKind.OBJECT, NodeKind.ARRAY, NodeKind.EMBEDDED)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where decoded text stands in the original payload, in code points.

    `marks` is None when the text stands there letter by letter from `start`. Otherwise character
    i of the decoded text came from original code points `marks[i]` to `marks[i + 1]`, and
    `len(marks) == len(text) + 1`.
    """

    start: int
    marks: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest original span that holds decoded characters `start` to `end`."""
        if self.marks is None:
            return self.start + start, self.start + end
        return self.marks[start], self.marks[end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The name of an object's member: inspected like a value."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One place in the document.

    `index` is its position in `Document.nodes` and its name in `Changes`. `text` is the decoded
    text of a scalar (a number's lexeme as written; `true`, `false`, `null`), and empty for a
    container. `parent` is the index of the container, None for the root.
    """

    index: int
    kind: NodeKind
    path: Path
    parent: int | None
    text: str
    origin: Origin
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the rendered payload has other than the document: by node index.

    Removing a node removes what is below it. A renamed key that would collide with a sibling's is
    made distinct by the renderer.
    """

    removed: frozenset[int] = frozenset()
    values: Mapping[int, NewValue] = field(default_factory=dict)
    keys: Mapping[int, str] = field(default_factory=dict)


class Document(Protocol):
    """A payload, read."""

    @property
    def content_type(self) -> str:
        """The media type it was read as, without parameters."""
        ...

    @property
    def nodes(self) -> Sequence[Node]:
        """Every node in preorder; `nodes[i].index == i`."""
        ...

    @property
    def unread(self) -> Sequence[Unread]:
        """Parts that could not be looked into (an image attached to a mail), for the coverage."""
        ...

    def render(self, changes: Changes) -> bytes:
        """The payload with these changes, in the same content type.

        With no changes it is the same document: every scalar keeps the letters it was written
        with (a number its lexeme), though the space between tokens may differ.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A part of the payload that has no text to inspect, and why."""

    path: Path
    reason: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on one payload. Reaching one is a refusal that names it."""

    payload_bytes: int = 12 * 1024 * 1024
    depth: int = 100
    values: int = 500_000
    findings: int = 50_000


def pointer(path: Path) -> str:
    """The path as a JSON Pointer (RFC 6901); the root is the empty string."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
