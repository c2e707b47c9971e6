"""Whether what is kept opens: every data key and every record, page by page.

A key that is lost for good shows up here for each thing that it takes along, and the rest is looked
at all the same. A provider that does not answer ends the page (KEYS_UNAVAILABLE): that is no
verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from privacy_service import errors
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.desks.ports.keys import KeyFault, KeyProblem, VerifiedKeys
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.seal import Sealer, Slot
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredDataKey, StoredRecord
from privacy_service.store.views import View

_KEYS: Final = "keys"
_RECORDS: Final = "records"
_STAGES: Final = (_KEYS, _RECORDS)
_AT_A_TIME: Final = 50


@dataclass(slots=True)
class _Tally:
    """What was tried so far, and the place behind it."""

    data_keys: int = 0
    records: int = 0
    shredded: int = 0
    faults: list[KeyFault] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.data_keys + self.records


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """Tries what is kept. Thread-safe; nothing that it opens is kept or told."""

    database: Database
    data_keys: DataKeys
    sealer: Sealer

    def page(self, partner: str | None, after: str | None, limit: int) -> VerifiedKeys:
        """Up to `limit` data keys and records from the place on that an earlier page ended at."""
        stage, whose, last = (after or f"{_KEYS}\n\n").split("\n")
        tally = _Tally()
        for now in _STAGES[_STAGES.index(stage) :]:
            for one in self._partners(now, partner, whose if now == stage else ""):
                start = last if (now, one) == (stage, whose) else ""
                behind = self._try(now, one, start, limit, tally)
                if tally.tried >= limit:
                    return _told(tally, f"{now}\n{one}\n{behind}")
        return _told(tally, None)

    def _partners(self, stage: str, partner: str | None, start: str) -> tuple[str, ...]:
        with self.database.reading() as view:
            face = view.data_keys if stage == _KEYS else view.records
            return tuple(one for one in face.partners() if one >= start and partner in (None, one))

    def _try(self, stage: str, partner: str, after: str, limit: int, tally: _Tally) -> str:
        """Tries one thing after the other, until there are no more or the page is full. The place
        behind the last one.
        """
        while tally.tried < limit:
            many = min(_AT_A_TIME, limit - tally.tried)
            with self.database.reading() as view:
                places = list(self._try_some(view, stage, partner, after, many, tally))
            after = places[-1] if places else after
            if len(places) < many:
                break
        return after

    def _try_some(
        self, view: View, stage: str, partner: str, after: str, many: int, tally: _Tally
    ) -> Iterator[str]:
        if stage == _KEYS:
            for key in view.data_keys.of(partner, after=after, limit=many):
                tally.data_keys += 1
                self._try_key(key, tally)
                yield key.subject
            return
        for summary in view.records.list(partner, after=after or None, limit=many):
            tally.records += 1
            self._try_record(view, view.records.get(partner, summary.id), tally)
            yield summary.id

    def _try_key(self, key: StoredDataKey, tally: _Tally) -> None:
        if not _opens(partial(self.data_keys.check, key)):
            tally.faults.append(_lost(key))

    def _try_record(self, view: View, record: StoredRecord, tally: _Tally) -> None:
        live = view.data_keys.by_id(record.data_keys)
        gone = [name for name in record.data_keys if name not in live]
        lost = [key for key in live.values() if not _opens(partial(self.data_keys.opened, key))]
        if gone and view.data_keys.shredded(gone) == frozenset(gone):
            tally.shredded += 1
        elif gone:
            tally.faults.append(_fault(record, KeyProblem.DATA_KEY_MISSING, data_key=gone[0]))
        elif lost:
            tally.faults.append(
                _fault(
                    record,
                    KeyProblem.KEY_LOST,
                    data_key=lost[0].id,
                    wrapping_key=lost[0].wrapping_key,
                )
            )
        else:
            slot = Slot(partner=record.partner, record=record.id, field=PAYLOAD)
            keys = tuple(live.values())
            if not _opens(lambda: self.sealer.open(record.sealed, slot=slot, keys=keys)):
                tally.faults.append(_fault(record, KeyProblem.CHANGED))


def _opens(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PrivacyError as error:
        if error.reason is not errors.RECORD_UNREADABLE:
            raise
        return False
    return True


def _lost(key: StoredDataKey) -> KeyFault:
    return KeyFault(
        partner=key.partner,
        problem=KeyProblem.KEY_LOST,
        data_key=key.id,
        wrapping_key=key.wrapping_key,
    )


def _fault(record: StoredRecord, problem: KeyProblem, **more: str) -> KeyFault:
    return KeyFault(partner=record.partner, record=record.id, problem=problem, **more)


def _told(tally: _Tally, after: str | None) -> VerifiedKeys:
    return VerifiedKeys(
        data_keys=tally.data_keys,
        records=tally.records,
        shredded_records=tally.shredded,
        faults=tuple(tally.faults),
        next=after,
    )
