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
from typing import NamedTuple, Protocol

Step = str | int
Path = tuple[Step, ...]

NewValue = str | int | Decimal | bool | None
"""What a scalar may become. `None` is null where the content type has one, else empty text."""


class NodeKind(Enum):
    """What a node is. The first three have children, the others have text (`scalar`)."""

    OBJECT = "object"
    ARRAY = "array"
    EMBEDDED = "embedded"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    NULL = "null"

    scalar: bool

    def __init__(self, word: str) -> None:
        # An attribute and not a property: it is asked for every node.
        self.scalar = word not in ("object", "array", "embedded")


# Nodes, keys and origins are named tuples, not dataclasses: a payload makes some hundred thousand
# of them, and a tuple is made in a quarter of the time. For the same reason a node and a key make
# their origin only when they are asked for it (bench/reading.py).


class Origin(NamedTuple):
    """Where decoded text stands in the original payload, in code points.

    `marks` is None when the text stands there letter by letter from `start`. Otherwise character
    i of the decoded text came from original code points `marks[i]` to `marks[i + 1]`, and
    `len(marks) == len(text) + 1`.

    `end` is set where no character has a place of its own, as in base64: then every span of the
    text is `start` to `end`. In binary payloads (protobuf) positions count bytes.
    """

    start: int
    marks: Sequence[int] | None = None
    end: int | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest original span that holds decoded characters `start` to `end`."""
        if self.end is not None:
            return self.start, self.end
        if self.marks is None:
            return self.start + start, self.start + end
        return self.marks[start], self.marks[end]


Place = int | Origin
"""An origin, or where text that stands letter by letter starts."""


class Key(NamedTuple):
    """The name of an object's member: inspected like a value."""

    text: str
    place: Place

    @property
    def origin(self) -> Origin:
        """Where the name stands in the payload."""
        return Origin(self.place) if isinstance(self.place, int) else self.place


class Node(NamedTuple):
    """One place in the document.

    `index` is its position in `Document.nodes` and its name in `Changes`. `text` is the decoded
    text of a scalar (a number's lexeme as written; `true`, `false`, `null`), and empty for a
    container. `parent` is the index of the container, None for the root.

    Paths need not differ: elements of one name, repeated headers and form fields, and the pieces
    of a mixed text share theirs, so that a contract names them all at once.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks a node for
    kind: NodeKind
    path: Path
    parent: int | None
    text: str
    place: Place
    key: Key | None = None

    @property
    def origin(self) -> Origin:
        """Where `text` stands in the payload; for a container, where it starts."""
        return Origin(self.place) if isinstance(self.place, int) else self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the rendered payload has other than the document: by node index.

    Removing a node removes what is below it, and a new value for a container replaces what is
    below it. A renamed key that would collide with a sibling's is made distinct by the renderer.
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
        """Parts that could not be looked into (an image attached to a mail), for the coverage.

        They do not survive `render`: what nobody looked at does not leave.
        """
        ...

    def render(self, changes: Changes) -> bytes:
        """The payload with these changes, in the same content type.

        With no changes it is the same document: every scalar keeps the letters it was written
        with (a number its lexeme), though the space between tokens may differ.

        Raises TREATMENT_FAILED (with `path`) where a new value cannot be written in this content
        type.
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
    """Bounds on one payload. Going over one is a refusal that names it.

    `payload_bytes` holds for the payload, and again for the sum of all texts in it that hold a
    document of their own. `depth` counts containers around a place, embedded documents included;
    `embedded` counts only documents inside the text of another; `values` counts nodes, and
    `steps` the steps of all their paths, which bounds memory where much stands deep.
    """

    payload_bytes: int = 12 * 1024 * 1024
    depth: int = 100
    embedded: int = 16
    values: int = 500_000
    steps: int = 8_000_000
    findings: int = 50_000


def pointer(path: Path) -> str:
    """The path as a JSON Pointer (RFC 6901); the root is the empty string."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def alike(path: Path) -> str:
    """The path as a pointer with every index written as `*`: what alike places have in common."""
    return pointer(tuple("*" if isinstance(step, int) else step for step in path))
