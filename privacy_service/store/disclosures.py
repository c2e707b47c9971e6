"""The disclosure ledger in the database, found by subject, partner, contract and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, or_, select

from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import CategoryCount
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.pages import any_of, chunks
from privacy_service.store.records import refs_from_columns, refs_to_columns
from privacy_service.store.statements import Reads, Settled, Writes
from privacy_service.store.tables import (
    disclosure_contracts,
    disclosure_subjects,
    disclosures,
    recipient_ends,
)

_NAMES = [field.name for field in fields(Disclosure)]
DISCLOSURE_COLUMNS = [disclosures.c[name] for name in _NAMES]
_GET = select(*DISCLOSURE_COLUMNS).where(disclosures.c.id == bindparam("named"))
_RECEIVED = select(disclosures.c.position, disclosures.c.at, disclosures.c.recipient)
_ADD = disclosures.insert()
_ADD_END = recipient_ends.insert()
_ADD_SUBJECT = disclosure_subjects.insert()
_ADD_CONTRACT = disclosure_contracts.insert()


@dataclass(frozen=True, slots=True)
class Received:
    """That somebody received something."""

    position: int
    at: datetime
    recipient: str


class DisclosureReading:
    """Who received what, about whom, when, and under what."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, disclosure_id: str) -> Disclosure | None:
        row = self._reads.one(_GET, {"named": disclosure_id})
        return None if row is None else disclosure_of(row)

    def at(self, positions: Sequence[int]) -> tuple[Disclosure, ...]:
        """Those whose effect entries stand there, in order."""
        position = disclosures.c.position
        found: list[Disclosure] = []
        for some in chunks(sorted(set(positions))):
            page = select(*DISCLOSURE_COLUMNS).where(position.in_(some)).order_by(position)
            found += (disclosure_of(row) for row in self._reads.all(page))
        return tuple(found)

    def received(self, *, start: int, end: int, limit: int) -> tuple[Received, ...]:
        """Who received something when, from a position until before another, in order."""
        position = disclosures.c.position
        page = _RECEIVED.where(position >= start, position < end).order_by(position).limit(limit)
        return tuple(Received(**row._asdict()) for row in self._reads.all(page))

    def list(
        self, query: DisclosureQuery, *, after: int = -1, limit: int = 100
    ) -> tuple[Disclosure, ...]:
        """What the query asks for, in the order of its audit positions, those above `after`."""
        wanted = [disclosures.c.position > after, *_conditions(query)]
        page = select(*DISCLOSURE_COLUMNS)
        if query.partner is None:
            page = page.where(*wanted)
        else:
            sides = [
                side == query.partner for side in (disclosures.c.sender, disclosures.c.recipient)
            ]
            found = any_of(disclosures.c.position, sides, wanted, limit)
            page = page.where(disclosures.c.position.in_(found))
        rows = self._reads.all(page.order_by(disclosures.c.position).limit(limit))
        return tuple(disclosure_of(row) for row in rows)

    def count(self, query: DisclosureQuery, *, below: int) -> int:
        """How many the query asks for, of those below an audit position."""
        wanted = [disclosures.c.position < below, *_conditions(query)]
        if query.partner is not None:
            wanted.append(
                or_(disclosures.c.sender == query.partner, disclosures.c.recipient == query.partner)
            )
        row = self._reads.one(select(func.count().label("many")).where(*wanted))
        return 0 if row is None else int(row.many)


class DisclosureWriting(DisclosureReading):
    """The ledger, with additions. Nothing in it changes."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(Settled(writes))
        self._writes = writes

    def add(self, disclosure: Disclosure) -> None:
        """Adds a disclosure whose effect entry this unit of work has appended.

        Raises ValueError where its `position` is not set.
        """
        if disclosure.position is None:
            raise ValueError("a disclosure is recorded with its effect entry")
        self._writes.later(_ADD, _values(disclosure))
        if disclosure.recipient_keeps_until is not None:
            end = {
                "position": disclosure.position,
                "due_at": disclosure.recipient_keeps_until,
                "notice_id": None,
            }
            self._writes.later(_ADD_END, end)
        for subject in dict.fromkeys(disclosure.subjects):
            values = {"subject": subject, "position": disclosure.position}
            self._writes.later(_ADD_SUBJECT, values)
        for contract, number in dict.fromkeys((ref.id, ref.number) for ref in disclosure.contracts):
            values = {"contract_id": contract, "number": number, "position": disclosure.position}
            self._writes.later(_ADD_CONTRACT, values)


def _conditions(query: DisclosureQuery) -> Iterator[ColumnElement[bool]]:
    if query.sender is not None:
        yield disclosures.c.sender == query.sender
    if query.recipient is not None:
        yield disclosures.c.recipient == query.recipient
    if query.since is not None:
        yield disclosures.c.at >= query.since
    if query.until is not None:
        yield disclosures.c.at < query.until
    if query.subjects is not None:
        about = disclosure_subjects.c.subject.in_(query.subjects)
        yield disclosures.c.position.in_(select(disclosure_subjects.c.position).where(about))
    if query.contract is not None:
        yield disclosures.c.position.in_(positions_under(query.contract, query.number))


def positions_under(contract: str, number: int | None) -> Select[tuple[int]]:
    """Where the log has the releases under a contract, or one version of it."""
    found = select(disclosure_contracts.c.position).where(
        disclosure_contracts.c.contract_id == contract
    )
    return found if number is None else found.where(disclosure_contracts.c.number == number)


def _values(disclosure: Disclosure) -> dict[str, object]:
    values = {name: getattr(disclosure, name) for name in _NAMES}
    values["contracts"] = refs_to_columns(disclosure.contracts)
    values["subjects"] = list(disclosure.subjects)
    values["ledger_consents"] = list(disclosure.ledger_consents) or None
    values["categories"] = [[c.entity, c.treatment, c.count] for c in disclosure.categories]
    return values


def disclosure_of(row: Row[Any]) -> Disclosure:
    """The disclosure of a row of `DISCLOSURE_COLUMNS`."""
    values = row._asdict()
    values["contracts"] = refs_from_columns(row.contracts)
    values["subjects"] = tuple(row.subjects)
    values["ledger_consents"] = tuple(row.ledger_consents or ())
    values["categories"] = tuple(
        CategoryCount(entity=e, treatment=t, count=n) for e, t, n in row.categories
    )
    return Disclosure(**values)
