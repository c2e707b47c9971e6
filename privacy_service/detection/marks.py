"""Marks that bind a label to a value: a colon, an equals sign, a tag's end, a tab, a bar.

Free text in payloads is full of forms, logs, markup and code. Each mark is looked at once, and a
bounded way back for its label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MARK: Final = re.compile(
    r":=|<>|!=|=>|->|[:=：]|\t|\||>(?=[^<>\s])|</t[hd]>\s{0,8}<td[^<>]{0,80}>"
    r"|</dt>\s{0,8}<dd[^<>]{0,80}>"
)
_BEFORE: Final = 60
"""Code points before a mark in which its label stands."""

_LABEL: Final = re.compile(
    r"(?P<label>[^\W\d_][\w .'’°º#&/()\-]{0,58}?)(?:\*\*|__)?[\"'`\])]{0,2}[ \t]{0,8}$"
)
_OF_A_QUERY: Final = re.compile(r"[?&](?P<label>[^\W\d_][\w.+'%\[\]-]{0,58})$")
_ELEMENT: Final = re.compile(r"<(?:[\w.-]{1,20}:)?(?P<label>[\w.-]{1,58})(?:\s[^<>]{0,200})?$")
_NAMED: Final = re.compile(
    r"(?:name|key|id|label|field|column|property)\s?=\s?"
    r"[\"'](?P<label>[^\"'<>=]{1,50}(?:'[\w ]{1,40})?)[\"']",
    re.IGNORECASE,
)
_NAMED_BESIDE: Final = re.compile(
    r"[\"'](?:name|key|id|label|field|field_?name|column|property|question|title)\\?[\"']\s?:\s?"
    r"\\?[\"'](?P<label>[^\"'\\]{1,50})\\?[\"']",
    re.IGNORECASE,
)
_CELL: Final = re.compile(r">\s{0,8}(?P<label>[^<>]{1,50}?)[\s:]{0,4}$")
_CLOSED: Final = re.compile(
    r">\s{0,4}(?P<label>[^<>]{1,50}?)\s{0,2}[:：]\s{0,2}(?:</[^<>]{1,20}>\s{0,8}){1,3}"
    r"(?:<[^<>/]{1,120})$"
)
_LABELLED: Final = re.compile(
    r">\s{0,4}(?P<label>[^<>]{1,50}?)[\s:*]{0,4}</label>\s{0,40}(?:<(?!input|select|textarea)[^<>]{1,120}>"
    r"\s{0,8}){0,2}$",
    re.IGNORECASE,
)
_VALUE_WORDS: Final = frozenset({"value", "content", "data", "val", "text", "default"})
_BREAKS: Final = '\n,;{}[]<>|&?!"=\t:'
_QUOTE: Final = re.compile(r"'(?!\w)|(?<!\w)'")
_YAML_LINE: Final = re.compile(r"^[ ]{0,40}(?:- )?[A-Za-z_][\w.-]{0,60}:(?: |$)", re.MULTILINE)
_LINES: Final = re.compile(r"^.*\S.*$", re.MULTILINE)
_MACHINE: Final = re.compile(r"[a-z\d][A-Z]|_|\w[.-]\w")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark at `start` to `end` and its label at `label_start` to `label_end`.

    `label` is how the label reads. `member` says that it is a name that a machine gave: of a
    member, an attribute, an element, a parameter; not a word of running text.
    """

    start: int
    end: int
    sign: str
    label: str
    label_start: int
    label_end: int
    member: bool


def marks(text: str) -> list[Mark]:
    """Every mark that has a label, in order."""
    yaml = _is_yaml(text)
    return [
        found
        for mark in MARK.finditer(text)
        if (found := _labelled(text, mark, yaml=yaml)) is not None
    ]


def _labelled(text: str, mark: re.Match[str], *, yaml: bool) -> Mark | None:
    first = max(0, mark.start() - _BEFORE)
    before = text[first : mark.start()]
    if mark.group()[0] in "><" and mark.group() != "<>":
        return _of_markup(text, mark)
    stripped = before.rstrip(" \t*_")
    if stripped.endswith(('"', "'", "`")):
        opened = stripped.rfind(stripped[-1], 0, -1)
        span = (first + opened + 1, first + len(stripped) - 1)
        if opened < 0 or span[0] >= span[1]:
            return None
        if text[slice(*span)].lower() in _VALUE_WORDS:
            span = _named_beside(text, span[0] - 1) or span
        return _mark(text, mark, span, member=True)
    line_start = max(before.rfind(end) for end in _BREAKS) + 1
    line_start = max(line_start, _quoted_to(before))
    line_start = max(line_start, before.rfind("  ") + 2 if "  " in before else 0)
    line_start = max(line_start, _opened(before))
    queried = _OF_A_QUERY.search(before) if mark.group() == "=" else None
    found = queried or _LABEL.search(before, line_start)
    if found is None:
        return None
    start, end = (first + at for at in found.span("label"))
    tight = mark.group() == "=" and not before[-1:].isspace()
    if tight:
        start = text.rfind(" ", start, end) + 1 or start
    if mark.group() == "=" and text[start:end].lower() in _VALUE_WORDS:
        return _of_attribute(text, mark, (start, end))
    heads = yaml and mark.group() == ":" and _heads_a_line(text, start, end, mark.end())
    return _mark(text, mark, (start, end), member=tight or heads)


