"""The register's own retention: records of breaches are deleted once nothing keeps them.

What remains is in the audit log: that it was deleted, when and why, how much it was, and a keyed
commitment to all of it. It names the breach by its id, and nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from privacy_service import errors
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.keeping import delete_after, is_held
from privacy_service.breaches.obligations import keep_until
from privacy_service.breaches.plain import plain
from privacy_service.clock import Clock
from privacy_service.custody.acts import SERVICE
from privacy_service.custody.once import Once
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.law.book import Law
from privacy_service.store.database import Database
from privacy_service.store.views import View, Writing

FORGET: Final = "BreachService/Forget"
"""How the log calls what the job does."""
LETTERS: Final = 5000
"""Of letters and of the people they are for, so many are deleted in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """Deletes records of breaches whose time is over. Thread-safe."""

    database: Database
    law: Law
    once: Once
    years: int
    clock: Clock

    def due(self, *, after: str | None, limit: int) -> tuple[tuple[str, ...], str | None]:
        """Of the next breaches those that are to be deleted, and where the ones after them begin;
        None: there are no more. Drills, too.
        """
        with self.database.reading() as view:
            page = view.breaches.list(drills=True, after=after, limit=limit)
            found = tuple(one.id for one in page if self._is_due(view, one))
        return found, page[-1].id if len(page) == limit else None

    def delete_letters(self, breach_id: str) -> bool:
        """Deletes some of its letters; whether there may be more."""
        return self.database.commit(
            lambda tx: (
                self._is_still_due(tx, breach_id)
                and tx.breaches.forget_letters(breach_id, LETTERS) > 0
            )
        )

    def delete(self, breach_id: str) -> None:
        """Deletes the rest of it, with its entry in the log. Nothing, where something keeps it now
        or it is gone.
        """

        def work(tx: Writing) -> None:
            if not self._is_still_due(tx, breach_id):
                return
            breach = tx.breaches.get(breach_id)
            closed = breach.closed_at
            content = json.dumps([plain(entry.statement) for entry in breach.entries])
            gone = tx.breaches.forget(breach_id)
            said = f"closed {closed:%Y-%m-%d}; {_counted(gone)}" if closed else _counted(gone)
            self._log(tx, breach_id, self.once.request(FORGET, breach_id, content), said)

        self.database.commit(work)

    # -- Parts --------------------------------------------------------------------------------

    def _is_due(self, view: View | Writing, breach: Breach) -> bool:
        day = delete_after(breach, by_law=keep_until(breach, self.law), years=self.years)
        if day is None or self._today() <= day:
            return False
        holding = [(hold.id, hold.matter) for hold in view.holds.active().holds]
        return not is_held(breach, holding)

    def _is_still_due(self, tx: Writing, breach_id: str) -> bool:
        try:
            return self._is_due(tx, tx.breaches.get(breach_id))
        except PrivacyError as error:
            if error.reason is errors.BREACH_NOT_FOUND:
                return False
            raise

    def _today(self) -> date:
        return self.clock.now().date()

    def _log(self, tx: Writing, breach_id: str, request: str, reason: str) -> None:
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=FORGET,
            at=self.clock.now(),
            actor=SERVICE,
            request=request,
            resource=breach_id,
        )
        position = tx.audit.append(attempt)
        effect = replace(
            attempt, kind=EntryKind.EFFECT, outcome="DESTROYED", attempt=position, reason=reason
        )
        tx.audit.append(effect)


def _counted(gone: Mapping[str, int]) -> str:
    return ", ".join(f"{many} {what}" for what, many in gone.items() if many)
