"""Keyed words: the same inside a pair, nothing in common across pairs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privacy_service import errors
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import PrivacyError
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.framing import framed
from privacy_service.records.keyring import SecretName
from privacy_service.records.pseudonyms import Pseudonyms
from tests.unit.records.keyrings import made

PAIR = Pair(sender="shop", recipient="courier", purpose="dpv:ServiceProvision")
OTHERS = [
    Pair(sender="courier", recipient="shop", purpose=PAIR.purpose),
    Pair(sender="shop", recipient="bank", purpose=PAIR.purpose),
    Pair(sender="shop", recipient="courier", purpose="dpv:Marketing"),
    Pair(sender="shopcou", recipient="rier", purpose=PAIR.purpose),
]
VALUES = [f"person-{number}@example.com" for number in range(200)]


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return made(tmp_path)


@pytest.fixture
def pseudonyms(keyring: FileKeyring) -> Pseudonyms:
    return Pseudonyms(keyring)


def test_words_are_the_same_in_every_process(keyring: FileKeyring, pseudonyms: Pseudonyms) -> None:
    again = Pseudonyms(keyring)
    for words in (pseudonyms, again):
        assert words.token(PAIR, "EMAIL_ADDRESS", "x") == again.token(PAIR, "EMAIL_ADDRESS", "x")
        assert words.keyed_hash(PAIR, "ID", "x") == again.keyed_hash(PAIR, "ID", "x")
        assert words.subject_digest("email", "x") == again.subject_digest("email", "x")
        assert words.date_offset(PAIR, "d", 30) == again.date_offset(PAIR, "d", 30)
        assert words.commitment(b"x") == again.commitment(b"x")


def test_the_forms(pseudonyms: Pseudonyms) -> None:
    assert re.fullmatch("tok_[a-z2-7]{26}", pseudonyms.token(PAIR, "ID", "x"))
    for word in (
        pseudonyms.keyed_hash(PAIR, "ID", "x"),
        pseudonyms.subject_digest("email", "x"),
        pseudonyms.commitment(b""),
    ):
        assert re.fullmatch("[0-9a-f]{64}", word)


def test_a_subject_is_one_person_however_it_is_spelled(pseudonyms: Pseudonyms) -> None:
    digest = pseudonyms.subject_digest("email", "jane@example.com")
    assert pseudonyms.subject_digest("EMAIL_ADDRESS", " Jane@Example.COM ") == digest
    assert pseudonyms.subject_digest("login", "jane@example.com") != digest
    assert pseudonyms.subject_digest("email", "jаne@example.com") != digest, "a Cyrillic а"


@pytest.mark.parametrize(("kind", "value"), [("email", "  "), ("phone", "none"), ("id", "")])
def test_what_identifies_nobody_is_refused(pseudonyms: Pseudonyms, kind: str, value: str) -> None:
    with pytest.raises(PrivacyError) as caught:
        pseudonyms.subject_digest(kind, value)
    assert caught.value.reason is errors.SUBJECT_REQUIRED


def test_values_are_taken_letter_for_letter(pseudonyms: Pseudonyms) -> None:
    spellings = ["Jane", "jane", "jane ", "Ｊane", "jаne", "\ud800", ""]
    assert len({pseudonyms.token(PAIR, "PERSON", one) for one in spellings}) == len(spellings)
    assert len({pseudonyms.keyed_hash(PAIR, "PERSON", one) for one in spellings}) == len(spellings)


def test_an_entity_and_a_use_have_words_of_their_own(pseudonyms: Pseudonyms) -> None:
    assert pseudonyms.token(PAIR, "A", "x") != pseudonyms.token(PAIR, "B", "x")
    assert pseudonyms.token(PAIR, "AB", "C") != pseudonyms.token(PAIR, "A", "BC")
    token, hashed = pseudonyms.token(PAIR, "A", "x"), pseudonyms.keyed_hash(PAIR, "A", "x")
    letters = base64.b32encode(bytes.fromhex(hashed)[:16]).decode().lower().rstrip("=")
    assert token != f"tok_{letters}"


@pytest.mark.parametrize("other", OTHERS)
def test_two_pairs_that_compare_all_their_words_learn_nothing(
    pseudonyms: Pseudonyms, other: Pair
) -> None:
    """No word in common, no order in common: the sets tell nothing of whose values they are."""
    ours = [pseudonyms.token(PAIR, "EMAIL_ADDRESS", value) for value in VALUES]
    theirs = [pseudonyms.token(other, "EMAIL_ADDRESS", value) for value in VALUES]
    assert len({*ours, *theirs}) == 2 * len(VALUES)
    ranks = [
        sorted(ours).index(a) < sorted(theirs).index(b) for a, b in zip(ours, theirs, strict=True)
    ]
    assert 60 < sum(ranks) < 140
    hashed = {
        pseudonyms.keyed_hash(pair, "ID", value) for pair in (PAIR, other) for value in VALUES
    }
    assert len(hashed) == 2 * len(VALUES)
    shifts = [
        [pseudonyms.date_offset(pair, value, 1000) for value in VALUES] for pair in (PAIR, other)
    ]
    assert sum(a == b for a, b in zip(*shifts, strict=True)) < 10


def test_two_keyrings_have_no_word_in_common(pseudonyms: Pseudonyms, tmp_path: Path) -> None:
    stranger = Pseudonyms(made(tmp_path, "other"))
    assert stranger.token(PAIR, "A", "x") != pseudonyms.token(PAIR, "A", "x")
    assert stranger.subject_digest("id", "x") != pseudonyms.subject_digest("id", "x")
    assert stranger.commitment(b"x") != pseudonyms.commitment(b"x")


@pytest.mark.parametrize("days", [1, 2, 7, 365])
def test_dates_shift_within_the_bound_and_never_by_nothing(
    pseudonyms: Pseudonyms, days: int
) -> None:
    shifts = [pseudonyms.date_offset(PAIR, f"{number:064x}", days) for number in range(600)]
    assert 0 not in shifts
    assert min(shifts) >= -days
    assert max(shifts) <= days
    if days < 10:
        assert set(shifts) == {*range(-days, 0), *range(1, days + 1)}
    assert 200 < sum(shift > 0 for shift in shifts) < 400


@pytest.mark.parametrize("days", [0, -1])
def test_a_shift_has_at_least_a_day(pseudonyms: Pseudonyms, days: int) -> None:
    with pytest.raises(ValueError):
        pseudonyms.date_offset(PAIR, "d", days)


def test_after_a_rotation_old_words_are_found_with_the_new(
    keyring: FileKeyring, pseudonyms: Pseudonyms
) -> None:
    digest, token = pseudonyms.subject_digest("id", "x"), pseudonyms.token(PAIR, "A", "x")
    shift, hashed = pseudonyms.date_offset(PAIR, "d", 5000), pseudonyms.keyed_hash(PAIR, "A", "x")
    committed = pseudonyms.commitment(b"x")
    for name in (SecretName.BLIND_INDEX, SecretName.PSEUDONYM_ROOT, SecretName.COMMITMENT):
        keyring.rotate_secret(name)
    assert pseudonyms.subject_digests("id", "x") == (pseudonyms.subject_digest("id", "x"), digest)
    assert pseudonyms.tokens(PAIR, "A", "x") == (pseudonyms.token(PAIR, "A", "x"), token)
    assert pseudonyms.keyed_hash(PAIR, "A", "x") != hashed
    assert pseudonyms.keyed_hash(PAIR, "A", "x", version=1) == hashed
    assert pseudonyms.date_offset(PAIR, "d", 5000, version=1) == shift
    assert pseudonyms.commitment(b"x", version=1) == committed != pseudonyms.commitment(b"x")


def test_a_lost_keyring_gives_no_words(
    keyring: FileKeyring, pseudonyms: Pseudonyms, tmp_path: Path
) -> None:
    pseudonyms.token(PAIR, "A", "x")
    (tmp_path / "keyring").unlink()
    for work in (
        lambda: pseudonyms.token(PAIR, "A", "x"),
        lambda: pseudonyms.subject_digest("id", "x"),
        lambda: pseudonyms.commitment(b"x"),
    ):
        with pytest.raises(PrivacyError) as caught:
            work()
        assert caught.value.reason is errors.KEYS_UNAVAILABLE


def test_the_words_are_what_the_document_says(keyring: FileKeyring, pseudonyms: Pseudonyms) -> None:
    """docs/sealed-format.md, "Keyed words", read a second time."""
    root = json.loads((keyring_path(keyring)).read_text())["ring"]["keys"]
    secrets = {name: base64.b64decode(versions[0]["key"]) for name, versions in root.items()}

    def mac(key: bytes, *parts: str | bytes) -> bytes:
        return hmac.new(key, framed(*parts), "sha256").digest()

    def derived(use: str) -> bytes:
        info = framed("pair", use, PAIR.sender, PAIR.recipient, PAIR.purpose)
        return HKDFExpand(SHA256(), 32, info).derive(secrets["secret/pseudonym-root"])

    assert (
        pseudonyms.subject_digest("email", " J@x.org")
        == mac(secrets["secret/blind-index"], "subject", "email", "j@x.org").hex()
    )
    content = hashlib.sha256(b"payload").digest()
    assert (
        pseudonyms.commitment(b"payload")
        == mac(secrets["secret/commitment"], "payload", content).hex()
    )
    letters = base64.b32encode(mac(derived("token"), "PERSON", "Jane")[:16]).decode()
    assert pseudonyms.token(PAIR, "PERSON", "Jane") == f"tok_{letters.rstrip('=').lower()}"
    assert (
        pseudonyms.keyed_hash(PAIR, "PERSON", "Jane")
        == mac(derived("hash"), "PERSON", "Jane").hex()
    )
    drawn = int.from_bytes(mac(derived("date"), "d"), "big") % 60
    assert pseudonyms.date_offset(PAIR, "d", 30) == (drawn - 30 if drawn < 30 else drawn - 29)


def keyring_path(keyring: FileKeyring) -> Path:
    return keyring._file.path