def _named_beside(text: str, end: int) -> tuple[int, int] | None:
    """Where the name stands that a pair of members gives: `{"name": "dob", "value": "…"}`."""
    first = max(0, end - 3 * _BEFORE)
    before = text[max(first, text.rfind("{", first, end) + 1) : end]
    found = _NAMED_BESIDE.search(before)
    return None if found is None else _moved(found.span("label"), end - len(before))


def _quoted_to(before: str) -> int:
    """Behind the last quote that is none inside of a word, as in `driver's license`."""
    last = 0
    for quote in _QUOTE.finditer(before):
        last = quote.end()
    return last


def _opened(before: str) -> int:
    """Where what stands in a bracket begins that is still open: `User(name=`, `failed (user: `."""
    opened = before.rfind("(")
    return opened + 1 if opened >= 0 and ")" not in before[opened:] else 0


def _heads_a_line(text: str, start: int, end: int, after: int) -> bool:
    """Whether the label is one word at the beginning of a line, and a blank follows the mark."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return (
        line.strip(" -") == "" and " " not in text[start:end] and text[after : after + 1].isspace()
    )


def _mark(
    text: str, mark: re.Match[str], span: tuple[int, int], *, member: bool, label: str = ""
) -> Mark:
    label = label or text[slice(*span)].strip(" (")
    return Mark(mark.start(), mark.end(), mark.group(), label, *span, member)


def _of_markup(text: str, mark: re.Match[str]) -> Mark | None:
    """The name of an element, the text of the cell before, or the label that a tag closes."""
    wide_start = max(0, mark.start() - 3 * _BEFORE)
    wide = text[wide_start : mark.start()]
    if mark.group() != ">":
        found = _CELL.search(wide)
        span = (0, 0) if found is None else found.span("label")
        return _mark(text, mark, _moved(span, wide_start), member=True) if found else None
    closed = _CLOSED.search(wide)
    if closed is not None:
        return _mark(text, mark, _moved(closed.span("label"), wide_start), member=True)
    found = _ELEMENT.search(wide, max(0, len(wide) - 2 * _BEFORE))
    if found is None:
        return None
    named = _NAMED.search(found.group())
    span = _moved(found.span("label"), wide_start)
    return _mark(text, mark, span, member=True, label=named["label"] if named else "")


def _of_attribute(text: str, mark: re.Match[str], span: tuple[int, int]) -> Mark:
    """`<input name="first_name" value=`: the name that the tag gives, or the label before it."""
    tag = text[max(0, mark.start() - 5 * _BEFORE) : mark.start()]
    opened = tag.rfind("<")
    found = _LABELLED.search(tag[:opened]) if opened > 0 else None
    found = found or _NAMED.search(tag, opened + 1)
    return _mark(text, mark, span, member=True, label=found["label"] if found else "")


def _moved(span: tuple[int, int], by: int) -> tuple[int, int]:
    return span[0] + by, span[1] + by


def _is_yaml(text: str) -> bool:
    """Whether most lines are `name: value`, and a name among them is one that machines give."""
    if ": " not in text and ":\n" not in text:
        return False
    keys = _YAML_LINE.findall(text)
    if len(keys) < 2 or not any(map(_MACHINE.search, keys)):
        return False
    return 10 * len(keys) >= 6 * len(_LINES.findall(text))


_TAG: Final = re.compile(r"</?[A-Za-z][\w:.-]{0,60}")


_OF_A_FORM: Final = re.compile(
    r"<(?:label|dt|legend)(?:\s[^<>]{0,200})?>(?P<label>[^<>]{1,60})</|"
    r"<th(?:\s[^<>]{0,200})?>(?P<head>[^<>]{1,60})</th>(?=\s{0,99}(?:<th|</tr))",
    re.IGNORECASE,
)
"""The labels of a form and the headings of columns."""


def members(text: str, found: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """The spans of names that machines gave: of members, attributes, elements."""
    for mark in found:
        if mark.member:
            yield mark.label_start, mark.label_end
    if "</" in text or "/>" in text:
        for tag in _TAG.finditer(text):
            yield tag.span()
        for label in _OF_A_FORM.finditer(text):
            yield label.span(label.lastgroup or 0)


_ENDS: Final = re.compile(r"[\s&;,\"'<>|)\]}]")


def values(text: str, found: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """The spans of the values that names of machines are bound to."""
    for mark in found:
        if not mark.member:
            continue
        start = mark.end
        while text[start : start + 1] in (" ", "\t"):
            start += 1
        opened = text[start : start + 1]
        if opened in ('"', "'", "`"):
            end = text.find(opened, start + 1)
            start += 1
        elif mark.sign[0] in "><":
            end = text.find("<", start)
        elif mark.sign == "=":
            closed = _ENDS.search(text, start)
            end = closed.start() if closed else len(text)
        else:
            end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if start < end:
            yield start, end


_CELLS: Final = re.compile(r"\S+(?:[ ]\S+)*")
_FEWEST: Final = 4


def cells(text: str) -> Iterator[tuple[int, int]]:
    """The spans of cells in lines that are rows of them: parted by two blanks or more, most of them
    one word. So a table reads whose marks were taken away.
    """
    if "   " not in text:
        return
    start = 0
    for line in text.split("\n"):
        found = [cell.span() for cell in _CELLS.finditer(line)]
        words = sum(" " not in line[first:last] for first, last in found)
        if len(found) >= _FEWEST and 10 * words >= 6 * len(found):
            yield from ((start + first, start + last) for first, last in found)
        start += len(line) + 1
