"""Breaches as they are kept, and what is counted for their scope."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from privacy_service import errors
from privacy_service.breaches.breach import Breach, BreachState
from privacy_service.breaches.scope import ScopeCounts, ScopeQuestion
from privacy_service.breaches.statements import (
    STATEMENTS,
    Assessed,
    Closed,
    Computed,
    EvidenceTaken,
    ExtensionTaken,
    FactsSaid,
    Filed,
    FilingFailed,
    MeasureTaken,
    Nature,
    Noticed,
    Opened,
    PauseSaid,
    Reminded,
    Reopened,
    Scoped,
    Source,
    Statement,
    TaskDone,
    TaskSet,
    TimeSaid,
)
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import ContractRef
from privacy_service.law.reach import Count
from privacy_service.store.database import Database
from tests.stores.databases import NOW, later
from tests.stores.samples import SUBJECT, data_key, record, token
from tests.stores.test_ledgers import disclose

OPENED = Opened(
    title="A list went astray",
    source=Source.PARTNER,
    reported_by="globex",
    natures=(Nature.CONFIDENTIALITY,),
    capacities=("controller",),
    seats=("DE",),
)
SAID: tuple[Statement, ...] = (
    TimeSaid(name="awareness", at=NOW, evidence="call"),
    FactsSaid(residents={"DE": Count(number=3, approximate=True)}, encrypted=False),
    FactsSaid(total=Count(number=0), natures=(Nature.INTEGRITY,), seats=()),
    Scoped(question={}, subjects=2, categories={"EMAIL_ADDRESS mask": 4}),
    Noticed(
        cause="key_exposed",
        about="partner/acme",
        severity="critical",
        says="in a bucket",
        positions=(3, 4),
        named=("key-1",),
        counts={"records": 7},
    ),
    Assessed(method="own", factors={}, decided={"risk": False}, decider="DPO", reasons="few"),
    PauseSaid(id="law_enforcement", start=NOW, until=later(days=3), asked_by="LKA", written=True),
    ExtensionTaken(rule="us-fl.individuals", id="good_cause", told_at=NOW, reasons="scope"),
    Filed(rule="eu-gdpr.33-1", at=NOW, channel="portal", place="DE"),
    FilingFailed(rule="eu-gdpr.33-1", reference="12"),
    Reminded(rule="eu-gdpr.33-1", place="DE", stage="half", due="2026-11-26"),
    MeasureTaken(what="recalled", at=NOW, says="deleted", contained=True),
    TaskSet(task="ask", title="ask them", owner="legal", due_on=date(2026, 12, 1)),
    TaskDone(task="ask", says="they said yes"),
    EvidenceTaken(sha256="ab" * 32, to="the authority", reason="asked for"),
    Computed(found=({"rule": "eu-gdpr.33-1", "legal": None, "place": "DE"},)),
    Closed(causes="wrong address", lessons="none", breach=False),
    Reopened(reasons="it was one"),
)


def breach(name: str = "breach-1", opened: Opened = OPENED) -> Breach:
    return Breach.opened(name, opened, by="officer", at=NOW)


def full() -> Breach:
    grown = breach()
    for statement in SAID:
        grown = grown.with_statement(statement, by="officer", at=NOW)
    return grown


def test_every_kind_of_statement_comes_back_as_it_was_said(database: Database) -> None:
    kept = full()
    assert {entry.statement.kind for entry in kept.entries} == set(STATEMENTS)
    database.commit(lambda tx: tx.breaches.open(breach()))
    database.commit(lambda tx: tx.breaches.extend(kept, after=1))
    with database.reading() as view:
        assert view.breaches.get("breach-1") == kept


def test_lists_have_drills_and_closed_ones_where_they_are_asked_for(database: Database) -> None:
    drill = Opened(title="made up", source=Source.PERSON, drill=True)
    over = breach("breach-3").with_statement(Closed(causes="c", lessons=""), by="o", at=NOW)

    def work(tx):
        tx.breaches.open(breach("breach-1"))
        tx.breaches.open(breach("breach-2", drill))
        tx.breaches.open(breach("breach-3"))
        tx.breaches.extend(over, after=1)

    database.commit(work)
    with database.reading() as view:
        assert [one.id for one in view.breaches.list()] == ["breach-1", "breach-3"]
        assert [one.id for one in view.breaches.list(drills=True, after="breach-1")] == [
            "breach-2", "breach-3",
        ]  # fmt: skip
        closed = view.breaches.list(state=BreachState.CLOSED)
        assert [one.id for one in closed] == ["breach-3"]
        with pytest.raises(PrivacyError) as refusal:
            view.breaches.get("breach-9")
    assert refusal.value.reason is errors.BREACH_NOT_FOUND


def counts(database: Database, **asked: object) -> ScopeCounts:
    with database.reading() as view:
        return view.scope.counts(ScopeQuestion(**asked))  # type: ignore[arg-type]


def test_people_are_counted_once_and_what_names_nobody_is_told_apart(database: Database) -> None:
    other = ContractRef(id="acme-to-initech", number=2, digest="sha256:" + "1" * 64)
    disclose(
        database,
        {"id": "d1", "subjects": ("aa", "bb")},
        {"id": "d2", "subjects": ("bb", "cc"), "recipient": "initech", "contracts": (other,)},
        {"id": "d3", "subjects": (), "at": later(hours=5)},
    )
    every = counts(database)
    assert (every.subjects, every.disclosures, every.unnamed, every.records) == (3, 3, 1, 0)
    assert every.recipients == {"globex": 2, "initech": 1}
    assert every.categories == {"EMAIL_ADDRESS tokenize": 6}
    assert every.by_contract == {("acme-to-globex", 1): 2, ("acme-to-initech", 2): 2}
    assert counts(database, partner="initech").subjects == 2
    assert counts(database, partner="acme").disclosures == 3
    assert counts(database, contract="acme-to-initech", version=1).disclosures == 0
    assert counts(database, contract="acme-to-initech").disclosures == 1
    assert counts(database, since=later(hours=1)).disclosures == 1
    assert counts(database, until=later(hours=1)).subjects == 3
    assert counts(database, subjects=("aa",)).disclosures == 1
    assert counts(database, purpose="dpv:Marketing").disclosures == 0


def test_a_key_that_was_exposed_concerns_what_is_sealed_under_it(database: Database) -> None:
    def work(tx):
        key = data_key()
        tx.data_keys.put(key)
        tx.records.put(record(id="r1", subjects=(SUBJECT,)))
        tx.records.put(record(id="r2", subjects=("ee" * 32,)))
        of_another = {"data_key": key.id, "subject": "dd" * 32}
        tx.tokens.put_many([token("tok_1", **of_another), token("tok_2", data_key="other")])
        tx.tokens.put_many([token("tok_3", data_key=key.id, subject=None)])
        return key

    key = database.commit(work)
    for name in (key.id, key.wrapping_key):
        exposed = counts(database, key=name)
        assert (exposed.subjects, exposed.records, exposed.tokens) == (2, 1, 2)
        assert exposed.unnamed == 1  # so that the number of people is approximate
        assert (exposed.disclosures, dict(exposed.categories)) == (0, {})
    assert counts(database, key="unknown") == ScopeCounts(
        subjects=0, disclosures=0, unnamed=0, several=0, records=0, tokens=0,
        categories={}, recipients={}, by_contract={},
    )  # fmt: skip
    kept = counts(database, partner="acme")
    assert (kept.records, kept.subjects) == (2, 2)
    assert counts(database, since=datetime(2999, 1, 1, tzinfo=UTC)).records == 0
