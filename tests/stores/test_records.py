from __future__ import annotations

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from tests.stores.samples import SUBJECT, record


def test_a_record_comes_back_as_it_was_put(database: Database) -> None:
    put = record(subjects=(SUBJECT, "cd" * 32, SUBJECT), data_keys=("key-1", "key-2"))
    database.commit(lambda writing: writing.records.put(put))
    with database.reading() as view:
        assert view.records.get("acme", "record-1") == put


def test_a_record_without_subject_or_end_comes_back(database: Database) -> None:
    put = record(subjects=(), contracts=(), keep_until=None)
    database.commit(lambda writing: writing.records.put(put))
    with database.reading() as view:
        assert view.records.get("acme", "record-1") == put


def test_an_id_is_taken_once_per_partner(database: Database) -> None:
    database.commit(lambda writing: writing.records.put(record()))
    database.commit(lambda writing: writing.records.put(record(partner="globex", sealed=b"other")))
    with pytest.raises(PrivacyError) as refusal:
        database.commit(lambda writing: writing.records.put(record(sealed=b"again")))
    assert refusal.value.reason is errors.RECORD_EXISTS
    with database.reading() as view:
        assert view.records.get("acme", "record-1") == record()


def test_a_deleted_record_is_gone_with_its_index(database: Database) -> None:
    database.commit(lambda writing: writing.records.put(record()))
    database.commit(lambda writing: writing.records.delete("acme", "record-1"))
    with database.reading() as view:
        assert view.records.list("acme", subject=SUBJECT) == ()
        with pytest.raises(PrivacyError) as refusal:
            view.records.get("acme", "record-1")
    assert refusal.value.reason is errors.RECORD_NOT_FOUND
    database.commit(lambda writing: writing.records.put(record()))


@pytest.mark.parametrize(("partner", "record_id"), [("acme", "none"), ("globex", "record-1")])
def test_only_a_record_that_is_there_is_deleted(
    database: Database, partner: str, record_id: str
) -> None:
    database.commit(lambda writing: writing.records.put(record()))
    with pytest.raises(PrivacyError) as refusal:
        database.commit(lambda writing: writing.records.delete(partner, record_id))
    assert refusal.value.reason is errors.RECORD_NOT_FOUND


def test_lists_are_of_one_partner_and_paged_by_id(database: Database) -> None:
    def put_all(writing):
        for name in ("b", "a", "c"):
            writing.records.put(record(id=name))
        writing.records.put(record(id="d", partner="globex"))

    database.commit(put_all)
    with database.reading() as view:
        first = view.records.list("acme", limit=2)
        rest = view.records.list("acme", after=first[-1].id)
    assert [summary.id for summary in (*first, *rest)] == ["a", "b", "c"]
    assert not hasattr(first[0], "sealed")


def test_records_are_found_by_subject(database: Database) -> None:
    def put_all(writing):
        writing.records.put(record(id="a", subjects=("11" * 32, "22" * 32)))
        writing.records.put(record(id="b", subjects=("22" * 32,)))
        writing.records.put(record(id="c", subjects=("22" * 32,), partner="globex"))

    database.commit(put_all)
    with database.reading() as view:
        assert [found.id for found in view.records.list("acme", subject="11" * 32)] == ["a"]
        assert [found.id for found in view.records.list("acme", subject="22" * 32)] == ["a", "b"]


def test_sealed_bytes_do_not_print() -> None:
    assert "sealed" not in repr(record(sealed=b"CANARY")).replace("sealed record", "")
