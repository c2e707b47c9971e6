"""The audit log in the database: entries, the inner nodes of their tree, and its head.

The tree is RFC 9162's (section 2.1). Each inner node is stored once, when it is complete, so that
an append costs one node on average and a proof reads a number of nodes that grows with the
logarithm of the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.merkle import HASH_SIZE, Frontier, leaf_hash
from privacy_service.evidence.queries import EntryQuery
from privacy_service.store.disclosures import positions_under
from privacy_service.store.pages import any_of, chunks
from privacy_service.store.rows import SequencedEntry
from privacy_service.store.statements import Reads, Settled, Writes
from privacy_service.store.tables import audit_entries, audit_log, audit_nodes, audit_subjects

_HEAD = select(audit_log.c.origin, audit_log.c.size, audit_log.c.frontier)
# Whoever holds this row's lock is the one writer, on whatever replica.
_LOCKED_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = update(audit_log).values(size=bindparam("to"), frontier=bindparam("hashes"))
_ENTRIES = select(audit_entries.c.position, audit_entries.c.leaf, audit_entries.c.digest)
_ENTRY = _ENTRIES.where(audit_entries.c.position == bindparam("wanted"))
_FIRST_SINCE = (
    select(audit_entries.c.position)
    .where(audit_entries.c.at >= bindparam("since"))
    .order_by(audit_entries.c.at, audit_entries.c.position)
    .limit(1)
)
_NODE = select(audit_nodes.c.digest).where(
    audit_nodes.c.level == bindparam("level"), audit_nodes.c.place == bindparam("place")
)
_NODES = select(audit_nodes.c.level, audit_nodes.c.place, audit_nodes.c.digest)
_ADD_ENTRY = audit_entries.insert()
_ADD_NODE = audit_nodes.insert()
_ADD_SUBJECT = audit_subjects.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    origin: str
    frontier: Frontier


class AuditReading:
    """What the log holds."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def origin(self) -> str:
        """The log's name, as its checkpoints carry it."""
        return _head(self._reads).origin

    def size(self) -> int:
        """How many entries the log holds."""
        return self._newest().size

    def leaf(self, position: int) -> bytes:
        """The exact bytes of one entry. Raises AUDIT_RANGE_INVALID."""
        return self._sequenced(position).leaf

    def entries(
        self, start: int = 0, limit: int = 100, query: EntryQuery | None = None
    ) -> tuple[SequencedEntry, ...]:
        """What the query asks for (None: all), from position `start` on, in order, at most `limit`.

        The next page starts one after the last position returned.
        """
        query = query or EntryQuery()
        wanted = [audit_entries.c.position >= start, *_conditions(query)]
        rows = self._reads.all(_page(wanted, query.partner, limit))
        return tuple(_sequenced(row) for row in rows)

    def with_outcomes(
        self, outcomes: Sequence[str], *, start: int, end: int, limit: int
    ) -> tuple[SequencedEntry, ...]:
        """The entries from `start` until before `end` that came to one of these, in order, and
        those of older replicas, of which the outcome is not kept apart; at most `limit`.
        """
        column = audit_entries.c
        rows = self._reads.all(
            _ENTRIES.where(
                column.position >= start,
                column.position < end,
                or_(column.outcome.in_(outcomes), column.outcome.is_(None)),
            )
            .order_by(column.position)
            .limit(limit)
        )
        return tuple(_sequenced(row) for row in rows)

    def first_since(self, at: datetime) -> int:
        """The position of the first entry from then on; the log's size where there is none."""
        row = self._reads.one(_FIRST_SINCE, {"since": at})
        return self.size() if row is None else int(row.position)

    def at(self, positions: Sequence[int]) -> tuple[SequencedEntry, ...]:
        """The entries at these positions, in order; those that are not there are left out."""
        position = audit_entries.c.position
        found: list[SequencedEntry] = []
        for some in chunks(sorted(set(positions))):
            page = _ENTRIES.where(position.in_(some)).order_by(position)
            found += (_sequenced(row) for row in self._reads.all(page))
        return tuple(found)

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree over leaves `index * 2**level` to the next one's.

        Raises AUDIT_RANGE_INVALID where the log does not fill that subtree yet.
        """
        if level == 0:
            return self._sequenced(index).digest
        row = self._reads.one(_NODE, {"level": level, "place": index})
        if row is None:
            raise PrivacyError(errors.AUDIT_RANGE_INVALID, level=level, index=index)
        return bytes(row.digest)

    def nodes(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Many nodes, (level, index), in few statements; those that are not there are left out."""
        inner = [node for node in wanted if node[0]]
        leaves = [index for level, index in wanted if not level]
        found = {(0, each.position): each.digest for each in self.at(leaves)}
        for some in chunks(inner):
            rows = self._reads.all(_NODES.where(_named(some)))
            found |= {(row.level, row.place): bytes(row.digest) for row in rows}
        return found

    def period(self, since: datetime | None, until: datetime | None) -> tuple[int, int] | None:
        """The position of the first entry of the period and the one after its last; None where it
        has none. Entries between them may be of another time: they stand as they were committed.
        """
        position = audit_entries.c.position
        wanted = [*_conditions(EntryQuery(since=since, until=until))]
        ends = select(func.min(position).label("first"), func.max(position).label("last"))
        row = self._reads.one(ends.where(*wanted))
        if row is None or row.first is None:
            return None
        return 0 if since is None else row.first, self.size() if until is None else row.last + 1

    def digests(self, first: int, end: int) -> tuple[bytes, ...]:
        """The leaf hashes from position `first` to before `end`."""
        position, digest = audit_entries.c.position, audit_entries.c.digest
        # An entry from before the column was there is read whole: its hash follows from it.
        leaf = case((digest.is_(None), audit_entries.c.leaf)).label("leaf")
        page = select(digest, leaf).where(position >= first, position < end).order_by(position)
        return tuple(
            leaf_hash(bytes(row.leaf)) if row.digest is None else bytes(row.digest)
            for row in self._reads.all(page)
        )

    def frontier(self, size: int | None = None) -> Frontier:
        """The tree's right edge at `size` (None: now), from which its root follows.

        Raises AUDIT_RANGE_INVALID for a size that the log does not have yet.
        """
        newest = self._newest()
        if size is None or size == newest.size:
            return newest
        if not 0 <= size < newest.size:
            raise PrivacyError(errors.AUDIT_RANGE_INVALID, size=size)
        return Frontier.at(size, self.node)

    def _sequenced(self, position: int) -> SequencedEntry:
        row = self._reads.one(_ENTRY, {"wanted": position})
        if row is None:
            raise PrivacyError(errors.AUDIT_RANGE_INVALID, position=position)
        return _sequenced(row)

    def _newest(self) -> Frontier:
        return _head(self._reads).frontier


