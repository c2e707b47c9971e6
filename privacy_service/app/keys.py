"""The keyring, and what is made of it alone."""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from privacy_service import errors
from privacy_service.app.storage import open_database
from privacy_service.clock import Clock, SystemClock
from privacy_service.custody.acts import Acts
from privacy_service.custody.key_move import Moved, adopt_secrets, move_data_keys
from privacy_service.custody.key_upkeep import KeyUpkeep
from privacy_service.custody.keys_kept import DueRotation, StoredSecrets, StoredUses
from privacy_service.custody.rewrap import Rewrapping
from privacy_service.errors import PrivacyError
from privacy_service.evidence.note import VerifierKey
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import Keyring
from privacy_service.records.provided_keyring import ProvidedKeyring
from privacy_service.records.provider import KeyProvider
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.two_keyrings import TwoKeyrings
from privacy_service.records.wrap_uses import WrapUses
from privacy_service.settings import DatabaseSettings, KeySettings
from privacy_service.store.database import Database

_MOST_CREDENTIAL: Final = 64 << 10
_EXPIRE_EVERY: Final = 5.0


def open_keyring(settings: KeySettings, clock: Clock, database: Database) -> Keyring:
    """The keyring of the settings; made first where they say so and there is none.

    A file holds all of a keyring. With an HSM or a key service, `database` keeps the service's
    secrets, wrapped.
    """
    kind, _, reference = settings.provider.partition(":")
    if kind == "file":
        path = Path(reference)
        if settings.create and not path.exists():
            _require_new(database)
        return _file_keyring(settings, path, clock)
    made = ProvidedKeyring.create if settings.create else ProvidedKeyring
    return made(
        _provider(kind, settings, clock),
        StoredSecrets(database),
        random=os.urandom,
        clock=clock,
        seconds=settings.cache_seconds,
    )


@contextmanager
def keyring_of(
    settings: KeySettings, database: DatabaseSettings, origin: str, clock: Clock
) -> Iterator[Keyring]:
    """The keyring of the settings, and the database too where it is not a file."""
    kind, _, reference = settings.provider.partition(":")
    if kind == "file":
        yield _file_keyring(settings, Path(reference), clock)
        return
    with open_database(database, origin, clock) as opened:
        yield open_keyring(settings, clock, opened)


def keys_for_data(
    settings: KeySettings, keyring: Keyring, database: Database, clock: Clock
) -> DataKeys:
    """The data keys of this process: wraps are counted, and plaintext goes when its time is over,
    also where nobody asks for it any more.
    """
    uses = WrapUses(
        StoredUses(database),
        DueRotation(keyring, Acts(database, clock), clock),
        most=settings.rotate_after,
    )
    keys = DataKeys(
        keyring, random=os.urandom, clock=clock, uses=uses, seconds=settings.cache_seconds
    )
    threading.Thread(target=_expiring, args=(weakref.ref(keys),), daemon=True).start()
    return keys


def key_upkeep(
    settings: KeySettings, keyring: Keyring, database: Database, clock: Clock
) -> KeyUpkeep:
    """What is done about keys without being asked."""
    acts = Acts(database, clock)
    uses = WrapUses(
        StoredUses(database), DueRotation(keyring, acts, clock), most=settings.rotate_after
    )
    data_keys = DataKeys(keyring, random=os.urandom, clock=clock, uses=uses)
    return KeyUpkeep(
        keyring=keyring,
        rewrapping=Rewrapping(database, keyring, data_keys),
        acts=acts,
        clock=clock,
        oldest=oldest_key(settings),
    )


def oldest_key(settings: KeySettings) -> timedelta | None:
    """How old a partner's key may become. None: as old as it likes."""
    return timedelta(days=settings.rotate_days) if settings.rotate_days else None


