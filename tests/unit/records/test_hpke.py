"""Values for the recipient alone: HPKE, read a second time from RFC 9180."""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.records.framing import framed
from privacy_service.records.hpke import RecipientKey, decrypt, encrypt, new_recipient_key

KEY = new_recipient_key(os.urandom)
INFO = "shop-courier /customer/email"


def refused(reason: Reason, work: Callable[[], object]) -> None:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is reason


def opened_by_rfc_9180(
    enc: bytes, ciphertext: bytes, *, private: bytes, info: bytes, aad: bytes, aead: int, size: int
) -> bytes:
    """SetupBaseR and Open (sections 4.1, 5.1, 5.2) for X25519, HKDF-SHA256 and AES-GCM."""
    kem_id, suite_id = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01" + aead.to_bytes(2, "big")

    def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(suite: bytes, key: bytes, label: bytes, about: bytes, length: int) -> bytes:
        labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + about
        return hmac.digest(key, labeled + b"\x01", "sha256")[:length]

    own = X25519PrivateKey.from_private_bytes(private)
    shared = own.exchange(X25519PublicKey.from_public_bytes(enc))
    context = enc + own.public_key().public_bytes_raw()
    eae = extract(kem_id, b"", b"eae_prk", shared)
    secret = expand(kem_id, eae, b"shared_secret", context, 32)
    schedule = (
        b"\x00"
        + extract(suite_id, b"", b"psk_id_hash", b"")
        + extract(suite_id, b"", b"info_hash", info)
    )
    prk = extract(suite_id, secret, b"secret", b"")
    key = expand(suite_id, prk, b"key", schedule, size)
    nonce = expand(suite_id, prk, b"base_nonce", schedule, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, aad)


def test_the_second_reading_opens_the_published_vector() -> None:
    """RFC 9180, appendix A.1.1.1, sequence number 0."""
    opened = opened_by_rfc_9180(
        bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"),
        bytes.fromhex(
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
            "6d8770ac83d07bea87e13c512a"
        ),
        private=bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
        info=b"Ode on a Grecian Urn",
        aad=b"Count-0",
        aead=1,
        size=16,
    )
    assert opened == b"Beauty is truth, truth beauty"


def test_the_second_reading_opens_what_we_write() -> None:
    text = encrypt("jane@example.com", recipient_key=KEY.public, info=INFO)
    sealed = base64.urlsafe_b64decode(text.removeprefix("hpke:v1:") + "==")
    opened = opened_by_rfc_9180(
        sealed[:32],
        sealed[32:],
        private=base64.b64decode(KEY.private),
        info=framed("privacy-service hpke 1", INFO),
        aad=b"",
        aead=2,
        size=32,
    )
    assert opened == b"jane@example.com"


@given(st.text(max_size=50) | st.just("\ud800"), st.text(max_size=20))
@settings(deadline=None, max_examples=50)
def test_the_recipient_reads_it(value: str, info: str) -> None:
    text = encrypt(value, recipient_key=KEY.public, info=info)
    assert text.isascii()
    assert decrypt(text, private_key=KEY.private, info=info) == value
    assert encrypt(value, recipient_key=KEY.public, info=info) != text, "each time anew"


def test_nobody_else_and_nowhere_else() -> None:
    text = encrypt("jane", recipient_key=KEY.public, info=INFO)
    other = new_recipient_key(os.urandom)
    for key, info in (
        (other.private, INFO),
        (KEY.private, "shop-courier /customer/name"),
        (KEY.private, "shop-bank /customer/email"),
        (KEY.private, ""),
        ("", INFO),
        ("!", INFO),
    ):
        refused(
            errors.VALUE_UNREADABLE,
            lambda key=key, info=info: decrypt(text, private_key=key, info=info),
        )


def test_no_letter_can_be_changed() -> None:
    text = encrypt("jane", recipient_key=KEY.public, info=INFO)
    for at in range(len(text)):
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        refused(
            errors.VALUE_UNREADABLE,
            lambda changed=changed: decrypt(changed, private_key=KEY.private, info=INFO),
        )
    for wrong in ("", "hpke:v1:", text + "A", text + "=", text[:-1], text[8:], f"{text}\n", "é"):
        refused(
            errors.VALUE_UNREADABLE,
            lambda wrong=wrong: decrypt(wrong, private_key=KEY.private, info=INFO),
        )


@pytest.mark.parametrize(
    "public",
    [
        "",
        "not base64!",
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(32)).decode(),  # a point of small order
        base64.b64encode(b"\x01" + bytes(31)).decode(),
        "é",
    ],
)
def test_a_public_key_that_is_none_encrypts_nothing(public: str) -> None:
    refused(errors.TREATMENT_FAILED, lambda: encrypt("jane", recipient_key=public, info=INFO))


def test_a_key_comes_from_the_given_randomness_and_does_not_print() -> None:
    one = new_recipient_key(lambda size: bytes([7]) * size)
    assert one == new_recipient_key(lambda size: bytes([7]) * size)
    assert one.private not in repr(one)
    assert isinstance(one, RecipientKey)
