"""A database file that is moved, removed or replaced under a running service."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.app.keys import open_keyring
from privacy_service.clock import SystemClock
from privacy_service.errors import PrivacyError
from privacy_service.settings import KeySettings
from privacy_service.store.database import Database
from tests.stores.databases import migrated_url, opened
from tests.stores.samples import entry


def refused(database: Database) -> None:
    with pytest.raises(PrivacyError) as caught:
        database.commit(lambda tx: tx.audit.append(entry()))
    assert caught.value.reason is errors.STORE_UNAVAILABLE
    with pytest.raises(PrivacyError) as caught, database.reading() as view:
        view.audit.size()
    assert caught.value.reason is errors.STORE_UNAVAILABLE


def test_nothing_is_written_to_a_file_that_nobody_will_find(tmp_path: Path) -> None:
    url = migrated_url("sqlite", tmp_path)
    file = Path(url.removeprefix("sqlite:///"))
    away = tmp_path / "away.db"
    with opened(url) as database:
        database.commit(lambda tx: tx.audit.append(entry()))
        file.rename(away)
        refused(database)
        shutil.copy(away, file)  # a restored backup is another file: the service starts anew on it
        refused(database)
        file.unlink()
        away.rename(file)
        assert database.commit(lambda tx: tx.audit.append(entry())) == 1


def test_a_lost_keyring_is_not_made_anew_for_what_others_sealed(
    database: Database, tmp_path: Path
) -> None:
    lost = tmp_path / "ring" / "keyring.json"
    settings = KeySettings(provider=f"file:{lost}", create=True)
    database.commit(lambda tx: tx.audit.append(entry()))
    with pytest.raises(PrivacyError) as caught:
        open_keyring(settings, SystemClock(), database)
    assert caught.value.reason is errors.KEYS_NOT_SET_UP
    assert not lost.exists()
