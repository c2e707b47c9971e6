"""Labelled values inside text: `SSN: 514-69-0360`, `user=alice`, `<city>Bonn</city>`, `"dob": "…"`.

What stands before a mark is read like a field's name, what stands after it like that field's value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from privacy_service.detection.candidates import MEMBER, NOTHING, VALUE, Candidate
from privacy_service.detection.fields import Sense
from privacy_service.detection.marks import Mark, cells, members, values
from privacy_service.detection.plausible import running
from privacy_service.detection.sight import Sight
from privacy_service.detection.typed import in_one_line, typed

_AFTER: Final = 400
"""Code points after a mark that its value may take; a secret may take more."""

_QUOTED: Final = re.compile(r"[ \t]{0,8}(?:\*\*)?[bruf@]{0,2}(?P<quote>[\"'`])")
_BARE: Final = re.compile(r"[ \t]{0,40}(?:\*\*|__)?[ \t]{0,8}(?P<value>[^\n\t|<>\"`{}\[\]]{1,400})")
_TIGHT: Final = re.compile(r"(?P<value>[^\s&;,\"'<>|\])}]{1,400})")
_IN_A_QUERY: Final = re.compile(r"[?&][\w.+%\[\]-]{1,40}$")
_PRINTED: Final = re.compile(
    r"(?P<value>[^\s,;=(){}\[\]<>\"'][^,;=(){}\[\]<>\"'\n]{0,119})(?:, ?[\w.-]{1,40}=|[)\]}])"
)
_SECRET: Final = re.compile(r"[ \t]{0,8}(?:Bearer |Basic |Token )?(?P<value>[^\s\"'`]{1,4096})")
_NEXT_PAIR: Final = re.compile(r"[ \t,;&]+[\w.\-]{1,40}=")
_NEXT_IN_STRING: Final = re.compile(r";(?=[A-Za-z][A-Za-z ]{1,30}=|$)")
"""What ends a value of a connection string."""
_NEXT_LABEL: Final = re.compile(
    r"[,;.]?[ \t]{1,12}[^\W\d_][\w'’./#-]{0,24}(?: [\w'’./#-]{1,24}){0,2} ?[:：][ \t]|;| {2,}"
    r"| - (?=[A-Z])"
)
_QUOTES: Final = "\"'`"
_NOBODYS: Final = Sense(None, "phrase", weak=False, phrase="host")
"""What HTTP's `Host` says of its value."""

_PARTS_CELLS: Final = ("\t", "|")
_SECRET_SHAPES: Final = frozenset({"secret", "token"})


def find_labelled(sight: Sight) -> Iterator[Candidate]:
    """The values whose labels tell what they are; and the names of members, as nobody's."""
    text, found, table = sight.text, sight.marks, sight.table
    for start, end in members(text, found):
        yield Candidate(NOTHING, start, end, 0.0, MEMBER, "the name of a member")
    for start, end in (*values(text, found), *cells(text)):
        if not running(text[start:end]):
            yield Candidate(NOTHING, start, end, 0.0, VALUE, "the value of a member")
    for mark in found:
        if mark.sign in _PARTS_CELLS and sight.tables.hold(mark.start):
            continue  # in a table its heading says what a cell holds, and not the cell before
        sense = _NOBODYS if mark.label == "Host" else table.of_name(mark.label)
        if not mark.member and (table.spells(mark.label) or _of_nobody(sense, mark.label)):
            yield Candidate(
                NOTHING, mark.label_start, mark.label_end, 0.0, MEMBER, "the words of a label"
            )
        span = None if sense is None else _value(text, mark, sense)
        if sense is None or span is None:
            continue
        value = text[slice(*span)]
        value = value.replace("+", " ") if mark.sign == "=" and " " not in value else value
        # A user's name has no blank: in `User(name="Maria Gonzales")` it is somebody's.
        quoted = text[span[0] - 1] in _QUOTES
        whole = sense.entity == "USERNAME" and quoted
        value = in_one_line(sense, value) if quoted else value
        candidate = typed(sense, value, span[0], "label", whole=whole)
        if candidate is not None:
            yield candidate


def _of_nobody(sense: Sense | None, label: str) -> bool:
    """Whether the label is as it stands one of values that are nobody's."""
    return sense is not None and sense.entity is None and sense.phrase == label.lower()


def _value(text: str, mark: Mark, sense: Sense) -> tuple[int, int] | None:
    start = mark.end
    quoted = _QUOTED.match(text, start)
    if quoted is not None:
        end = text.find(quoted["quote"], quoted.end(), quoted.end() + 4_096)
        return (quoted.end(), end) if end > quoted.end() else None
    if sense.shape in _SECRET_SHAPES:
        return _secret_value(text, mark)
    if mark.sign == "=" and text[start : start + 1] not in (" ", "\t"):
        return _pair_value(text, start, text[max(0, mark.start - 42) : mark.start])
    found = _BARE.match(text, start)
    if found is None:
        return None
    start, end = found.span("value")
    cut = _NEXT_LABEL.search(text, start, end)
    return start, (cut.start() if cut else end)


def _secret_value(text: str, mark: Mark) -> tuple[int, int] | None:
    """To the next blank: a secret may hold any other mark. In a query string `&` ends it."""
    found = _SECRET.match(text, mark.end)
    if found is None:
        return None
    start, end = found.span("value")
    ends = "&" if _IN_A_QUERY.search(text[max(0, mark.start - 42) : mark.start]) else ""
    if mark.sign[0] in "><":
        ends += "<"
    following = _NEXT_IN_STRING.search(text, start, end)
    end = following.start() if following is not None and following.start() > start else end
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


def _pair_value(text: str, start: int, before: str) -> tuple[int, int] | None:
    """The value of `key=value`: to the blank, or to the line's end where no other pair follows; in
    a query to its mark, and in what prints an object (`User(town=East Mark, id=7)`) to its comma.
    """
    found = _TIGHT.match(text, start)
    if found is None:
        return None
    if _IN_A_QUERY.search(before):
        return found.span("value")
    printed = _PRINTED.match(text, start)
    if printed is not None:
        return printed.span("value")
    end = text.find("\n", found.end(), start + _AFTER)
    line_end = end if end >= 0 else min(len(text), start + _AFTER)
    rest = text[found.end() : line_end]
    if not rest.strip() or rest[0] != " " or "=" in rest or ":" in rest:
        return found.span("value")
    return start, line_end
