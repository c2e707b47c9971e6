"""Contracts and the disclosure ledger as the desks ask for them, on the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from privacy_service.clock import Clock
from privacy_service.contracts.model import ContractVersion, SharingContract
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.on_course import judged_short, put_on_course, require_same
from privacy_service.desks.either import Either
from privacy_service.desks.versions import as_version
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, ContractRef
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.audit import AuditReading
from privacy_service.store.contracts import ContractReading
from privacy_service.store.database import Database
from privacy_service.store.rows import UnnumberedContract
from privacy_service.store.views import View, Writing


@dataclass(frozen=True, slots=True)
class Shelf:
    """The database, read and written as the desks need it."""

    database: Database
    acts: Acts
    clock: Clock

    @contextmanager
    def contracts(self) -> Iterator[ContractReading]:
        """The contracts, in one read transaction."""
        with self.database.reading() as view:
            yield view.contracts

    @contextmanager
    def log(self) -> Iterator[AuditReading]:
        """The audit log, in one read transaction."""
        with self.database.reading() as view:
            yield view.audit

    @contextmanager
    def evidence(self) -> Iterator[View]:
        """Log, ledger and contracts, in one read transaction."""
        with self.database.reading() as view:
            yield view

    def put(
        self,
        contract: SharingContract,
        *,
        digest: str,
        source: str,
        put_by: str,
        expected: int | None,
        attempt: AuditEntry,
        seconds: float | None,
    ) -> ContractVersion:
        """What `PutVersion` says."""
        unnumbered = UnnumberedContract.of(
            contract, digest=digest, source=source, put_at=self.clock.now(), put_by=put_by
        )

        with self.database.reading() as view:
            base = judged_short(view, Either(contract=contract, source=source))

        def work(tx: Writing, effect: Effect) -> ContractVersion:
            before = require_same(tx, contract.id, base)
            stored = tx.contracts.put(unnumbered, expected=expected)
            changed = put_on_course(tx, before, stored, at=unnumbered.put_at, by=put_by)
            version = as_version(stored)
            ref = ContractRef(id=contract.id, number=version.number, digest=version.digest)
            effect("PUT" if changed else "UNCHANGED", contracts=(ref,))
            return version

        return self.acts.act(attempt, work, seconds=seconds)

    def disclosures(
        self, query: DisclosureQuery, *, after: str | None, limit: int
    ) -> tuple[tuple[Disclosure, ...], str | None]:
        """What `Disclosures` says: pages go by audit position."""
        with self.database.reading() as view:
            rows = view.disclosures.list(query, after=int(after) if after else -1, limit=limit + 1)
        more = str(rows[limit - 1].position) if len(rows) > limit else None
        return rows[:limit], more
