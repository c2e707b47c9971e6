"""Behavior contracts as immutable, numbered versions, and what was judged by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select

from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.ports import CheckRecord
from privacy_service.behavior.report import Tally
from privacy_service.contracts.course import Course
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
from privacy_service.store.versions import VersionReading, Versions, VersionWriting


def _stored(row: Row[Any]) -> StoredBehavior:
    return StoredBehavior(**row._asdict())


_KEPT = Versions(
    StoredBehavior,
    heads=behavior_contracts,
    versions=behavior_versions,
    other="provider",
    elsewhere=contracts,
    read=_stored,
)
_NAMES = [column.name for column in _KEPT.columns]
_OF_PAIR = and_(
    behavior_contracts.c.party == bindparam("party"),
    behavior_contracts.c.provider == bindparam("provider"),
)
_FOR_PAIR = (
    select(*_KEPT.columns, behavior_contracts.c.newest, contract_courses)
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
_ADD_CHECK = behavior_checks.insert()
_c = behavior_checks.c


class BehaviorReading(VersionReading[StoredBehavior]):
    """Which behavior contracts there are."""

    def __init__(self, reads: Reads) -> None:
        super().__init__(reads, _KEPT)

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


class BehaviorWriting(BehaviorReading, VersionWriting[UnnumberedBehavior, StoredBehavior]):
    """The behavior contracts with new versions, and checks as they are decided."""

    def __init__(self, writes: Writes) -> None:
        VersionWriting.__init__(self, writes, _KEPT)

    def check(self, record: CheckRecord, *, position: int) -> None:
        """Keeps a check with the position of its audit entry."""
        values = {**asdict(record), "position": position}
        values["side"], values["outcome"] = record.side.value, record.outcome.value
        values["broken"], values["failures"] = list(record.broken), list(record.failures)
        self._writes.later(_ADD_CHECK, values)
