"""A sealed record opens in its place, with its keys, unchanged, and in no other way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.records.data_keys import OpenKey
from privacy_service.records.framing import framed
from privacy_service.records.seal import Slot, key_ids, seal, unsealed

names = st.text(st.characters(codec="utf-8"), max_size=12)
slots = st.builds(Slot, partner=names, record=names, field=names)
keys = st.builds(
    OpenKey,
    id=st.binary(min_size=16, max_size=16).map(bytes.hex),
    material=st.binary(min_size=32, max_size=32),
)
key_lists = st.lists(keys, min_size=1, max_size=4, unique_by=lambda key: key.id)
salts = st.binary(min_size=32, max_size=32)
contents = st.binary(max_size=60)


def refused(sealed: bytes, slot: Slot, keys: Sequence[OpenKey]) -> None:
    with pytest.raises(PrivacyError) as caught:
        unsealed(sealed, slot=slot, keys=keys)
    assert caught.value.reason is errors.RECORD_UNREADABLE


@given(contents, slots, key_lists, salts, st.randoms())
@settings(deadline=None, max_examples=100)
def test_what_was_sealed_opens(
    content: bytes, slot: Slot, keys: list[OpenKey], salt: bytes, random: Random
) -> None:
    sealed = seal(content, slot=slot, keys=keys, salt=salt)
    random.shuffle(keys)
    assert unsealed(sealed, slot=slot, keys=keys) == content
    assert list(key_ids(sealed)) == sorted(key.id for key in keys)
    assert seal(content, slot=slot, keys=keys, salt=salt) == sealed, "the order says nothing"


@given(contents, slots, slots, key_lists, salts)
@settings(deadline=None, max_examples=100)
def test_no_other_place_opens_it(
    content: bytes, slot: Slot, other: Slot, keys: list[OpenKey], salt: bytes
) -> None:
    assume(slot != other)
    sealed = seal(content, slot=slot, keys=keys, salt=salt)
    mixed = [
        replace(slot, partner=other.partner),
        replace(slot, record=other.record),
        replace(slot, field=other.field),
        # The same letters, divided otherwise.
        Slot(partner=slot.partner + slot.record, record="", field=slot.field),
        Slot(partner=slot.partner, record=slot.record + slot.field, field=""),
    ]
    for wrong in (other, *mixed):
        if wrong != slot:
            refused(sealed, wrong, keys)


@given(contents, slots, key_lists, salts, keys, st.data())
@settings(deadline=None, max_examples=100)
def test_no_other_key_opens_it_and_each_one_is_needed(
    content: bytes,
    slot: Slot,
    keys: list[OpenKey],
    salt: bytes,
    other: OpenKey,
    data: st.DataObject,
) -> None:
    sealed = seal(content, slot=slot, keys=keys, salt=salt)
    at = data.draw(st.integers(0, len(keys) - 1))
    without = keys[:at] + keys[at + 1 :]
    assume(other.id != keys[at].id and other.material != keys[at].material)
    refused(sealed, slot, without)
    refused(sealed, slot, [*without, other])
    # Another key under the right id: what a store that mixes up its rows would give back.
    refused(sealed, slot, [*without, replace(other, id=keys[at].id)])


@given(st.binary(max_size=6), slots, key_lists, salts)
@settings(deadline=None, max_examples=6)
def test_every_flipped_bit_is_found(
    content: bytes, slot: Slot, keys: list[OpenKey], salt: bytes
) -> None:
    sealed = seal(content, slot=slot, keys=keys, salt=salt)
    for bit in range(8 * len(sealed)):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        refused(bytes(flipped), slot, keys)


@given(contents, slots, key_lists, salts, st.binary(min_size=1, max_size=20), st.data())
@settings(deadline=None, max_examples=100)
def test_what_is_cut_or_longer_is_refused(
    content: bytes,
    slot: Slot,
    keys: list[OpenKey],
    salt: bytes,
    more: bytes,
    data: st.DataObject,
) -> None:
    sealed = seal(content, slot=slot, keys=keys, salt=salt)
    refused(sealed[: data.draw(st.integers(0, len(sealed) - 1))], slot, keys)
    refused(sealed + more, slot, keys)
    refused(more + sealed, slot, keys)


@given(st.binary(max_size=200), slots, key_lists)
@settings(deadline=None, max_examples=100)
def test_bytes_that_never_were_sealed_are_refused(
    noise: bytes, slot: Slot, keys: list[OpenKey]
) -> None:
    refused(noise, slot, keys)
    refused(b"PSR\x01" + noise, slot, keys)


@given(contents, slots, keys, salts, salts)
@settings(deadline=None, max_examples=50)
def test_another_salt_gives_another_key_and_nonce(
    content: bytes, slot: Slot, key: OpenKey, salt: bytes, other: bytes
) -> None:
    assume(salt != other)
    one = seal(content, slot=slot, keys=[key], salt=salt)
    two = seal(content, slot=slot, keys=[key], salt=other)
    assert one[54:86] != two[54:86], "the commitment, which is drawn with them"
    assert one[86:] != two[86:]


@given(slots, keys, salts)
@settings(deadline=None, max_examples=20)
def test_headers_out_of_order_or_twice_the_same_are_refused(
    slot: Slot, key: OpenKey, salt: bytes
) -> None:
    sealed = seal(b"", slot=slot, keys=[key], salt=salt)
    twice = sealed[:4] + b"\x00\x02" + sealed[6:22] + sealed[6:]
    refused(twice, slot, [key])
    refused(sealed[:4] + b"\x00\x00" + sealed[22:], slot, [key])


@pytest.mark.parametrize(("keys", "salt"), [([], bytes(32)), ([1], bytes(31)), ([1], b"")])
def test_a_seal_without_keys_or_with_a_short_salt_is_not_made(keys: list[int], salt: bytes) -> None:
    opened = [OpenKey(id=bytes([n] * 16).hex(), material=bytes(32)) for n in keys]
    with pytest.raises(ValueError):
        seal(b"", slot=Slot(partner="", record="", field=""), keys=opened, salt=salt)


parts = st.lists(st.text(max_size=8) | st.binary(max_size=8), max_size=4)


@given(parts, parts)
@settings(deadline=None, max_examples=200)
def test_framing_is_unambiguous(one: list[str | bytes], other: list[str | bytes]) -> None:
    def plain(parts: list[str | bytes]) -> list[bytes]:
        return [
            part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
            for part in parts
        ]

    assert (framed(*one) == framed(*other)) == (plain(one) == plain(other))
