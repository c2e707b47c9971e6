"""XML into a tree (XML 1.0, Namespaces in XML 1.0).

Expat decides what is well-formed; what is here says where things stand. Document types are
refused, and with them every entity but the five that XML names itself.

The root is an object whose one member is the root element. An element that has only text is a
text; any other is an object of its attributes (`@name`), its texts and its elements. Each text of
an element is at the element's own path, so that `$.p` names all of a mixed text; blank text with a
line end in it, as between elements on lines of their own, is no place. Names keep their prefix.
Elements of one name share one path.

Comments and processing instructions are no places, and do not leave: their spans come beside the
tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple
from xml.parsers import expat

from privacy_service import errors
from privacy_service.payloads.document import Key, Limits, NodeKind, Origin, Path, Place
from privacy_service.payloads.json_scan import BLANK, leaf
from privacy_service.payloads.offsets import Marks
from privacy_service.payloads.tree import Fault, Slot, Tree

EMPTY: Final = "<removed/>"
"""What is left of a document without its root element: read as an object without members."""

_tag: Final = re.compile(
    r"<([^\s/>!?]++)((?:[ \t\r\n]++[^\s=]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))*+)[ \t\r\n]*+(/?)>"
).match
_attribute: Final = re.compile(r"[ \t\r\n]+([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')").finditer
_reference: Final = re.compile(
    r"&(?:#x0*([0-9A-Fa-f]+)|#0*([0-9]+)|([a-z]+));|(\r\n?|[\t\n])"
).finditer
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class _Part(NamedTuple):
    """A stretch of one text, as it is written from `at`. References mean nothing in CDATA."""

    raw: str
    at: int
    cdata: bool = False
    attribute: bool = False

    def pieces(self) -> Iterator[tuple[int, int, str]]:
        """What stands for something else, and what for (XML 1.0, sections 2.11, 3.3.3, 4.1)."""
        for match in _reference(self.raw):
            by_hex, by_number, name, blank = match.groups()
            if blank:
                new = " " if self.attribute else "\t" if blank == "\t" else "\n"
            elif self.cdata:
                continue
            else:
                new = _NAMED[name] if name else chr(int(by_hex or by_number, 16 if by_hex else 10))
            if new != match[0]:
                yield match.start(), match.end(), new

    def text(self) -> str:
        pieces: list[str] = []
        at = 0
        for start, end, new in self.pieces():
            pieces += (self.raw[at:start], new)
            at = end
        return "".join(pieces) + self.raw[at:] if pieces else self.raw


def _points(parts: list[_Part]) -> Iterator[tuple[int, int]]:
    decoded = 0
    for part in parts:
        at = 0
        yield decoded, part.at
        for start, end, _new in part.pieces():
            decoded += start - at + 1
            at = end
            yield decoded, part.at + end
        decoded += len(part.raw) - at


def _joined(parts: list[_Part]) -> tuple[str, Place]:
    """The text that the parts make together, and where it stands."""
    if not parts:
        return "", 0
    text = "".join(part.text() for part in parts)
    if len(parts) == 1 and text == parts[0].raw:
        return text, parts[0].at
    return text, Origin(parts[0].at, Marks(len(text), partial(_points, parts)))


def read_xml(text: str, limits: Limits) -> tuple[Tree, list[tuple[int, int]]]:
    """The tree, and the spans of comments and processing instructions. Raises Fault."""
    start = 1 if text.startswith("\ufeff") else 0
    _check(text, start)
    reader = _Reader(text, limits)
    reader.read(start)
    return reader.tree, reader.dropped


def _check(text: str, start: int) -> None:
    """Raises Fault unless the text is well-formed, has no document type, and declares nothing but
    XML 1.0 (or 1.1) and UTF-8: expat would take any word for a version, and it would leave.
    """
    payload = text[start:].encode()
    parser = expat.ParserCreate("utf-8", " ")

    def place(index: int) -> int:
        return start + len(payload[:index].decode(errors="ignore"))

    def refuse_doctype(*_declared: object) -> None:
        at = payload.rfind(b"<!DOCTYPE", 0, parser.CurrentByteIndex)
        raise Fault(errors.PAYLOAD_MALFORMED, place(at))

    def check_declaration(version: str | None, encoding: str | None, _standalone: int) -> None:
        if version not in (None, "1.0", "1.1"):
            raise Fault(errors.PAYLOAD_MALFORMED, start)
        if encoding is not None and encoding.lower() != "utf-8":
            raise Fault(errors.PAYLOAD_NOT_UTF8, start)

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.XmlDeclHandler = check_declaration
    try:
        parser.Parse(payload, True)
    except expat.ExpatError:
        raise Fault(errors.PAYLOAD_MALFORMED, place(parser.ErrorByteIndex)) from None


@dataclass(slots=True)
class _Element:
    """An element that is open. `index` is its node's, once it is known to be an object."""

    slot: Slot
    content: int
    index: int | None = None
    parts: list[_Part] = field(default_factory=list)


