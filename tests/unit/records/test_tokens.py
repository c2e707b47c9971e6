"""A token leads back to its value only through what was stored for exactly that token."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.enforcement.ports import Pair
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import DataKey, DataKeys, pair_scope
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer
from privacy_service.records.tokens import Mint, MintedToken
from tests.unit.records.keyrings import AT, made

PAIR = Pair(sender="shop", recipient="courier", purpose="dpv:ServiceProvision")
JANE = "a" * 64


class Workshop:
    def __init__(self, directory: Path) -> None:
        keyring = made(directory)
        self.data_keys = DataKeys(keyring, random=os.urandom, clock=SteppedClock(AT))
        self.pseudonyms = Pseudonyms(keyring)
        self.mint = Mint(Sealer(self.data_keys, os.urandom))

    def minted(
        self, value: str, key: DataKey, *, pair: Pair = PAIR, subject: str | None = JANE
    ) -> MintedToken:
        token = self.pseudonyms.token(pair, "PERSON", value)
        return self.mint.minted(
            token, value, pair=pair, entity="PERSON", subject=subject, key=key, at=AT
        )


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def unreadable(work: Callable[[], object]) -> None:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is errors.RECORD_UNREADABLE


@pytest.mark.parametrize("value", ["Jane", "", "Grüße 🙂", "\ud800"])
def test_a_minted_token_is_revealed(shop: Workshop, value: str) -> None:
    key = shop.data_keys.new("shop", JANE)
    minted = shop.minted(value, key)
    assert (minted.data_key, minted.subject, minted.minted_at) == (key.id, JANE, AT)
    assert shop.mint.revealed(minted, key) == value


def test_a_value_about_nobody_is_under_the_pairs_key(shop: Workshop) -> None:
    key = shop.data_keys.new("shop", pair_scope("courier"))
    minted = shop.minted("4111", key, subject=None)
    assert shop.mint.revealed(minted, key) == "4111"


def test_a_row_that_was_changed_reveals_nothing(shop: Workshop) -> None:
    key = shop.data_keys.new("shop", JANE)
    minted, other = shop.minted("Jane", key), shop.minted("John", key)
    for wrong in (
        replace(minted, token=other.token),
        replace(minted, sealed=other.sealed),
        replace(minted, recipient="bank"),
        replace(minted, purpose="dpv:Marketing"),
        replace(minted, sender="bank"),
        replace(minted, entity="EMAIL_ADDRESS"),
        replace(minted, sealed=minted.sealed[:-1]),
        replace(minted, recipient="", purpose="courier"),
    ):
        unreadable(lambda wrong=wrong: shop.mint.revealed(wrong, key))


def test_a_token_dies_with_its_subjects_key(shop: Workshop) -> None:
    jane, john = shop.data_keys.new("shop", JANE), shop.data_keys.new("shop", "b" * 64)
    minted = shop.minted("Jane", jane)
    shop.data_keys.purge("shop", JANE)
    unreadable(lambda: shop.mint.revealed(minted, john))
    unreadable(lambda: shop.mint.revealed(minted, shop.data_keys.new("shop", JANE)))


def test_neither_token_nor_value_prints(shop: Workshop) -> None:
    minted = shop.minted("Jane Canary", shop.data_keys.new("shop", JANE))
    assert "Jane" not in repr(minted)
    assert minted.token not in repr(minted)
    assert b"Jane" not in minted.sealed
