"""Forms: application/x-www-form-urlencoded (WHATWG URL, section 5).

Stricter than a browser where readers differ: a percent sign that starts no octet, and octets that
are not UTF-8, are refused. A name may come more than once: each time it is a member at that path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final
from urllib.parse import quote_plus

from privacy_service import errors
from privacy_service.payloads.document import Key, Limits, NodeKind, Origin, Place
from privacy_service.payloads.json_scan import leaf
from privacy_service.payloads.offsets import Marks
from privacy_service.payloads.plain_text import plain
from privacy_service.payloads.splice import Edit, Plan, cuts, named, require_scalars
from privacy_service.payloads.tree import Fault, Slot, Tree

_pair: Final = re.compile(r"([^&=]*+)(=?)([^&]*+)&?").match
_octets: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+").finditer
_stray: Final = re.compile(r"%(?![0-9A-Fa-f]{2})").search


def read_form(text: str, limits: Limits) -> Tree:
    """One object of texts. Raises Fault."""
    tree = Tree(limits)
    tree.add(Slot(), NodeKind.OBJECT, "", 0, 0, len(text))
    at = 0
    while at < len(text):
        pair = _pair(text, at)
        assert pair is not None  # it matches the empty text
        if pair[1] or pair[2]:
            key = Key(*_decoded(pair[1], pair.start(1)))
            value, place = _decoded(pair[3], pair.start(3))
            slot = Slot((key.text,), 0, key, 1, pair.start())
            leaf(tree, slot, value, place, pair.end(1), pair.end(3))
        at = pair.end()
    tree.close(0, len(text))
    return tree


def _decoded(raw: str, start: int) -> tuple[str, Place]:
    if "%" not in raw:
        return raw.replace("+", " "), start
    if stray := _stray(raw):
        raise Fault(errors.PAYLOAD_MALFORMED, start + stray.start())
    pieces: list[str] = []
    at = 0
    for run in _octets(raw):
        octets = bytes.fromhex(run[0].replace("%", ""))
        try:
            pieces += (raw[at : run.start()].replace("+", " "), octets.decode())
        except UnicodeDecodeError as error:
            where = start + run.start() + 3 * error.start
            raise Fault(errors.PAYLOAD_NOT_UTF8, where) from None
        at = run.end()
    text = "".join(pieces) + raw[at:].replace("+", " ")
    return text, Origin(start, Marks(len(text), partial(_points, raw, start)))


def _points(raw: str, start: int) -> Iterator[tuple[int, int]]:
    yield 0, start
    shrunk = 0
    for run in _octets(raw):
        at = run.start()
        for char in bytes.fromhex(run[0].replace("%", "")).decode():
            width = 3 * len(char.encode())
            at += width
            shrunk += width - 1
            yield at - shrunk, start + at


class FormWriter:
    """Writes changes into a form. The value's place starts at its equals sign, if it has one."""

    empty = ""

    def edits(self, tree: Tree, text: str, plan: Plan) -> Iterator[Edit]:
        """See `Writer.edits`. A form as a whole has no new value."""
        del text
        require_scalars(tree, plan)
        yield from cuts(tree, plan.removed)
        for index, new in plan.values.items():
            yield Edit(tree.starts[index], tree.ends[index], "=" + quote_plus(plain(new)))
        for index, name in named(tree, plan):
            bare = tree.starts[index] == tree.ends[index] and index not in plan.values
            # Without a name and an equals sign there would be nothing left.
            written = quote_plus(name) or ("=" if bare else "")
            yield Edit(tree.heads[index], tree.starts[index], written)


FORM: Final = FormWriter()