class _Reader:
    """Walks through a well-formed text."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.tree = Tree(limits)
        self.dropped: list[tuple[int, int]] = []
        self._text = text
        self._open: list[_Element] = []

    def read(self, at: int) -> None:
        text = self._text
        self.tree.add(Slot(), NodeKind.OBJECT, "", 0, 0, len(text))
        start = at
        while (mark := text.find("<", at)) >= 0:
            if self._open and mark > at:
                self._open[-1].parts.append(_Part(text[at:mark], at))
            at = self._markup(mark, declared=mark == start)
        self.tree.close(0, len(text))

    def _markup(self, at: int, *, declared: bool) -> int:
        """Reads what starts with the bracket at `at`, and gives the position behind it."""
        text = self._text
        second = text[at + 1]
        if second == "/":
            end = text.index(">", at) + 1
            self._end(end)
        elif second == "?":
            end = text.index("?>", at) + 2
            if not (declared and text.startswith("<?xml", at) and text[at + 5] in BLANK):
                self.dropped.append((at, end))
        elif text.startswith("<!--", at):
            end = text.index("-->", at + 4) + 3
            self.dropped.append((at, end))
        elif second == "!":
            end = text.index("]]>", at) + 3
            self._open[-1].parts.append(_Part(text[at + 9 : end - 3], at + 9, cdata=True))
        else:
            end = self._start(at)
        return end

    def _start(self, at: int) -> int:
        tag = _tag(self._text, at)
        assert tag is not None  # the text is well-formed
        if not self._open and tag[0] == EMPTY:
            return tag.end()
        parent = self._open[-1] if self._open else None
        path: Path = (tag[1],)
        holder = 0
        if parent is not None:
            path = (*parent.slot.path, tag[1])
            holder = self._object(parent)
            self._flush(parent, holder)
        slot = Slot(path, holder, Key(tag[1], at + 1), len(self._open) + 1, at)
        element = _Element(slot, tag.end())
        self._open.append(element)
        if tag[2]:
            index = self._object(element)
            for attribute in _attribute(self._text, tag.start(2), tag.end(2)):
                self._attribute(element, index, attribute)
        if tag[3]:
            self._end(tag.end())
        return tag.end()

    def _attribute(self, element: _Element, index: int, written: re.Match[str]) -> None:
        group = 3 if written[2] is None else 2
        text, place = _joined([_Part(written[group], written.start(group), attribute=True)])
        path = (*element.slot.path, "@" + written[1])
        key = Key(written[1], written.start(1))
        slot = Slot(path, index, key, element.slot.depth + 1, written.start())
        leaf(self.tree, slot, text, place, written.start(group) - 1, written.end())

    def _end(self, end: int) -> None:
        element = self._open.pop()
        if element.index is None:
            text, place = _joined(element.parts)
            leaf(self.tree, element.slot, text, place or element.content, element.content, end)
        else:
            self._flush(element, element.index)
            self.tree.close(element.index, end)

    def _object(self, element: _Element) -> int:
        """The index of the element's node, which is an object's."""
        if element.index is None:
            start = element.slot.head or 0
            element.index = self.tree.add(
                element.slot, NodeKind.OBJECT, "", start, element.content, -1
            )
        return element.index

    def _flush(self, element: _Element, index: int) -> None:
        """Adds the text since the last tag, unless it is only a new line in the markup."""
        parts, element.parts = element.parts, []
        text, place = _joined(parts)
        if text.strip(BLANK) or (text and "\n" not in text):
            slot = Slot(element.slot.path, index, None, element.slot.depth + 1)
            start = parts[0].at - (len("<![CDATA[") if parts[0].cdata else 0)
            end = parts[-1].at + len(parts[-1].raw) + (len("]]>") if parts[-1].cdata else 0)
            leaf(self.tree, slot, text, place, start, end)
