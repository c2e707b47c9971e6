"""The texts of contract versions of both kinds, for examples that have to go from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, select, union_all, update

from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import behavior_versions, contract_versions

_s, _b = contract_versions.c, behavior_versions.c
_TEXTS = union_all(
    select(
        _s.contract_id.label("id"), _s.number, _s.party, _s.counterparty.label("other"), _s.source,
        literal(False).label("behavior"),
    ),
    select(
        _b.contract_id.label("id"), _b.number, _b.party, _b.provider.label("other"), _b.source,
        literal(True).label("behavior"),
    ),
).subquery()  # fmt: skip
_t = _TEXTS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractText:
    """One version of a contract as it was put. `behavior` says of which kind it is, `other` who
    stands on the other side.
    """

    id: str
    number: int
    party: str
    other: str
    behavior: bool
    source: str = field(repr=False)


class ContractTextReading:
    """The texts, by contract and version."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def holding(self, text: str, *, limit: int) -> tuple[ContractText, ...]:
        """Those that hold a text, in whatever case of its ASCII letters; at most so many."""
        if not text:
            return ()
        found = func.instr if self._reads.dialect == "sqlite" else func.strpos
        return self._found(found(func.lower(_t.source), text.lower()) > 0, limit=limit)

    def versions(self, contract_id: str) -> tuple[ContractText, ...]:
        """Every version of one contract."""
        return self._found(_t.id == contract_id)

    def of_party(self, party: str) -> tuple[ContractText, ...]:
        """Every version of every contract that a party has put."""
        return self._found(_t.party == party)

    def _found(
        self, which: ColumnElement[bool], *, limit: int | None = None
    ) -> tuple[ContractText, ...]:
        page: Select[Any] = select(_TEXTS).where(which).order_by(_t.id, _t.number).limit(limit)
        return tuple(_text(row) for row in self._reads.all(page))


class ContractTextWriting(ContractTextReading):
    """The texts, less what had to go from them."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def rewrite(self, text: ContractText, source: str) -> bool:
        """Puts another text in the place of a version's; its number and digest stay. Whether the
        one that was read was still there.
        """
        c = (behavior_versions if text.behavior else contract_versions).c
        as_read = (c.contract_id == text.id, c.number == text.number, c.source == text.source)
        return (
            self._writes.change(update(c.source.table).where(*as_read).values(source=source), {})
            > 0
        )


def _text(row: Row[Any]) -> ContractText:
    return ContractText(**{**row._asdict(), "behavior": bool(row.behavior)})
