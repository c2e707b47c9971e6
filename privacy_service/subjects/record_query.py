"""Which records are meant: a small filter language, a typed part of AIP-160.

    partner = acme-shop AND created_at >= 2026-01-01 AND NOT content_type = text/plain
    contract = orders AND (size > 1000000 OR id = "case-7-*")

`AND` binds closer than `OR`, `NOT` closer than both. Words may stand without quotes. An instant is
a date (its first moment, UTC) or RFC 3339. `id` may end in `*`, which stands for any rest. What a
record does not have (an end of its keeping, a contract) is equal to nothing, and neither before
nor after anything. There is no way to write a person into a query: subjects are named beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.subjects.kept import RecordFacts

MOST_CHARACTERS: Final = 2000
_MOST_NESTING: Final = 20
_TOKENS: Final = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<sign><=|>=|!=|=|<|>)
        |"(?P<quoted>[^"\\]*)"|(?P<word>[^\s()<>=!"]+))""",
    re.VERBOSE,
)
_Test = Callable[[RecordFacts], bool]


class _Kind(Enum):
    WORD = "word"
    NUMBER = "whole number"
    INSTANT = "date or instant"


_FIELDS: Final[dict[str, _Kind]] = {
    "partner": _Kind.WORD,
    "id": _Kind.WORD,
    "content_type": _Kind.WORD,
    "contract": _Kind.WORD,
    "size": _Kind.NUMBER,
    "created_at": _Kind.INSTANT,
    "keep_until": _Kind.INSTANT,
}
FIELDS: Final = {name: kind.value for name, kind in _FIELDS.items()}
"""What may be asked about a record, and of what kind it is."""

_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip
_WORD_SIGNS: Final = ("=", "!=")


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """A query that holds up. `text` is as it was written; it says which records are meant."""

    text: str
    _test: _Test = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> RecordQuery:
        """Raises RECORD_QUERY_INVALID with the column (from 1) and what is wrong there."""
        if len(text) > MOST_CHARACTERS:
            raise _fault(MOST_CHARACTERS, f"it is longer than {MOST_CHARACTERS} characters")
        return cls(text, _Reader(text).whole())

    def matches(self, record: RecordFacts) -> bool:
        """Whether this record is meant."""
        return self._test(record)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    column: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text == word


class _Reader:
    """Reads a query by recursive descent."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0

    def whole(self) -> _Test:
        test = self._any()
        rest = self._next()
        if rest.kind != "end":
            raise _fault(rest.column, "AND or OR is missing here")
        return test

    def _any(self) -> _Test:
        tests = [self._all()]
        while self._skip("OR"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda record: any(t(record) for t in tests)

    def _all(self) -> _Test:
        tests = [self._one()]
        while self._skip("AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda record: all(t(record) for t in tests)

    def _one(self) -> _Test:
        if self._skip("NOT"):
            inner = self._nested(self._one)
            return lambda record: not inner(record)
        if self._peek().kind == "open":
            self._next()
            inner = self._nested(self._any)
            closing = self._next()
            if closing.kind != "close":
                raise _fault(closing.column, "a closing parenthesis is missing here")
            return inner
        return self._comparison()

    def _nested(self, read: Callable[[], _Test]) -> _Test:
        self._depth += 1
        if self._depth > _MOST_NESTING:
            raise _fault(self._peek().column, f"it nests deeper than {_MOST_NESTING}")
        test = read()
        self._depth -= 1
        return test

    def _comparison(self) -> _Test:
        name = self._next()
        kind = _FIELDS.get(name.text) if name.kind == "word" else None
        if kind is None:
            raise _fault(name.column, f"a field is wanted here: {', '.join(_FIELDS)}")
        sign = self._next()
        if sign.kind != "sign" or (kind is _Kind.WORD and sign.text not in _WORD_SIGNS):
            wanted = _WORD_SIGNS if kind is _Kind.WORD else tuple(_SIGNS)
            raise _fault(sign.column, f"{name.text} takes one of {' '.join(wanted)} here")
        value = self._next()
        if value.kind not in ("word", "quoted"):
            raise _fault(value.column, f"a {kind.value} is wanted here")
        return _READ[kind](name.text, sign.text, value)

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _skip(self, word: str) -> bool:
        if self._peek().is_word(word):
            self._next()
            return True
        return False


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKENS.match(text, at)
        if found is None:
            column = at + 1 + len(text[at:]) - len(text[at:].lstrip())
            raise _fault(column, "this cannot be read; a quoted word has no quote or \\ in it")
        kind = found.lastgroup or ""
        yield _Token(kind=kind, text=found[kind], column=found.start(kind) + 1)
        at = found.end()
    yield _Token(kind="end", text="", column=len(text) + 1)


def _word_test(name: str, sign: str, value: _Token) -> _Test:
    holds = _word_holds(name, value.text)
    return holds if sign == "=" else lambda record: not holds(record)


def _word_holds(name: str, wanted: str) -> _Test:
    if name == "contract":
        return lambda record: wanted in record.contracts
    if name == "id" and wanted.endswith("*"):
        return lambda record: record.id.startswith(wanted[:-1])
    if name == "content_type":
        return lambda record: record.content_type.partition(";")[0].strip() == wanted.lower()
    return lambda record: getattr(record, name) == wanted


def _number_test(name: str, sign: str, value: _Token) -> _Test:
    if not (value.text.isascii() and value.text.isdigit() and len(value.text) < 19):
        raise _fault(value.column, "a whole number is wanted here")
    return _compared(name, sign, int(value.text))


def _instant_test(name: str, sign: str, value: _Token) -> _Test:
    try:
        at = datetime.fromisoformat(value.text)
    except ValueError:
        raise _fault(value.column, "a date (2026-01-31) or RFC 3339 is wanted here") from None
    return _compared(name, sign, at if at.tzinfo else at.replace(tzinfo=UTC))


def _compared(name: str, sign: str, wanted: object) -> _Test:
    compare = _SIGNS[sign]

    def test(record: RecordFacts) -> bool:
        value = getattr(record, name)
        return compare(value, wanted) if value is not None else sign == "!="

    return test


_READ: Final = {
    _Kind.WORD: _word_test,
    _Kind.NUMBER: _number_test,
    _Kind.INSTANT: _instant_test,
}


def _fault(column: int, says: str) -> PrivacyError:
    return PrivacyError(errors.RECORD_QUERY_INVALID, column=column, says=says)
