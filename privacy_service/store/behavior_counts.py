"""Counts of checks by minute, later by hour, in the database; and how far checks are counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from privacy_service.behavior.counts import Counts, Known
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.ports import CheckRecord
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import behavior_checks, behavior_counted, behavior_counts

_c = behavior_counts.c
_k = behavior_checks.c
_MARK = select(behavior_counted.c.position)
_UNCOUNTED = (
    select(*_k)
    .where(_k.position > bindparam("after"))
    .order_by(_k.position)
    .limit(bindparam("most"))
)
_KEY = ("contract_id", "number", "use_case", "side", "spans", "begins_at")
_THIS = [_c[name] == bindparam(f"of_{name}") for name in _KEY]
_GET = select(_c.counts).where(*_THIS)
_ADD = behavior_counts.insert()
_MOVE = update(behavior_counts).where(*_THIS).values(counts=bindparam("new_counts"))
_DROP = delete(behavior_counts).where(*_THIS)
MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Of what counts are: one version of one contract, one use case, one side."""

    contract_id: str
    number: int
    use_case: str | None
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The counts of a minute or an hour (`spans` seconds) from an instant on."""

    series: Series
    spans: int
    begins_at: datetime
    counts: Counts


class CountReading:
    """What was counted, and how far."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def mark(self) -> int:
        """The position of the last check that was counted; -1 for none."""
        row = self._reads.one(_MARK)
        return -1 if row is None else row.position

    def uncounted(self, *, most: int) -> tuple[tuple[int, CheckRecord], ...]:
        """Checks that were not counted yet, with their positions, oldest first."""
        rows = self._reads.all(_UNCOUNTED, {"after": self.mark(), "most": most})
        return tuple((row.position, _record(row)) for row in rows)

    def bins(
        self,
        contract_id: str,
        *,
        since: datetime,
        until: datetime,
        side: Side | None = None,
        number: int | None = None,
        use_case: str | None = None,
    ) -> tuple[Bin, ...]:
        """The bins of a contract that begin in a span of time, in its order."""
        page = select(*_c).where(
            _c.contract_id == contract_id, _c.begins_at >= since, _c.begins_at < until
        )
        for column, value in (
            (_c.side, None if side is None else side.value),
            (_c.number, number),
            (_c.use_case, use_case),
        ):
            if value is not None:
                page = page.where(column == value)
        return tuple(_bin(row) for row in self._reads.all(page.order_by(_c.begins_at)))

    def contracts(self, *, since: datetime, limit: int) -> tuple[str, ...]:
        """The contracts of which checks were counted since, those with the most bins first."""
        page = (
            select(_c.contract_id)
            .where(_c.begins_at >= since)
            .group_by(_c.contract_id)
            .order_by(func.count().desc(), _c.contract_id)
            .limit(limit)
        )
        return tuple(row.contract_id for row in self._reads.all(page))

    def reaches_before(self, at: datetime) -> bool:
        """Whether something is kept that begins before an instant."""
        return self._reads.one(select(_c.spans).where(_c.begins_at < at).limit(1)) is not None

    def minutes_before(self, at: datetime, *, limit: int) -> tuple[Bin, ...]:
        """Minutes that begin before an instant, oldest first."""
        page = select(*_c).where(_c.spans == MINUTE, _c.begins_at < at)
        return tuple(_bin(row) for row in self._reads.all(page.order_by(_c.begins_at).limit(limit)))


class CountWriting(CountReading):
    """The counts, added to, put together and forgotten."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def add(self, bins: Iterable[Bin]) -> None:
        """Adds counts to those that are there."""
        for one in bins:
            key = {f"of_{name}": value for name, value in _key(one).items()}
            row = self._writes.one(_GET, key)
            if row is None:
                self._writes.change(_ADD, {**_key(one), "counts": _plain(one.counts)})
            else:
                both = _counts(row.counts).plus(one.counts)
                self._writes.change(_MOVE, {**key, "new_counts": _plain(both)})

    def drop(self, bins: Iterable[Bin]) -> None:
        """Takes these bins away."""
        for one in bins:
            self._writes.change(_DROP, {f"of_{name}": value for name, value in _key(one).items()})

    def move_mark(self, position: int) -> None:
        """Checks up to this position are counted."""
        if self._writes.change(update(behavior_counted).values(position=position), {}) == 0:
            self._writes.change(behavior_counted.insert(), {"id": 1, "position": position})

    def forget(self, before: datetime) -> int:
        """Takes away what begins before an instant. How much."""
        return self._writes.change(
            delete(behavior_counts).where(_c.begins_at < bindparam("before")), {"before": before}
        )


def minute_of(at: datetime) -> datetime:
    """The beginning of its minute."""
    return at.replace(second=0, microsecond=0)


def hour_of(at: datetime) -> datetime:
    """The beginning of its hour."""
    return minute_of(at) - timedelta(minutes=at.minute)


def _key(one: Bin) -> dict[str, Any]:
    series = one.series
    return {
        "contract_id": series.contract_id,
        "number": series.number,
        "use_case": series.use_case or "",
        "side": series.side.value,
        "spans": one.spans,
        "begins_at": one.begins_at,
    }


def _bin(row: Any) -> Bin:
    return Bin(
        series=Series(
            contract_id=row.contract_id,
            number=row.number,
            use_case=row.use_case or None,
            side=Side(row.side),
        ),
        spans=row.spans,
        begins_at=row.begins_at,
        counts=_counts(row.counts),
    )


def _record(row: Any) -> CheckRecord:
    kept = {name: value for name, value in row._asdict().items() if name in _RECORDED}
    return CheckRecord(
        **kept
        | {
            "check_id": row.check_id or "",
            "side": Side(row.side),
            "outcome": Outcome(row.outcome),
            "broken": tuple(row.broken),
            "failures": tuple(row.failures),
        }
    )


_RECORDED = frozenset(CheckRecord.__dataclass_fields__)
_NUMBERS = (
    "checks",
    "violations",
    "treated",
    "treated_checks",
    "words",
    "confidence",
    "latency_ms",
)
_BINNED = ("lengths", "latencies", "confidences")


def _plain(counts: Counts) -> dict[str, Any]:
    written: dict[str, Any] = {name: getattr(counts, name) for name in _NUMBERS}
    written["outcomes"] = {outcome.value: count for outcome, count in counts.outcomes.items()}
    for name in ("broken", "failures", *_BINNED):
        written[name] = {str(key): count for key, count in getattr(counts, name).items()}
    written["known"] = {
        str(bin_): [one.checks, one.right, one.confidence, one.squared]
        for bin_, one in counts.known.items()
    }
    return {name: value for name, value in written.items() if value}


def _counts(kept: Mapping[str, Any]) -> Counts:
    read: dict[str, Any] = {name: kept.get(name, 0) for name in _NUMBERS}
    for name in _BINNED:
        read[name] = {int(key): count for key, count in kept.get(name, {}).items()}
    return Counts(
        **read,
        broken=dict(kept.get("broken", {})),
        failures=dict(kept.get("failures", {})),
        outcomes={Outcome(name): count for name, count in kept.get("outcomes", {}).items()},
        known={
            int(bin_): Known(checks=n, right=r, confidence=c, squared=s)
            for bin_, (n, r, c, s) in kept.get("known", {}).items()
        },
    )
