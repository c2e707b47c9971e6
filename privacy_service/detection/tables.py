"""Tables inside text: the heading of a column says what stands below it, as a field's name does.

Two forms: rows of cells parted by a comma, semicolon, tab or bar, and SQL's `INSERT INTO t (…)
VALUES (…)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from privacy_service.detection.candidates import MEMBER, NOTHING, OTHER_COLUMN, VALUE, Candidate
from privacy_service.detection.fields import FieldTable, Sense
from privacy_service.detection.typed import typed

_COLUMNS: Final = 100
_ROWS: Final = 20_000
_MARKS: Final = ("\t", "|", ";", ",")
_NO_HEADING: Final = re.compile(r"[<=@]|: ")
_RULE: Final = re.compile(r"[\s|:+=-]*")
_INSERT: Final = re.compile(
    r"INSERT\s+INTO\s+[\w.\"`\[\]]{1,80}\s*\((?P<columns>[^()]{1,2000})\)\s*VALUES\s*",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(
    r"\s*(?:N?'(?P<quoted>(?:[^']|''){0,4000})'|(?P<bare>[^,()']{1,200}))\s*(?P<end>[,)])"
)


def find_in_tables(text: str, table: FieldTable) -> Iterator[Candidate]:
    """Cells under a telling heading."""
    if "\n" in text:
        yield from _rows(text, table)
    if "(" in text:
        yield from _inserts(text, table)


def _rows(text: str, table: FieldTable) -> Iterator[Candidate]:
    mark = ""
    senses: Sequence[Sense | None] = ()
    start = 0
    for line in text.split("\n")[:_ROWS]:
        cells = list(_cells(line, start, mark)) if mark else []
        if not line.strip():
            mark = ""  # a table has no empty lines
        elif mark and len(cells) == len(senses):
            yield from _row(text, cells, senses)
        elif not mark or not _RULE.fullmatch(line):
            mark, senses = _heading(line, table)
            if mark:
                yield _member(start, start + len(line))
        start += len(line) + 1


def _heading(line: str, table: FieldTable) -> tuple[str, list[Sense | None]]:
    """The mark that parts the cells and what each column holds, if the line is a heading."""
    for mark in _MARKS:
        names = [name.strip(" \t\"'*") for name in line.split(mark)]
        if not 2 <= len(names) <= _COLUMNS or not all(map(_may_head, names)):
            continue
        senses = [table.of_name(name) if name else None for name in names]
        telling = sum(sense is not None and sense.entity is not None for sense in senses)
        if telling >= 2 or (telling == 1 and mark in "\t|"):
            return mark, senses
    return "", []


def _may_head(name: str) -> bool:
    """Whether it could head a column: not a sentence, nor what a treatment wrote into one, nor a
    name with its value (`User(name="…"`).
    """
    return len(name) <= 40 and name.count(" ") <= 3 and _NO_HEADING.search(name) is None


def _cells(line: str, start: int, mark: str) -> Iterator[tuple[int, int]]:
    """The spans of the cells, without blanks and quotes; a mark in quotes parts nothing."""
    at = 0
    while at <= len(line):
        end = _cell_end(line, at, mark)
        left, right = at, end
        while left < right and line[left] in " \t\"'\r":
            left += 1
        while right > left and line[right - 1] in " \t\"'\r":
            right -= 1
        yield start + left, start + right
        at = end + 1


def _cell_end(line: str, at: int, mark: str) -> int:
    if line[at : at + 1] == '"':
        closed = line.find('"' + mark, at + 1)
        if closed >= 0:
            return closed + 1
        return len(line) if line.rstrip().endswith('"') else _found(line, mark, at)
    return _found(line, mark, at)


def _found(line: str, mark: str, at: int) -> int:
    found = line.find(mark, at)
    return found if found >= 0 else len(line)


def _row(
    text: str, cells: Sequence[tuple[int, int]], senses: Sequence[Sense | None]
) -> Iterator[Candidate]:
    for (start, end), sense in zip(cells, senses, strict=True):
        if start < end:
            candidate = _claim(sense, text[start:end], start)
            if candidate is not None:
                yield candidate


def _claim(sense: Sense | None, value: str, start: int) -> Candidate | None:
    """What a column says of a cell. Of a column that says nothing, a cell of one word is at least
    not what its neighbours say; one of several may say itself what it is.
    """
    if sense is None:
        because = "the value of a column" if " " in value.strip() else OTHER_COLUMN
        return Candidate(NOTHING, start, start + len(value), 0.0, VALUE, because)
    return typed(sense, value, start, "column", whole=True)


def _member(start: int, end: int) -> Candidate:
    return Candidate(NOTHING, start, end, 0.0, MEMBER, "the names of columns")


def _inserts(text: str, table: FieldTable) -> Iterator[Candidate]:
    for insert in _INSERT.finditer(text):
        yield _member(*insert.span("columns"))
        names = [name.strip(" \t\n\"'`[]") for name in insert["columns"].split(",")]
        senses = [table.of_name(name) if name else None for name in names]
        at = insert.end()
        while text[at : at + 1] == "(":
            at, found = _tuple(text, at + 1, senses)
            yield from found
            while text[at : at + 1] in (",", " ", "\n", "\t", "\r"):
                at += 1


def _tuple(text: str, at: int, senses: Sequence[Sense | None]) -> tuple[int, list[Candidate]]:
    """One row of values: where it ends, and what its columns say of them."""
    found: list[Candidate] = []
    for column in range(_COLUMNS):
        value = _VALUE.match(text, at)
        if value is None:
            return at, found
        group = "quoted" if value["quoted"] is not None else "bare"
        sense = senses[column] if column < len(senses) else None
        if value[group]:
            candidate = _claim(sense, value[group], value.start(group))
            if candidate is not None:
                found.append(candidate)
        at = value.end()
        if value["end"] == ")":
            break
    return at, found
