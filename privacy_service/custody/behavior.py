"""Behavior contracts as the desk asks for them, on the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from privacy_service.behavior.canonical import digest
from privacy_service.behavior.in_force import BehaviorVersion
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.outcomes import FiredTally
from privacy_service.behavior.report import Tally
from privacy_service.clock import Clock
from privacy_service.contracts.course import Course
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.on_course import judged_short, put_on_course, require_same
from privacy_service.desks.either import Either
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.store.behavior import BehaviorReading
from privacy_service.store.behavior_rows import UnnumberedBehavior
from privacy_service.store.database import Database
from privacy_service.store.playbooks import PlaybookReading
from privacy_service.store.views import Writing


@dataclass(frozen=True, slots=True)
class ReadVersions:
    """The stored versions, each with its contract read again."""

    rows: BehaviorReading
    runs: PlaybookReading

    def newest(self, contract_id: str) -> BehaviorVersion:
        """Raises CONTRACT_NOT_FOUND."""
        return as_behavior(self.rows.newest(contract_id))

    def version(self, contract_id: str, number: int) -> BehaviorVersion:
        """Raises CONTRACT_NOT_FOUND."""
        return as_behavior(self.rows.version(contract_id, number))

    def tallies(self, contract_id: str, *, since: datetime, until: datetime) -> tuple[Tally, ...]:
        """The checks of a contract in a span of time, those that came to the same together."""
        return self.rows.tallies(contract_id, since=since, until=until)

    def begun_by_windows(
        self, contract_id: str, *, since: datetime, until: datetime
    ) -> tuple[FiredTally, ...]:
        """How often failure modes over windows fired in a span of time."""
        return self.runs.begun_by_windows(contract_id, since=since, until=until)

    def courses(self, party: str, provider: str) -> Mapping[str, Course]:
        """How the contracts of the two stand, by id."""
        return self.rows.for_pair(party, provider)[1]

    def list(
        self, partner: str | None, *, after: str | None, limit: int
    ) -> tuple[BehaviorVersion, ...]:
        """The newest version of each contract (of one partner, on either side), by id."""
        return tuple(as_behavior(row) for row in self.rows.list(partner, after=after, limit=limit))


@dataclass(frozen=True, slots=True)
class BehaviorShelf:
    """The database, read and written as the desk needs it."""

    database: Database
    acts: Acts
    clock: Clock

    @contextmanager
    def versions(self) -> Iterator[ReadVersions]:
        """The contracts, in one read transaction."""
        with self.database.reading() as view:
            yield ReadVersions(view.behavior, view.playbooks)

    def put(
        self,
        contract: BehaviorContract,
        *,
        source: str,
        put_by: str,
        expected: int | None,
        attempt: AuditEntry,
        seconds: float | None,
    ) -> BehaviorVersion:
        """Records the attempt, then stores a version with its effect."""
        unnumbered = UnnumberedBehavior(
            id=contract.id,
            digest=digest(contract),
            party=contract.party,
            provider=contract.provider,
            source=source,
            put_at=self.clock.now(),
            put_by=put_by,
        )

        with self.database.reading() as view:
            base = judged_short(view, Either(contract=contract, source=source))

        def work(tx: Writing, effect: Effect) -> BehaviorVersion:
            before = require_same(tx, contract.id, base)
            stored = tx.behavior.put(unnumbered, expected=expected)
            changed = put_on_course(tx, before, stored, at=unnumbered.put_at, by=put_by)
            ref = ContractRef(id=stored.id, number=stored.number, digest=stored.digest)
            effect("PUT" if changed else "UNCHANGED", contracts=(ref,))
            return as_behavior(stored)

        return self.acts.act(attempt, work, seconds=seconds)
