"""What may go wrong round a breach: rules that go, nobody and a million people, clocks set back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from privacy_service.app.law import open_law
from privacy_service.breaches.allowed import require_allowed
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.obligations import Status, obligations, with_obligations
from privacy_service.breaches.reminding import reminders
from privacy_service.breaches.scope import ScopeCounts, ScopeQuestion, entities_left, scoped
from privacy_service.breaches.spans import spans
from privacy_service.breaches.statements import (
    Assessed,
    Closed,
    FactsSaid,
    MeasureTaken,
    Opened,
    Reminded,
    Source,
    TimeSaid,
)
from privacy_service.law.reach import Count

LAW = open_law(())
AT = datetime(2026, 6, 5, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULE = "eu-gdpr.33-1"


def opened(*, at: datetime = AT) -> Breach:
    """A breach in Germany of which somebody is aware."""
    said = Opened(title="A list", source=Source.PERSON, capacities=("controller",), seats=("DE",))
    breach = Breach.opened("breach-1", said, by="officer", at=at)
    aware = TimeSaid(name="awareness", at=at, evidence="call")
    return with_obligations(
        breach.with_statement(aware, by="officer", at=at), LAW, by="service", now=at
    )


def statuses(breach: Breach, now: datetime, law: object = LAW) -> dict[str, Status]:
    found = obligations(breach, law, now=now)  # type: ignore[arg-type]
    return {one.rule: one.status for one in found}


def test_a_regime_that_is_withdrawn_is_shown_and_stands_in_nobody_s_way() -> None:
    breach = opened()
    assert statuses(breach, AT)[RULE] is Status.TO_DECIDE
    rules = {name: rule for name, rule in LAW.rules.items() if not name.startswith("eu-gdpr.")}
    without = replace(LAW, rules=rules)
    assert statuses(breach, AT, without)[RULE] is Status.WITHDRAWN
    asked = obligations(breach, without, now=AT + 100 * HOUR)
    assert not list(reminders(breach, asked, AT + 100 * HOUR))
    closing = Closed(causes="a test list", lessons="")
    require_allowed(closing, breach, asked, without)
    closed = breach.with_statement(closing, by="officer", at=AT + 100 * HOUR)
    assert closed.state is BreachState.CLOSED


def test_nobody_is_concerned_and_the_decision_about_it_is_still_asked_for() -> None:
    none = ScopeCounts(
        subjects=0, disclosures=0, unnamed=0, several=0, records=0, tokens=0,
        categories={}, recipients={}, by_contract={},
    )  # fmt: skip
    found = scoped(ScopeQuestion(partner="globex"), none, regions={}, exposed={})
    breach = opened().with_statement(found, by="officer", at=AT)
    assert breach.facts.total == Count(number=0)
    assert statuses(breach, AT)[RULE] is Status.TO_DECIDE
    decided = Assessed(
        method="own", factors={}, decider="DPO", reasons="nobody is concerned",
        decided={"risk": False, "high_risk": False},
    )  # fmt: skip
    breach = breach.with_statement(decided, by="officer", at=AT)
    assert RULE not in statuses(breach, AT)


def test_what_was_removed_is_not_said_to_have_left() -> None:
    counted = {
        "EMAIL_ADDRESS mask": 2, "FIELD remove": 7, "FIELD keep": 1, "PERSON redact": 3,
        "US_SSN remove": 1, "PHONE_NUMBER tokenize": 1,
    }  # fmt: skip
    assert entities_left(counted) == ["EMAIL_ADDRESS", "PHONE_NUMBER"]


def test_a_million_people_in_every_state() -> None:
    homes = [name for name in LAW.places if name.startswith("US-")] + ["DE", "BR", "CA", "IN"]
    many = FactsSaid(residents={home: Count(number=1_000_000) for home in homes}, encrypted=False)
    breach = opened().with_statement(many, by="officer", at=AT)
    assert breach.facts.total == Count(number=1_000_000 * len(homes))
    asked = obligations(breach, LAW, now=AT)
    assert len({one.rule for one in asked}) > 30
    assert with_obligations(breach, LAW, by="service", now=AT).computed is not None


def test_a_clock_that_is_set_back_is_told_and_reminds_nobody_twice() -> None:
    breach = opened()
    late = AT + 60 * HOUR
    told = list(reminders(breach, obligations(breach, LAW, now=late), late))
    for one in told:
        due = one.obligation.conservative
        assert due is not None
        said = Reminded(
            rule=one.obligation.rule, place=one.obligation.place, stage=one.stage,
            due=due.isoformat(),
        )  # fmt: skip
        breach = breach.with_statement(said, by="service", at=late)
    assert told
    back = AT - HOUR
    assert statuses(breach, back)[RULE] is Status.TO_DECIDE
    assert not list(reminders(breach, obligations(breach, LAW, now=late), late))
    contained = MeasureTaken(what="recalled", at=back, says="deleted", contained=True)
    breach = breach.with_statement(contained, by="officer", at=back)
    (doubt,) = breach.doubts
    assert doubt.startswith("by the clock entry")
    assert spans(breach).to_contain is None
    assert [entry.number for entry in breach.entries] == list(range(1, breach.newest + 1))
