"""Curbs in the database. Few hold at a time, so that those are read whole, once a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from privacy_service import errors
from privacy_service.behavior.curbs import Containment, Curb, CurbKind, Tally
from privacy_service.behavior.model import FallBack, Halt, HaltCollection, Side, Throttle
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import behavior_curbs

_c = behavior_curbs.c
_ALL = select(*_c)
_GET = _ALL.where(_c.id == bindparam("named"))
_ACTIVE = _ALL.where(_c.lifted_at.is_(None)).order_by(_c.id)
_ADD = behavior_curbs.insert()
_MOVE = (
    update(behavior_curbs)
    .where(_c.id == bindparam("named"))
    .values({name: bindparam(name) for name in ("tally", "lifted_by", "lifted_at")})
)


class CurbReading:
    """Which curbs there are, and which hold."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def get(self, curb_id: str) -> Curb:
        """The curb. Raises CURB_NOT_FOUND."""
        row = self._reads.one(_GET, {"named": curb_id})
        if row is None:
            raise PrivacyError(errors.CURB_NOT_FOUND, curb=curb_id)
        return _curb(row)

    def on(self, contract_id: str) -> tuple[Curb, ...]:
        """Those that hold for the checks of a contract, by id."""
        return tuple(_curb(row) for row in self._holding() if row.contract_id == contract_id)

    def list(
        self,
        *,
        party: str | None = None,
        contract_id: str | None = None,
        lifted: bool = False,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[Curb, ...]:
        """The curbs by id, without those that were lifted unless asked."""
        page = _ALL if lifted else _ALL.where(_c.lifted_at.is_(None))
        for column, value in ((_c.party, party), (_c.contract_id, contract_id)):
            if value is not None:
                page = page.where(column == value)
        if after is not None:
            page = page.where(_c.id > after)
        return tuple(_curb(row) for row in self._reads.all(page.order_by(_c.id).limit(limit)))

    def of_run(self, run_id: str) -> tuple[Curb, ...]:
        """Those that a run has put in place and that hold."""
        return tuple(_curb(row) for row in self._holding() if row.run_id == run_id)

    def _holding(self) -> Sequence[Row[Any]]:
        return self._reads.all(_ACTIVE)


class CurbWriting(CurbReading):
    """The curbs, placed, counted on and lifted.

    A batch is alone with the database, so what it has read of them stays true for it until it
    changes one itself.
    """

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes
        self._known: Sequence[Row[Any]] | None = None

    def place(self, curb: Curb) -> None:
        """Adds a curb that was just placed."""
        self._known = None
        values = {
            "id": curb.id,
            "contract_id": curb.contract_id,
            "party": curb.party,
            "run_id": curb.run_id,
            "kind": curb.kind.value,
            "does": _plain(curb.does),
            "side": curb.side.value,
            "from_number": curb.from_number,
            "to_number": curb.to_number,
            "reason": curb.reason,
            "placed_by": curb.placed_by,
            "placed_at": curb.placed_at,
            "tally": _tallied(curb.tally),
        }
        self._writes.change(_ADD, values)

    def move(self, curb: Curb) -> None:
        """Keeps what the curb has counted, and its lift."""
        self._known = None
        values = {
            "named": curb.id,
            "tally": _tallied(curb.tally),
            "lifted_by": curb.lifted_by,
            "lifted_at": curb.lifted_at,
        }
        self._writes.change(_MOVE, values)

    def _holding(self) -> Sequence[Row[Any]]:
        if self._known is None:
            self._known = super()._holding()
        return self._known


def _curb(row: Row[Any]) -> Curb:
    return Curb(
        id=row.id,
        contract_id=row.contract_id,
        party=row.party,
        run_id=row.run_id,
        does=_READ[CurbKind(row.kind)](row.does),
        side=Side(row.side),
        from_number=row.from_number,
        to_number=row.to_number,
        reason=row.reason,
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        tally=_tally(row.tally),
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )


def _plain(does: Containment) -> dict[str, Any]:
    match does:
        case Halt():
            after = does.half_open_after
            seconds = None if after is None else after.total_seconds()
            return {"half_open_after": seconds, "probes": does.probes}
        case Throttle():
            return {"most": does.most, "per": does.per.total_seconds()}
        case FallBack():
            return {"provider": does.provider}
        case HaltCollection():
            return {}


def _halt(kept: Mapping[str, Any]) -> Halt:
    after = kept["half_open_after"]
    return Halt(
        half_open_after=None if after is None else timedelta(seconds=after), probes=kept["probes"]
    )


_READ: Final[Mapping[CurbKind, Any]] = {
    CurbKind.HALT: _halt,
    CurbKind.THROTTLE: lambda kept: Throttle(most=kept["most"], per=timedelta(seconds=kept["per"])),
    CurbKind.FALL_BACK: lambda kept: FallBack(provider=kept["provider"]),
    CurbKind.HALT_COLLECTION: lambda _kept: HaltCollection(),
}


def _tallied(tally: Tally) -> dict[str, Any]:
    return {
        "since": tally.since.isoformat(),
        "round": tally.round,
        "let": tally.let,
        "others": tally.others,
        "let_at": None if tally.let_at is None else tally.let_at.isoformat(),
        "well": tally.well,
        "used": tally.used,
    }


def _tally(kept: Mapping[str, Any]) -> Tally:
    let_at = kept["let_at"]
    return Tally(
        since=datetime.fromisoformat(kept["since"]),
        round=kept["round"],
        let=kept["let"],
        others=kept["others"],
        let_at=None if let_at is None else datetime.fromisoformat(let_at),
        well=kept["well"],
        used=kept["used"],
    )
