"""Whose words: the subject that the payload names nearest to a value."""

from __future__ import annotations

import time
from itertools import takewhile

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.enforcement.mint import KnownSubject, TransferMint
from privacy_service.enforcement.ports import Pair
from privacy_service.payloads.document import Path

PAIR = Pair(sender="acme-shop", recipient="swift-parcel", purpose="dpv:DeliveryOfGoods")


class NamedOffsets:
    """The offset of a subject is its name."""

    def date_offset(self, pair: Pair, subject: str, days: int) -> int:
        return int(subject)

    def token(self, pair: Pair, entity: str, value: str) -> str:
        return f"tok_{value}"


def mint(paths: list[Path]) -> TransferMint:
    subjects = [KnownSubject(str(number), path) for number, path in enumerate(paths)]
    return TransferMint(NamedOffsets(), PAIR, subjects, None, "stage")  # type: ignore[arg-type]


paths = st.lists(st.sampled_from(["a", "b", 0, 1]), max_size=4).map(tuple)


@settings(max_examples=100, deadline=None)
@given(st.lists(paths, min_size=1, max_size=6), paths)
def test_the_nearest_is_the_first_that_shares_most_of_the_path(known: list[Path], at: Path) -> None:
    def shared(path: Path) -> int:
        alike = (one == other for one, other in zip(path, at, strict=False))
        return len(list(takewhile(bool, alike)))

    nearest = max(range(len(known)), key=lambda number: (shared(known[number]), -number))
    assert mint(known).date_offset(30, path=at) == nearest


def test_what_two_people_in_a_payload_share_is_minted_for_each() -> None:
    mine = mint([(row, "id") for row in range(3)])
    words = {mine.token("PHONE_NUMBER", "family", path=(row, "phone")) for row in (0, 2, 2)}
    assert words == {"tok_family"}
    assert [(one.token, one.subject) for one in mine.minted] == [
        ("tok_family", "0"),
        ("tok_family", "2"),
    ]


def test_many_subjects_take_time_in_proportion() -> None:
    many = mint([(row, "id") for row in range(50_000)])
    started = time.process_time()
    for row in range(50_000):
        assert many.date_offset(30, path=(row, "born")) == row
    assert time.process_time() - started < 3
