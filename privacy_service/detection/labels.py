"""Labelled values inside text: `SSN: 514-69-0360`, `user=alice`, `<city>Bonn</city>`, `"dob": "…"`.

Free text in payloads is full of forms, logs, markup and code. Each mark that binds a label to a
value (a colon, an equals sign, a tag's end, a tab, a bar) is looked at once: what stands before it
is read like a field's name, what stands after it like that field's value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.fields import FieldTable, Sense
from privacy_service.detection.typed import typed

_MARK: Final = re.compile(r":=|=>|->|[:=：]|\t|\||>(?=[^<>\s])|</t[hd]>\s{0,8}<t[hd][^<>]{0,80}>")
_BEFORE: Final = 60
"""Code points before a mark in which its label stands."""

_AFTER: Final = 400
"""Code points after a mark that its value may take; a secret may take more."""

_LABEL: Final = re.compile(
    r"(?P<label>[^\W\d_][\w .'’°º#&/()\-]{0,58}?)(?:\*\*|__)?[\"'`\])]{0,2}[ \t]{0,8}$"
)
_ELEMENT: Final = re.compile(r"<(?:[\w.-]{1,20}:)?(?P<label>[\w.-]{1,58})(?:\s[^<>]{0,200})?$")
_NAMED: Final = re.compile(
    r"(?:name|key|id|label|field|column|property)\s?=\s?[\"'](?P<label>[\w .:\[\]-]{1,50})[\"']",
    re.IGNORECASE,
)
_CELL: Final = re.compile(r">\s{0,8}(?P<label>[^<>]{1,50}?)[\s:]{0,4}$")
_CLOSED: Final = re.compile(
    r">\s{0,4}(?P<label>[^<>]{1,50}?)\s{0,2}[:：]\s{0,2}(?:</[^<>]{1,20}>\s{0,8}){1,3}(?:<[^<>/]{1,120})$"
)
_VALUE_WORDS: Final = frozenset({"value", "content", "data", "val", "text", "default"})

_QUOTED: Final = re.compile(r"[ \t]{0,8}(?:\*\*)?[bruf@]{0,2}(?P<quote>[\"'`])")
_BARE: Final = re.compile(r"[ \t]{0,40}(?:\*\*|__)?[ \t]{0,8}(?P<value>[^\n\t|<>\"`{}\[\]]{1,400})")
_TIGHT: Final = re.compile(r"(?P<value>[^\s&;,\"'<>|\])}]{1,400})")
_SECRET: Final = re.compile(r"[ \t]{0,8}(?P<value>(?:Bearer |Basic |Token )?[^\s\"'`]{1,4096})")
_NEXT_PAIR: Final = re.compile(r"[ \t,;&]+[\w.\-]{1,40}=")
_NEXT_LABEL: Final = re.compile(
    r"[,;.]?[ \t]{1,12}[^\W\d_][\w'’./#-]{0,24}(?: [\w'’./#-]{1,24}){0,2} ?[:：][ \t]|;| {3,}"
    r"| - (?=[A-Z])"
)
_BREAKS: Final = "\n,;{}[]<>|&?!\"'=\t:"
_SECRET_SHAPES: Final = frozenset({"secret", "token"})


def find_labelled(text: str, table: FieldTable) -> Iterator[Candidate]:
    """The labelled values whose label tells what they are. Linear: a mark looks a bounded way."""
    for mark in _MARK.finditer(text):
        label = _label(text, mark)
        sense = None if label is None else table.of_name(label)
        if sense is None:
            continue
        span = _value(text, mark, sense)
        if span is not None:
            value = text[slice(*span)]
            value = value.replace("+", " ") if mark.group() == "=" and " " not in value else value
            candidate = typed(sense, value, span[0], "label", whole=False)
            if candidate is not None:
                yield candidate


def _label(text: str, mark: re.Match[str]) -> str | None:
    before = text[max(0, mark.start() - _BEFORE) : mark.start()]
    if mark.group()[0] in "><":
        return _markup_label(text, before, mark)
    stripped = before.rstrip(" \t*_")
    if stripped.endswith(('"', "'", "`")):
        opened = stripped.rfind(stripped[-1], 0, -1)
        return stripped[opened + 1 : -1] if opened >= 0 else None
    line = before[max(before.rfind(end) for end in _BREAKS) + 1 :]
    found = _LABEL.search(line)
    if found is None:
        return None
    label = found["label"].strip(" (")
    if mark.group() == "=" and before[-1:].strip():
        label = label.rsplit(" ", 1)[-1]
    if mark.group() == "=" and label.lower() in _VALUE_WORDS:
        return _attribute_name(text, mark.start())
    return label


def _markup_label(text: str, before: str, mark: re.Match[str]) -> str | None:
    """The name of an element, the text of the cell before, or the label that a tag closes."""
    if mark.group() != ">":
        found = _CELL.search(before)
        return None if found is None else found["label"]
    wide = text[max(0, mark.start() - 3 * _BEFORE) : mark.start()]
    closed = _CLOSED.search(wide)
    if closed is not None:
        return closed["label"]
    found = _ELEMENT.search(wide[-2 * _BEFORE :])
    if found is None:
        return None
    named = _NAMED.search(found.group())
    return named["label"] if named else found["label"]


def _attribute_name(text: str, at: int) -> str | None:
    """`<input name="first_name" value=`: the name that the tag gives."""
    tag = text[max(0, at - 3 * _BEFORE) : at]
    found = _NAMED.search(tag[tag.rfind("<") + 1 :])
    return found["label"] if found else None


def _value(text: str, mark: re.Match[str], sense: Sense) -> tuple[int, int] | None:
    start = mark.end()
    quoted = _QUOTED.match(text, start)
    if quoted is not None:
        end = text.find(quoted["quote"], quoted.end(), quoted.end() + 4_096)
        return (quoted.end(), end) if end > quoted.end() else None
    if sense.shape in _SECRET_SHAPES:
        return _secret_value(text, mark)
    if mark.group() == "=" and text[start : start + 1] not in (" ", "\t"):
        return _pair_value(text, start)
    found = _BARE.match(text, start)
    if found is None:
        return None
    start, end = found.span("value")
    cut = _NEXT_LABEL.search(text, start, end)
    return start, (cut.start() if cut else end)


def _secret_value(text: str, mark: re.Match[str]) -> tuple[int, int] | None:
    """To the next blank: a secret may hold any other mark. In a query string `&` ends it."""
    found = _SECRET.match(text, mark.end())
    if found is None:
        return None
    start, end = found.span("value")
    ends = (
        "&"
        if re.search(r"[?&][\w.-]{1,40}$", text[max(0, mark.start() - 42) : mark.start()])
        else ""
    )
    if mark.group() == ">":
        ends += "<"
    for stop in ends:
        cut = text.find(stop, start, end)
        end = cut if cut > start else end
    while (end > start and text[end - 1] in ",;") or (
        text[start:end].endswith((")", "}")) and _unopened(text[start:end])
    ):
        end -= 1
    return (start, end) if end > start else None


def _unopened(value: str) -> bool:
    """Whether the bracket at the end was not opened in the value."""
    opened = {")": "(", "}": "{"}[value[-1]]
    return value.count(opened) < value.count(value[-1])


def _pair_value(text: str, start: int) -> tuple[int, int] | None:
    """The value of `key=value`: to the blank, or to the line's end where no other pair follows."""
    found = _TIGHT.match(text, start)
    if found is None:
        return None
    end = text.find("\n", found.end(), start + _AFTER)
    line_end = end if end >= 0 else min(len(text), start + _AFTER)
    rest = text[found.end() : line_end]
    if not rest.strip() or rest[0] != " " or "=" in rest or ":" in rest:
        return found.span("value")
    return start, line_end
