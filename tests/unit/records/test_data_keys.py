"""Data keys: made, opened, held for a while, wrapped anew, purged."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import DataKey, DataKeys, pair_scope
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.seal import Sealer, Slot
from tests.unit.records.keyrings import AT, Counted, made

JANE, JOHN = "a" * 64, "b" * 64
SLOT = Slot(partner="shop", record="order-1", field="payload")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(AT)


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return made(tmp_path)


@pytest.fixture
def counted(keyring: FileKeyring) -> Counted:
    return Counted(keyring)


@pytest.fixture
def data_keys(counted: Counted, clock: SteppedClock) -> DataKeys:
    return DataKeys(counted, random=os.urandom, clock=clock, seconds=60, most=3)


def unreadable(work: Callable[[], object]) -> None:
    with pytest.raises(PrivacyError) as caught:
        work()
    assert caught.value.reason is errors.RECORD_UNREADABLE


def test_a_new_key_opens_to_what_it_was(data_keys: DataKeys, keyring: FileKeyring) -> None:
    key = data_keys.new("shop", JANE)
    fresh = DataKeys(keyring, random=os.urandom, clock=SteppedClock(AT))
    opened = fresh.opened(key)
    assert (opened.id, len(opened.material), key.created_at) == (key.id, 32, AT)
    assert data_keys.opened(key) == opened
    assert opened.material not in key.wrapped
    assert data_keys.new("shop", JANE).id != key.id


def test_a_key_is_bound_to_its_row(data_keys: DataKeys, keyring: FileKeyring) -> None:
    key = data_keys.new("shop", JANE)
    keyring.rotate("shop")
    other = data_keys.new("shop", JOHN)
    for wrong in (
        replace(key, partner="courier"),
        replace(key, subject=JOHN),
        replace(key, id="0" * 32),
        replace(key, wrapped=other.wrapped),
        replace(key, wrapping_key=other.wrapping_key),
        replace(key, wrapping_key="file:other/partner/shop#1"),
        replace(key, wrapping_key="nonsense"),
    ):
        fresh = DataKeys(keyring, random=os.urandom, clock=SteppedClock(AT))
        unreadable(lambda wrong=wrong, fresh=fresh: fresh.opened(wrong))


def test_a_held_key_is_no_answer_for_another_row(data_keys: DataKeys) -> None:
    key, other = data_keys.new("shop", JANE), data_keys.new("shop", JOHN)
    data_keys.opened(key)
    for wrong in (
        replace(key, partner="courier"),
        replace(key, subject=JOHN),
        replace(key, id="0" * 32),
        replace(key, wrapped=other.wrapped),
    ):
        unreadable(lambda wrong=wrong: data_keys.opened(wrong))


def test_plaintext_is_held_for_its_time(
    data_keys: DataKeys, counted: Counted, clock: SteppedClock
) -> None:
    key = data_keys.new("shop", JANE)
    counted.calls.clear()
    data_keys.opened(key)
    clock.step(timedelta(seconds=59))
    data_keys.opened(key)
    assert counted.calls == ["unwrap"]
    clock.step(timedelta(seconds=1))
    data_keys.opened(key)
    assert counted.calls == ["unwrap", "unwrap"]


def test_plaintext_is_held_of_so_many_keys(data_keys: DataKeys, counted: Counted) -> None:
    keys = [data_keys.new("shop", str(number) * 64) for number in range(4)]
    for key in keys:
        data_keys.opened(key)
    counted.calls.clear()
    for key in keys[1:]:
        data_keys.opened(key)
    assert counted.calls == []
    data_keys.opened(keys[0])
    assert counted.calls == ["unwrap"]


def test_a_purged_key_is_asked_for_anew(data_keys: DataKeys, counted: Counted) -> None:
    jane, john = data_keys.new("shop", JANE), data_keys.new("shop", JOHN)
    data_keys.opened(jane)
    data_keys.opened(john)
    counted.calls.clear()
    data_keys.purge("shop", JANE)
    data_keys.purge("shop", "nobody")
    data_keys.opened(john)
    assert counted.calls == []
    data_keys.opened(jane)
    assert counted.calls == ["unwrap"]


def test_a_key_that_is_shredded_while_it_is_opened_is_not_held(
    keyring: FileKeyring, clock: SteppedClock
) -> None:
    class Shredding(Counted):
        def unwrap(self, *arguments: object) -> object:
            data_keys.purge("shop", JANE)
            self.calls.append("unwrap")
            return keyring.unwrap(*arguments)

    counted = Shredding(keyring)
    data_keys = DataKeys(counted, random=os.urandom, clock=clock)
    key = data_keys.new("shop", JANE)
    data_keys.opened(key)
    data_keys.opened(key)
    assert counted.calls.count("unwrap") == 2


def test_a_rewrapped_key_opens_the_same_records(data_keys: DataKeys, keyring: FileKeyring) -> None:
    sealer = Sealer(data_keys, os.urandom)
    key = data_keys.new("shop", JANE)
    sealed = sealer.seal(b"payload", slot=SLOT, keys=[key])
    keyring.rotate("shop")
    wrapped = data_keys.rewrapped(key)
    assert (wrapped.version, wrapped.wrapping_key) == (2, keyring.wrapping_key("shop"))
    renewed = replace(key, wrapping_key=wrapped.wrapping_key, wrapped=wrapped.ciphertext)
    keyring.retire("shop", 1)
    data_keys.purge("shop", JANE)
    assert sealer.open(sealed, slot=SLOT, keys=[renewed]) == b"payload"
    data_keys.purge("shop", JANE)
    unreadable(lambda: sealer.open(sealed, slot=SLOT, keys=[key]))
    unreadable(lambda: data_keys.rewrapped(key))


def test_seals_are_counted_and_opens_are_not(data_keys: DataKeys) -> None:
    sealer = Sealer(data_keys, os.urandom)
    jane, john = data_keys.new("shop", JANE), data_keys.new("shop", JOHN)
    first = sealer.seal(b"", slot=SLOT, keys=[jane, john])
    sealer.seal(b"", slot=SLOT, keys=[jane])
    sealer.open(first, slot=SLOT, keys=[jane, john])
    assert data_keys.seals() == {jane.id: 2, john.id: 1}
    for number in range(3):
        sealer.seal(b"", slot=SLOT, keys=[data_keys.new("shop", str(number))])
    assert len(data_keys.seals()) == 3


def test_shredding_one_of_several_subjects_makes_the_record_unreadable(
    data_keys: DataKeys,
) -> None:
    sealer = Sealer(data_keys, os.urandom)
    jane, john = data_keys.new("shop", JANE), data_keys.new("shop", JOHN)
    sealed = sealer.seal(b"both", slot=SLOT, keys=[john, jane])
    assert sealer.open(sealed, slot=SLOT, keys=[jane, john]) == b"both"
    data_keys.purge("shop", JANE)
    unreadable(lambda: sealer.open(sealed, slot=SLOT, keys=[john]))


def test_keys_that_the_record_does_not_name_are_not_opened(
    data_keys: DataKeys, counted: Counted
) -> None:
    sealer = Sealer(data_keys, os.urandom)
    jane, john = data_keys.new("shop", JANE), data_keys.new("shop", JOHN)
    sealed = sealer.seal(b"jane's", slot=SLOT, keys=[jane])
    counted.calls.clear()
    assert sealer.open(sealed, slot=SLOT, keys=[john, jane]) == b"jane's"
    assert counted.calls == []


def test_a_pair_is_not_a_subject() -> None:
    assert pair_scope("courier") != "courier"
    assert not pair_scope("courier").isalnum()


def test_nothing_prints_a_key(data_keys: DataKeys) -> None:
    key = data_keys.new("shop", JANE)
    opened = data_keys.opened(key)
    printed = repr((key, opened, data_keys, Sealer(data_keys, os.urandom)))
    for value in (opened.material, key.wrapped):
        assert repr(value)[2:-1] not in printed


def test_a_lost_keyring_refuses_to_seal_and_recovers(
    data_keys: DataKeys, keyring: FileKeyring, tmp_path: Path
) -> None:
    sealer = Sealer(data_keys, os.urandom)
    key: DataKey = data_keys.new("shop", JANE)
    (tmp_path / "keyring").rename(tmp_path / "away")
    with pytest.raises(PrivacyError) as caught:
        sealer.seal(b"", slot=SLOT, keys=[key])
    assert caught.value.reason is errors.KEYS_UNAVAILABLE
    (tmp_path / "away").rename(tmp_path / "keyring")
    sealer.seal(b"", slot=SLOT, keys=[key])
