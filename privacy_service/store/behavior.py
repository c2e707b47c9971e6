"""Behavior contracts as immutable, numbered versions, and what was judged by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select, union, update

from privacy_service import errors
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.ports import CheckRecord
from privacy_service.behavior.report import Tally
from privacy_service.contracts.course import Course
from privacy_service.errors import PrivacyError
from privacy_service.store.behavior_rows import StoredBehavior, UnnumberedBehavior
from privacy_service.store.courses import courses_of
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import (
    behavior_checks,
    behavior_contracts,
    behavior_versions,
    contract_courses,
    contracts,
)

_COLUMNS = [
    behavior_versions.c.contract_id.label("id"),
    *(column for column in behavior_versions.c if column.name != "contract_id"),
]
_NAMES = [column.name for column in _COLUMNS]
_VERSION = select(*_COLUMNS)
_NEWEST = _VERSION.join(
    behavior_contracts,
    and_(
        behavior_versions.c.contract_id == behavior_contracts.c.id,
        behavior_versions.c.number == behavior_contracts.c.newest,
    ),
)
_NEWEST_OF = _NEWEST.where(behavior_contracts.c.id == bindparam("id"))
_NUMBERED = _VERSION.where(
    behavior_versions.c.contract_id == bindparam("id"),
    behavior_versions.c.number == bindparam("number"),
)
_OF_PAIR = and_(
    behavior_contracts.c.party == bindparam("party"),
    behavior_contracts.c.provider == bindparam("provider"),
)
_FOR_PAIR = (
    select(*_COLUMNS, behavior_contracts.c.newest, contract_courses)
    .join(behavior_contracts, behavior_versions.c.contract_id == behavior_contracts.c.id)
    .outerjoin(contract_courses, contract_courses.c.contract_id == behavior_contracts.c.id)
    .where(
        _OF_PAIR,
        or_(
            behavior_versions.c.number == behavior_contracts.c.newest,
            behavior_versions.c.number == contract_courses.c.planned_number,
            behavior_versions.c.number == contract_courses.c.canary_number,
        ),
    )
    .order_by(behavior_contracts.c.id, behavior_versions.c.number)
)
_PARTNERS = union(
    select(behavior_contracts.c.party.label("partner")),
    select(behavior_contracts.c.provider.label("partner")),
)
_SHARING_OF = select(contracts.c.id).where(contracts.c.id == bindparam("id"))
_HEAD = select(behavior_contracts.c.party).where(behavior_contracts.c.id == bindparam("id"))
_LAST = select(func.max(behavior_versions.c.number)).where(
    behavior_versions.c.contract_id == bindparam("id")
)
_SAME = (
    _VERSION.where(
        behavior_versions.c.contract_id == bindparam("id"),
        behavior_versions.c.digest == bindparam("digest"),
    )
    .order_by(behavior_versions.c.number.desc())
    .limit(1)
)
_ADD = behavior_contracts.insert()
_MOVE = (
    update(behavior_contracts)
    .where(behavior_contracts.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("newest", "party", "provider")})
)
_ADD_VERSION = behavior_versions.insert()
_ADD_CHECK = behavior_checks.insert()
_c = behavior_checks.c


class BehaviorReading:
    """Which behavior contracts there are. Versions never change once they are read."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def newest(self, contract_id: str) -> StoredBehavior:
        """Raises CONTRACT_NOT_FOUND."""
        return _found(self._find_newest(contract_id), contract_id)

    def version(self, contract_id: str, number: int) -> StoredBehavior:
        """Raises CONTRACT_NOT_FOUND."""
        row = self._reads.one(_NUMBERED, {"id": contract_id, "number": number})
        return _found(None if row is None else _stored(row), contract_id)

    def for_pair(
        self, party: str, provider: str
    ) -> tuple[tuple[StoredBehavior, ...], Mapping[str, Course]]:
        """The version in force of each contract of a party for a provider, by id, and those that
        its course names besides; and how the contracts stand, by id, where that is said.
        """
        rows = self._reads.all(_FOR_PAIR, {"party": party, "provider": provider})
        versions = tuple(
            StoredBehavior(**{name: getattr(row, name) for name in _NAMES}) for row in rows
        )
        return versions, courses_of(row for row in rows if row.contract_id is not None)

    def list(
        self, partner: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> tuple[StoredBehavior, ...]:
        """The newest version of each contract (of one partner, on either side), by id."""
        page = _NEWEST
        heads = behavior_contracts.c
        if partner is not None:
            page = page.where(or_(heads.party == partner, heads.provider == partner))
        if after is not None:
            page = page.where(heads.id > after)
        rows = self._reads.all(page.order_by(heads.id).limit(limit))
        return tuple(_stored(row) for row in rows)

    def partners(self) -> frozenset[str]:
        """Every partner that a behavior contract names, on either side."""
        return frozenset(row.partner for row in self._reads.all(_PARTNERS))

    def tallies(self, contract_id: str, *, since: datetime, until: datetime) -> tuple[Tally, ...]:
        """The checks of a contract in a span of time, those that came to the same together."""
        page = (
            select(
                _c.side, _c.outcome, _c.broken, _c.failures,
                func.count().label("checks"),
                func.sum(_c.words).label("words"),
                func.sum(_c.treated).label("treated"),
                func.sum(_c.confidence).label("confidence"),
                func.count(_c.confidence).label("confidences"),
                func.sum(_c.latency_ms).label("latency_ms"),
                func.count(_c.latency_ms).label("latencies"),
            )
            .where(_c.contract_id == contract_id, _c.at >= since, _c.at < until)
            .group_by(_c.side, _c.outcome, _c.broken, _c.failures)
        )  # fmt: skip
        return tuple(
            Tally(
                side=Side(row.side),
                outcome=Outcome(row.outcome),
                broken=tuple(row.broken),
                failures=tuple(row.failures),
                checks=row.checks,
                words=int(row.words),
                treated=int(row.treated),
                confidence=float(row.confidence or 0),
                confidences=row.confidences,
                latency_ms=int(row.latency_ms or 0),
                latencies=row.latencies,
            )
            for row in self._reads.all(page)
        )

    def _find_newest(self, contract_id: str) -> StoredBehavior | None:
        row = self._reads.one(_NEWEST_OF, {"id": contract_id})
        return None if row is None else _stored(row)


class BehaviorWriting(BehaviorReading):
    """The behavior contracts with new versions, and checks as they are decided."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def put(self, contract: UnnumberedBehavior, *, expected: int | None = None) -> StoredBehavior:
        """The contract's new version, or its newest one where that has the same digest.

        `expected` is the number that the caller built on: 0 for a contract that is not there yet,
        None for whatever there is. Raises CONTRACT_VERSION_CONFLICT where it is another, and
        CONTRACT_ID_TAKEN where the id belongs to another party or to a sharing contract: evidence
        names a contract by its id.
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
        head = {"newest": stored.number, "party": stored.party, "provider": stored.provider}
        self._writes.change(_MOVE, {"of": stored.id, **head})
        return stored

    def draft(self, contract: UnnumberedBehavior) -> StoredBehavior:
        """A version that is not in force: a new one, or the one that has this digest already.

        Raises CONTRACT_ID_TAKEN as `put` does.
        """
        self._require_free(contract)
        known = self._writes.one(_SAME, {"id": contract.id, "digest": contract.digest})
        return self._add(contract) if known is None else _stored(known)

    def check(self, record: CheckRecord, *, position: int) -> None:
        """Keeps a check with the position of its audit entry."""
        values = {**asdict(record), "position": position}
        values["side"], values["outcome"] = record.side.value, record.outcome.value
        values["broken"], values["failures"] = list(record.broken), list(record.failures)
        self._writes.later(_ADD_CHECK, values)

    def _require_free(self, contract: UnnumberedBehavior) -> StoredBehavior | None:
        """The version in force, where the id is this contract's or nobody's."""
        head = self._writes.one(_HEAD, {"id": contract.id})
        taken = (
            self._writes.one(_SHARING_OF, {"id": contract.id}) is not None
            if head is None
            else head.party != contract.party
        )
        if taken:
            raise PrivacyError(errors.CONTRACT_ID_TAKEN, contract=contract.id)
        return self._find_newest(contract.id)

    def _add(self, contract: UnnumberedBehavior) -> StoredBehavior:
        last = self._writes.one(_LAST, {"id": contract.id})
        number = 1 if last is None or last[0] is None else int(last[0]) + 1
        if number == 1:
            sides = {"party": contract.party, "provider": contract.provider}
            self._writes.change(_ADD, {"id": contract.id, "newest": 0, **sides})
        stored = StoredBehavior(**asdict(contract), number=number)
        values = asdict(stored)
        self._writes.change(_ADD_VERSION, {"contract_id": values.pop("id"), **values})
        return stored


def _stored(row: Row[Any]) -> StoredBehavior:
    return StoredBehavior(**row._asdict())


def _found(stored: StoredBehavior | None, contract_id: str) -> StoredBehavior:
    if stored is None:
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract_id)
    return stored
