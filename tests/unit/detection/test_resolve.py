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
        st.sampled_from(["PERSON", "EMAIL_ADDRESS", "US_SSN"]),
    ),
    max_size=30,
)


def overlap(one: Candidate, other: Candidate) -> bool:
    return one.start < other.end and other.start < one.end


@given(CLAIMS)
def test_the_kept_do_not_overlap_and_stand_in_order(claims: list[Candidate]) -> None:
    kept = resolve(claims)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert set(kept) <= set(claims)


@given(CLAIMS)
def test_whatever_was_dropped_met_one_as_well_founded(claims: list[Candidate]) -> None:
    kept = resolve(claims)
    for claim in claims:
        if claim not in kept:
            assert any(overlap(claim, one) and one.score >= claim.score for one in kept)


@given(CLAIMS)
def test_the_order_of_claims_does_not_matter(claims: list[Candidate]) -> None:
    assert resolve(claims) == resolve(list(reversed(claims)))
