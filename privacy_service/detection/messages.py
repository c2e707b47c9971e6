"""Standard messages inside text: HL7 v2, X12, EDIFACT, vCard, iCalendar, LDIF, SWIFT MT. The place
of an element says what it holds, as a field's name does; `lexicon/messages.yaml` has the places
with their standards.

Every text is read once, and an element is judged by the shape that its place asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.fields import FieldTable
from privacy_service.detection.gazetteer import read_yaml
from privacy_service.detection.typed import typed

Span = tuple[int, int]
Told = Iterator[tuple[str, Span]]
"""What each element is called, in the words of our lexicon, and where it stands."""

_SEGMENTS: Final = 20_000
_LINE: Final = re.compile(r"[^\r\n]+")
_HL7: Final = re.compile(r"(?:^|[\r\n])(?:MSH|FHS|BHS)(?P<field>[^\w\s])(?P<part>[^\w\s])")
_X12: Final = re.compile(r"ISA(?P<field>[^\w\s])[^\r\n]{101}(?P<end>[^\w])")
_EDIFACT: Final = re.compile(
    r"(?:UNA(?P<part>.)(?P<field>.).(?P<release>.).(?P<end>.)\s{0,4})?UNB(?=\W)", re.DOTALL
)
_LISTED: Final = {
    "vcard": re.compile(r"^BEGIN:VCARD[ \t]*\r?$", re.IGNORECASE | re.MULTILINE),
    "icalendar": re.compile(
        r"^BEGIN:V(?:CALENDAR|EVENT|TODO|JOURNAL)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
    ),
    "ldif": re.compile(r"^dn: ?\w", re.IGNORECASE | re.MULTILINE),
}
"""How the forms begin whose lines are properties with a name each."""

_PROPERTY: Final = re.compile(
    r"(?:[\w-]{1,20}\.)?(?P<name>[A-Za-z-]{1,30})(?P<parameters>(?:;[^:;\r\n\"]{0,200}"
    r"(?:\"[^\"\r\n]{0,200}\")?){0,8}):[ \t]{0,4}(?:mailto:|tel:)?"
)
_PARAMETER: Final = re.compile(
    r";(?P<name>[A-Za-z-]{1,20})=(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^;:\"]*))"
)
_NAME_PART: Final = re.compile(r"(?P<name>[A-Za-z]{1,20})=(?P<value>[^,=+\r\n]{1,200})")
_TAG: Final = re.compile(r"^:(?P<tag>\d\d[A-Z]?):(?P<rest>[^\r\n]*)", re.MULTILINE)
_ACCOUNT: Final = re.compile(r"/\S+")
_NUMBERED: Final = re.compile(r"[1-8]/")
_DATE: Final = re.compile(r"\d{8}(?=\d)")


@dataclass(frozen=True, slots=True)
class Way:
    """How a message is cut: into segments, those into fields, those into parts.

    `repeat` parts what stands several times in one field. `released` is the letter that makes the
    next one plain.
    """

    form: str
    end: str
    field: str
    part: str
    repeat: str = ""
    released: str = ""


FORMS: Final = frozenset({"hl7", "x12", "edifact", *_LISTED, "mt"})
"""Every form of message."""


def find_in_messages(
    text: str, table: FieldTable, forms: frozenset[str] = FORMS
) -> Iterator[Candidate]:
    """Elements whose place in a standard message, of these forms, tells what they are."""
    for form, told in _messages(text, forms):
        for phrase, (start, end) in told:
            sense = table.of_name(phrase)
            if sense is None:
                continue
            # Of a time stamp the day is what identifies.
            day = _DATE.match(text, start, end) if sense.shape == "date" else None
            value = text[start : day.end() if day else end]
            claim = typed(sense, value, start, f"message:{form}", whole=True)
            if claim is not None:
                yield claim


def phrases() -> Mapping[str, frozenset[str]]:
    """Everything that an element can be called, by form."""
    return {form: frozenset(_leaves(said)) for form, said in _places().items()}


def _leaves(said: object) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        for inner in said.values():
            yield from _leaves(inner)
    elif isinstance(said, Sequence):
        for inner in said:
            yield from _leaves(inner)


def _messages(text: str, forms: frozenset[str]) -> Iterator[tuple[str, Told]]:
    if "hl7" in forms and (found := _HL7.search(text)):
        way = Way("hl7", "\r\n", found["field"], found["part"], "~")
        yield "hl7", _told(text, found.start(), way)
    if "x12" in forms and (found := _X12.search(text)):
        yield "x12", _told(text, found.start(), Way("x12", found["end"], found["field"], ""))
    if "edifact" in forms and (found := _EDIFACT.search(text)):
        way = Way(
            "edifact",
            found["end"] or "'",
            found["field"] or "+",
            found["part"] or ":",
            released=(found["release"] or "?").strip(),
        )
        yield "edifact", _told(text, found.start(), way)
    for form, begins in _LISTED.items():
        if form in forms and (found := begins.search(text)):
            yield form, _properties(text, found.start(), _places()[form])
    if "mt" in forms and (":50" in text or ":59" in text):
        yield "mt", _parties(text, _places()["mt"])


# -- Segments, fields, parts --------------------------------------------------------------------


def _told(text: str, start: int, way: Way) -> Told:
    places = _places()[way.form]
    segments = (
        _lines(text, start) if way.end == "\r\n" else _cut(text, (start, len(text)), way.end, way)
    )
    for number, segment in enumerate(segments):
        if number >= _SEGMENTS:
            return
        first = segment[0] + len(text[slice(*segment)]) - len(text[slice(*segment)].lstrip())
        fields = list(_cut(text, (first, segment[1]), way.field, way))
        known = places.get(text[slice(*fields[0])])
        if known is not None:
            yield from _of_segment(text, fields, known, way)


def _of_segment(text: str, fields: Sequence[Span], known: Mapping[Any, Any], way: Way) -> Told:
    for at, what in known.items():
        if at >= len(fields):
            continue
        for field in _cut(text, fields[at], way.repeat, way):
            parts = [*_cut(text, field, way.part, way)]
            if not isinstance(what, Mapping):
                for part in parts:
                    yield what, part
            elif "by" in what:
                yield from _qualified(text, what, fields, field)
            else:
                for place, inner in what.items():
                    if place > len(parts):
                        continue
                    span = parts[place - 1]
                    if isinstance(inner, Mapping):
                        yield from _qualified(text, inner, [(0, 0), *parts], span)
                    else:
                        yield inner, span


def _qualified(text: str, what: Mapping[Any, Any], beside: Sequence[Span], span: Span) -> Told:
    code = text[slice(*beside[what["by"]])].strip() if what["by"] < len(beside) else ""
    phrase = what.get(code, what.get("else"))
    if phrase is not None:
        yield phrase, span


def _lines(text: str, start: int) -> Iterator[Span]:
    return (line.span() for line in _LINE.finditer(text, start))


def _cut(text: str, span: Span, mark: str, way: Way) -> Iterator[Span]:
    """The pieces of a span between the marks that stand for themselves."""
    start, end = span
    if mark:
        at = text.find(mark, start, end)
        while at >= 0:
            if not way.released or _unreleased(text, at, way.released, start):
                yield start, at
                start = at + 1
            at = text.find(mark, at + 1, end)
    yield start, end


def _unreleased(text: str, at: int, released: str, start: int) -> bool:
    before = 0
    while at - before - 1 >= start and text[at - before - 1] == released:
        before += 1
    return before % 2 == 0


# -- Properties, one to a line -------------------------------------------------------------------


def _properties(text: str, start: int, known: Mapping[str, Any]) -> Told:
    for line in _LINE.finditer(text, start):
        found = _PROPERTY.match(text, *line.span())
        if found is None:
            continue
        if found["parameters"] and "parameters" in known:
            yield from _parameters(text, found.span("parameters"), known["parameters"])
        if "names" in known and found["name"].lower() == "dn":
            yield from _name_parts(text, (found.end(), line.end()), known["names"])
        what = known["properties"].get(found["name"].upper())
        span = found.end(), line.end()
        if isinstance(what, str):
            yield what, span
        elif what is not None:
            parts = _cut(text, span, ";", Way("", "", "", ";", released="\\"))
            yield from zip(what, parts, strict=False)


def _parameters(text: str, span: Span, known: Mapping[str, str]) -> Told:
    for one in _PARAMETER.finditer(text, *span):
        phrase = known.get(one["name"].upper())
        if phrase is not None:
            yield phrase, one.span("quoted" if one["quoted"] is not None else "bare")


def _name_parts(text: str, span: Span, known: Mapping[str, str]) -> Told:
    """The parts of a distinguished name (RFC 4514) that name a person."""
    for one in _NAME_PART.finditer(text, *span):
        phrase = known.get(one["name"].lower())
        if phrase is not None:
            yield phrase, one.span("value")


# -- Parties to a payment ------------------------------------------------------------------------


def _parties(text: str, known: Mapping[str, Any]) -> Told:
    """The lines of a party: an account, then a name and an address."""
    for tag in _TAG.finditer(text):
        if tag["tag"] not in known["tags"]:
            continue
        names = iter(known["lines"])
        for line in _LINE.finditer(text, tag.start("rest"), tag.end("rest") + 200):
            start, end = line.span()
            if start > tag.start("rest") and text[start] in ":-{":
                break
            if _ACCOUNT.fullmatch(text, start, end):
                continue
            numbered = _NUMBERED.match(text, start, end)
            phrase = next(names, None)
            if phrase is None:
                break
            yield phrase, (numbered.end() if numbered else start, end)


# -- The places ---------------------------------------------------------------------------------


@cache
def _places() -> Mapping[str, Mapping[str, Any]]:
    read = read_yaml("messages.yaml")
    assert isinstance(read, dict)
    return {form: _expanded(said) if "segments" in said else said for form, said in read.items()}


def _expanded(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The segments with the types of their fields written out."""
    types = said.get("types", {})
    return {
        segment: {
            at: types.get(what, what) if isinstance(what, str) else what
            for at, what in fields.items()
        }
        for segment, fields in said["segments"].items()
    }
