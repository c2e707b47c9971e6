"""What is to be found out or decided, and what depends on it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service.app.law import open_law
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.obligations import UNSETTLED, obligations
from privacy_service.breaches.questions import questions
from privacy_service.breaches.statements import Assessed, FactsSaid, Opened, Source, TimeSaid
from privacy_service.law.reach import Count
from tests.unit.breaches.test_bad_days import AT

LAW = open_law(())


def breach(*, homes: dict[str, int], decided: dict[str, bool], encrypted: bool | None) -> Breach:
    opened = Opened(title="A list", source=Source.PERSON, capacities=("controller",))
    made = Breach.opened("breach-1", opened, by="officer", at=AT)
    residents = {home: Count(number=many) for home, many in homes.items()}
    said = [
        TimeSaid(name="awareness", at=AT, evidence="call"),
        FactsSaid(residents=residents, encrypted=encrypted),
    ]
    for one in said:
        made = made.with_statement(one, by="officer", at=AT)
    if decided:
        assessed = Assessed(
            method="own", factors={}, decided=decided, decider="DPO", reasons="as is"
        )
        made = made.with_statement(assessed, by="officer", at=AT)
    return made


def test_a_breach_without_a_place_has_one_question_first() -> None:
    found = obligations(breach(homes={}, decided={}, encrypted=None), LAW, now=AT)
    (first,) = questions(found)
    assert (first.id, first.answer) == ("residents", "facts --resident DE=900")
    assert set(first.rules) == {one.rule for one in found}
    assert first.earliest == min(one.conservative for one in found if one.conservative)


def test_what_is_decided_asks_no_more_and_what_is_certain_is_under_no_question() -> None:
    known = breach(homes={"DE": 900}, decided={"risk": True}, encrypted=None)
    found = obligations(known, LAW, now=AT)
    asked = questions(found)
    assert [one.id for one in asked] == ["high_risk"]
    assert asked[0].rules == ("eu-gdpr.34-1",)
    assert "eu-gdpr.33-1" in {one.rule for one in found if not one.asks}


@settings(deadline=None, max_examples=20)
@given(
    homes=st.dictionaries(st.sampled_from(["DE", "US-CA", "US-TX", "BR"]), st.integers(0, 2000)),
    decided=st.dictionaries(st.sampled_from(["risk", "high_risk", "hipaa_breach"]), st.booleans()),
    encrypted=st.none() | st.booleans(),
)
def test_each_duty_that_is_not_certain_is_under_one_question(
    homes: dict[str, int], decided: dict[str, bool], encrypted: bool | None
) -> None:
    found = obligations(breach(homes=homes, decided=decided, encrypted=encrypted), LAW, now=AT)
    listed = [(one.id, rule) for one in questions(found) for rule in one.rules]
    assert len(listed) == len(set(listed))
    unsure = {one.rule for one in found if one.asks and one.status in UNSETTLED}
    assert {rule for _, rule in listed} == unsure
    assert all(one.because for one in found if one.asks)
