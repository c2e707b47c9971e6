"""The tombstone journal at the place of the settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from privacy_service import errors
from privacy_service.app.publishing import log_keys
from privacy_service.clock import Clock
from privacy_service.custody.tombstones import TombstoneJournal
from privacy_service.errors import PrivacyError
from privacy_service.evidence.note import open_note, sign_note
from privacy_service.publishing.places import Place, Taken, place_at
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import keyed_digests
from privacy_service.settings import TombstoneSettings
from privacy_service.store.database import Database
from privacy_service.subjects.journal import SUFFIX

SETTING = "tombstones.journal"
_END_SECONDS: Final = 10.0


def open_journal(
    settings: TombstoneSettings, origin: str, keyring: Keyring, database: Database, clock: Clock
) -> TombstoneJournal | None:
    """The journal, None where no place is set for it. Nothing is looked at yet."""
    if settings.journal is None:
        return None
    return TombstoneJournal(
        database=database,
        place=_Shelf(place_at(settings.journal, setting=SETTING)),
        origin=origin,
        sign=lambda text: sign_note(text, name=origin, signers=(keyring.signer(),)),
        opened=lambda note: open_note(note, *log_keys(keyring, origin)),
        digests=keyed_digests(keyring),
        clock=clock,
    )


def writing_of(journal: TombstoneJournal | None) -> Callable[[], None]:
    """What a deletion calls before it is acknowledged."""

    def write() -> None:
        if journal is not None:
            journal.write()

    return write


@contextmanager
def writing_soon(write: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Gives what has `write` called soon after, on a thread of its own: whoever calls it waits for
    nothing. At the end of the block what is due is written. What cannot be is left to the job.
    """
    due, over = threading.Event(), threading.Event()

    def work() -> None:
        while not over.is_set():
            due.wait()
            due.clear()
            with suppress(PrivacyError):
                write()

    worker = threading.Thread(target=work, name="tombstones", daemon=True)
    worker.start()
    try:
        yield due.set
    finally:
        over.set()
        due.set()
        worker.join(_END_SECONDS)


def settle(journal: TombstoneJournal | None) -> None:
    """Before anyone is served: what the journal has is deleted, and it has what was deleted.

    Raises DATABASE_RESTORED, TOMBSTONES_INVALID, TOMBSTONES_UNAVAILABLE.
    """
    if journal is not None:
        journal.catch_up()
        journal.write()


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A place as the journal needs it."""

    place: Place

    def names(self, *, after: str) -> list[str]:
        with _translating():
            return self.place.names(SUFFIX, after=after)

    def read(self, name: str) -> bytes | None:
        with _translating():
            return self.place.read(name)

    def create(self, name: str, content: bytes) -> bool:
        with _translating():
            try:
                self.place.create(name, content)
            except Taken:
                return False
            return True


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except PrivacyError as error:
        if error.reason is not errors.PUBLICATION_UNAVAILABLE:
            raise
        details = error.details
    else:
        return
    raise PrivacyError(errors.TOMBSTONES_UNAVAILABLE, **details)
