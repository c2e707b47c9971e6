"""Backups of an embedded database, and how one comes back without what was deleted since."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.app.keys import open_keyring
from privacy_service.app.storage import open_database
from privacy_service.app.tombstones import open_journal
from privacy_service.clock import Clock
from privacy_service.custody.tombstones import Replayed
from privacy_service.errors import PrivacyError
from privacy_service.settings import AllSettings, DatabaseSettings
from privacy_service.store.backup import LogHead, copy_sqlite, log_head

_PREFIX: Final = "sqlite:///"
_NOTHING: Final = Replayed(notes=0, tombstones=0, buried=0)


def back_up(where: DatabaseSettings, out: Path) -> LogHead:
    """Copies the database of a running or a stopped service. The head of the copy's log.

    Raises RESTORE_UNSAFE for a file that is there, SETTINGS_INVALID for PostgreSQL.
    """
    copy_sqlite(_file(where), out)
    return log_head(out)


def restore(
    settings: AllSettings,
    backup: Path,
    clock: Clock,
    *,
    actor: str,
    without_tombstones: bool,
    without_decisions: bool = False,
) -> tuple[LogHead, Replayed]:
    """Puts a backup in the place of the settings' database, once what was deleted since is deleted
    in it again.

    It is worked on beside its place, so that no service sees it before. Raises RESTORE_UNSAFE where
    there is a database, or no tombstone journal and nobody said that it may be without; and what
    `replay` does.
    """
    target = _file(settings.database)
    if settings.tombstones.journal is None and not without_tombstones:
        raise PrivacyError(errors.RESTORE_UNSAFE, setting="tombstones.journal")
    if target.exists():
        raise PrivacyError(errors.RESTORE_UNSAFE, file=target.name)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.restoring")
    copy_sqlite(backup, beside)
    try:
        where = settings.database.model_copy(update={"url": f"{_PREFIX}{beside}", "migrate": True})
        restored = settings.model_copy(update={"database": where})
        replayed = _NOTHING
        if not without_tombstones:
            replayed = replay(restored, clock, actor=actor, without_decisions=without_decisions)
        beside.rename(target)
    finally:
        for left in (beside, *beside.parent.glob(f"{beside.name}-*")):
            with suppress(OSError):
                left.unlink()
    return log_head(target), replayed


def replay(
    settings: AllSettings, clock: Clock, *, actor: str, without_decisions: bool = False
) -> Replayed:
    """Deletes again in a restored database what was deleted since.

    Raises SETTINGS_INVALID where no journal is named, and what `TombstoneJournal.replay` does.
    """
    origin = settings.evidence.origin
    with open_database(settings.database, origin, clock) as database:
        keyring = open_keyring(settings.keys, clock, database)
        journal = open_journal(settings.tombstones, origin, keyring, database, clock)
        if journal is None:
            raise PrivacyError(
                errors.SETTINGS_INVALID, setting="tombstones.journal", says="it is not set"
            )
        return journal.replay(actor, without_decisions=without_decisions)


def _file(where: DatabaseSettings) -> Path:
    if not where.url.startswith(_PREFIX):
        raise PrivacyError(
            errors.SETTINGS_INVALID,
            setting="database.url",
            says="PostgreSQL is backed up by its own tools",
        )
    return Path(where.url.removeprefix(_PREFIX))
