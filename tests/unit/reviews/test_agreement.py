"""Agreement, by the worked examples of Krippendorff (2011)."""

from __future__ import annotations

import pytest

from privacy_service.reviews.agreement import agreement, alpha


def test_the_worked_examples() -> None:
    binary = list(zip("0100000010", "1110010000", strict=True))
    assert alpha(binary) == pytest.approx(0.095, abs=0.0005)
    nominal = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
    assert alpha(nominal) == pytest.approx(0.692, abs=0.0005)


def test_what_it_says_of_things_that_one_or_more_people_judged() -> None:
    found = agreement([("good",), ("good", "good"), ("bad", "good"), ()])
    assert (found.judged, found.doubly, found.agreed) == (3, 2, 0.5)
    assert found.labels == {"good": 4, "bad": 1}


def test_nothing_is_said_where_nothing_varies() -> None:
    assert agreement([("good", "good")]).alpha is None
    assert agreement([]).alpha is None


def test_perfect_agreement_is_one_and_systematic_disagreement_below_none() -> None:
    assert alpha([("a", "a"), ("b", "b")]) == 1.0
    below = alpha([("a", "b")] * 10)
    assert below is not None
    assert below < 0
