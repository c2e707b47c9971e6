"""What was concerned, by record query and by keys that are exposed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from privacy_service import errors
from privacy_service.app.incidents import incidents
from privacy_service.breaches.incidents import Cause, Sign
from privacy_service.breaches.scope import ScopeQuestion
from privacy_service.breaches.statements import Scoped
from privacy_service.custody.scoping import scope_of
from privacy_service.errors import PrivacyError
from privacy_service.settings import AllSettings
from privacy_service.store.database import Database
from tests.stores.databases import NOW, later
from tests.stores.samples import SUBJECT, data_key, disclosure, entry, record


def scope(database: Database, **asked: object) -> Scoped:
    with database.reading() as view:
        return scope_of(view, ScopeQuestion(**asked))  # type: ignore[arg-type]


@pytest.fixture
def house(database: Database) -> Database:
    """Records of two partners, about two people."""

    def work(tx):
        tx.data_keys.put(data_key())
        plain = {"contracts": (), "created_at": NOW}
        tx.records.put(record(id="case-1", subjects=(SUBJECT,), **plain))
        tx.records.put(record(id="case-2", subjects=(SUBJECT, "ee" * 32), **plain))
        tx.records.put(record(id="note-1", subjects=("ee" * 32,), **plain))
        old = plain | {"created_at": NOW - timedelta(days=90)}
        tx.records.put(record(id="case-1", partner="globex", subjects=("ff" * 32,), **old))

    database.commit(work)
    return database


def test_a_record_query_counts_the_records_that_it_means(house: Database) -> None:
    found = scope(house, records="id = case-* AND partner = acme")
    assert (found.records, found.subjects, found.disclosures) == (2, 2, 0)
    assert found.question == {"records": "id = case-* AND partner = acme"}
    assert (found.several, found.is_approximate) == (1, True)  # they may be one person's
    assert scope(house, partner="acme").several == 1
    assert not scope(house, records="id = note-*").is_approximate
    assert scope(house, records="id = case-*").subjects == 3
    assert scope(house, records="id = case-*", partner="globex").records == 1
    assert scope(house, records="id = case-*", since=later(hours=-1)).records == 2
    assert scope(house, records="id = case-*", key="partner/acme#1").records == 2
    with pytest.raises(PrivacyError) as caught:
        scope(house, records="who = maria")
    assert caught.value.reason is errors.RECORD_QUERY_INVALID


def test_a_key_is_named_as_its_status_names_it(house: Database) -> None:
    assert scope(house, key="partner/acme").records == 2
    assert scope(house, key="partner/acme#1").records == 2
    assert scope(house, key="partner/acme#11").records == 0
    assert scope(house, key="partner/globex").records == 0


def test_what_is_sealed_under_an_exposed_key_is_told(house: Database) -> None:
    assert scope(house).exposed == {}
    sign = Sign(cause=Cause.KEY_EXPOSED, about="partner/acme#1", says="found in a bucket")
    opens = incidents(AllSettings())
    house.commit(lambda tx: opens.notice(tx, sign, at=NOW))
    assert scope(house, partner="acme").exposed == {"partner/acme#1": 2}
    assert scope(house, records="id = case-2").exposed == {"partner/acme#1": 1}
    assert scope(house, partner="globex").exposed == {}


def test_how_values_were_protected_that_left(database: Database) -> None:
    def work(tx):
        at = tx.audit.append(entry())
        tx.disclosures.add(disclosure(at, contracts=()))

    database.commit(work)
    assert scope(database).protection == {"pseudonymous": 2}
