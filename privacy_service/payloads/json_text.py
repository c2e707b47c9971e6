"""JSON (RFC 8259) and NDJSON: read by `json_scan`, written here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Limits, NewValue, NodeKind, Path, pointer
from privacy_service.payloads.json_scan import BLANK, STRING, WHOLE, scan
from privacy_service.payloads.splice import Edit, Plan, cuts, named
from privacy_service.payloads.tree import Fault, Slot, Tree

_LITERAL: Final = re.compile(STRING).match
_LINE: Final = re.compile(r"[^\n]+")


class JsonWriter:
    """Writes changes into JSON. Without its root, a JSON text is `null`, and NDJSON is empty."""

    def __init__(self, empty: str) -> None:
        self.empty = empty

    def edits(self, tree: Tree, text: str, plan: Plan) -> Iterator[Edit]:
        """See `Writer.edits`."""
        yield from cuts(tree, plan.removed)
        for index, new in plan.values.items():
            path = tree.nodes[index].path
            yield Edit(tree.starts[index], tree.ends[index], literal(new, path))
        for index, name in named(tree, plan):
            head = tree.heads[index]
            old = _LITERAL(text, head)
            assert old is not None
            yield Edit(head, old.end(), encode_basestring(name))


JSON: Final = JsonWriter("null")
NDJSON: Final = JsonWriter("")


def literal(new: NewValue, path: Path) -> str:
    """The value as JSON. Raises TREATMENT_FAILED for a decimal that is no number."""
    if isinstance(new, str):
        return encode_basestring(new)
    if new is None:
        return "null"
    if isinstance(new, bool):
        return "true" if new else "false"
    if isinstance(new, Decimal) and not new.is_finite():
        raise PrivacyError(errors.TREATMENT_FAILED, path=pointer(path))
    return str(new)


def read_json(text: str, limits: Limits) -> Tree:
    """One value, and nothing else. Raises Fault."""
    tree = Tree(limits)
    behind = scan(tree, text, 0, len(text), Slot())
    if behind != len(text):
        raise Fault(errors.PAYLOAD_MALFORMED, behind)
    return tree


def read_ndjson(text: str, limits: Limits) -> Tree:
    """One JSON text a line; blank lines do not count. Raises Fault."""
    tree = Tree(limits)
    tree.add(Slot(), NodeKind.ARRAY, "", WHOLE, 0, len(text))
    number = 0
    for line in _LINE.finditer(text):
        if not line[0].strip(BLANK):
            continue
        behind = scan(tree, text, line.start(), line.end(), Slot((number,), 0, None, 1))
        if behind != line.end():
            raise Fault(errors.PAYLOAD_MALFORMED, behind)
        number += 1
    tree.close(0, len(text))
    return tree
