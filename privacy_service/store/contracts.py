"""Sharing contracts: immutable, numbered versions, and a counter that says when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select, union, update

from privacy_service import errors
from privacy_service.contracts.course import Course
from privacy_service.contracts.model import Direction, Status
from privacy_service.errors import PrivacyError
from privacy_service.store.courses import courses_of
from privacy_service.store.rows import StoredContract, UnnumberedContract
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import (
    behavior_contracts,
    contract_book,
    contract_courses,
    contract_versions,
    contracts,
)

_COLUMNS = [
    contract_versions.c.contract_id.label("id") if name == "id" else contract_versions.c[name]
    for name in (field.name for field in fields(StoredContract))
]
_VERSION = select(*_COLUMNS)
_NEWEST = _VERSION.join(
    contracts,
    and_(
        contract_versions.c.contract_id == contracts.c.id,
        contract_versions.c.number == contracts.c.newest,
    ),
)
_NEWEST_OF = _NEWEST.where(contracts.c.id == bindparam("id"))
_NUMBERED = _VERSION.where(
    contract_versions.c.contract_id == bindparam("id"),
    contract_versions.c.number == bindparam("number"),
)
_OF_PAIR = or_(
    and_(contracts.c.party == bindparam("a"), contracts.c.counterparty == bindparam("b")),
    and_(contracts.c.party == bindparam("b"), contracts.c.counterparty == bindparam("a")),
)
_FOR_PAIR = (
    _VERSION.join(contracts, contract_versions.c.contract_id == contracts.c.id)
    .outerjoin(contract_courses, contract_courses.c.contract_id == contracts.c.id)
    .where(
        _OF_PAIR,
        or_(
            contract_versions.c.number == contracts.c.newest,
            contract_versions.c.number == contract_courses.c.planned_number,
            contract_versions.c.number == contract_courses.c.canary_number,
        ),
    )
    .order_by(contracts.c.id, contract_versions.c.number)
)
_COURSES = (
    select(contract_courses, contracts.c.newest)
    .join(contracts, contract_courses.c.contract_id == contracts.c.id)
    .where(_OF_PAIR)
)
_PARTNERS = union(
    select(contracts.c.party.label("partner")), select(contracts.c.counterparty.label("partner"))
)
_GENERATION = select(contract_book.c.generation)
_NEXT_GENERATION = update(contract_book).values(generation=contract_book.c.generation + 1)
_BEHAVIOR_OF = select(behavior_contracts.c.id).where(behavior_contracts.c.id == bindparam("id"))
_HEAD = select(contracts.c.party).where(contracts.c.id == bindparam("id"))
_LAST = select(func.max(contract_versions.c.number)).where(
    contract_versions.c.contract_id == bindparam("id")
)
_SAME = (
    _VERSION.where(
        contract_versions.c.contract_id == bindparam("id"),
        contract_versions.c.digest == bindparam("digest"),
    )
    .order_by(contract_versions.c.number.desc())
    .limit(1)
)
_ADD = contracts.insert()
_MOVE = (
    update(contracts)
    .where(contracts.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("newest", "party", "counterparty")})
)
_ADD_VERSION = contract_versions.insert()


class ContractReading:
    """Which contracts there are. Versions never change once they are read."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def newest(self, contract_id: str) -> StoredContract:
        """Raises CONTRACT_NOT_FOUND."""
        return _found(self._find_newest(contract_id), contract_id)

    def version(self, contract_id: str, number: int) -> StoredContract:
        """Raises CONTRACT_NOT_FOUND."""
        row = self._reads.one(_NUMBERED, {"id": contract_id, "number": number})
        return _found(None if row is None else _stored(row), contract_id)

    def versions(
        self, contract_id: str, *, before: int | None = None, limit: int = 100
    ) -> tuple[StoredContract, ...]:
        """The versions of one contract, newest first, below number `before`.

        Empty for a contract that is not there.
        """
        number = contract_versions.c.number
        page = _VERSION.where(contract_versions.c.contract_id == contract_id)
        if before is not None:
            page = page.where(number < before)
        return self._all(page.order_by(number.desc()).limit(limit))

    def for_pair(self, a: str, b: str) -> tuple[StoredContract, ...]:
        """The version in force of each contract between two partners, whoever of them put it, and
        those that its course names besides.
        """
        return tuple(_stored(row) for row in self._reads.all(_FOR_PAIR, {"a": a, "b": b}))

    def courses(self, a: str, b: str) -> Mapping[str, Course]:
        """How the contracts between two partners stand, by id; those of which something is said."""
        return courses_of(self._reads.all(_COURSES, {"a": a, "b": b}))

    def list(
        self, partner: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> tuple[StoredContract, ...]:
        """The newest version of each contract (of one partner, on either side), by id."""
        page = _NEWEST
        if partner is not None:
            sides = (contracts.c.party == partner, contracts.c.counterparty == partner)
            page = page.where(or_(*sides))
        if after is not None:
            page = page.where(contracts.c.id > after)
        return self._all(page.order_by(contracts.c.id).limit(limit))

    def partners(self) -> frozenset[str]:
        """Every partner that a contract names, on either side."""
        return frozenset(row.partner for row in self._reads.all(_PARTNERS))

    def generation(self) -> int:
        """A counter that grows with every new version, and every step in the course, of a contract.

        What was read when it stood at n is still so while it stands at n.
        """
        row = self._reads.one(_GENERATION)
        return 0 if row is None else int(row.generation)

    def _find_newest(self, contract_id: str) -> StoredContract | None:
        row = self._reads.one(_NEWEST_OF, {"id": contract_id})
        return None if row is None else _stored(row)

    def _all(self, page: Select[Any]) -> tuple[StoredContract, ...]:
        return tuple(_stored(row) for row in self._reads.all(page))


class ContractWriting(ContractReading):
    """The contracts, with new versions."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        self._untouched: int | None = None
        self._touched = False

    def settled_generation(self) -> int | None:
        """The generation that is committed: None once the batch itself has changed a contract,
        which may yet be taken back. Read once for all units of a batch.
        """
        if self._touched:
            return None
        if self._untouched is None:
            self._untouched = self.generation()
        return self._untouched

    def put(self, contract: UnnumberedContract, *, expected: int | None = None) -> StoredContract:
        """The contract's new version, or its newest one where that has the same digest.

        `expected` is the number that the caller built on: 0 for a contract that is not there yet,
        None for whatever there is. Raises CONTRACT_VERSION_CONFLICT where it is another, and
        CONTRACT_ID_TAKEN where the contract is another party's, whose place it would take, or a
        behavior contract: evidence names a contract by its id.
        """
        newest = self._require_free(contract)
        if newest is not None and newest.digest == contract.digest:
            return newest
        number = 0 if newest is None else newest.number
        if expected not in (None, number):
            raise PrivacyError(
                errors.CONTRACT_VERSION_CONFLICT, contract=contract.id, newest=number
            )
        stored = self._add(contract)
        head = {
            "newest": stored.number,
            "party": stored.party,
            "counterparty": stored.counterparty,
        }
        self._writes.change(_MOVE, {"of": stored.id, **head})
        return stored

    def draft(self, contract: UnnumberedContract) -> StoredContract:
        """A version that is not in force: a new one, or the one that has this digest already.

        Raises CONTRACT_ID_TAKEN as `put` does.
        """
        self._require_free(contract)
        known = self._writes.one(_SAME, {"id": contract.id, "digest": contract.digest})
        return self._add(contract) if known is None else _stored(known)

    def touch(self) -> None:
        """What was read of contracts until now may not be so any more: the next generation."""
        self._touched = True
        self._writes.change(_NEXT_GENERATION, {})

    def _require_free(self, contract: UnnumberedContract) -> StoredContract | None:
        """The version in force, where the id is this contract's or nobody's."""
        head = self._writes.one(_HEAD, {"id": contract.id})
        taken = (
            self._writes.one(_BEHAVIOR_OF, {"id": contract.id}) is not None
            if head is None
            else head.party != contract.party
        )
        if taken:
            raise PrivacyError(errors.CONTRACT_ID_TAKEN, contract=contract.id)
        return self._find_newest(contract.id)

    def _add(self, contract: UnnumberedContract) -> StoredContract:
        last = self._writes.one(_LAST, {"id": contract.id})
        number = 1 if last is None or last[0] is None else int(last[0]) + 1
        if number == 1:
            sides = {"party": contract.party, "counterparty": contract.counterparty}
            self._writes.change(_ADD, {"id": contract.id, "newest": 0, **sides})
        stored = StoredContract(**asdict(contract), number=number)
        values = asdict(stored)
        self._writes.change(_ADD_VERSION, {"contract_id": values.pop("id"), **values})
        self.touch()
        return stored


def _stored(row: Row[Any]) -> StoredContract:
    values = row._asdict()
    values["direction"] = Direction(values["direction"])
    values["status"] = Status(values["status"])
    return StoredContract(**values)


def _found(stored: StoredContract | None, contract_id: str) -> StoredContract:
    if stored is None:
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract_id)
    return stored
