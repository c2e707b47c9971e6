"""What a keyring keeps in the database: its wrapped secrets, and how often its keys wrapped; and
the rotation that is due when a key wrapped often enough.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from privacy_service.clock import Clock
from privacy_service.custody.acts import Acts
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.records.keyring import Keyring
from privacy_service.records.wrapped_secrets import WrappedSecret
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredSecret

ROTATE: Final = "KeyService/RotateKey"
OURSELVES: Final = "privacy-service"
"""The actor of what the service does by itself."""


@dataclass(frozen=True, slots=True)
class StoredSecrets:
    """A `SecretShelf` on the database."""

    database: Database

    def all(self) -> dict[str, tuple[WrappedSecret, ...]]:
        with self.database.reading() as view:
            rows = view.keys.secrets()
        found: dict[str, tuple[WrappedSecret, ...]] = {}
        for row in rows:
            found[row.name] = (*found.get(row.name, ()), WrappedSecret(**asdict(row)))
        return found

    def put(self, secret: WrappedSecret) -> bool:
        row = StoredSecret(**asdict(secret))
        return self.database.commit(lambda tx: tx.keys.put_secret(row))

    def rewrap(self, secret: WrappedSecret, *, under: str) -> bool:
        return self.database.commit(
            lambda tx: tx.keys.rewrap_secret(
                secret.name,
                secret.version,
                under=under,
                wrapping_key=secret.wrapping_key,
                wrapped=secret.wrapped,
            )
        )


@dataclass(frozen=True, slots=True)
class StoredUses:
    """A `UseLedger` on the database: exact across all replicas."""

    database: Database

    def take(self, wrapping_key: str, many: int) -> int:
        return self.database.commit(lambda tx: tx.keys.take_uses(wrapping_key, many))


@dataclass(frozen=True, slots=True)
class DueRotation:
    """Gives a partner's key its next version, audited, unless another replica has done it."""

    keyring: Keyring
    acts: Acts
    clock: Clock

    def __call__(self, partner: str, wrapping_key: str) -> None:
        if self.keyring.wrapping_key(partner) != wrapping_key:
            return
        attempt = AuditEntry(
            kind=EntryKind.ATTEMPT,
            action=ROTATE,
            at=self.clock.now(),
            actor=OURSELVES,
            partner=partner,
            resource=wrapping_key,
            reason="it wrapped as often as the settings let it",
        )
        self.acts.act_outside(
            attempt,
            lambda: self.keyring.rotate(partner),
            lambda _tx, effect, _version: effect("ROTATED"),
            seconds=None,
        )
