"""Plain text: one scalar, or the JSON document that the whole of it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from privacy_service.payloads.document import Limits, NewValue
from privacy_service.payloads.json_scan import WHOLE, leaf
from privacy_service.payloads.splice import Edit, Plan
from privacy_service.payloads.tree import Slot, Tree


class PlainWriter:
    """Writes changes into plain text."""

    empty = ""

    def edits(self, tree: Tree, text: str, plan: Plan) -> Iterator[Edit]:
        """See `Writer.edits`. A text has no keys and, but for its root, no places to remove."""
        del tree
        if 0 in plan.values:
            yield Edit(0, len(text), plain(plan.values[0]))


PLAIN: Final = PlainWriter()
_ROOT: Final = Slot()


def read_text(text: str, limits: Limits) -> Tree:
    """Raises Fault where an embedded document goes over a limit or names a key twice."""
    tree = Tree(limits)
    leaf(tree, _ROOT, text, WHOLE, 0, len(text))
    return tree


def plain(new: NewValue) -> str:
    """The value as the text that stands for it where a content type has texts only."""
    if new is None:
        return ""
    if isinstance(new, bool):
        return "true" if new else "false"
    return str(new)
