from __future__ import annotations

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredDataKey
from tests.stores.databases import NOW
from tests.stores.samples import SUBJECT, data_key


def put(database: Database, key: StoredDataKey) -> StoredDataKey:
    return database.commit(lambda writing: writing.data_keys.put(key))


def shred(database: Database, partner: str, subject: str) -> bool:
    return database.commit(lambda writing: writing.data_keys.shred(partner, subject, at=NOW))


def test_a_key_comes_back_by_subject_and_by_id(database: Database) -> None:
    key = put(database, data_key())
    with database.reading() as view:
        assert view.data_keys.get("acme", SUBJECT) == key
        assert view.data_keys.get("globex", SUBJECT) is None
        assert view.data_keys.get_many("acme", [SUBJECT, "ff" * 32]) == {SUBJECT: key}
        assert view.data_keys.by_id(["key-1", "key-2"]) == {"key-1": key}
        assert view.data_keys.get_many("acme", []) == {}


def test_more_subjects_than_a_statement_holds_are_found(database: Database) -> None:
    subjects = [f"{number:064d}" for number in range(2500)]

    def put_some(writing):
        for number in (0, 999, 1000, 2499):
            writing.data_keys.put(data_key(id=f"key-{number}", subject=subjects[number]))

    database.commit(put_some)
    with database.reading() as view:
        assert len(view.data_keys.get_many("acme", subjects)) == 4
        assert len(view.data_keys.by_id(f"key-{number}" for number in range(2500))) == 4


def test_an_id_is_that_of_one_key(database: Database) -> None:
    put(database, data_key())
    with pytest.raises(PrivacyError) as refusal:
        put(database, data_key(subject="ff" * 32))
    assert refusal.value.reason is errors.INTERNAL


def test_the_first_key_of_a_subject_wins(database: Database) -> None:
    first = put(database, data_key())
    assert put(database, data_key(id="key-2", wrapped=b"other")) == first


def test_a_rewrap_changes_the_key_that_is_still_under_the_old_one(database: Database) -> None:
    put(database, data_key())

    def rewrap(writing, under: str) -> bool:
        return writing.data_keys.update_wrapping(
            "key-1", under=under, wrapping_key="partner/acme#2", wrapped=b"anew"
        )

    assert database.commit(lambda writing: rewrap(writing, "partner/acme#1")) is True
    assert database.commit(lambda writing: rewrap(writing, "partner/acme#1")) is False
    with database.reading() as view:
        expected = data_key(wrapping_key="partner/acme#2", wrapped=b"anew")
        assert view.data_keys.get("acme", SUBJECT) == expected


def test_what_is_left_under_a_wrapping_key_is_paged_by_id(database: Database) -> None:
    for number in range(5):
        put(database, data_key(id=f"key-{number}", subject=f"{number:064d}"))
    put(database, data_key(id="key-9", subject="9" * 64, wrapping_key="partner/acme#2"))
    with database.reading() as view:
        first = view.data_keys.under("partner/acme#1", limit=3)
        rest = view.data_keys.under("partner/acme#1", after=first[-1].id)
    assert [key.id for key in (*first, *rest)] == [f"key-{number}" for number in range(5)]


def test_a_shredded_key_is_gone_for_every_reader(database: Database) -> None:
    put(database, data_key())
    assert shred(database, "acme", SUBJECT) is True
    with database.reading() as view:
        assert view.data_keys.get("acme", SUBJECT) is None
        assert view.data_keys.get_many("acme", [SUBJECT]) == {}
        assert view.data_keys.by_id(["key-1"]) == {}
        assert view.data_keys.under("partner/acme#1") == ()


@pytest.mark.parametrize("had_key", [True, False])
def test_no_key_takes_the_place_of_a_tombstone(database: Database, had_key: bool) -> None:
    if had_key:
        put(database, data_key())
    assert shred(database, "acme", SUBJECT) is had_key
    with pytest.raises(PrivacyError) as refusal:
        put(database, data_key(id="key-2"))
    assert refusal.value.reason is errors.SUBJECT_SHREDDED
    put(database, data_key(id="key-2", partner="globex"))


def test_shredding_again_changes_nothing(database: Database) -> None:
    put(database, data_key())
    assert [shred(database, "acme", SUBJECT) for _ in range(3)] == [True, False, False]


def test_a_shredded_key_cannot_be_wrapped_anew(database: Database) -> None:
    put(database, data_key())
    shred(database, "acme", SUBJECT)

    def rewrap(writing) -> bool:
        return writing.data_keys.update_wrapping(
            "key-1", under="partner/acme#1", wrapping_key="partner/acme#2", wrapped=b"back"
        )

    assert database.commit(rewrap) is False


def test_tombstones_of_subjects_without_keys_stand_side_by_side(database: Database) -> None:
    assert [shred(database, "acme", letter * 64) for letter in "abc"] == [False] * 3