def move_keys(
    old: KeySettings,
    new: KeySettings,
    database: Database,
    clock: Clock,
    *,
    progress: Callable[[int], None],
) -> Moved:
    """Moves everything from one provider to another that is not a file."""
    kind, _, _ = new.provider.partition(":")
    if kind == "file":
        raise PrivacyError(errors.SETTINGS_INVALID, setting="keys.provider", says="not to a file")
    before, shelf = open_keyring(old, clock, database), StoredSecrets(database)
    secrets = adopt_secrets(before, _provider(kind, new, clock), shelf, clock)
    both = TwoKeyrings(before, open_keyring(new, clock, database))
    acts = Acts(database, clock)
    uses = WrapUses(StoredUses(database), DueRotation(both.new, acts, clock), most=new.rotate_after)
    data_keys = DataKeys(both, random=os.urandom, clock=clock, uses=uses)
    rewrapping = Rewrapping(database, both, data_keys)
    moved, unreadable = move_data_keys(rewrapping, acts, clock, progress=progress)
    return Moved(secrets=secrets, data_keys=moved, unreadable=unreadable)


def _expiring(keys: weakref.ref[DataKeys]) -> None:
    """Looks every few seconds, until nobody has the keys any more."""
    while (held := keys()) is not None:
        held.expire()
        del held
        time.sleep(_EXPIRE_EVERY)


def _require_new(database: Database) -> None:
    """Raises KEYS_NOT_SET_UP where the database holds what other keys have sealed: new ones would
    make other digests of the same people, and open nothing.
    """
    with database.reading() as view:
        if view.audit.size():
            says = "the database holds what other keys have sealed; bring back their keyring"
            raise PrivacyError(errors.KEYS_NOT_SET_UP, says=says)


def _file_keyring(settings: KeySettings, path: Path, clock: Clock) -> FileKeyring:
    passphrase = None if settings.credential is None else _credential(settings).encode()
    if settings.create and not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileKeyring.create(path, random=os.urandom, clock=clock, passphrase=passphrase)
    return FileKeyring.open(path, random=os.urandom, clock=clock, passphrase=passphrase)


def _provider(kind: str, settings: KeySettings, clock: Clock) -> KeyProvider:
    """The provider, which is not called yet. Only the one that is asked for is imported."""
    try:
        match kind:
            case "pkcs11":
                from privacy_service.records.pkcs11_provider import HsmReference, Pkcs11Provider

                return Pkcs11Provider(
                    HsmReference.parse(settings.provider),
                    pin=partial(_credential, settings),
                    random=os.urandom,
                    clock=clock,
                )
            case "transit":
                from privacy_service.records.transit_provider import (
                    TransitProvider,
                    TransitReference,
                )

                return TransitProvider(
                    TransitReference.parse(settings.provider),
                    token=partial(_credential, settings),
                    authority=settings.authority,
                )
            case "awskms":
                from privacy_service.records.aws_provider import AwsProvider, AwsReference

                return AwsProvider(AwsReference.parse(settings.provider), clock=clock)
    except ValueError as wrong:
        raise PrivacyError(
            errors.SETTINGS_INVALID, setting="keys.provider", says=str(wrong)
        ) from None
    raise PrivacyError(
        errors.SETTINGS_INVALID, setting="keys.provider", says="file, pkcs11, transit or awskms"
    )


def _credential(settings: KeySettings) -> str:
    """What opens the provider, read from its file anew. Raises KEYS_UNAVAILABLE without one, and
    KEYRING_EXPOSED where every user of the machine could read it.
    """
    if settings.credential is None:
        raise PrivacyError(errors.KEYS_UNAVAILABLE, setting="keys.credential", says="it is not set")
    try:
        file = _credential_file(settings.credential)
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if mode & stat.S_IROTH:
                raise PrivacyError(
                    errors.KEYRING_EXPOSED, setting="keys.credential", mode=f"{mode & 0o777:04o}"
                )
            return opened.read(_MOST_CREDENTIAL).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise PrivacyError(
            errors.KEYS_UNAVAILABLE, setting="keys.credential", says="its file can't be read"
        ) from None


def _credential_file(written: str) -> Path:
    """`credential:NAME` is a credential that systemd hands over (`LoadCredential=NAME:...`)."""
    name = written.removeprefix("credential:")
    if name == written:
        return Path(written)
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None or Path(name).name != name:
        raise PrivacyError(errors.KEYS_UNAVAILABLE, setting="keys.credential", credential=name)
    return Path(folder) / name


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
