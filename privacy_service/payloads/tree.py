"""A document while it is read: its nodes, and where each of them stands in its source.

A source is a text in which nodes stand: the payload itself, or the decoded text of a scalar that
holds a document. Positions here are code points of the source; `Origin`s are of the payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.payloads.document import Key, Limits, Node, NodeKind, Path, Place


class Fault(Exception):  # noqa: N818 - named as design.md has it; it never leaves this room
    """The payload cannot be read: why, and where in it, in code points."""

    def __init__(self, reason: Reason, at: int, **details: str | int) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.at = at
        self.details = details

    def placed(self, text: str) -> PrivacyError:
        """The refusal, with line and column of the payload, both counted from 1."""
        line = text.count("\n", 0, self.at) + 1
        column = self.at - (text.rfind("\n", 0, self.at) + 1) + 1
        return PrivacyError(self.reason, line=line, column=column, **self.details)


class Slot(NamedTuple):
    """A place that waits for its node. `depth` counts the containers around it; `head` is where
    the member starts in its source: its key, or its value where it has none.
    """

    path: Path = ()
    parent: int | None = None
    key: Key | None = None
    depth: int = 0
    head: int | None = None


class Tree:
    """Nodes in preorder, with the lists that `render` needs, one item per node.

    `heads`: where the member starts (see `Slot`). `starts`, `ends`: where what is written for the
    value starts and ends. `after`: the index behind the node's subtree. `sources`: the text that
    the nodes below an EMBEDDED node stand in, by the index of that node.
    """

    __slots__ = (
        "_inside",
        "_unspent",
        "after",
        "ends",
        "heads",
        "limits",
        "nodes",
        "sources",
        "starts",
        "steps_left",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.nodes: list[Node] = []
        self.heads: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.after: list[int] = []
        self.sources: dict[int, str] = {}
        self.steps_left = limits.steps
        self._unspent = limits.payload_bytes
        self._inside = 0

    def add(self, slot: Slot, kind: NodeKind, text: str, place: Place, start: int, end: int) -> int:
        """The index of a new node. Raises Fault where there are too many, or too deep."""
        index = len(self.nodes)
        self.steps_left -= len(slot.path)
        at = place if isinstance(place, int) else place.start
        if index >= self.limits.values or self.steps_left < 0:
            raise self.too_many(at)
        if not kind.scalar and slot.depth >= self.limits.depth:
            raise self.too_deep(at)
        self.nodes.append(Node(index, kind, slot.path, slot.parent, text, place, slot.key))
        self.heads.append(start if slot.head is None else slot.head)
        self.starts.append(start)
        self.ends.append(end)
        self.after.append(index + 1)
        return index

    def close(self, index: int, end: int) -> None:
        """Says that a container ends here, and that all nodes since stand in it."""
        self.ends[index] = end
        self.after[index] = len(self.nodes)

    def cut(self, index: int) -> None:
        """Takes the nodes from `index` on back."""
        for column in (self.nodes, self.heads, self.starts, self.ends, self.after):
            del column[index:]
        while self.sources and next(reversed(self.sources)) >= index:
            self.sources.popitem()

    @contextmanager
    def inside(self, text: str, at: int) -> Iterator[None]:
        """Counts an embedded text while it is read. Raises Fault where one stands too far inside
        others, or where all embedded texts together are too large.
        """
        self._unspent -= len(text)
        if self._unspent < 0:
            raise _beyond(errors.PAYLOAD_TOO_LARGE, at, payload_bytes=self.limits.payload_bytes)
        if self._inside >= self.limits.embedded:
            raise _beyond(errors.PAYLOAD_TOO_DEEP, at, embedded=self.limits.embedded)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def too_many(self, at: int) -> Fault:
        if len(self.nodes) >= self.limits.values:
            return _beyond(errors.PAYLOAD_TOO_MANY_VALUES, at, values=self.limits.values)
        return _beyond(errors.PAYLOAD_TOO_MANY_VALUES, at, steps=self.limits.steps)

    def too_deep(self, at: int) -> Fault:
        return _beyond(errors.PAYLOAD_TOO_DEEP, at, depth=self.limits.depth)


def _beyond(reason: Reason, at: int, **limit: int) -> Fault:
    ((name, maximum),) = limit.items()
    return Fault(reason, at, limit=name, maximum=maximum)
