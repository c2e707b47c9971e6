"""Which place of a payload, as it would leave, is which place of the payload that came.

Removing an element of a list moves those behind it, and treating a key renames all below it. What
a contract says of a place holds for it all the same, and what a treatment wrote there is ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from privacy_service.payloads.document import Changes, Node, NodeKind


@dataclass(frozen=True, slots=True)
class Retraced:
    """The nodes of a payload that was read again, each with the path that it came at.

    `origins` has, per node, the index of the node that it was; None for one that was not there
    before: its path continues that of what holds it.
    """

    nodes: Sequence[Node]
    origins: Sequence[int | None]


def retraced(before: Sequence[Node], changes: Changes, after: Sequence[Node]) -> Retraced:
    """Finds in `after` what `before` became by `changes`.

    Siblings are told by their order. Where there are more or fewer than there should be (two
    texts became one, or a text turned out to hold a document) all of them count as new.
    """
    origins = _origins(before, changes, after)
    nodes: list[Node] = []
    for node, origin in zip(after, origins, strict=True):
        if origin is not None:
            path = before[origin].path
        else:
            holder = 0 if node.parent is None else node.parent
            path = nodes[holder].path + node.path[len(after[holder].path) :] if nodes else ()
        nodes.append(node if node.path == path else node._replace(path=path))
    return Retraced(nodes, origins)


def _origins(
    before: Sequence[Node], changes: Changes, after: Sequence[Node]
) -> Sequence[int | None]:
    if not changes.removed and _alike(before, after):
        return range(len(after))
    children = _surviving(before, changes)
    counts = Counter(node.parent for node in after)
    met: Counter[int] = Counter()
    origins: list[int | None] = []
    for node in after:
        if node.parent is None:
            origins.append(0)
            continue
        holder, held = origins[node.parent], after[node.parent]
        siblings = children.get(holder, []) if holder is not None else []
        if holder is None or before[holder].kind is not held.kind:
            siblings = []
        known = len(siblings) == counts[node.parent]
        origins.append(siblings[met[node.parent]] if known else None)
        met[node.parent] += 1
    return origins


def _alike(before: Sequence[Node], after: Sequence[Node]) -> bool:
    """Whether both are trees of one shape, with the same containers in the same places."""
    return len(before) == len(after) and all(
        one.parent == other.parent and (one.kind is other.kind or (_scalar(one) and _scalar(other)))
        for one, other in zip(before, after, strict=True)
    )


def _scalar(node: Node) -> bool:
    return node.kind.scalar


def _surviving(before: Sequence[Node], changes: Changes) -> dict[int, list[int]]:
    """The children of each node, without what was removed.

    A text goes with the document that it holds.
    """
    gone = set(changes.removed)
    for index in changes.removed:
        parent = before[index].parent
        if parent is not None and before[parent].kind is NodeKind.EMBEDDED:
            gone.add(parent)
    children: dict[int, list[int]] = {}
    for node in before:
        if node.parent in gone:
            gone.add(node.index)
        elif node.parent is not None and node.index not in gone:
            children.setdefault(node.parent, []).append(node.index)
    return children
