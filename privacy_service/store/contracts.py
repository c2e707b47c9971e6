"""Sharing contracts: immutable, numbered versions, and a counter that says when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select, update

from privacy_service.contracts.course import Course
from privacy_service.contracts.model import Direction, Status
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
from privacy_service.store.versions import VersionReading, Versions, VersionWriting


def _stored(row: Row[Any]) -> StoredContract:
    values = row._asdict()
    values["direction"] = Direction(values["direction"])
    values["status"] = Status(values["status"])
    return StoredContract(**values)


_KEPT = Versions(
    StoredContract,
    heads=contracts,
    versions=contract_versions,
    other="counterparty",
    elsewhere=behavior_contracts,
    read=_stored,
)
_OF_PAIR = or_(
    and_(contracts.c.party == bindparam("a"), contracts.c.counterparty == bindparam("b")),
    and_(contracts.c.party == bindparam("b"), contracts.c.counterparty == bindparam("a")),
)
_FOR_PAIR = (
    _KEPT.all.join(contracts, contract_versions.c.contract_id == contracts.c.id)
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
_GENERATION = select(contract_book.c.generation)
_NEXT_GENERATION = update(contract_book).values(generation=contract_book.c.generation + 1)


class ContractReading(VersionReading[StoredContract]):
    """Which contracts there are."""

    def __init__(self, reads: Reads) -> None:
        super().__init__(reads, _KEPT)

    def versions(
        self, contract_id: str, *, before: int | None = None, limit: int = 100
    ) -> tuple[StoredContract, ...]:
        """The versions of one contract, newest first, below number `before`.

        Empty for a contract that is not there.
        """
        number = contract_versions.c.number
        page = _KEPT.all.where(contract_versions.c.contract_id == contract_id)
        if before is not None:
            page = page.where(number < before)
        rows = self._reads.all(page.order_by(number.desc()).limit(limit))
        return tuple(_stored(row) for row in rows)

    def for_pair(self, a: str, b: str) -> tuple[StoredContract, ...]:
        """The version in force of each contract between two partners, whoever of them put it, and
        those that its course names besides.
        """
        return tuple(_stored(row) for row in self._reads.all(_FOR_PAIR, {"a": a, "b": b}))

    def courses(self, a: str, b: str) -> Mapping[str, Course]:
        """How the contracts between two partners stand, by id; those of which something is said."""
        return courses_of(self._reads.all(_COURSES, {"a": a, "b": b}))

    def generation(self) -> int:
        """A counter that grows with every new version, and every step in the course, of a contract.

        What was read when it stood at n is still so while it stands at n.
        """
        row = self._reads.one(_GENERATION)
        return 0 if row is None else int(row.generation)


class ContractWriting(ContractReading, VersionWriting[UnnumberedContract, StoredContract]):
    """The contracts, with new versions."""

    def __init__(self, writes: Writes) -> None:
        VersionWriting.__init__(self, writes, _KEPT)
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

    def touch(self) -> None:
        """What was read of contracts until now may not be so any more: the next generation."""
        self._touched = True
        self._writes.change(_NEXT_GENERATION, {})
