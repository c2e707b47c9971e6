"""Tables inside text: the heading of a column says what stands below it, as a field's name does.

Rows of cells parted by a comma, semicolon, tab or bar (a table of HTML comes as such, `payloads`);
SQL's `INSERT INTO t (…) VALUES (…)`, in a dump without columns too, where its `CREATE TABLE` has
them, and PostgreSQL's `COPY t (…) FROM stdin`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from privacy_service.detection.candidates import MEMBER, NOTHING, OTHER_COLUMN, VALUE, Candidate
from privacy_service.detection.fields import FieldTable, Sense
from privacy_service.detection.typed import typed

_COLUMNS: Final = 100
_LONGEST: Final = 60
"""Code points of a column's name, at most."""

_ROWS: Final = 20_000
_MARKS: Final = ("\t", "|", ";", ",")
_NO_HEADING: Final = re.compile(r"[<=@]|: ")
_RULE: Final = re.compile(r"[\s|:+=-]*")
_DIGIT: Final = re.compile(r"\d")
_LOOK_AHEAD: Final = 3
"""Rows below a heading that are looked at, to tell a table from pairs of labels and values."""

_NAME: Final = r"[\w.\"`\[\]$-]{1,80}"
_INSERT: Final = re.compile(
    rf"(?:INSERT|REPLACE)\s+(?:(?:IGNORE|OVERWRITE|LOW_PRIORITY|DELAYED)\s+)?(?:INTO\s+|TABLE\s+)?"
    rf"(?P<table>{_NAME})\s*(?:\((?P<columns>[^()]{{1,2000}})\)\s*)?(?:OVERRIDING\s+\w+\s+VALUE\s*)?"
    r"VALUES?\s*(?=\()",
    re.IGNORECASE,
)
_CREATE: Final = re.compile(
    rf"CREATE\s+(?:TEMPORARY\s+|TEMP\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<table>{_NAME})\s*\(",
    re.IGNORECASE,
)
_COLUMN: Final = re.compile(
    r"\s*(?:[\"`\[](?P<quoted>[^\"`\]]{1,80})[\"`\]]|(?P<bare>\w{1,80}))(?P<rest>[^,()]*"
    r"(?:\([^()]{0,400}\)[^,()]{0,400}){0,4})[,)]"
)
_NO_COLUMN: Final = frozenset(
    {"primary", "key", "constraint", "unique", "index", "foreign", "check", "fulltext", "exclude"}
)
_COPY: Final = re.compile(
    rf"COPY\s+(?P<table>{_NAME})\s*\((?P<columns>[^()]{{1,2000}})\)\s+FROM\s+stdin\b[^\n]{{0,80}}",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(
    r"\s*(?:[A-Za-z_]\w{0,20}\s?(?P<call>\()?\s*)?"
    r"(?:'(?P<single>(?:[^'\\]|''|\\.){0,4000})'|\"(?P<double>(?:[^\"\\]|\\.){0,4000})\"|"
    r"(?P<bare>[^,()'\"]{0,200}))"
    r"(?:(?(call)[^()]{0,60}\)))(?:::[\w ]{1,40}(?:\(\d+\))?)?\s*(?P<end>[,)])",
    re.DOTALL,
)
_QUOTED_LIST: Final = re.compile(r"\s*[\"'`](?P<names>[^\"'`]*,[^\"'`]*)[\"'`]\s*")
_STATEMENT: Final = re.compile(
    r"\b(?:SELECT|INSERT|REPLACE|UPDATE|DELETE|COPY|CREATE|ALTER)\b|\binsert\s+into\b"
)
_IDENTIFIER: Final = re.compile(
    rf"\b(?:FROM|INTO|JOIN|TABLE|UPDATE|COPY) {{1,4}}(?P<name>{_NAME})"
    r"|`(?P<ticked>[^`\n]{1,400})`"
    r"|\b(?:SELECT|BY|WHEN|AND|OR|WHERE|SET) {1,4}\(?\"(?P<quoted>[^\"\n]{1,400})\""
)


@dataclass(slots=True)
class Tables:
    """What the columns of a text's tables say of their cells, and where the tables stand."""

    claims: list[Candidate] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def hold(self, at: int) -> bool:
        """Whether a table of rows stands at a place."""
        last = bisect_right(self.spans, at, key=lambda span: span[0]) - 1
        return last >= 0 and at < self.spans[last][1]


def read_tables(text: str, table: FieldTable) -> Tables:
    """The tables of a text, whose names of columns are looked up in `table`."""
    found = Tables()
    if "\n" in text:
        _rows(text, table, found)
    if _STATEMENT.search(text):
        found.claims.extend(_identifiers(text))
        found.claims.extend(_inserts(text, table))
    return found


# -- Rows of cells ------------------------------------------------------------------------------


def _rows(text: str, table: FieldTable, found: Tables) -> None:
    """Reads each table from its heading to the first line that is no row of it."""
    mark = ""
    senses: Sequence[Sense | None] = ()
    start = first = 0
    lines = text.split("\n")[:_ROWS]
    for number, line in enumerate(lines):
        cells = list(_cells(line, start, mark)) if mark else []
        if mark and (not line.strip() or line.rstrip() == "\\."):
            mark = _ended(found, first, start)
        elif mark and len(cells) == len(senses):
            found.claims.extend(_row(text, cells, senses))
        elif not mark or not _RULE.fullmatch(line):
            if mark:
                mark = _ended(found, first, start)
            mark, senses, told = _heading(line, lines[number + 1 : number + 1 + _LOOK_AHEAD], table)
            if mark or told:
                first = start
                found.claims.append(_member(start, start + len(line)))
        start += len(line) + 1
    if mark:
        _ended(found, first, len(text))


def _ended(found: Tables, first: int, last: int) -> str:
    found.spans.append((first, last))
    return ""


def _heading(
    line: str, below: Sequence[str], table: FieldTable
) -> tuple[str, Sequence[Sense | None], bool]:
    """The mark that parts the cells and what each column holds, if the line is a heading; and
    whether it looks like one, though it tells nothing.
    """
    copied = _COPY.search(line)
    if copied is not None:
        return "\t", _senses(copied["columns"].split(","), table), True
    ruled = bool(below) and "-" in below[0] and _RULE.fullmatch(below[0]) is not None
    for mark in _MARKS:
        if mark not in line:
            continue
        names = [name.strip(" \t\"'*\r") for name in line.split(mark)]
        if not 2 <= len(names) <= _COLUMNS or not all(map(_may_head, names)):
            continue
        senses = _senses(names, table)
        telling = sum(sense is not None and sense.entity is not None for sense in senses)
        told = ruled or _is_header(names, below, mark)
        if telling >= (1 if told or (mark in "\t|" and sum(map(bool, names)) > 2) else 2) and (
            told or not _are_pairs(below, mark, table)
        ):
            return mark, senses, True
        if told:
            return "", [], True
    return "", [], False


def _senses(names: Sequence[str], table: FieldTable) -> list[Sense | None]:
    """What each column holds; beside a forename, `name` is a person's, and not a product's."""
    plain = [name.strip(" \t\n\r\"'`[]*") for name in names]
    senses = [table.of_name(name) if name else None for name in plain]
    if not any(sense and sense.entity == "PERSON" and not sense.weak for sense in senses):
        return senses
    return [
        replace(sense, weak=False) if sense and sense.entity == "PERSON" else sense
        for sense in senses
    ]


def _is_header(names: Sequence[str], below: Sequence[str], mark: str) -> bool:
    """Whether the names are such as machines give, above a row of as many cells."""
    plain = [name for name in names if name]
    named = all(_MACHINE_NAME.fullmatch(name) for name in plain) and any(
        map(_OF_A_MACHINE.search, plain)
    )
    return named and bool(below) and len(list(_cells(below[0], 0, mark))) == len(names)


_MACHINE_NAME: Final = re.compile(r"[A-Za-z_][\w.#-]{1,59}")
_OF_A_MACHINE: Final = re.compile(r"[a-z][A-Z]|_")


def _are_pairs(below: Sequence[str], mark: str, table: FieldTable) -> bool:
    """Whether each line names its own values, as in `| Name | … |` above `| Phone | … |`."""
    firsts = [
        next((cell for name in line.split(mark) if (cell := name.strip(" \t\"'*:\r"))), "")
        for line in below
        if mark in line
    ]
    return bool(firsts) and all(table.knows(one) and not _DIGIT.search(one) for one in firsts)


def _may_head(name: str) -> bool:
    """Whether it could head a column: not a sentence, nor what a treatment wrote into one, nor a
    name with its value (`User(name="…"`).
    """
    return len(name) <= _LONGEST and name.count(" ") <= 3 and _NO_HEADING.search(name) is None


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


# -- SQL ----------------------------------------------------------------------------------------


def _identifiers(text: str) -> Iterator[Candidate]:
    """The names of tables and columns, of which none is anybody's."""
    for found in _IDENTIFIER.finditer(text):
        yield _member(*found.span(found.lastgroup or 0))


def _inserts(text: str, table: FieldTable) -> Iterator[Candidate]:
    created: Mapping[str, list[str]] | None = None
    for insert in _INSERT.finditer(text):
        if insert["columns"] is not None:
            yield _member(*insert.span("columns"))
            listed = _QUOTED_LIST.fullmatch(insert["columns"])
            names = (listed["names"] if listed else insert["columns"]).split(",")
        else:
            created = _created(text) if created is None else created
            listed, names = None, created.get(_plain(insert["table"]), [])
        senses = _senses(names, table)
        at = insert.end()
        while text[at : at + 1] == "(":
            at, cells = _tuple(text, at + 1)
            if listed is not None and len(cells) == 1:
                cells = _parted(text, cells[0], len(senses))
            if len(cells) == len(senses):
                yield from _row(text, cells, senses)
            while text[at : at + 1] in (",", " ", "\n", "\t", "\r"):
                at += 1


def _tuple(text: str, at: int) -> tuple[int, list[tuple[int, int]]]:
    """One row of values: where it ends, and where each of them stands."""
    cells: list[tuple[int, int]] = []
    for _ in range(_COLUMNS):
        value = _VALUE.match(text, at)
        if value is None:
            break
        group = next((one for one in ("single", "double") if value[one] is not None), "bare")
        start, end = value.span(group)
        cells.append((start, start if value["bare"] in ("NULL", "null") else end))
        at = value.end()
        if value["end"] == ")":
            break
    return at, cells


def _parted(text: str, cell: tuple[int, int], count: int) -> list[tuple[int, int]]:
    """The values of a row that is written as one string, if there are as many as names."""
    return list(_cells(text[slice(*cell)], cell[0], ",")) if count > 1 else [cell]


def _created(text: str) -> Mapping[str, list[str]]:
    """The columns of each table that the text creates."""
    tables: dict[str, list[str]] = {}
    for create in _CREATE.finditer(text):
        names: list[str] = []
        at = create.end()
        while len(names) < _COLUMNS and (column := _COLUMN.match(text, at)) is not None:
            name = column["quoted"] or column["bare"]
            if column["quoted"] or name.lower() not in _NO_COLUMN:
                names.append(name)
            at = column.end()
            if text[at - 1] == ")":
                break
        tables[_plain(create["table"])] = names
    return tables


def _plain(name: str) -> str:
    """The name of a table without its schema and quotes."""
    return name.rsplit(".", 1)[-1].strip('"`[]').lower()
