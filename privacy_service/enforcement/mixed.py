"""Texts that belong together: a sentence in which elements stand, as in `<p>a <b>b</b> c</p>`.

Each of its parts is a value of its own, and a value may lie across them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from privacy_service.enforcement.findings import Span
from privacy_service.payloads.document import Node, NodeKind


@dataclass(frozen=True, slots=True)
class Sentence:
    """The texts in one element, as one text. Part i stands at `starts[i]` and is node `nodes[i]`;
    a part without a node keeps others apart.
    """

    holder: Node
    text: str
    starts: Sequence[int]
    nodes: Sequence[Node | None]

    def across(self, spans: Iterable[Span]) -> Iterator[tuple[int, Span]]:
        """What lies across several parts, in each of them: the node's index, and the span there."""
        for span in spans:
            first = bisect_right(self.starts, span.start) - 1
            last = bisect_right(self.starts, span.end - 1) - 1
            if first == last:
                continue
            for at in range(first, last + 1):
                node, start = self.nodes[at], self.starts[at]
                if node is not None and node.text:
                    low = max(span.start - start, 0)
                    high = min(span.end - start, len(node.text))
                    yield node.index, replace(span, start=low, end=high)


def sentences(
    nodes: Sequence[Node], open_to_look: Collection[int], kept: Iterable[Node]
) -> Iterator[Sentence]:
    """The sentences of a document, the outermost elements only.

    Of the nodes that are `kept`, those that are not `open_to_look` keep others apart: something
    else is written for them. Whatever is not kept does not leave, and keeps nothing apart.
    """
    holders = _outermost(nodes, open_to_look)
    stays = {node.index for node in kept} if holders else set()
    for holder in holders:
        parts: list[Node | None] = []
        starts: list[int] = []
        pieces: list[str] = []
        length = 0
        for node in _texts_below(nodes, holder):
            if node.index not in stays:
                continue
            part = node if node.index in open_to_look else None
            parts.append(part)
            starts.append(length)
            pieces.append(" " if part is None else part.text)
            length += len(pieces[-1])
        if len(parts) > 1:
            yield Sentence(nodes[holder], "".join(pieces), starts, parts)


def _outermost(nodes: Sequence[Node], open_to_look: Collection[int]) -> list[int]:
    """The elements with a text of their own beside others, without those inside of another."""
    found = {
        node.parent
        for at in open_to_look
        if (node := nodes[at]).key is None
        and node.parent is not None
        and nodes[node.parent].kind is NodeKind.OBJECT
        # Text of the element itself, and not a part of it that has a name (a mail's addressee).
        and node.path == nodes[node.parent].path
    }
    return sorted(holder for holder in found if not _inside(nodes, holder, found))


def _inside(nodes: Sequence[Node], index: int, found: Collection[int]) -> bool:
    parent = nodes[index].parent
    while parent is not None:
        if parent in found:
            return True
        parent = nodes[parent].parent
    return False


def _texts_below(nodes: Sequence[Node], holder: int) -> Iterator[Node]:
    """The texts of an element and of those in it. Attributes are none of them."""
    for index in range(holder + 1, len(nodes)):
        node = nodes[index]
        if node.parent is None or node.parent < holder:
            return
        is_attribute = node.key is not None and node.path[-1:] == ("@" + node.key.text,)
        if node.kind.scalar and not is_attribute:
            yield node
