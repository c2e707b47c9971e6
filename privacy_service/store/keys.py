"""What is known about keys that are elsewhere: how often each wrapped, and the wrapped secrets."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from privacy_service.store.rows import StoredSecret
from privacy_service.store.statements import Dialectal, Reads, Writes, insert_absent
from privacy_service.store.tables import key_uses, wrapped_secrets

_SECRETS = select(*wrapped_secrets.c).order_by(wrapped_secrets.c.name, wrapped_secrets.c.version)
_NAMES = [column.name for column in wrapped_secrets.c]
_ADD = insert_absent(wrapped_secrets)
_REWRAP = (
    update(wrapped_secrets)
    .where(
        wrapped_secrets.c.name == bindparam("named"),
        wrapped_secrets.c.version == bindparam("number"),
        wrapped_secrets.c.wrapping_key == bindparam("under"),
    )
    .values(wrapping_key=bindparam("to"), wrapped=bindparam("bytes"))
)
_USES = select(*key_uses.c)
_USED = select(key_uses.c.uses).where(key_uses.c.wrapping_key == bindparam("named"))


def _take() -> Dialectal:
    def added(insert: Any) -> Any:
        return insert.on_conflict_do_update(
            index_elements=[key_uses.c.wrapping_key],
            set_={"uses": key_uses.c.uses + insert.excluded.uses},
        )

    return Dialectal(
        sqlite=added(sqlite.insert(key_uses)), postgresql=added(postgresql.insert(key_uses))
    )


_TAKE = _take()


class KeyReading:
    """Uses and wrapped secrets."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def secrets(self) -> tuple[StoredSecret, ...]:
        """Every wrapped secret, by name and version."""
        rows = self._reads.all(_SECRETS)
        return tuple(
            StoredSecret(**{**row._asdict(), "wrapped": bytes(row.wrapped)}) for row in rows
        )

    def uses(self) -> dict[str, int]:
        """How many wraps each key is counted for, by its word."""
        return {row.wrapping_key: row.uses for row in self._reads.all(_USES)}


class KeyWriting(KeyReading):
    """The same, to change."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def take_uses(self, wrapping_key: str, many: int) -> int:
        """Counts so many wraps ahead. How many the key is counted for now."""
        self._writes.change(_TAKE, {"wrapping_key": wrapping_key, "uses": many})
        row = self._writes.one(_USED, {"named": wrapping_key})
        assert row is not None
        return int(row.uses)

    def put_secret(self, secret: StoredSecret) -> bool:
        """Keeps a version that is not there yet. Whether it was not."""
        values = {name: getattr(secret, name) for name in _NAMES}
        return self._writes.change(_ADD, values) == 1

    def rewrap_secret(
        self, name: str, version: int, *, under: str, wrapping_key: str, wrapped: bytes
    ) -> bool:
        """Wraps a version anew, if it is still wrapped by `under`. Whether it was."""
        values = {
            "named": name, "number": version, "under": under, "to": wrapping_key, "bytes": wrapped,
        }  # fmt: skip
        return self._writes.change(_REWRAP, values) == 1
