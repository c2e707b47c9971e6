"""A contract's YAML, read into a tree that knows where everything stands.

Only plain, unambiguous YAML is taken: one document of mappings, lists and scalars. What two
readers could take for two different things is a fault: anchors, aliases, tags, merge keys,
directives, duplicate keys, and bare words that YAML 1.1 reads as something else (`no`, `012`,
`12:30`). The text is read event by event, so that nothing in it is ever expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import yaml
from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from privacy_service.contracts.faults import ContractFault, Fault, shown

LARGEST: Final = 1024 * 1024
"""A contract's text may have so many code points."""
_DEEPEST: Final = 32

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something starts; line and column count from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A scalar, list or mapping as written, and where it starts.

    `value` is the scalar's; `verbatim` says that its text stands in the line letter by letter,
    from `mark` on, so that an offset in it is a column.
    """

    mark: Mark
    value: Plain = None
    verbatim: bool = False
    items: list[Node] | None = None
    members: dict[str, Member] | None = None

    def plain(self) -> Plain:
        """The value as Python has it."""
        if self.members is not None:
            return {name: member.node.plain() for name, member in self.members.items()}
        if self.items is not None:
            return [item.plain() for item in self.items]
        return self.value


@dataclass(slots=True)
class Member:
    """A key of a mapping, and its value."""

    mark: Mark
    node: Node


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been met. `key` waits for its value."""

    node: Node
    key: tuple[str, Mark] | None = None


