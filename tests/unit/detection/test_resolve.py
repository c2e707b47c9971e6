"""Overlaps are settled by how well founded a claim is, never by its length alone."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from privacy_service.detection.candidates import Candidate
from privacy_service.detection.resolve import resolve

CLAIMS = st.lists(
    st.builds(
        lambda start, length, score, entity: Candidate(entity, start, start + length, score, "x"),
        st.integers(0, 60),
        st.integers(1, 30),
        st.sampled_from([0.3, 0.5, 0.7, 0.9]),
        st.sampled_from(["PERSON", "LOCATION", "POSTCODE", "US_SSN"]),
    ),
    max_size=30,
)


TEXT = "ab, cd. " * 12


def overlap(one: Candidate, other: Candidate) -> bool:
    return one.start < other.end and other.start < one.end


@given(CLAIMS)
def test_the_kept_do_not_overlap_and_stand_in_order(claims: list[Candidate]) -> None:
    kept = resolve(claims, TEXT)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    for one in kept:
        assert any(
            claim.entity == one.entity and claim.start <= one.start and one.end <= claim.end
            for claim in claims
        )


@given(CLAIMS)
def test_whatever_was_dropped_met_one_as_well_founded(claims: list[Candidate]) -> None:
    kept = resolve(claims, TEXT)
    for claim in claims:
        if claim not in kept:
            assert any(overlap(claim, one) and one.score >= claim.score for one in kept)


@given(CLAIMS)
def test_the_order_of_claims_does_not_matter(claims: list[Candidate]) -> None:
    assert resolve(claims, TEXT) == resolve(list(reversed(claims)), TEXT)


def test_an_address_stays_an_address_around_a_surer_part() -> None:
    text = "559 Gomez Plains, Suite 557, Utah"
    whole = Candidate("STREET_ADDRESS", 0, 33, 0.5, "field")
    suite = Candidate("STREET_ADDRESS", 18, 27, 0.6, "unit")
    kept = resolve([whole, suite], text)
    assert [text[one.start : one.end] for one in kept] == ["559 Gomez Plains", "Suite 557", "Utah"]


def test_a_number_does_not_fall_apart() -> None:
    card = Candidate("CREDIT_CARD", 0, 19, 0.5, "x")
    part = Candidate("PHONE_NUMBER", 5, 14, 0.6, "x")
    assert resolve([card, part], "4111 1111 1111 1111") == [part]
