from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError, Reason
from privacy_service.lift import LiftState
from privacy_service.subjects.holds import (
    ActiveHolds,
    HeldUse,
    HoldScope,
    LegalHold,
)
from privacy_service.subjects.kept import KeptThing, RecordFacts
from privacy_service.subjects.record_query import RecordQuery

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FACTS = RecordFacts(
    partner="acme", id="r", content_type="text/plain", size=9, contracts=("orders",),
    created_at=NOW, keep_until=None,
)  # fmt: skip
RECORD = KeptThing(partners=("acme",), subjects=("s1", "s2"), contracts=("orders",), record=FACTS)
TOKEN = KeptThing(partners=("acme", "globex"), subjects=("s1",))
QUERY = RecordQuery.parse("partner = acme")


def hold(**fields: Any) -> LegalHold:
    fields = {
        "id": "h", "scope": HoldScope(partner="acme"), "matter": "M-1", "reason": "suit",
        "approver": "counsel", "review_on": date(2027, 1, 1), "placed_by": "ann",
        "placed_at": NOW, **fields,
    }  # fmt: skip
    return LegalHold(**fields)


def refused(reason: Reason, act: Any) -> None:
    with pytest.raises(PrivacyError) as caught:
        act()
    assert caught.value.reason is reason


PARTS: dict[str, Any] = {
    "subjects": frozenset({"s1"}),
    "partner": "acme",
    "contract": "orders",
    "query": QUERY,
}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.sampled_from(sorted(PARTS)), min_size=1), st.sampled_from(sorted(PARTS)))
def test_a_hold_covers_what_all_that_it_names_covers(named: set[str], other: str) -> None:
    scope = HoldScope(**{name: PARTS[name] for name in named})
    assert scope.covers(RECORD)
    elsewhere = {
        "subjects": frozenset({"s9"}), "partner": "initech", "contract": "loans",
        "query": RecordQuery.parse("size > 9"),
    }  # fmt: skip
    assert not replace(scope, **{other: elsewhere[other]}).covers(RECORD)


def test_a_scope_names_something() -> None:
    refused(errors.REQUEST_INVALID, HoldScope)


def test_a_hold_on_nobody_known_covers_nobody() -> None:
    assert not HoldScope(subjects=frozenset()).covers(RECORD)


def test_a_token_is_held_by_subject_by_partner_and_by_the_parties_of_a_contract() -> None:
    assert HoldScope(subjects=frozenset({"s1"})).covers(TOKEN)
    assert HoldScope(partner="globex").covers(TOKEN)
    parties = frozenset({"globex", "acme"})
    assert HoldScope(contract="orders", counterparties=parties).covers(TOKEN)
    assert not HoldScope(contract="orders", counterparties=frozenset({"acme"})).covers(TOKEN)
    assert not HoldScope(query=QUERY).covers(TOKEN)


def test_a_record_of_another_contract_of_the_same_parties_is_not_held() -> None:
    other = replace(RECORD, contracts=("returns",))
    assert not HoldScope(contract="orders", counterparties=frozenset({"acme"})).covers(other)


def test_what_is_held_is_not_deletable_until_the_last_hold_is_lifted() -> None:
    both = ActiveHolds((hold(id="a"), hold(id="b", scope=HoldScope(query=QUERY))))
    refused(errors.UNDER_LEGAL_HOLD, lambda: both.require_deletable(RECORD))
    refused(errors.UNDER_LEGAL_HOLD, lambda: ActiveHolds(both.holds[1:]).require_deletable(RECORD))
    ActiveHolds().require_deletable(RECORD)


def test_use_is_for_the_claim_alone() -> None:
    active = ActiveHolds((hold(),))
    refused(errors.USE_RESTRICTED, lambda: active.require_usable((RECORD,), claim=None, now=NOW))
    refused(errors.USE_RESTRICTED, lambda: active.require_usable((RECORD,), claim="other", now=NOW))
    active.require_usable((RECORD,), claim="h", now=NOW)


def test_where_use_goes_on_what_has_outlived_its_time_is_restricted_all_the_same() -> None:
    active = ActiveHolds((hold(use=HeldUse.CONTINUES),))
    active.require_usable((RECORD, TOKEN), claim=None, now=NOW)
    outlived = replace(RECORD, record=replace(FACTS, keep_until=NOW))
    refused(errors.USE_RESTRICTED, lambda: active.require_usable((outlived,), claim=None, now=NOW))


def test_a_lift_takes_two_people_who_are_not_the_one_who_placed() -> None:
    placed = hold()
    refused(errors.LIFT_NOT_PROPOSED, lambda: placed.lift_confirmed(by="bob", at=NOW))
    proposed = placed.lift_proposed(by="bob", reason="settled", at=NOW)
    assert proposed.state is LiftState.LIFT_PROPOSED
    for same in ("ann", "bob"):
        refused(errors.SECOND_PERSON_NEEDED, lambda by=same: proposed.lift_confirmed(by=by, at=NOW))
    lifted = proposed.lift_confirmed(by="eve", at=NOW)
    assert lifted.state is LiftState.LIFTED
    refused(errors.HOLD_LIFTED, lambda: lifted.lift_proposed(by="bob", reason="x", at=NOW))
    refused(errors.HOLD_LIFTED, lambda: lifted.lift_confirmed(by="eve", at=NOW))


def test_a_newer_proposal_stands_for_an_older_one() -> None:
    proposed = hold().lift_proposed(by="bob", reason="a", at=NOW)
    again = proposed.lift_proposed(by="eve", reason="b", at=NOW)
    refused(errors.SECOND_PERSON_NEEDED, lambda: again.lift_confirmed(by="eve", at=NOW))
    assert again.lift_confirmed(by="bob", at=NOW).state is LiftState.LIFTED


def test_a_hold_is_looked_at_again_on_a_day_to_come() -> None:
    refused(errors.REQUEST_INVALID, lambda: hold(review_on=NOW.date()))
    assert hold().review_due(date(2027, 1, 1))
    assert not hold().review_due(date(2026, 12, 31))


@pytest.mark.parametrize("matter", ["", "two words", "x" * 65, "-1"])
def test_a_matter_is_a_case_number(matter: str) -> None:
    refused(errors.REQUEST_INVALID, lambda: hold(matter=matter))


def test_holds_that_name_people_are_told_apart() -> None:
    named = hold(id="n", scope=HoldScope(subjects=frozenset({"s1"})))
    assert ActiveHolds((hold(), named)).by_subject().holds == (named,)
