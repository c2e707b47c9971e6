"""Rewrapping: data keys under their partners' current key-encryption keys, batch by batch.

A batch reads some keys that are under an older version, wraps each anew, and changes the rows in
one unit of work. A row changes only if it is still as it was read, so any number of processes may
rewrap at once, and whichever dies has lost nothing: what is left is what still is under an older
version. Keys that do not open are passed over by the cursor, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.keyring import WrappedKey
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredDataKey
from privacy_service.store.views import View, Writing

_END: Final = "\n"
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """After which data key of which wrapping of which partner to go on."""

    partner: str = ""
    wrapping_key: str = ""
    data_key: str = ""

    def __str__(self) -> str:
        return _END.join((self.partner, self.wrapping_key, self.data_key))

    @classmethod
    def of(cls, written: str | None) -> Cursor:
        """Raises REQUEST_INVALID for what is no cursor."""
        parts = (written or "\n\n").split(_END)
        if len(parts) != 3:
            raise PrivacyError(errors.REQUEST_INVALID, field="cursor")
        return cls(partner=parts[0], wrapping_key=parts[1], data_key=parts[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one batch came to. `cursor` None: there was nothing more to try."""

    rewrapped: int
    unreadable: tuple[str, ...]
    cursor: Cursor | None


class Current(Protocol):
    """What rewrapping asks of a `Keyring`."""

    def wrapping_key(self, partner: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Rewrapping:
    """Rewraps a batch at a time. Thread-safe, and safe beside others that do the same."""

    database: Database
    keyring: Current
    data_keys: DataKeys

    def rewrap_batch(
        self, partner: str | None, limit: int, cursor: Cursor, *, seconds: float | None = None
    ) -> Batch:
        """Tries up to `limit` keys after the cursor. Raises KEYS_UNAVAILABLE, STORE_UNAVAILABLE."""
        stale, after = self._stale(partner, limit, cursor)
        with ThreadPoolExecutor(_AT_ONCE) as crowd:  # a provider far away answers many at once
            tried = list(zip(stale, crowd.map(self._rewrapped, stale), strict=True))
        fresh = [(key, wrapped) for key, wrapped in tried if wrapped is not None]
        unreadable = tuple(key.id for key, wrapped in tried if wrapped is None)

        def work(tx: Writing) -> int:
            return sum(
                tx.data_keys.update_wrapping(
                    key.id,
                    under=key.wrapping_key,
                    wrapping_key=wrapped.wrapping_key,
                    wrapped=wrapped.ciphertext,
                )
                for key, wrapped in fresh
            )

        changed = self.database.commit(work, seconds=seconds) if fresh else 0
        return Batch(rewrapped=changed, unreadable=unreadable, cursor=after)

    def _rewrapped(self, key: StoredDataKey) -> WrappedKey | None:
        """The new wrapping, None for a key that does not open."""
        try:
            return self.data_keys.rewrapped(key)
        except PrivacyError as error:
            if error.reason is not errors.RECORD_UNREADABLE:
                raise
            return None

    def left(self, partner: str | None) -> int:
        """How many live keys are under an older version, of this partner or of all."""
        with self.database.reading() as view:
            counts = view.data_keys.counts(partner)
        current: dict[str, str] = {}
        for whose, _word in counts:
            if whose not in current:
                current[whose] = self.keyring.wrapping_key(whose)
        return sum(many for (whose, word), many in counts.items() if word != current[whose])

    def _stale(
        self, partner: str | None, limit: int, cursor: Cursor
    ) -> tuple[list[StoredDataKey], Cursor | None]:
        """The next keys, and the cursor behind them; None where there are no more."""
        found: list[StoredDataKey] = []
        with self.database.reading() as view:
            for whose in _partners(view, partner, cursor.partner):
                current = self.keyring.wrapping_key(whose)
                for word in view.data_keys.wrapping_keys(whose):
                    after = _after(cursor, whose, word)
                    if word == current or after is None:
                        continue
                    found += view.data_keys.under(
                        word, after=after, limit=limit - len(found), partner=whose
                    )
                    if len(found) >= limit:
                        last = Cursor(partner=whose, wrapping_key=word, data_key=found[-1].id)
                        return found, last
        return found, None


def _partners(view: View, partner: str | None, start: str) -> Iterator[str]:
    if partner is not None:
        yield partner
        return
    yield from (whose for whose in view.data_keys.partners() if whose >= start)


def _after(cursor: Cursor, partner: str, word: str) -> str | None:
    """After which data key to begin; None for a wrapping that the cursor has left behind."""
    if partner != cursor.partner or word > cursor.wrapping_key:
        return ""
    return cursor.data_key if word == cursor.wrapping_key else None
