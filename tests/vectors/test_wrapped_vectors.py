"""Wrapped keys, byte by byte, against a second reading of docs/sealed-format.md.

`wrapped.json` is ours: it pins the file keyring's format. Keys in an HSM do not come out, so there
the test puts one in that it knows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from pkcs11 import Attribute, KeyType, ObjectClass

from privacy_service.clock import SteppedClock
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.keyring import WrappedKey
from privacy_service.records.pkcs11_provider import HsmReference, Pkcs11Provider
from tests.ports import key_servers
from tests.vectors.test_sealed_vectors import framed

VECTOR = json.loads(Path(__file__).with_name("wrapped.json").read_text())
AT = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DATA_KEY = bytes.fromhex(VECTOR["data_key"])


def drawn():
    """Random bytes that are the same everywhere."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"wrapped vector {count}".encode()).digest(size)

    return draw


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    FileKeyring.create(tmp_path / "ring", random=drawn(), clock=SteppedClock(AT))
    return tmp_path / "ring"


def context() -> bytes:
    return framed("data key", VECTOR["partner"], VECTOR["subject"], VECTOR["id"])


def test_a_file_keyring_wraps_as_the_document_says(ring: Path) -> None:
    keyring = FileKeyring.open(ring, random=drawn(), clock=SteppedClock(AT))
    made = keyring.wrap(VECTOR["partner"], DATA_KEY, context())
    assert made.wrapping_key == VECTOR["wrapping_key"]
    assert made.ciphertext.hex() == VECTOR["wrapped"]
    (version,) = json.loads(ring.read_text())["ring"]["keys"]["partner/acme-shop"]

    siv = AESSIV(base64.b64decode(version["key"]))
    bound = [b"privacy-service wrap 1", made.wrapping_key.encode(), context()]
    assert siv.decrypt(made.ciphertext, bound) == DATA_KEY


def test_a_data_key_is_bound_to_what_the_document_says(ring: Path) -> None:
    keyring = FileKeyring.open(ring, random=drawn(), clock=SteppedClock(AT))
    keys = DataKeys(keyring, random=os.urandom, clock=SteppedClock(AT))
    key = keys.new("acme-shop", "ab" * 32)
    bound = framed("data key", "acme-shop", "ab" * 32, key.id)
    wrapped = WrappedKey.of(key.wrapping_key, key.wrapped)
    assert keyring.unwrap("acme-shop", wrapped, bound) == keys.opened(key).material


def test_an_hsm_wraps_as_the_document_says() -> None:
    label = f"v{uuid.uuid4().hex[:10]}"
    key_servers.new_token(label)
    provider = Pkcs11Provider(
        HsmReference.parse(f"pkcs11:token={label};object=ring?module-path={key_servers.MODULE}"),
        pin=lambda: key_servers.PIN,
        random=os.urandom,
        clock=SteppedClock(AT),
    )
    provider.status()  # logs in
    known, identity = os.urandom(32), bytes.fromhex("00000001") + bytes(8) + bytes(range(8))
    with provider._session() as session:
        session.create_object(
            {
                Attribute.CLASS: ObjectClass.SECRET_KEY,
                Attribute.KEY_TYPE: KeyType.AES,
                Attribute.TOKEN: True,
                Attribute.LABEL: "ring/partner/acme-shop",
                Attribute.ID: identity,
                Attribute.ENCRYPT: True,
                Attribute.DECRYPT: True,
                Attribute.VALUE: known,
            }
        )
    word = f"pkcs11:{label}/ring/partner/acme-shop#1"
    bound = framed("privacy-service wrap 1", word) + len(context()).to_bytes(4, "big") + context()
    made = provider.wrap("partner/acme-shop", DATA_KEY, context())
    assert made.wrapping_key == word
    assert made.ciphertext[:20] == identity
    opened = AESGCM(known).decrypt(made.ciphertext[20:32], made.ciphertext[32:], bound)
    assert opened == DATA_KEY
    nonce = os.urandom(12)
    ours = identity + nonce + AESGCM(known).encrypt(nonce, DATA_KEY, bound)
    wrapped = WrappedKey.of(word, ours)
    assert provider.unwrap("partner/acme-shop", wrapped, context()) == DATA_KEY
