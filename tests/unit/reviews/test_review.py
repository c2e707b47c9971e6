"""The moves of a review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.reviews.review import Review, ReviewState

NOW = datetime(2026, 6, 5, 16, tzinfo=UTC)
LATE = NOW + timedelta(days=3)


def review(**fields: Any) -> Review:
    fields = {
        "id": "r", "sender": "acme", "recipient": "globex", "purpose": "dpv:X",
        "content_type": "text/plain", "contracts": (), "reasons": ("ENTITY_HELD:PERSON",),
        "seen": "one", "held_at": NOW, "expires_at": NOW + timedelta(days=2), "four_eyes": False,
        **fields,
    }  # fmt: skip
    return Review(**fields)


def refused(reason: Reason, move: Any) -> None:
    with pytest.raises(PrivacyError) as refusal:
        move()
    assert refusal.value.reason is reason


def test_one_person_approves() -> None:
    done = review().approved(by="ann", seen="one", note="ok", now=NOW)
    assert (done.state, done.decided_by, done.approvals) == (
        ReviewState.APPROVED, "ann", ("ann",),
    )  # fmt: skip


def test_with_four_eyes_a_second_person_must() -> None:
    once = review(four_eyes=True).approved(by="ann", seen="one", note="ok", now=NOW)
    assert once.state is ReviewState.WAITING
    refused(
        errors.REVIEW_SAME_PERSON,
        lambda: once.approved(by="ann", seen="one", note="again", now=NOW),
    )
    twice = once.approved(by="bob", seen="one", note="ok", now=NOW)
    assert twice.state is ReviewState.APPROVED


def test_an_edit_asks_for_new_eyes() -> None:
    once = review(four_eyes=True).approved(by="ann", seen="one", note="ok", now=NOW)
    edited = once.edited(by="bob", seen="one", now_seen="two", now=NOW)
    assert (edited.approvals, edited.seen) == ((), "two")
    refused(
        errors.REVIEW_SEEN_DIFFERS,
        lambda: edited.approved(by="bob", seen="one", note="ok", now=NOW),
    )


def test_who_it_is_given_to_decides_it() -> None:
    given = review().assigned("ann", now=NOW)
    for move in (
        lambda: given.approved(by="bob", seen="one", note="ok", now=NOW),
        lambda: given.rejected(by="bob", seen="one", note="no", now=NOW),
        lambda: given.edited(by="bob", seen="one", now_seen="two", now=NOW),
    ):
        refused(errors.REVIEW_ASSIGNED, move)
    assert given.approved(by="ann", seen="one", note="ok", now=NOW).decided_by == "ann"
    taken = given.assigned("bob", now=NOW)
    assert taken.rejected(by="bob", seen="one", note="no", now=NOW).decided_by == "bob"
    assert given.assigned("", now=NOW).approved(by="bob", seen="one", note="ok", now=NOW)


def test_once_who_it_was_given_to_approved_it_the_second_may_be_anybody() -> None:
    once = review(four_eyes=True).assigned("ann", now=NOW).approved(
        by="ann", seen="one", note="ok", now=NOW
    )  # fmt: skip
    assert once.approved(by="bob", seen="one", note="ok", now=NOW).state is ReviewState.APPROVED


def test_time_ends_it() -> None:
    assert review().at(LATE).state is ReviewState.EXPIRED
    refused(
        errors.REVIEW_DECIDED, lambda: review().approved(by="a", seen="one", note="n", now=LATE)
    )
    assert review().approved(by="a", seen="one", note="n", now=NOW).at(LATE).state is (
        ReviewState.APPROVED
    )


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["approve", "reject", "edit", "assign"]),
        st.sampled_from(["ann", "bob", ""]),
        st.sampled_from(["one", "two"]),
        st.integers(0, 4),
    ),
    max_size=8,
)


@given(MOVES, st.booleans())
def test_whatever_comes_it_is_decided_once_and_by_who_saw_it(moves: Any, four_eyes: bool) -> None:
    one = review(four_eyes=four_eyes)
    decided = None
    for move, by, seen, days in sorted(moves, key=lambda move: move[3]):
        now = NOW + timedelta(days=days)
        before = one
        try:
            match move:
                case "approve":
                    one = one.approved(by=by, seen=seen, note="n", now=now)
                case "reject":
                    one = one.rejected(by=by, seen=seen, note="n", now=now)
                case "edit":
                    one = one.edited(by=by, seen=seen, now_seen="two", now=now)
                case "assign":
                    one = one.assigned(by, now=now)
        except PrivacyError:
            assert one == before
            continue
        assert decided is None, "nothing moves after a decision"
        assert now < one.expires_at
        assert move == "assign" or seen == before.seen
        assert move == "assign" or before.assigned_to in (None, by)
        if one.state is not ReviewState.WAITING:
            decided = one
            if one.state is ReviewState.APPROVED:
                assert len(set(one.approvals)) == (2 if four_eyes else 1)
