"""Keys: sealing beside bare AES-GCM, and rewrapping, over the providers and databases there are.

`python -m bench keys`. Sealing and opening are on one core, the best of five rounds; a rewrap
reads, unwraps, wraps and commits, in batches of 200. SoftHSM stands for an HSM
(`tools/prepare-softhsm`), OpenBao for a key service on the same machine: a network adds its round
trip to each wrap and unwrap.
"""

from __future__ import annotations

import os
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.report import Report, Row
from privacy_service.clock import SystemClock
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.keys_kept import StoredSecrets, StoredUses
from privacy_service.custody.rewrap import Cursor, Rewrapping
from privacy_service.records.data_keys import DataKey, DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import Keyring
from privacy_service.records.provided_keyring import ProvidedKeyring
from privacy_service.records.provider import KeyProvider
from privacy_service.records.seal import Sealer, Slot
from privacy_service.records.wrap_uses import WrapUses
from privacy_service.store.database import Database
from tests.ports import key_servers
from tests.stores.databases import migrated_url

_SLOT = Slot(partner="shop", record="order-1", field="payload")
_SIZES = {"100 B": 100, "1 KB": 1 << 10, "10 KB": 10 << 10, "100 KB": 100 << 10, "1 MB": 1 << 20}


def run(report: Report, *, full: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report.table("seal and open, µs per record", list(_sealing(Path(folder))))
        report.table("rewrap, data keys per second", list(_rewrapping(Path(folder), full=full)))


def _sealing(folder: Path) -> Iterator[Row]:
    keyring = FileKeyring.create(folder / "sealing", random=os.urandom, clock=SystemClock())
    data_keys = DataKeys(keyring, random=os.urandom, clock=SystemClock())
    sealer = Sealer(data_keys, os.urandom)
    keys = [data_keys.new("shop", f"{number:064x}") for number in range(4)]
    for name, size in _SIZES.items():
        yield {"record": name, **_sealed(sealer, keys, size)}


def _sealed(sealer: Sealer, keys: list[DataKey], size: int) -> Row:
    content, nonce, bare = os.urandom(size), os.urandom(12), AESGCM(os.urandom(32))
    encrypted = bare.encrypt(nonce, content, b"")
    sealed = sealer.seal(content, slot=_SLOT, keys=keys[:1])
    calls = max(20, min(5000, (20 << 20) // size))
    return {
        "bare encrypt": _best(lambda: bare.encrypt(os.urandom(12), content, b""), calls),
        "seal": _best(lambda: sealer.seal(content, slot=_SLOT, keys=keys[:1]), calls),
        "seal, 4 people": _best(lambda: sealer.seal(content, slot=_SLOT, keys=keys), calls),
        "bare decrypt": _best(lambda: bare.decrypt(nonce, encrypted, b""), calls),
        "open": _best(lambda: sealer.open(sealed, slot=_SLOT, keys=keys[:1]), calls),
    }


def _best(work: Callable[[], object], calls: int) -> float:
    work()
    return min(timeit.repeat(work, number=calls, repeat=5)) / calls * 1e6


def _rewrapping(folder: Path, *, full: bool) -> Iterator[Row]:
    many = 10_000 if full else 1_000
    for provider in ("file", "PKCS#11", "Transit"):
        for kind in ("sqlite", "postgresql"):
            place = folder / f"{provider} {kind}".replace("#", "")
            place.mkdir(mode=0o700)
            with _keyring(provider, kind, place) as (keyring, database):
                rate, left = _rewrapped(keyring, database, many)
            yield {
                "provider": provider,
                "database": kind,
                "keys": many,
                "a second": rate,
                "left": left,
            }


@contextmanager
def _keyring(provider: str, kind: str, folder: Path) -> Iterator[tuple[Keyring, Database]]:
    clock = SystemClock()
    with ExitStack() as opened:
        database = opened.enter_context(Database.open(migrated_url(kind, folder), clock=clock))
        if provider == "file":
            yield FileKeyring.create(folder / "ring", random=os.urandom, clock=clock), database
            return
        made = ProvidedKeyring.create(
            _provider(provider, kind), StoredSecrets(database), random=os.urandom, clock=clock
        )
        yield made, database


def _provider(provider: str, kind: str) -> KeyProvider:
    from privacy_service.records.pkcs11_provider import HsmReference, Pkcs11Provider
    from privacy_service.records.transit_provider import TransitProvider, TransitReference

    if provider == "Transit":
        url = f"transit:http://127.0.0.1:{key_servers.openbao()}/transit/bench-{kind}"
        return TransitProvider(TransitReference.parse(url), token=lambda: key_servers.ROOT_TOKEN)
    key_servers.new_token(f"bench-{kind}")
    uri = f"pkcs11:token=bench-{kind}?module-path={key_servers.MODULE}"
    return Pkcs11Provider(
        HsmReference.parse(uri),
        pin=lambda: key_servers.PIN,
        random=os.urandom,
        clock=SystemClock(),
    )


def _rewrapped(keyring: Keyring, database: Database, many: int) -> tuple[float, int]:
    uses = WrapUses(StoredUses(database), lambda *_: None)
    data_keys = DataKeys(keyring, random=os.urandom, clock=SystemClock(), uses=uses)
    keys = SubjectKeys(database, data_keys)
    for start in range(0, many, 500):
        keys.of("shop", [f"{number:064x}" for number in range(start, start + 500)], seconds=None)
    keyring.rotate("shop")
    rewrapping = Rewrapping(database, keyring, data_keys)
    began, cursor = time.perf_counter(), Cursor()
    while (following := rewrapping.rewrap_batch("shop", 200, cursor).cursor) is not None:
        cursor = following
    return many / (time.perf_counter() - began), rewrapping.left("shop")
