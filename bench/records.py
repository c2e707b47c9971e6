"""What the records and evidence rooms cost: `python -m bench.records`.

Each figure is the best of five runs, in microseconds per call, on one core.
"""

from __future__ import annotations

import os
import sys
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy_service.clock import SystemClock
from privacy_service.enforcement.ports import Pair
from privacy_service.evidence.merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash
from privacy_service.records import hpke
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer, Slot


def measured(
    name: str, work: Callable[[], object], *, calls: int = 5000, wanted: float = 0
) -> None:
    work()
    best = min(timeit.repeat(work, number=calls, repeat=5)) / calls * 1e6
    bound = f"   wanted under {wanted:g}" if wanted else ""
    print(f"{name:<44} {best:>10.2f} us{bound}")


def words(pseudonyms: Pseudonyms) -> None:
    pair = Pair(sender="shop", recipient="courier", purpose="dpv:ServiceProvision")
    digest = pseudonyms.subject_digest("email", "jane@example.com")
    measured(
        "subject_digest",
        lambda: pseudonyms.subject_digest("email", "Jane@Example.com "),
        wanted=10,
    )
    measured(
        "token", lambda: pseudonyms.token(pair, "EMAIL_ADDRESS", "jane@example.com"), wanted=10
    )
    measured(
        "keyed_hash",
        lambda: pseudonyms.keyed_hash(pair, "EMAIL_ADDRESS", "jane@example.com"),
        wanted=10,
    )
    measured("date_offset", lambda: pseudonyms.date_offset(pair, digest, 30), wanted=10)
    measured("commitment, 1 KB", lambda: pseudonyms.commitment(bytes(1024)))
    measured("commitment, 1 MB", lambda: pseudonyms.commitment(bytes(1 << 20)), calls=100)


def seals(keyring: FileKeyring) -> None:
    data_keys = DataKeys(keyring, random=os.urandom, clock=SystemClock())
    sealer = Sealer(data_keys, os.urandom)
    slot = Slot(partner="shop", record="order-1", field="payload")
    one = [data_keys.new("shop", "0" * 64)]
    four = [data_keys.new("shop", f"{number:064x}") for number in range(4)]
    bare = AESGCM(os.urandom(32))
    for size, label in ((1024, "1 KB"), (100 * 1024, "100 KB")):
        content = os.urandom(size)
        sealed = sealer.seal(content, slot=slot, keys=one)
        wanted = 40 if size == 1024 else 0
        measured(
            f"bare AES-256-GCM, {label}",
            lambda content=content: bare.encrypt(os.urandom(12), content, b""),
        )
        measured(
            f"seal, {label}",
            lambda content=content: sealer.seal(content, slot=slot, keys=one),
            wanted=wanted,
        )
        measured(
            f"open, {label}",
            lambda sealed=sealed: sealer.open(sealed, slot=slot, keys=one),
            wanted=wanted,
        )
    measured("seal, 1 KB, four subjects", lambda: sealer.seal(bytes(1024), slot=slot, keys=four))
    measured("data key: new", lambda: data_keys.new("shop", "0" * 64))
    measured("data key: rewrap", lambda: data_keys.rewrapped(one[0]))


def encryption() -> None:
    key = hpke.new_recipient_key(os.urandom)
    measured(
        "encrypt to the recipient (HPKE)",
        lambda: hpke.encrypt("jane@example.com", recipient_key=key.public, info="c /email"),
        calls=500,
    )


def tree() -> None:
    leaf = leaf_hash(b"entry")

    def read(_level: int, _index: int) -> bytes:
        return leaf

    for size in (10**3, 10**5, 10**6):
        frontier = Frontier.at(size, read)
        measured(f"append at {size:>9,}", lambda frontier=frontier: frontier.append(leaf))
        measured(
            f"inclusion proof at {size:>9,}",
            lambda size=size: inclusion_proof(size // 3, size, read),
        )
        measured(
            f"consistency proof at {size:>9,}",
            lambda size=size: consistency_proof(size // 3, size, read),
        )


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "keyring"
        keyring = FileKeyring.create(path, random=os.urandom, clock=SystemClock())
        words(Pseudonyms(keyring))
        seals(keyring)
    encryption()
    tree()
    return 0


if __name__ == "__main__":
    sys.exit(main())
