"""XML, written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import NewValue, Node, pointer
from privacy_service.payloads.plain_text import plain
from privacy_service.payloads.splice import Edit, Plan, named, require_scalars
from privacy_service.payloads.tree import Tree
from privacy_service.payloads.xml_scan import EMPTY

# What is no Char of XML 1.0, section 2.2.
_unwritable: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_IN_TEXT: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_in_text: Final = str.maketrans(_IN_TEXT)
_in_attribute: Final = str.maketrans(_IN_TEXT | {"\n": "&#10;", "\t": "&#9;", '"': "&quot;"})
_DECLARES: Final = "xmlns:"


class XmlWriter:
    """Writes changes into XML, and takes out the comments and processing instructions."""

    empty = EMPTY

    def __init__(self, dropped: list[tuple[int, int]]) -> None:
        self._dropped = dropped

    def edits(self, tree: Tree, text: str, plan: Plan) -> Iterator[Edit]:
        """See `Writer.edits`. An object as a whole has no new value, and a namespace prefix stays
        declared where a name that stays has it: TREATMENT_FAILED.
        """
        if plan.removed[:1] == [1]:
            yield Edit(0, len(text), EMPTY)
            return
        require_scalars(tree, plan)
        _check_prefixes(tree, plan)
        names = dict(named(tree, plan, _fitting))
        edits = [Edit(tree.heads[index], tree.ends[index]) for index in plan.removed]
        for index, new in plan.values.items():
            edits.append(_value(tree, text, index, new, names.get(index)))
        covered = sorted((edit.start, edit.end) for edit in edits)
        for index, name in names.items():
            edits += _renamed(tree, text, index, name)
        yield from edits
        for start, end in self._dropped:
            at = bisect_right(covered, (start, end)) - 1
            if at < 0 or covered[at][1] < end:
                yield Edit(start, end)


def _is_attribute(node: Node) -> bool:
    return node.key is not None and node.path[-1] == "@" + node.key.text


def _value(tree: Tree, text: str, index: int, new: NewValue, name: str | None) -> Edit:
    node = tree.nodes[index]
    written = plain(new)
    if _unwritable(written):
        raise PrivacyError(errors.TREATMENT_FAILED, path=pointer(node.path))
    start, end = tree.starts[index], tree.ends[index]
    if node.key is None:
        return Edit(start, end, written.translate(_in_text))
    if _is_attribute(node):
        return Edit(start, end, '"' + written.translate(_in_attribute) + '"')
    if start == end:  # <a/>
        return Edit(end - 2, end, f">{written.translate(_in_text)}</{name or node.key.text}>")
    return Edit(start, text.rindex("</", start, end), written.translate(_in_text))


def _renamed(tree: Tree, text: str, index: int, name: str) -> Iterator[Edit]:
    node = tree.nodes[index]
    assert node.key is not None
    start = node.key.origin.start
    yield Edit(start, start + len(node.key.text), name)
    end = tree.ends[index]
    if not _is_attribute(node) and tree.starts[index] < end:
        start = text.rindex("</", 0, end) + 2
        yield Edit(start, start + len(node.key.text), name)


def _fitting(name: str) -> str:
    """The name with `_` for what cannot stand in a name without prefix (XML 1.0, section 2.3)."""
    fitting = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_") or "_"
    return fitting if re.match("[A-Za-z_]", fitting) else "_" + fitting


def _check_prefixes(tree: Tree, plan: Plan) -> None:
    """Raises TREATMENT_FAILED where a prefix that stays in use would lose its declaration."""
    gone = set(plan.removed)
    emptied = (index for index, new in plan.values.items() if not plain(new))
    for index in (*plan.removed, *plan.keys, *emptied):
        node = tree.nodes[index]
        if node.key is None or not node.key.text.startswith(_DECLARES) or node.parent is None:
            continue
        prefix = node.key.text.removeprefix(_DECLARES) + ":"
        if any(
            key is not None and key.text.startswith(prefix)
            for at in _staying(tree, node.parent, gone)
            if at not in plan.keys and (key := tree.nodes[at].key)
        ):
            raise PrivacyError(errors.TREATMENT_FAILED, path=pointer(node.path))


def _staying(tree: Tree, parent: int, gone: set[int]) -> Iterator[int]:
    """The nodes of the element at `parent`, itself included, that are not removed."""
    index = parent
    while index < tree.after[parent]:
        if index in gone:
            index = tree.after[index]
        else:
            yield index
            index += 1
