"""The keyring, and what is made of it alone."""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privacy_service import errors
from privacy_service.clock import Clock, SystemClock
from privacy_service.errors import PrivacyError
from privacy_service.evidence.note import VerifierKey
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.settings import (
    KeySettings,
)


def open_keyring(settings: KeySettings, clock: Clock) -> FileKeyring:
    """The keyring of the settings; made first where they say so and there is none."""
    passphrase = _passphrase(settings.passphrase_file)
    if settings.create and not settings.keyring.exists():
        settings.keyring.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileKeyring.create(
            settings.keyring, random=os.urandom, clock=clock, passphrase=passphrase
        )
    return FileKeyring.open(settings.keyring, random=os.urandom, clock=clock, passphrase=passphrase)


def _passphrase(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes().rstrip(b"\r\n")
    except OSError:
        raise PrivacyError(errors.KEYS_UNAVAILABLE, setting="keys.passphrase_file") from None


@contextmanager
def rehearsal_pseudonyms() -> Iterator[Pseudonyms]:
    """Keyed words for `contract test`, the same on every machine: for examples, never for data."""
    drawn = itertools.count()

    def draw(size: int) -> bytes:
        return hashlib.shake_256(f"privacy-service contract test {next(drawn)}".encode()).digest(
            size
        )

    with tempfile.TemporaryDirectory(prefix="privacy-test-") as folder:
        path = Path(folder) / "keyring.json"
        yield Pseudonyms(FileKeyring.create(path, random=draw, clock=SystemClock()))


def verifier_key(keyring: Keyring, origin: str) -> str:
    """The public key by which auditors check the log's checkpoints, as text."""
    return str(VerifierKey(name=origin, public_key=keyring.signer().public_key))
