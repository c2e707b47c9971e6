"""Corrections: what a person says is wrong, and what is right (GDPR Art. 16).

A correction names a field of one partner's records, as contracts name fields, and its right value;
`was` is the wrong one. It is applied to records of the person: with `was` wherever that value
stands, without it to every value of the field, but only in records about nobody else. What is
incomplete is completed by a statement, which is kept as a record of its own.

Corrections hold values: they are sealed while they are to be applied, and dropped once they are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from privacy_service import errors
from privacy_service.contracts.paths import PathError, parse
from privacy_service.contracts.trie import Trie
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes, Document, NewValue, Node, NodeKind
from privacy_service.subjects.kept import KeptThing
from privacy_service.subjects.record_query import RecordQuery

MOST: Final = 50
"""Corrections in one request."""
STATEMENT: Final = "statement"
"""How recipients are told of a statement: in the place of a treatment."""

OTHERS: Final = "OTHERS_IN_RECORD"
NO_FIT: Final = "NO_FIT"
LEFT: Final = {
    OTHERS: "about others as well, and it is not said which value is the person's (`was`)",
    NO_FIT: "its content, or the type of its value, does not take the correction",
}
"""Why a record was left that the correction means: what has to be done by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One wrong field, by its `path` as contracts write it.

    `records` None: every record of the partner about the person.

    `identifier`: the field is this kind of identifier (`email`), and the person is known by the
    right one from now on; it needs `was`.
    """

    partner: str
    path: str
    value: str = field(repr=False)
    was: str | None = field(default=None, repr=False)
    identifier: str | None = None
    records: RecordQuery | None = None

    def __post_init__(self) -> None:
        try:
            parse(self.path)
        except PathError as wrong:
            raise PrivacyError(
                errors.REQUEST_INVALID, field="corrections.field", says=wrong.says
            ) from None
        if self.identifier is not None and not self.was:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="corrections.was",
                says="a new identifier needs the wrong one in `was`",
            )

    def is_about(self, thing: KeptThing) -> bool:
        """Whether it means the record."""
        return thing.partners[0] == self.partner and (
            self.records is None
            or (thing.record is not None and self.records.matches(thing.record))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What completes what a partner keeps about the person."""

    partner: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """Everything that one request corrects and completes."""

    corrections: tuple[Correction, ...] = ()
    statement: Statement | None = None

    def __post_init__(self) -> None:
        if not self.corrections and self.statement is None:
            raise PrivacyError(
                errors.REQUEST_INVALID,
                field="corrections",
                says="there is nothing to correct or to complete",
            )

    @property
    def partners(self) -> tuple[str, ...]:
        """Whose data it is about."""
        named = {one.partner for one in self.corrections}
        return tuple(sorted(named | ({self.statement.partner} if self.statement else set())))

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.path for one in self.corrections))

    @property
    def renamed(self) -> tuple[Correction, ...]:
        """Those by which the person is known otherwise."""
        return tuple(one for one in self.corrections if one.identifier is not None)

    def of(self, partner: str) -> tuple[Correction, ...]:
        return tuple(one for one in self.corrections if one.partner == partner)

    def to_bytes(self) -> bytes:
        """To be sealed."""
        said: dict[str, Any] = {
            "corrections": [
                {
                    "partner": one.partner, "path": one.path, "value": one.value,
                    "was": one.was, "identifier": one.identifier,
                    "records": one.records and one.records.text,
                }
                for one in self.corrections
            ],
            "statement": self.statement
            and {"partner": self.statement.partner, "text": self.statement.text},
        }  # fmt: skip
        return json.dumps(said).encode()

    @classmethod
    def from_bytes(cls, written: bytes) -> Self:
        said = json.loads(written)
        return cls(
            corrections=tuple(
                Correction(
                    **{**one, "records": one["records"] and RecordQuery.parse(one["records"])}
                )
                for one in said["corrections"]
            ),
            statement=said["statement"] and Statement(**said["statement"]),
        )


def _correction(said: dict[str, Any]) -> Correction:
    records = said["records"] and RecordQuery.parse(said["records"])
    return Correction(**{**said, "records": records})


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What corrections come to in one record: how many values of each field change.

    `left` is why one of them was left, a key of `LEFT`; empty where none was.
    """

    changes: Changes
    fields: Mapping[str, int]
    left: str = ""


def applied(document: Document, corrections: Iterable[Correction], *, alone: bool) -> Applied:
    """What becomes of a record; `alone` says that it is about nobody but the person.

    What is right already does not change: done twice is done once.
    """
    trie = Trie((parse(one.path), one) for one in corrections)
    values: dict[int, NewValue] = {}
    fields: Counter[str] = Counter()
    left = ""
    for node in document.nodes:
        if not node.kind.scalar:
            continue
        *_, matching = trie.places(node.path)
        for correction in (entry.value for entry in matching):
            if node.text == correction.value or correction.was not in (None, node.text):
                continue
            if correction.was is None and not alone:
                left = OTHERS
            elif (new := _typed(node, correction.value)) is None:
                left = left or NO_FIT
            else:
                values[node.index] = new
                fields[correction.path] += 1
    return Applied(changes=Changes(values=values), fields=fields, left=left)


def _typed(node: Node, value: str) -> NewValue:
    """The value in the type that stands there; None where it is none of that type."""
    match node.kind:
        case NodeKind.NUMBER:
            return _number(value)
        case NodeKind.BOOLEAN:
            return {"true": True, "false": False}.get(value)
        case _:
            return value


def _number(value: str) -> int | Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or len(value) > 64:
        return None
    return int(number) if value.lstrip("-").isdigit() else number
