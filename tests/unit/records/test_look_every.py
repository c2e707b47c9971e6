"""A keyring that does not look at its file at every call."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.errors import PrivacyError
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import SecretName


def test_a_change_and_a_loss_are_seen_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    clock = SteppedClock(datetime(2026, 11, 23, tzinfo=UTC))
    other = FileKeyring.create(path, random=os.urandom, clock=clock)
    keyring = FileKeyring.open(path, random=os.urandom, clock=clock, look_every=0.25)

    other.rotate_secret(SecretName.COMMITMENT)
    assert keyring.secret(SecretName.COMMITMENT).version == 1
    clock.step(timedelta(seconds=0.3))
    assert keyring.secret(SecretName.COMMITMENT).version == 2

    path.unlink()
    clock.step(timedelta(seconds=0.3))
    with pytest.raises(PrivacyError) as caught:
        keyring.secret(SecretName.COMMITMENT)
    assert caught.value.reason is errors.KEYS_UNAVAILABLE
