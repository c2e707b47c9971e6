"""Shadows, and what they saw: counts and the newest differences, without values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.contracts.shadow import (
    Compared,
    Difference,
    Differing,
    Sampled,
    Shadow,
    ShadowReport,
    Tally,
)
from privacy_service.store.statements import Dialectal, Reads, Writes, insert_absent
from privacy_service.store.tables import contract_shadows, shadow_counts, shadow_differences

_NAMES: Final = tuple(one.name for one in contract_shadows.c)
_OF = and_(
    contract_shadows.c.contract_id == bindparam("named"),
    contract_shadows.c.round == bindparam("rounded"),
)
_ALL = select(contract_shadows).where(contract_shadows.c.contract_id == bindparam("named"))
_NEWEST = _ALL.order_by(contract_shadows.c.round.desc()).limit(1)
_NEWEST_OF = _NEWEST.where(contract_shadows.c.number == bindparam("numbered"))
_RUNNING = select(contract_shadows).where(
    contract_shadows.c.until > bindparam("now"), contract_shadows.c.ended_at.is_(None)
)
_ADD = contract_shadows.insert()
_END = (
    update(contract_shadows)
    .where(_OF)
    .values(ended_at=bindparam("ended"), ended_by=bindparam("ender"))
)
_COUNTS = select(shadow_counts).where(
    shadow_counts.c.contract_id == bindparam("named"), shadow_counts.c.round == bindparam("rounded")
)
_DIFFERENCES = (
    select(shadow_differences)
    .where(
        shadow_differences.c.contract_id == bindparam("named"),
        shadow_differences.c.round == bindparam("rounded"),
    )
    .order_by(shadow_differences.c.position.desc())
)
_KNOW = insert_absent(shadow_differences)
_FORGET = delete(shadow_differences).where(
    shadow_differences.c.contract_id == bindparam("named"),
    shadow_differences.c.round == bindparam("rounded"),
    shadow_differences.c.position < bindparam("oldest"),
)
_SAME, _OUTCOME, _DIFFERS, _FAILED, _DROPPED = "same", "outcome", "differs", "failed", "dropped"


def _count() -> Dialectal:
    def more(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=list(shadow_counts.primary_key.columns),
            set_={"seen": shadow_counts.c.seen + insert.excluded.seen},
        )

    return Dialectal(
        sqlite=more(sqlite.insert(shadow_counts)), postgresql=more(postgresql.insert(shadow_counts))
    )


_COUNT = _count()


class ShadowReading:
    """Which shadows there are, and what they saw."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def newest(self, contract_id: str, number: int | None = None) -> Shadow | None:
        """The last shadow of a contract, or of this version of it; None where there was none."""
        values = {"named": contract_id}
        if number is None:
            row = self._reads.one(_NEWEST, values)
        else:
            row = self._reads.one(_NEWEST_OF, {**values, "numbered": number})
        return None if row is None else _shadow(row)

    def running(self, now: datetime) -> tuple[Shadow, ...]:
        """Those that judge at this instant: at most one of each contract."""
        return tuple(_shadow(row) for row in self._reads.all(_RUNNING, {"now": now}))

    def report(self, shadow: Shadow, *, now: datetime, limit: int = 100) -> ShadowReport:
        """What it saw, with its newest differences."""
        named = {"named": shadow.contract_id, "rounded": shadow.round}
        counted: dict[str, dict[Differing, int]] = {}
        for row in self._reads.all(_COUNTS, named):
            said = Differing(what=row.what, active=row.active, candidate=row.candidate)
            counted.setdefault(row.kind, {})[said] = row.seen
        outcomes = {
            (one.active, one.candidate): count for one, count in counted.get(_OUTCOME, {}).items()
        }
        failed, dropped = (
            {one.what: count for one, count in counted.get(kind, {}).items()}
            for kind in (_FAILED, _DROPPED)
        )
        same = sum(counted.get(_SAME, {}).values())
        return ShadowReport(
            shadow=shadow,
            sampled={
                Sampled.SAME: same,
                Sampled.DIFFERS: sum(outcomes.values()) - same,
                Sampled.FAILED: sum(failed.values()),
                Sampled.DROPPED: sum(dropped.values()),
            },
            outcomes=outcomes,
            differs=counted.get(_DIFFERS, {}),
            failed=failed,
            dropped=dropped,
            newest=tuple(
                _difference(row) for row in self._reads.all(_DIFFERENCES.limit(limit), named)
            ),
            running=shadow.runs(now),
        )


class ShadowWriting(ShadowReading):
    """Shadows, begun and ended, with what more they saw."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def add(self, shadow: Shadow) -> None:
        """It begins."""
        self._writes.change(_ADD, {name: getattr(shadow, name) for name in _NAMES})

    def end(self, shadow: Shadow) -> None:
        """It is over, as it says."""
        self._writes.change(
            _END,
            {
                "named": shadow.contract_id,
                "rounded": shadow.round,
                "ended": shadow.ended_at,
                "ender": shadow.ended_by,
            },
        )

    def count(self, contract_id: str, numbered: int, tally: Tally) -> None:
        """What it saw more; of the differences the newest stay."""
        of = {"contract_id": contract_id, "round": numbered}
        for kind, said, count in _counted(tally):
            values = {"what": said.what, "active": said.active, "candidate": said.candidate}
            self._writes.change(_COUNT, {**of, "kind": kind, **values, "seen": count})
        for one in tally.newest:
            self._writes.change(_KNOW, {**of, **_values(one)})
        if tally.newest:
            self._forget(contract_id, numbered, tally.most)

    def _forget(self, contract_id: str, numbered: int, most: int) -> None:
        kept = self._reads.all(
            _DIFFERENCES.limit(most), {"named": contract_id, "rounded": numbered}
        )
        values = {"named": contract_id, "rounded": numbered, "oldest": kept[-1].position}
        self._writes.change(_FORGET, values)


def _counted(tally: Tally) -> Iterator[tuple[str, Differing, int]]:
    for (active, candidate), count in sorted(tally.outcomes.items()):
        yield _OUTCOME, Differing(what="", active=active, candidate=candidate), count
    for said, count in tally.differs.items():
        yield _DIFFERS, said, count
    for kind, counts in ((_FAILED, tally.failed), (_DROPPED, tally.dropped)):
        for why, count in counts.items():
            yield kind, Differing(what=why, active="", candidate=""), count
    if tally.same:
        yield _SAME, Differing(what="", active="", candidate=""), tally.same


def _values(one: Difference) -> dict[str, object]:
    said = one.compared
    return {
        "position": one.position,
        "reference": one.reference,
        "at": one.at,
        "number": one.number,
        "active": said.active,
        "candidate": said.candidate,
        "differs": [[each.what, each.active, each.candidate] for each in said.differs],
    }


def _difference(row: Row[Any]) -> Difference:
    return Difference(
        reference=row.reference,
        position=row.position,
        at=row.at,
        number=row.number,
        compared=Compared(
            active=row.active,
            candidate=row.candidate,
            differs=tuple(
                Differing(what=what, active=active, candidate=candidate)
                for what, active, candidate in row.differs
            ),
        ),
    )


def _shadow(row: Row[Any]) -> Shadow:
    return Shadow(**row._asdict())
