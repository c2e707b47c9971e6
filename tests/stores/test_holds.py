from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.subjects.holds import HeldUse, HoldScope, LegalHold
from privacy_service.subjects.record_query import RecordQuery
from tests.stores.crowds import held
from tests.stores.databases import NOW, later
from tests.stores.samples import entry

S1, S2 = "11" * 32, "22" * 32


def hold(name: str, **fields: Any) -> LegalHold:
    fields = {
        "scope": HoldScope(subjects=frozenset({S1, S2})), "matter": "M-1", "reason": "suit",
        "approver": "counsel", "review_on": date(2027, 1, 1), "placed_by": "ann",
        "placed_at": NOW, **fields,
    }  # fmt: skip
    return LegalHold(id=name, **fields)


WHOLE = hold(
    "whole",
    scope=HoldScope(
        subjects=frozenset({S1, S2}), partner="acme", contract="orders",
        counterparties=frozenset({"acme", "globex"}), query=RecordQuery.parse("size > 3"),
    ),
    use=HeldUse.CONTINUES,
)  # fmt: skip
PROPOSED = WHOLE.lift_proposed(by="bob", reason="settled", at=later(days=1))
LIFTED = PROPOSED.lift_confirmed(by="eve", at=later(days=2))


def test_a_hold_comes_back_as_it_was_placed_and_lifted(database: Database) -> None:
    database.commit(lambda tx: tx.holds.place(WHOLE))
    for state in (WHOLE, PROPOSED, LIFTED):
        if state.lift:
            database.commit(lambda tx, state=state: tx.holds.lift(state))
        with database.reading() as view:
            assert view.holds.get("whole") == state


def test_a_hold_that_is_not_there_is_not_found(database: Database) -> None:
    with database.reading() as view, pytest.raises(PrivacyError) as refusal:
        view.holds.get("nothing")
    assert refusal.value.reason is errors.HOLD_NOT_FOUND


def test_active_holds_are_read_as_far_as_they_concern_what_is_asked(database: Database) -> None:
    for each in (hold("a"), hold("b", scope=HoldScope(partner="acme")), WHOLE):
        database.commit(lambda tx, each=each: tx.holds.place(each))
    database.commit(lambda tx: tx.holds.lift(LIFTED))
    with database.reading() as view:
        found = {one.id: one.scope.subjects for one in view.holds.active([S1, "33" * 32]).holds}
    assert found == {"a": {S1}, "b": None}


def test_holds_are_listed_in_pages_by_state_and_subject(database: Database) -> None:
    for each in (hold("a"), hold("b", scope=HoldScope(partner="acme")), WHOLE):
        database.commit(lambda tx, each=each: tx.holds.place(each))
    database.commit(lambda tx: tx.holds.lift(LIFTED))
    with database.reading() as view:
        names = [one.id for one in view.holds.list()]
        assert names == ["a", "b"]
        assert [one.id for one in view.holds.list(lifted=True, after="a", limit=1)] == ["b"]
        assert [one.id for one in view.holds.list(lifted=True, subject=S2)] == ["a", "whole"]


def test_units_of_one_batch_see_the_holds_of_those_before_and_of_no_failed_one(
    database: Database,
) -> None:
    def active(tx: Any) -> list[str]:
        tx.audit.append(entry())
        return [one.id for one in tx.holds.active([S1]).holds]

    def place_and_fail(tx: Any) -> None:
        tx.holds.place(hold("failed"))
        assert "failed" in active(tx)
        raise PrivacyError(errors.INTERNAL)

    with held(database) as waiting:
        answers = waiting.submit(
            active, lambda tx: tx.holds.place(hold("a")), active, place_and_fail, active
        )
        waiting.release()
        assert [answers[n].result(20) for n in (0, 2, 4)] == [[], ["a"], ["a"]]
        assert answers[3].exception(20) is not None
