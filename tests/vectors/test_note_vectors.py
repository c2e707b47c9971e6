"""The published vectors of signed notes and checkpoints."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privacy_service.evidence.checkpoint import Checkpoint
from privacy_service.evidence.note import NoteInvalid, VerifierKey, open_note, sign_note

VECTORS = json.loads(Path(__file__).with_name("signed_note.json").read_text())
PETER, FOO = VECTORS["peter"], VECTORS["foo"]


class Seeded:
    """A signer from a published private key."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@pytest.mark.parametrize("text", [PETER["key"], FOO["key"], *VECTORS["keys"]])
def test_published_keys_are_read_and_written_back(text: str) -> None:
    assert str(VerifierKey.parse(text)) == text


@pytest.mark.parametrize("vector", [PETER, FOO])
def test_published_notes_open(vector: dict[str, str]) -> None:
    note = f"{vector['text']}\n{vector['line']}"
    assert open_note(note, VerifierKey.parse(vector["key"])) == vector["text"]


def test_signing_gives_the_published_bytes() -> None:
    signer = Seeded(base64.b64decode(PETER["seed"])[1:])
    note = sign_note(PETER["text"], name="PeterNeumann", signers=(signer,))
    assert note == f"{PETER['text']}\n{PETER['line']}"


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3",
        "",
    ],
)
def test_published_bad_keys_are_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        VerifierKey.parse(text)


def test_the_published_checkpoint_text() -> None:
    vector = VECTORS["checkpoint"]
    checkpoint = Checkpoint(
        origin=vector["origin"], size=vector["size"], root=base64.b64decode(vector["root"])
    )
    assert checkpoint.text == vector["text"]
    assert Checkpoint.parse(vector["text"]) == checkpoint
