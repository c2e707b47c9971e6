"""What contracts of both kinds have in common in the database: immutable, numbered versions.

A contract has one row that says whose it is and which version is in force (its head), and a row
for each version. An id belongs to one kind and to one party: evidence names a contract by its id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Row, Table, and_, bindparam, func, or_, select, union, update

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unnumbered:
    """A contract version before the store gave it a number. `source` is the YAML as put."""

    id: str
    digest: str
    party: str
    source: str = field(repr=False)
    put_at: datetime
    put_by: str


class Numbered(Protocol):
    """A version as the store gives it back; `number` counts from 1 per contract."""

    @property
    def id(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def number(self) -> int: ...


U = TypeVar("U", bound=Unnumbered)
S = TypeVar("S", bound=Numbered)


class Versions(Generic[S]):
    """Where the contracts of one kind are, and the statements about them.

    `other` is the column of whom the contract is with, beside `party`; `elsewhere` has the heads
    of the other kind; `read` makes a version of its row.
    """

    def __init__(
        self,
        kind: type[S],
        *,
        heads: Table,
        versions: Table,
        other: str,
        elsewhere: Table,
        read: Callable[[Row[Any]], S],
    ) -> None:
        self.kind, self.read, self.other = kind, read, other
        self.heads = heads.c
        of = versions.c.contract_id == bindparam("id")
        number = versions.c.number
        names = [column.name for column in fields(kind)]  # type: ignore[arg-type]
        self.columns = [
            versions.c.contract_id.label("id") if name == "id" else versions.c[name]
            for name in names
        ]
        self.all = select(*self.columns)
        in_force = and_(versions.c.contract_id == heads.c.id, number == heads.c.newest)
        self.newest = self.all.join(heads, in_force)
        self.newest_of = self.newest.where(heads.c.id == bindparam("id"))
        self.numbered = self.all.where(of, number == bindparam("number"))
        digest = versions.c.digest == bindparam("digest")
        self.same = self.all.where(of, digest).order_by(number.desc()).limit(1)
        self.last = select(func.max(number)).where(of)
        self.head = select(heads.c.party).where(heads.c.id == bindparam("id"))
        self.taken = select(elsewhere.c.id).where(elsewhere.c.id == bindparam("id"))
        self.partners = union(
            select(heads.c.party.label("partner")), select(heads.c[other].label("partner"))
        )
        self.add = heads.insert()
        self.add_version = versions.insert()
        moved: dict[str, Any] = {name: bindparam(name) for name in ("newest", "party", other)}
        self.move = update(heads).where(heads.c.id == bindparam("of")).values(moved)


class VersionReading(Generic[S]):
    """Which contracts of a kind there are. Versions never change once they are read."""

    def __init__(self, reads: Reads, kept: Versions[S]) -> None:
        self._reads = reads
        self._kept = kept

    def newest(self, contract_id: str) -> S:
        """Raises CONTRACT_NOT_FOUND."""
        return _found(self._find_newest(contract_id), contract_id)

    def version(self, contract_id: str, number: int) -> S:
        """Raises CONTRACT_NOT_FOUND."""
        row = self._reads.one(self._kept.numbered, {"id": contract_id, "number": number})
        return _found(None if row is None else self._kept.read(row), contract_id)

    def list(
        self, partner: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> tuple[S, ...]:
        """The newest version of each contract (of one partner, on either side), by id."""
        heads, page = self._kept.heads, self._kept.newest
        if partner is not None:
            page = page.where(or_(heads.party == partner, heads[self._kept.other] == partner))
        if after is not None:
            page = page.where(heads.id > after)
        rows = self._reads.all(page.order_by(heads.id).limit(limit))
        return tuple(self._kept.read(row) for row in rows)

    def partners(self) -> frozenset[str]:
        """Every partner that a contract of this kind names, on either side."""
        return frozenset(row.partner for row in self._reads.all(self._kept.partners))

    def _find_newest(self, contract_id: str) -> S | None:
        row = self._reads.one(self._kept.newest_of, {"id": contract_id})
        return None if row is None else self._kept.read(row)


class VersionWriting(VersionReading[S], Generic[U, S]):
    """The contracts of a kind, with new versions."""

    def __init__(self, writes: Writes, kept: Versions[S]) -> None:
        super().__init__(writes, kept)
        self._writes = writes

    def put(self, contract: U, *, expected: int | None = None) -> S:
        """The contract's new version, or its newest one where that has the same digest.

        `expected` is the number that the caller built on: 0 for a contract that is not there yet,
        None for whatever there is. Raises CONTRACT_VERSION_CONFLICT where it is another, and
        CONTRACT_ID_TAKEN where the id is another party's, whose contract it would take the place
        of, or belongs to the other kind.
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
        head = {"newest": stored.number, **self._sides(contract)}
        self._writes.change(self._kept.move, {"of": stored.id, **head})
        return stored

    def draft(self, contract: U) -> S:
        """A version that is not in force: a new one, or the one that has this digest already.

        Raises CONTRACT_ID_TAKEN as `put` does.
        """
        self._require_free(contract)
        same = {"id": contract.id, "digest": contract.digest}
        known = self._writes.one(self._kept.same, same)
        return self._add(contract) if known is None else self._kept.read(known)

    def touch(self) -> None:
        """What was read of contracts until now may not be so any more."""

    def _require_free(self, contract: U) -> S | None:
        """The version in force, where the id is this contract's or nobody's."""
        head = self._writes.one(self._kept.head, {"id": contract.id})
        taken = (
            self._writes.one(self._kept.taken, {"id": contract.id}) is not None
            if head is None
            else head.party != contract.party
        )
        if taken:
            raise PrivacyError(errors.CONTRACT_ID_TAKEN, contract=contract.id)
        return self._find_newest(contract.id)

    def _add(self, contract: U) -> S:
        last = self._writes.one(self._kept.last, {"id": contract.id})
        number = 1 if last is None or last[0] is None else int(last[0]) + 1
        if number == 1:
            head = {"id": contract.id, "newest": 0, **self._sides(contract)}
            self._writes.change(self._kept.add, head)
        values = {**asdict(contract), "number": number}
        stored = self._kept.kind(**values)
        self._writes.change(self._kept.add_version, {"contract_id": values.pop("id"), **values})
        self.touch()
        return stored

    def _sides(self, contract: U) -> dict[str, str]:
        return {"party": contract.party, self._kept.other: getattr(contract, self._kept.other)}


def _found(stored: S | None, contract_id: str) -> S:
    if stored is None:
        raise PrivacyError(errors.CONTRACT_NOT_FOUND, contract=contract_id)
    return stored
