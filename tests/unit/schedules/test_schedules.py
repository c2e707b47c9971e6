"""Schedules as they are written, and what they come to for one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.contracts.faults import Severity
from privacy_service.periods import Period
from privacy_service.schedules.read import ScheduleFault, check, lint, read
from privacy_service.schedules.schedule import Action, Facts, Kind, RetentionSchedule, Trigger
from privacy_service.schedules.verdict import (
    SHARING_CONTRACT,
    Span,
    earliest_collected,
    judge,
)
from privacy_service.subjects.kept import KeptThing, RecordFacts

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TAX = """\
apiVersion: privacy-service/v1
kind: RetentionSchedule
id: orders-tax
title: Orders, for tax
covers: {partner: acme-shop, contract: orders, records: "content_type = application/json"}
trigger: collection
at_least: P6Y
at_most: P10Y
zone: Europe/Berlin
authority: {citation: AO 147(3), source: "https://example.org/ao", verified_on: 2026-10-01}
owner: finance
review_by: 2027-01-01
effective: {from: 2026-01-01}
"""


def facts(**fields: Any) -> Facts:
    at = fields.pop("at", datetime(2024, 2, 29, 9, tzinfo=UTC))
    record = RecordFacts(
        partner="acme-shop", id="r", content_type="application/json", size=9,
        contracts=("orders",), created_at=at, keep_until=None,
    )  # fmt: skip
    thing = KeptThing(partners=("acme-shop",), contracts=("orders",), record=record)
    fields = {
        "kind": Kind.RECORDS, "thing": thing, "collected_at": at, "last_activity_at": at, **fields,
    }  # fmt: skip
    return Facts(**fields)


def schedule(name: str = "s", **fields: Any) -> RetentionSchedule:
    plain = read(TAX.replace("at_least: P6Y\nat_most: P10Y\n", "at_most: P1Y\n"), name="s")
    return replace(plain, id=name, **fields)


def told(text: str) -> list[str]:
    return [str(fault) for fault in lint(text, name="s", today=TODAY)]


def test_a_schedule_is_read_as_it_is_written() -> None:
    tax = check(TAX, name="tax", today=TODAY)
    assert (tax.id, tax.trigger, tax.action) == ("orders-tax", Trigger.COLLECTION, Action.ERASE)
    assert (str(tax.at_least), str(tax.at_most), str(tax.zone)) == ("P6Y", "P10Y", "Europe/Berlin")
    assert tax.covers.query is not None
    assert told(TAX) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("at_least: P6Y\nat_most: P10Y\n", "", "1:1: error: it says neither"),
        ("P6Y", "six years", "7:11: error: at_least: this is no period"),
        ("Europe/Berlin", "Berlin", "9:7: error: zone: there is no such time zone"),
        ("content_type =", "colour =", "error: covers.records: at its column 1"),
        ("trigger: collection", "trigger: whenever", "6:10: error: trigger"),
        ("collection\n", "collection\nclosed_on: 2026-01-01\n", "error: closed_on"),
        ("owner: finance\n", "", "error: "),
        ("from: 2026-01-01", "from: 2026-01-01, until: 2025-01-01", "it ends before it begins"),
        ("{partner: acme-shop,", "{things: [tokens], partner: acme-shop,", "tokens are no records"),
        ("P10Y\n", "P10Y\naction: anonymise\n", "belong together"),
        ("P10Y\n", "P10Y\nanonymise: [{path: $.total}]\n", "belong together"),
        *(
            ("P10Y\n", f"P10Y\naction: anonymise\nanonymise: [{field}]\n", says)
            for field, says in (
                ("{path: $.total, treatment: hash}", "it can be undone"),
                ("{path: $.total, treatment: {mask: {keep_last: 2}}}", "it can be undone"),
                ("{path: $}", "this is the whole record"),
                ("{path: total}", "error: anonymise[0].path"),
            )
        ),
    ],
)
def test_each_fault_is_told_with_its_place(old: str, new: str, says: str) -> None:
    text = TAX.replace(old, new)
    assert any(says in fault for fault in told(text)), told(text)
    with pytest.raises(ScheduleFault) as caught:
        check(text, name="tax", today=TODAY)
    assert caught.value.reason is errors.SCHEDULE_INVALID


def test_what_may_not_mean_what_it_says_is_a_warning() -> None:
    late = TAX.replace("2027-01-01", "2026-01-01").replace(", verified_on: 2026-10-01", "")
    found = lint(late, name="s", today=TODAY)
    assert [fault.severity for fault in found] == [Severity.WARNING] * 2
    assert check(late, name="s", today=TODAY)


def test_a_schedule_is_about_what_all_that_it_names_covers() -> None:
    one = schedule()
    assert one.is_about(facts())
    thing = facts().thing
    assert thing.record is not None
    for other in (
        facts(kind=Kind.TOKENS),
        facts(thing=replace(thing, partners=("globex",))),
        facts(thing=replace(thing, contracts=())),
        facts(thing=replace(thing, record=replace(thing.record, content_type="text/csv"))),
    ):
        assert not one.is_about(other)
    cards = schedule(covers=replace(one.covers, categories=frozenset({"CREDIT_CARD"})))
    assert not cards.is_about(facts())
    assert cards.is_about(facts(categories=frozenset({"CREDIT_CARD", "PERSON"})))


@pytest.mark.parametrize(
    ("trigger", "known", "begins"),
    [
        (Trigger.COLLECTION, {}, "2024-02-29T09:00+00:00"),
        (Trigger.LAST_ACTIVITY, {"last_activity_at": NOW}, "2026-11-23T12:00+00:00"),
        (Trigger.CONTRACT_END, {}, None),
        (Trigger.CONTRACT_END, {"contract_ended_at": NOW}, "2026-11-23T12:00+00:00"),
        # A contract that had ended before: nothing is kept for less than nothing.
        (
            Trigger.CONTRACT_END,
            {"contract_ended_at": datetime(2020, 1, 1, tzinfo=UTC)},
            "2024-02-29T09:00+00:00",
        ),
        (Trigger.CONSENT_WITHDRAWN, {}, None),
        (Trigger.CONSENT_WITHDRAWN, {"consent_withdrawn_at": NOW}, "2026-11-23T12:00+00:00"),
        (Trigger.CASE_CLOSED, {}, None),
    ],
)
def test_periods_begin_with_their_trigger(
    trigger: Trigger, known: dict[str, datetime], begins: str | None
) -> None:
    at = None if begins is None else datetime.fromisoformat(begins)
    assert schedule(trigger=trigger).begins(facts(**known)) == at


def test_a_case_is_closed_at_the_end_of_its_day_in_its_zone() -> None:
    one = schedule(trigger=Trigger.CASE_CLOSED, closed_on=date(2026, 3, 28))
    assert one.begins(facts()) == datetime.fromisoformat("2026-03-29T00:00+01:00")


def test_the_shortest_that_is_allowed_wins_and_the_longest_demanded_holds() -> None:
    year, decade = Period.parse("P1Y"), Period.parse("P10Y")
    rules = (
        schedule("short", at_most=year),
        schedule("long", at_most=decade),
        schedule("tax", at_most=None, at_least=Period.parse("P6Y")),
        schedule("books", at_most=None, at_least=Period.parse("P3Y")),
        schedule("quiet", at_most=Period.parse("P6M"), action=Action.RESTRICT),
    )
    verdict = judge(rules, facts(), own=NOW)
    assert [span.schedule for span in verdict.erase] == ["short", SHARING_CONTRACT, "long"]
    assert verdict.erase[0].until == datetime(2025, 2, 28, 9, tzinfo=UTC)
    assert verdict.holds is not None
    assert verdict.holds.schedule == "tax"
    due = verdict.due(NOW)
    assert due is not None
    assert (due.action, due.wins.schedule) == (Action.ERASE, "short")
    assert due.demanded == verdict.holds
    early = verdict.due(datetime(2024, 12, 1, tzinfo=UTC))
    assert early is not None
    assert early.action is Action.RESTRICT
    assert verdict.due(datetime(2024, 3, 1, tzinfo=UTC)) is None
    free = verdict.due(verdict.holds.until)
    assert free is not None
    assert free.demanded is None


def test_a_thing_is_due_at_its_instant_and_not_before() -> None:
    verdict = judge([schedule()], facts())
    (span,) = verdict.erase
    assert verdict.due(span.until - timedelta(microseconds=1)) is None
    assert verdict.due(span.until) is not None


def test_a_schedule_holds_in_its_time() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    one = schedule(effective_from=start, effective_until=NOW)
    assert one.in_force(start)
    assert not one.in_force(start - timedelta(seconds=1))
    assert not one.in_force(NOW)


periods = st.builds(
    lambda years, months, days: Period.parse(f"P{years}Y{months}M{days}D"),
    st.integers(0, 12), st.integers(0, 18), st.integers(1, 400),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    periods,
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"]),
)
def test_what_is_due_was_collected_early_enough_to_be_looked_at(
    period: Period, collected: datetime, zone: str
) -> None:
    from zoneinfo import ZoneInfo

    one = schedule(at_most=period, zone=ZoneInfo(zone))
    (span,) = judge([one], facts(at=collected)).erase
    bound = earliest_collected([one], at=span.until)
    assert bound is not None
    assert collected <= bound
    assert span == Span(schedule="s", until=period.after(collected, ZoneInfo(zone)))
