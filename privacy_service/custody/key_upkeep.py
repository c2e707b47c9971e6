"""What the service does about keys by itself: old ones are rotated, and data keys follow.

Every act is in the audit log, as done by `privacy-service`. Where there is nothing to do, nothing
is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts, Effect
from privacy_service.custody.keys_kept import OURSELVES, ROTATE
from privacy_service.custody.rewrap import Batch, Cursor, Rewrapping
from privacy_service.evidence.entries import AuditEntry, CategoryCount, EntryKind
from privacy_service.records.keyring import Keyring
from privacy_service.store.views import Writing

REWRAP: Final = "KeyService/RewrapKeys"
PARTNER_KEY: Final = "partner/"
"""How the names of partners' keys begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUpkeep:
    """Rotates by age, and rewraps in batches. Safe beside others that do the same.

    `oldest` None: no key is too old.
    """

    keyring: Keyring
    rewrapping: Rewrapping
    acts: Acts
    clock: Clock
    oldest: timedelta | None

    def aged(self) -> list[str]:
        """Partners whose current key is older than it may be. Raises KEYS_UNAVAILABLE."""
        if self.oldest is None:
            return []
        due = self.clock.now() - self.oldest
        return [
            one.name.removeprefix(PARTNER_KEY)
            for one in self.keyring.status()
            if one.current
            and one.name.startswith(PARTNER_KEY)
            and one.created_at is not None
            and one.created_at < due
        ]

    def rotate(self, partner: str) -> int:
        """Makes the partner's next version, unless another has done it since. Its number, or 0."""
        if partner not in self.aged():
            return 0
        attempt = self._attempt(ROTATE, partner, f"{PARTNER_KEY}{partner}")

        def work(_tx: Writing, effect: Effect, version: int) -> int:
            effect("ROTATED", reason=str(version))
            return version

        return self.acts.act_outside(
            attempt, lambda: self.keyring.rotate(partner), work, seconds=None
        )

    def stale(self) -> int:
        """How many data keys are under an older version."""
        return self.rewrapping.left(None)

    def rewrap_batch(self, cursor: str, limit: int) -> tuple[str, int]:
        """Rewraps up to `limit` data keys of all partners: where to go on (empty at the end), and
        how many did not open.
        """
        batch = self.acts.act_outside(
            self._attempt(REWRAP, None, None),
            lambda: self.rewrapping.rewrap_batch(None, limit, Cursor.of(cursor or None)),
            _rewrapped,
            seconds=None,
        )
        return str(batch.cursor or ""), len(batch.unreadable)

    def _attempt(self, action: str, partner: str | None, resource: str | None) -> AuditEntry:
        return AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=action,
            at=self.clock.now(),
            actor=OURSELVES,
            partner=partner,
            resource=resource,
        )


def _rewrapped(_tx: Writing, effect: Effect, batch: Batch) -> Batch:
    counted = (("rewrap", batch.rewrapped), ("unreadable", len(batch.unreadable)))
    effect(
        "REWRAPPED",
        categories=tuple(
            CategoryCount(entity="DATA_KEY", treatment=what, count=many)
            for what, many in counted
            if many
        ),
    )
    return batch
