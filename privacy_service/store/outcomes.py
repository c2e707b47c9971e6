"""What was said of checks afterwards, and how often failure modes fired."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, cast, extract, func, select, text

from privacy_service import errors
from privacy_service.behavior.model import Side
from privacy_service.behavior.outcomes import (
    FiredTally,
    KnownCheck,
    OutcomeKind,
    OutcomeTally,
    ReportedOutcome,
)
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import behavior_checks, check_outcomes

_ADD = check_outcomes.insert()
_c, _o = behavior_checks.c, check_outcomes.c
_FIRED = text("CAST(behavior_checks.failures AS TEXT) != '[]'")
"""As the index of the checks for which something fired has it."""
_DAY_SECONDS = 86400


class OutcomeReading:
    """What is known of checks and their outcomes."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def check(self, party: str, check_id: str) -> KnownCheck:
        """Raises CHECK_NOT_FOUND."""
        page = select(
            _c.position, _c.at, _c.contract_id, _c.number, _c.side, _c.use_case, _c.broken,
            _c.failures, _c.confidence,
        ).where(_c.party == party, _c.check_id == check_id)  # fmt: skip
        row = self._reads.one(page)
        if row is None:
            raise PrivacyError(errors.CHECK_NOT_FOUND, check=check_id)
        values = row._asdict() | {
            "side": Side(row.side), "broken": tuple(row.broken), "failures": tuple(row.failures),
        }  # fmt: skip
        return KnownCheck(**values)

    def told(self, position: int) -> bool:
        """Whether anything was said of a check yet."""
        page = select(_o.id).where(_o.position == position).limit(1)
        return self._reads.one(page) is not None

    def fired(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[FiredTally, ...]:
        """The checks of a contract in a span of time for which failure modes fired."""
        seconds = cast(extract("epoch", _c.at), Integer)
        day = seconds - seconds % _DAY_SECONDS
        page = (
            select(
                _c.number, _c.failures, day.label("day"),
                func.count().label("checks"), func.max(_c.at, type_=_c.at.type).label("last_at"),
            )
            .where(_c.contract_id == contract_id, _c.at >= since, _c.at < until, _FIRED)
            .group_by(_c.number, _c.failures, day)
        )  # fmt: skip
        return tuple(
            FiredTally(
                number=row.number,
                day=datetime.fromtimestamp(row.day, UTC).date(),
                failures=tuple(row.failures),
                checks=row.checks,
                last_at=row.last_at,
            )
            for row in self._reads.all(page)
        )

    def last_fired(self, contract_id: str) -> dict[str, datetime]:
        """When each failure mode of a contract fired last, ever."""
        page = (
            select(_c.failures, func.max(_c.at, type_=_c.at.type).label("last_at"))
            .where(_c.contract_id == contract_id, _FIRED)
            .group_by(_c.failures)
        )
        last: dict[str, datetime] = {}
        for row in self._reads.all(page):
            for name in row.failures:
                last[name] = max(row.last_at, last.get(name, row.last_at))
        return last

    def outcomes(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[OutcomeTally, ...]:
        """What was said in a span of time of checks under a contract, the same together."""
        said = (_c.side, _o.kind, _o.broken, _o.failure, _c.broken.label("judged"), _c.failures)
        grouped: list[Any] = [_c.side, _o.kind, _o.broken, _o.failure, _c.broken, _c.failures]
        page = (
            select(*said, func.count().label("outcomes"))
            .join(behavior_checks, _o.position == _c.position)
            .where(_o.contract_id == contract_id, _o.at >= since, _o.at < until)
            .group_by(*grouped)
        )
        return tuple(
            OutcomeTally(
                side=Side(row.side),
                kind=OutcomeKind(row.kind),
                said=tuple(row.broken),
                named=row.failure,
                judged=tuple(row.judged),
                fired=tuple(row.failures),
                outcomes=row.outcomes,
            )
            for row in self._reads.all(page)
        )


class OutcomeWriting(OutcomeReading):
    """The outcomes, with new ones."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def add(self, one: ReportedOutcome) -> None:
        """Keeps what somebody said."""
        values = {
            "id": one.id, "position": one.position, "contract_id": one.contract_id, "at": one.at,
            "kind": one.kind.value, "broken": list(one.broken), "failure": one.failure,
            "reported_by": one.reported_by,
        }  # fmt: skip
        self._writes.change(_ADD, values)
