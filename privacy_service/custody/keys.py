"""The data keys of subjects: found, made on first use, and checked where they are used."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import DataKeys, pair_scope
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredDataKey
from privacy_service.store.views import View, Writing

_MOST_KNOWN: Final = 50_000


def scopes(subjects: Sequence[str], recipient: str) -> tuple[str, ...]:
    """Whose keys seal what concerns these subjects: theirs, or the pair's where there is none."""
    return tuple(subjects) or (pair_scope(recipient),)


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """Data keys by partner and scope. Thread-safe.

    Rows are remembered wrapped, as the store has them. `require_live` in the transaction that
    uses them finds out if one was shredded meanwhile.
    """

    database: Database
    data_keys: DataKeys
    _known: OrderedDict[tuple[str, str], StoredDataKey] = field(default_factory=OrderedDict)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def of(
        self, partner: str, wanted: Sequence[str], *, seconds: float | None
    ) -> tuple[StoredDataKey, ...]:
        """The live key of each scope, made where there is none yet.

        Raises SUBJECT_SHREDDED for a subject whose key was shredded.
        """
        found = self._remembered(partner, wanted)
        missing = [scope for scope in wanted if scope not in found]
        if missing:
            with self.database.reading() as view:
                found |= view.data_keys.get_many(partner, missing)
            missing = [scope for scope in missing if scope not in found]
        if missing:
            found |= self._made(partner, missing, seconds)
        self._remember(found.values())
        return tuple(found[scope] for scope in wanted)

    def require_live(self, tx: View | Writing, keys: Sequence[StoredDataKey]) -> None:
        """Raises SUBJECT_SHREDDED unless every key is alive in this transaction."""
        live = tx.data_keys.by_id([key.id for key in keys])
        dead = [key for key in keys if key.id not in live]
        if dead:
            for key in dead:
                self.forget(key.partner, [key.subject])
            raise PrivacyError(errors.SUBJECT_SHREDDED, partner=dead[0].partner)

    def forget(self, partner: str, subjects: Sequence[str]) -> None:
        """Drops what this process remembers of keys that were shredded, in clear or wrapped.

        Others drop theirs when its time is over, and use none meanwhile: `require_live`.
        """
        with self._mutex:
            for subject in subjects:
                self._known.pop((partner, subject), None)
        for subject in subjects:
            self.data_keys.purge(partner, subject)

    def _made(
        self, partner: str, missing: Sequence[str], seconds: float | None
    ) -> dict[str, StoredDataKey]:
        fresh = [StoredDataKey(**asdict(self.data_keys.new(partner, scope))) for scope in missing]

        def put(tx: Writing) -> list[StoredDataKey]:
            return [tx.data_keys.put(key) for key in fresh]

        return {key.subject: key for key in self.database.commit(put, seconds=seconds)}

    def _remembered(self, partner: str, wanted: Sequence[str]) -> dict[str, StoredDataKey]:
        with self._mutex:
            return {
                scope: known
                for scope in wanted
                if (known := self._known.get((partner, scope))) is not None
            }

    def _remember(self, keys: Iterable[StoredDataKey]) -> None:
        with self._mutex:
            for key in keys:
                self._known[key.partner, key.subject] = key
            while len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