@dataclass(slots=True)
class _Tree:
    """Puts nodes in their places as the events come."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    root: Node | None = None
    opened: list[_Open] = field(default_factory=list)

    def fault(self, mark: Mark, says: str, fix: str) -> None:
        self.faults.append(Fault(line=mark.line, column=mark.column, path="", says=says, fix=fix))

    def place(self, node: Node) -> None:
        """Puts a finished or opened value where it belongs."""
        if not self.opened:
            self.root = self.root or node
            return
        parent = self.opened[-1]
        if parent.node.items is not None:
            parent.node.items.append(node)
        elif parent.key is None:
            self._key(parent, node)
        else:
            self._member(parent, parent.key, node)

    def _key(self, parent: _Open, node: Node) -> None:
        name = node.value
        if not isinstance(name, str):
            self.fault(node.mark, "a key must be a word", "write the key as plain text")
            name = f"?{len(parent.node.members or ())}"
        elif name == "<<":
            self.fault(node.mark, "merge keys are not read", "write the keys out")
        parent.key = (name, node.mark)

    def _member(self, parent: _Open, key: tuple[str, Mark], node: Node) -> None:
        name, mark = key
        members = parent.node.members
        assert members is not None
        if name in members:
            first = members[name].mark.line
            self.fault(
                mark, f"the key {shown(name)} stands twice", f"keep one; line {first} has it"
            )
        else:
            members[name] = Member(mark, node)
        parent.key = None


def read_source(text: str, *, name: str, ours: bool = False) -> Node:
    """The tree of `text`. Raises ContractFault, named after `name`.

    `ours`: it ships with the product, and is read by a parser that is many times as quick but
    takes more for YAML than we do. For what ships a test holds that both make the same of it.
    """
    if len(text) > LARGEST:
        start = Mark(1, 1)
        raise _stopped(name, start, f"the text is longer than {LARGEST} characters", "shorten it")
    tree = _Tree(name)
    try:
        for event in _quick_events(text) if ours else _events(text):
            _take(tree, event)
    except ReaderError as error:
        mark = _mark_at(text, int(error.position))
        raise _stopped(name, mark, "this character cannot stand in YAML", "remove it") from None
    except MarkedYAMLError as error:
        tree.faults.append(_syntax(error))
    except YAMLError:
        raise _stopped(name, Mark(1, 1), "this is not YAML", "see docs/contracts.md") from None
    if tree.root is None and not tree.faults:
        raise _stopped(name, Mark(1, 1), "the contract is empty", "copy one of examples/contracts/")
    if tree.faults or tree.root is None:
        raise ContractFault(name, tree.faults)
    return tree.root


def decode(source: bytes, *, name: str) -> str:
    """The text of a contract file. Raises ContractFault where it is not UTF-8."""
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        mark = _mark_at(source[: error.start].decode("utf-8"), -1)
        raise _stopped(name, mark, "this byte is not UTF-8", "save the file as UTF-8") from None


def _events(text: str) -> Iterator[Event]:
    parsed: Iterator[Event] = YAML(typ="safe", pure=True).parse(text)
    return parsed


def _quick_events(text: str) -> Iterator[Event]:
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        told = dict(vars(event))
        if told.get("style") == "":
            told["style"] = None
        made: Event = getattr(events, type(event).__name__)(**told)
        yield made


def _take(tree: _Tree, event: Event) -> None:
    if isinstance(event, NodeEvent):
        _refuse_indirection(tree, event)
    match event:
        case DocumentStartEvent():
            _document(tree, event)
        case ScalarEvent():
            tree.place(_scalar(tree, event))
        case MappingStartEvent():
            _open(tree, Node(_mark(event), members={}))
        case SequenceStartEvent():
            _open(tree, Node(_mark(event), items=[]))
        case MappingEndEvent() | SequenceEndEvent():
            tree.opened.pop()


def _open(tree: _Tree, node: Node) -> None:
    if len(tree.opened) >= _DEEPEST:
        raise _stopped(tree.name, node.mark, f"this nests deeper than {_DEEPEST}", "flatten it")
    tree.place(node)
    tree.opened.append(_Open(node))


def _document(tree: _Tree, event: DocumentStartEvent) -> None:
    if tree.root is not None:
        tree.fault(_mark(event), "a file holds one contract", "put the next one in its own file")
    if event.version or event.tags:
        tree.fault(_mark(event), "YAML directives are not read", "remove the lines with %")


def _refuse_indirection(tree: _Tree, event: NodeEvent) -> None:
    if isinstance(event, AliasEvent):
        tree.fault(_mark(event), "aliases are not read", "write the value out")
        tree.place(Node(_mark(event)))
    elif event.anchor is not None:
        tree.fault(_mark(event), "anchors are not read", "write the value out where it is needed")
    elif getattr(event, "ctag", None) is not None:
        tree.fault(_mark(event), "tags are not read", "remove the ! and what follows it")


def _scalar(tree: _Tree, event: ScalarEvent) -> Node:
    mark = _mark(event)
    if _SURROGATE.search(event.value):
        tree.fault(mark, "half a surrogate pair is no character", "write the whole character")
    if event.style is not None:
        quoted = event.style in "'\"" and len(event.value) + 2 == _length(event)
        inside = Mark(mark.line, mark.column + 1)
        return Node(inside if quoted else mark, event.value, verbatim=quoted)
    if not event.value and tree.opened and tree.opened[-1].key is not None:
        mark = tree.opened[-1].key[1]
    doubt = _ambiguous(event.value)
    if doubt is not None:
        tree.fault(mark, *doubt)
    return Node(mark, _plain_value(event.value), verbatim=len(event.value) == _length(event))


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+")
_LONGEST_NUMBER: Final = 32
_PLAIN_WORD: Final = re.compile(
    r"[A-Za-z$/](?:[\w$./-]|:(?=\w))*(?:[ ][\w$./-]+)*|\d{4}-\d\d-\d\d", re.ASCII
)
_DOUBTS: Final[Sequence[tuple[re.Pattern[str], str, str]]] = (
    (
        re.compile(r"(?i:y|n|yes|no|on|off|true|false)"),
        "YAML 1.1 reads this bare word as true or false",
        "quote it, or write true or false",
    ),
    (
        re.compile(r"(?i:null|~)"),
        "YAML reads this bare word as nothing",
        "quote it, or leave the key out",
    ),
    (
        re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"),
        "YAML 1.1 reads this as a number to base 60",
        "quote it",
    ),
    (
        re.compile(
            r"[-+]?0[0-9_]+|[-+]?0[oO][0-7_]+|[-+]?0[xX][0-9a-fA-F_]+|[-+]?0[bB][01_]+"
            r"|[-+]?[0-9][0-9_]*_[0-9_]*|[-+]?\.[0-9_]+|[-+]?[0-9_]+\.[0-9_]*[eE_][-+0-9_]*"
            r"|[-+]?[0-9_]+\.|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?i:inf)|\.(?i:nan)"
        ),
        "readers of YAML differ on what this number is",
        "write it in plain decimal digits, or quote it",
    ),
)


def stands_bare(text: str) -> bool:
    """Whether the text, written without quotes, is read as itself by every reader."""
    return _PLAIN_WORD.fullmatch(text) is not None and _ambiguous(text) is None


def _ambiguous(text: str) -> tuple[str, str] | None:
    if text in ("true", "false"):
        return None
    if not text:
        return "nothing is written here", "write a value, or leave the key out"
    if len(text) > _LONGEST_NUMBER and (_INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text)):
        return "this number is too long", "quote it"
    for pattern, says, fix in _DOUBTS:
        if pattern.fullmatch(text):
            return says, fix
    return None


def _plain_value(text: str) -> Plain:
    if text in ("true", "false"):
        return text == "true"
    if len(text) <= _LONGEST_NUMBER and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(text):
        return float(text)
    return text or None


def _length(event: ScalarEvent) -> int:
    """How many code points it takes in the source; -1 if it goes over a line's end."""
    start, end = event.start_mark, event.end_mark
    return end.column - start.column if end.line == start.line else -1


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _mark_at(text: str, offset: int) -> Mark:
    before = text[:offset] if offset >= 0 else text
    return Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))


def _syntax(error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    where = Mark(mark.line + 1, mark.column + 1) if mark is not None else Mark(1, 1)
    if "'\\t'" in str(error.problem):
        return _fault(where, "a tab cannot stand here", "indent and separate with blanks")
    return _fault(where, f"this is not YAML: {error.problem}", "mend it, or quote the value")


def _fault(mark: Mark, says: str, fix: str) -> Fault:
    return Fault(line=mark.line, column=mark.column, path="", says=says, fix=fix)


def _stopped(name: str, mark: Mark, says: str, fix: str) -> ContractFault:
    return ContractFault(name, [_fault(mark, says, fix)])
