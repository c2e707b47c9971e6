"""JSON into a tree (RFC 8259), and the documents that stand as JSON in any other text.

Strict where readers differ: duplicate keys, lone surrogates, a byte order mark, NaN and Infinity
are refused. Iterative: no depth of nesting reaches Python's own limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Final

from privacy_service import errors
from privacy_service.payloads.document import Key, Node, NodeKind, Origin, Path, Place
from privacy_service.payloads.offsets import Marks, mark, within
from privacy_service.payloads.tree import Fault, Slot, Tree

BLANK: Final = " \t\n\r"
_WS = r"[ \t\n\r]*+"
STRING: Final = r'"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"'
_VALUE = (
    rf"(?:{STRING}"
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    r"|(true|false|null)"
    r"|([\[{]))"
)
_BEHIND = rf"{_WS}([,}}\]])?"
# Groups of both: name, string, number, word, opening bracket, and the delimiter behind.
_MEMBER: Final = re.compile(rf"{_WS}{STRING}{_WS}:{_WS}{_VALUE}{_BEHIND}").match
_ELEMENT: Final = re.compile(rf"{_WS}(?:(?!)())?{_VALUE}{_BEHIND}").match
_DELIMITER: Final = re.compile(_BEHIND).match
_NAME: Final = re.compile(rf"{_WS}(?:{STRING}{_WS}(?::{_WS})?)?").match
_BLANKS: Final = re.compile(_WS).match

_ESCAPE: Final = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)").finditer
_SURROGATE: Final = re.compile("[\ud800-\udfff]").search
_MAY_HOLD_DOCUMENT: Final = frozenset("{[" + BLANK)
_KINDS: Final = {
    "true": NodeKind.BOOLEAN,
    "false": NodeKind.BOOLEAN,
    "null": NodeKind.NULL,
    "{": NodeKind.OBJECT,
    "[": NodeKind.ARRAY,
}
_CLOSERS: Final = {"{": "}", "[": "]"}
_TEXT, _NUMBER = NodeKind.TEXT, NodeKind.NUMBER  # an Enum's own attributes are slow
_new = tuple.__new__

WHOLE: Final = Origin(0)
"""Where a source stands that is the payload itself."""


def scan(  # noqa: C901, PLR0912, PLR0915 - one loop, because every value of a payload passes it
    tree: Tree, text: str, at: int, end: int, slot: Slot, outer: Origin = WHOLE
) -> int:
    """Reads the one value that starts at `at`, blanks aside, and gives the position behind it.

    `outer` is where the source `text` stands in the payload. Raises Fault.
    """
    nodes, heads, starts, ends, after = tree.nodes, tree.heads, tree.starts, tree.ends, tree.after
    most, deepest = tree.limits.values, tree.limits.depth - slot.depth
    steps = tree.steps_left
    base = outer.start
    direct = outer.marks is None and outer.end is None
    stack: list[tuple[int | None, str | None, Path, int, set[str]]] = []
    container, closer, path, count = slot.parent, None, slot.path, 0
    names: set[str] = set()
    key: Key | None
    head: int | None
    place: Place
    while True:
        match = (_MEMBER if closer == "}" else _ELEMENT)(text, at, end)
        if match is None:
            raise _malformed(text, at, end, outer, member=closer == "}")
        name, string, number, word, opens, delimiter = match.groups()
        index = len(nodes)
        if index >= most or steps < 0:
            raise tree.too_many(mark(outer, match.start()))

        if name is not None:
            head = match.start(1) - 1
            if direct and "\\" not in name:
                key = _new(Key, (name, base + head + 1))
            else:
                key = Key(*_decoded(name, head + 1, outer))
                name = key.text
            if name in names:
                raise Fault(errors.DUPLICATE_KEY, mark(outer, head))
            names.add(name)
            here = path + (name,)  # noqa: RUF005 - faster
        elif closer is None:
            here, key, head = path, slot.key, slot.head
        else:
            here, key, head = path + (count,), None, None  # noqa: RUF005
            count += 1

        if string is not None:
            start, behind = match.start(2) - 1, match.end(2) + 1
            kind = _TEXT
            if direct and "\\" not in string:
                value = string
                place = base + start + 1
            else:
                value, place = _decoded(string, start + 1, outer)
        else:
            written = number or word or opens
            start = match.start(3 if number else 4 if word else 5)
            behind = start + len(written)
            kind = _NUMBER if number else _KINDS[written]
            value = "" if opens else written
            place = base + start if direct else within(outer, Origin(start), len(written))

        embedded = False
        if string is not None and value[:1] in _MAY_HOLD_DOCUMENT:
            tree.steps_left = steps
            waiting = Slot(here, container, key, slot.depth + len(stack), head)
            embedded = embed(tree, waiting, value, place, start, behind)
            steps = tree.steps_left
        if not embedded:
            nodes.append(_new(Node, (index, kind, here, container, value, place, key)))
            heads.append(start if head is None else head)
            starts.append(start)
            ends.append(behind)
            after.append(index + 1)
            steps -= len(here)

        at = match.end()
        if opens is not None:
            if len(stack) >= deepest:
                raise tree.too_deep(mark(outer, start))
            stack.append((container, closer, path, count, names))
            container, closer, path, count = index, _CLOSERS[opens], here, 0
            names = set()
            if delimiter is None:
                continue
            if delimiter != closer:
                raise Fault(errors.PAYLOAD_MALFORMED, mark(outer, at - 1))
        while delimiter == closer:
            if not stack or container is None:  # the value that was asked for ends here
                tree.steps_left = steps
                return at
            ends[container] = at
            after[container] = len(nodes)
            container, closer, path, count, names = stack.pop()
            match = _DELIMITER(text, at, end)
            assert match is not None  # it matches the empty text
            at, delimiter = match.end(), match[1]
        if delimiter != "," or closer is None:
            raise Fault(errors.PAYLOAD_MALFORMED, mark(outer, at - len(delimiter or "")))


def leaf(tree: Tree, slot: Slot, text: str, place: Place, start: int, end: int) -> None:
    """Adds a text; as an EMBEDDED node where the whole of it is a JSON object or array.

    Raises Fault.
    """
    if text[:1] not in _MAY_HOLD_DOCUMENT or not embed(tree, slot, text, place, start, end):
        tree.add(slot, NodeKind.TEXT, text, place, start, end)


def embed(tree: Tree, slot: Slot, text: str, place: Place, start: int, end: int) -> bool:
    """Adds a text as a document of its own; False, and nothing is added, where it is not one.

    Raises Fault where it is one that goes over a limit or names a key twice.
    """
    if text.strip(BLANK)[-1:] not in ("}", "]"):
        return False
    origin = Origin(place) if isinstance(place, int) else place
    index, steps = len(tree.nodes), tree.steps_left
    with tree.inside(text, mark(origin, 0)):
        tree.add(slot, NodeKind.EMBEDDED, "", origin, start, end)
        tree.sources[index] = text
        inner = Slot(path=slot.path, parent=index, depth=slot.depth + 1)
        try:
            behind = scan(tree, text, 0, len(text), inner, origin)
        except Fault as fault:
            if fault.reason is not errors.PAYLOAD_MALFORMED:
                raise
            behind = -1
    if behind != len(text):
        tree.cut(index)
        tree.steps_left = steps
        return False
    tree.after[index] = len(tree.nodes)
    return True


def _decoded(raw: str, start: int, outer: Origin) -> tuple[str, Origin]:
    """The text that a string without its quotes stands for, and where it stands in the payload."""
    if "\\" not in raw:
        return raw, within(outer, Origin(start), len(raw))
    try:
        text, _end = scanstring(raw + '"', 0)
    except ValueError as error:
        at = error.pos if isinstance(error, JSONDecodeError) else 0
        raise Fault(errors.PAYLOAD_MALFORMED, mark(outer, start + at)) from None
    marks = Marks(len(text), partial(_points, raw, start))
    if lone := _SURROGATE(text):
        raise Fault(errors.PAYLOAD_MALFORMED, mark(outer, marks[lone.start()]))
    return text, within(outer, Origin(start, marks), len(text))


def _points(raw: str, start: int) -> Iterator[tuple[int, int]]:
    """Where the decoded text goes on letter by letter: at its start, and behind each escape."""
    yield 0, start
    shrunk = 0
    for escape in _ESCAPE(raw):
        shrunk += len(escape[0]) - 1
        yield escape.end() - shrunk, start + escape.end()


def _malformed(text: str, at: int, end: int, outer: Origin, *, member: bool) -> Fault:
    """The fault at the first token that does not fit."""
    fits = (_NAME if member else _BLANKS)(text, at, end)
    return Fault(errors.PAYLOAD_MALFORMED, mark(outer, fits.end() if fits else at))