class AuditWriting(AuditReading):
    """The log, with appends. Positions count from 0 without gaps, and hold once committed."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(Settled(writes))
        self._writes = writes
        self._frontier = self._kept = _head(writes, _LOCKED_HEAD).frontier

    def append(self, entry: AuditEntry) -> int:
        """The entry's position, which is final if this unit of work is committed."""
        position, leaf = self._frontier.size, entry.to_bytes()
        digest = leaf_hash(leaf)
        self._frontier, nodes = self._frontier.append(digest)
        self._writes.later(
            _ADD_ENTRY,
            {
                "position": position,
                "at": entry.at,
                "action": entry.action,
                "partner": entry.partner,
                "counterparty": entry.counterparty,
                "leaf": leaf,
                "digest": digest,
                "resource": entry.resource,
                "outcome": entry.outcome,
            },
        )
        for subject in dict.fromkeys(entry.subjects):
            self._writes.later(_ADD_SUBJECT, {"subject": subject, "position": position})
        for node in nodes:
            if node.level:  # a leaf's hash stands with the entry
                values = {"level": node.level, "place": node.index, "digest": node.digest}
                self._writes.later(_ADD_NODE, values)
        return position

    def _newest(self) -> Frontier:
        return self._frontier

    def rewind(self, frontier: Frontier) -> None:
        """Forgets the appends since `frontier`, whose rows were dropped."""
        self._frontier = frontier

    def finish(self) -> None:
        """Moves the head to the last append."""
        if self._frontier.size != self._kept.size:
            hashes = b"".join(self._frontier.hashes)
            self._writes.change(_MOVE_HEAD, {"to": self._frontier.size, "hashes": hashes})
            self._kept = self._frontier


def _head(reads: Reads, statement: Executable = _HEAD) -> _Head:
    row = reads.one(statement)
    if row is None:
        raise PrivacyError(errors.STORE_UNAVAILABLE, missing="audit_log")
    edge = bytes(row.frontier)
    hashes = (edge[at : at + HASH_SIZE] for at in range(0, len(edge), HASH_SIZE))
    return _Head(origin=row.origin, frontier=Frontier(size=row.size, hashes=tuple(hashes)))


def _sequenced(row: Row[Any]) -> SequencedEntry:
    leaf = bytes(row.leaf)
    # Entries of releases before the column was there have none: it follows from the leaf.
    digest = leaf_hash(leaf) if row.digest is None else bytes(row.digest)
    return SequencedEntry(position=row.position, leaf=leaf, digest=digest)


def _named(nodes: Sequence[tuple[int, int]]) -> ColumnElement[bool]:
    """A condition for each level. Both databases walk the index for it; for a list of pairs SQLite
    would scan the table.
    """
    by_level: dict[int, list[int]] = {}
    for level, place in nodes:
        by_level.setdefault(level, []).append(place)
    named = audit_nodes.c
    return or_(
        *(and_(named.level == level, named.place.in_(some)) for level, some in by_level.items())
    )


def _conditions(query: EntryQuery) -> Iterator[ColumnElement[bool]]:
    position = audit_entries.c.position
    if query.resource is not None:
        yield audit_entries.c.resource == query.resource
    if query.subjects is not None:
        about = audit_subjects.c.subject.in_(query.subjects)
        yield position.in_(select(audit_subjects.c.position).where(about))
    if query.contract is not None:
        released = position.in_(positions_under(query.contract, query.number))
        yield or_(released, audit_entries.c.resource == query.contract)
    if query.action is not None:
        yield audit_entries.c.action == query.action
    if query.since is not None:
        yield audit_entries.c.at >= query.since
    if query.until is not None:
        yield audit_entries.c.at < query.until


def _page(
    wanted: list[ColumnElement[bool]], partner: str | None, limit: int
) -> Select[tuple[int, bytes, bytes]]:
    position = audit_entries.c.position
    if partner is None:
        page = _ENTRIES.where(*wanted)
    else:
        sides = [audit_entries.c[side] == partner for side in ("partner", "counterparty")]
        page = _ENTRIES.where(position.in_(any_of(position, sides, wanted, limit)))
    return page.order_by(position).limit(limit)
