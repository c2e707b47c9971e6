"""The stored format, byte by byte, against a second reading of docs/sealed-format.md.

`sealed.json` is ours: it pins the format, so that what is stored today opens in every release.
"""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privacy_service.records.data_keys import OpenKey
from privacy_service.records.seal import Slot, key_ids, seal, unsealed

VECTORS = json.loads(Path(__file__).with_name("sealed.json").read_text())["sealed"]


def framed(*parts: str) -> bytes:
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)


def hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256, by its own text."""
    extracted = hmac.digest(salt, material, "sha256")
    block, derived = b"", b""
    for counter in range(1, 4):
        block = hmac.digest(extracted, block + info + bytes([counter]), "sha256")
        derived += block
    return derived[:length]


def read_by_the_document(sealed: bytes, keys: dict[str, bytes], slot: dict[str, str]) -> bytes:
    assert sealed[:4] == b"PSR\x01"
    count = int.from_bytes(sealed[4:6], "big")
    end = 6 + 16 * count
    ids = [sealed[at : at + 16].hex() for at in range(6, end, 16)]
    header, salt, commitment = sealed[:end], sealed[end : end + 32], sealed[end + 32 : end + 64]
    place = framed(slot["partner"], slot["record"], slot["field"])
    material = b"".join(keys[name] for name in ids)
    derived = hkdf(material, salt, b"privacy-service seal 1" + header + place, 76)
    assert derived[44:] == commitment
    associated = header + salt + commitment + place
    return AESGCM(derived[:32]).decrypt(derived[32:44], sealed[end + 64 :], associated)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_stored_format(vector: dict[str, Any]) -> None:
    keys = {name: bytes.fromhex(material) for name, material in vector["data_keys"].items()}
    opened = [OpenKey(id=name, material=material) for name, material in keys.items()]
    slot, content = Slot(**vector["slot"]), bytes.fromhex(vector["content"])
    sealed = bytes.fromhex(vector["sealed"])
    assert seal(content, slot=slot, keys=opened, salt=bytes.fromhex(vector["salt"])) == sealed
    assert unsealed(sealed, slot=slot, keys=opened) == content
    assert read_by_the_document(sealed, keys, vector["slot"]) == content
    assert list(key_ids(sealed)) == sorted(keys)
    assert len(sealed) == 86 + 16 * len(keys) + len(content)
