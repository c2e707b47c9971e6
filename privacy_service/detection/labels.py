"""Labelled values inside text: `SSN: 514-69-0360`, `user=alice`, `<city>Bonn</city>`, `"dob": "…"`.

Free text in payloads is full of forms, logs, markup and code. Each mark that binds a label to a
value (a colon, an equals sign, a tag's end, a tab, a bar) is looked at once: what stands before it
is read like a field's name, what stands after it like that field's value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.fields import FieldTable
from privacy_service.detection.typed import typed

_MARK: Final = re.compile(r":=|=>|->|[:=：]|\t|\||>(?=[^<>\s])")
_LABEL_CHARS: Final = 60
_VALUE_CHARS: Final = 400

_LABEL: Final = re.compile(
    r"(?P<label>[^\W\d_][\w .'’°º#&/()\-]{0,58}?)(?:\*\*|__)?[\"'`\])]{0,2}[ \t]{0,8}$"
)
_XML_OPEN: Final = re.compile(r"<(?:[\w.-]+:)?(?P<label>[\w.-]{1,58})(?:\s[^<>]{0,200})?$")
_ATTRIBUTE_NAME: Final = re.compile(
    r"(?:name|key|id|label|field|column|property)\s*=\s*[\"'](?P<label>[\w .:-]{1,50})[\"'][^<>]{0,80}$",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[ \t]{0,8}(?:\*\*)?[bruf@]{0,2}(?P<quote>[\"'`])")
_BARE: Final = re.compile(r"[ \t]{0,40}(?:\*\*|__)?[ \t]{0,8}(?P<value>[^\n\t|<>\"`{}\[\]]{1,400})")
_TIGHT: Final = re.compile(r"(?P<value>[^\s&;,\"'<>|\])}]{1,400})")
_NEXT_PAIR: Final = re.compile(r"[ \t,;&]+[\w.\-]{1,40}=")
_NEXT_LABEL: Final = re.compile(
    r"[,;.]?[ \t]{1,12}[^\W\d_][\w'’./#-]{0,24}(?: [\w'’./#-]{1,24}){0,2} ?[:：][ \t]|;| {3,}| - (?=[A-Z])"
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label, as written, and the span of its value."""

    label: str
    start: int
    end: int


def labelled(text: str) -> Iterator[Labelled]:
    """Every label and value that a mark binds. Linear: each mark looks a bounded way both ways."""
    for mark in _MARK.finditer(text):
        before = text[max(0, mark.start() - _LABEL_CHARS) : mark.start()]
        label = _label(before, mark.group())
        if label is None:
            continue
        span = _value(text, mark)
        if span is not None:
            yield Labelled(label, *span)


def find_labelled(text: str, table: FieldTable) -> Iterator[Candidate]:
    """The labelled values whose label tells what they are."""
    for one in labelled(text):
        sense = table.of_name(one.label)
        if sense is not None:
            candidate = typed(sense, text[one.start : one.end], one.start, "label", whole=False)
            if candidate is not None:
                yield candidate


def _label(before: str, mark: str) -> str | None:
    if mark == ">":
        found = _ATTRIBUTE_NAME.search(before) or _XML_OPEN.search(before)
        return None if found is None or "/" in found["label"][:1] else found["label"]
    line = before[max(before.rfind(end) for end in "\n,;{}[]<>|&?!\"'=\t:") + 1 :]
    stripped = before.rstrip(" \t*_")
    if stripped.endswith(('"', "'", "`")):
        opened = stripped.rfind(stripped[-1], 0, -1)
        return stripped[opened + 1 : -1] if opened >= 0 else None
    found = _LABEL.search(line)
    return None if found is None else found["label"].strip(" (")


def _value(text: str, mark: re.Match[str]) -> tuple[int, int] | None:
    start = mark.end()
    quoted = _QUOTED.match(text, start)
    if quoted is not None:
        end = text.find(quoted["quote"], quoted.end(), quoted.end() + 4_096)
        return (quoted.end(), end) if end > quoted.end() else None
    if mark.group() == "=" and text[start : start + 1] not in (" ", "\t"):
        return _pair_value(text, start)
    found = _BARE.match(text, start)
    if found is None:
        return None
    start, end = found.span("value")
    cut = _NEXT_LABEL.search(text, start, end)
    return start, (cut.start() if cut else end)


def _pair_value(text: str, start: int) -> tuple[int, int] | None:
    """The value of `key=value`: to the blank, or to the line's end where no other pair follows."""
    found = _TIGHT.match(text, start)
    if found is None:
        return None
    end = text.find("\n", found.end(), start + _VALUE_CHARS)
    line_end = end if end >= 0 else min(len(text), start + _VALUE_CHARS)
    rest = text[found.end() : line_end]
    if not rest.strip() or rest[0] != " " or _NEXT_PAIR.match(rest) or "=" in rest or ":" in rest:
        return found.span("value")
    return start, line_end
