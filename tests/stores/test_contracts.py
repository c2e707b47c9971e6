from __future__ import annotations

import pytest

from privacy_service import errors
from privacy_service.contracts.model import Status
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.rows import StoredContract, UnnumberedContract
from tests.stores.samples import contract


def put(
    database: Database, unnumbered: UnnumberedContract, expected: int | None = None
) -> StoredContract:
    return database.commit(lambda writing: writing.contracts.put(unnumbered, expected=expected))


def digest(letter: str) -> str:
    return "sha256:" + letter * 64


def test_a_contract_comes_back_as_it_was_put(database: Database) -> None:
    stored = put(database, contract(effective_until=None))
    with database.reading() as view:
        assert view.contracts.newest("acme-to-globex") == stored
    assert stored.number == 1
    assert stored.status is Status.ACTIVE
    assert stored.effective_until is None


def test_versions_are_numbered_and_none_changes(database: Database) -> None:
    first = put(database, contract(digest=digest("a"), source="one"))
    second = put(database, contract(digest=digest("b"), source="two"))
    with database.reading() as view:
        assert view.contracts.version("acme-to-globex", 1) == first
        assert view.contracts.newest("acme-to-globex") == second
        assert view.contracts.versions("acme-to-globex") == (second, first)
        assert view.contracts.versions("acme-to-globex", before=2) == (first,)


def test_the_newest_digest_again_is_no_new_version(database: Database) -> None:
    first = put(database, contract())
    assert put(database, contract(put_by="someone else")) == first
    with database.reading() as view:
        assert view.contracts.generation() == 1


def test_an_older_digest_again_is_a_new_version(database: Database) -> None:
    put(database, contract(digest=digest("a")))
    put(database, contract(digest=digest("b")))
    assert put(database, contract(digest=digest("a"))).number == 3


@pytest.mark.parametrize("expected", [None, 1])
def test_a_put_on_the_newest_version_is_taken(database: Database, expected: int | None) -> None:
    put(database, contract(digest=digest("a")), expected=0)
    assert put(database, contract(digest=digest("b")), expected=expected).number == 2


@pytest.mark.parametrize("expected", [0, 2])
def test_a_put_on_another_version_is_refused(database: Database, expected: int) -> None:
    put(database, contract(digest=digest("a")))
    with pytest.raises(PrivacyError) as refusal:
        put(database, contract(digest=digest("b")), expected=expected)
    assert refusal.value.reason is errors.CONTRACT_VERSION_CONFLICT
    assert refusal.value.details == {"contract": "acme-to-globex", "newest": 1}


def test_a_retried_put_gets_the_version_it_made(database: Database) -> None:
    put(database, contract(digest=digest("a")))
    made = put(database, contract(digest=digest("b")), expected=1)
    assert put(database, contract(digest=digest("b")), expected=1) == made


def test_what_is_not_there_is_not_found(database: Database) -> None:
    put(database, contract())
    with database.reading() as view:
        with pytest.raises(PrivacyError) as refusal:
            view.contracts.newest("another")
        assert refusal.value.reason is errors.CONTRACT_NOT_FOUND
        with pytest.raises(PrivacyError) as refusal:
            view.contracts.version("acme-to-globex", 2)
        assert refusal.value.reason is errors.CONTRACT_NOT_FOUND


def test_a_pair_has_the_newest_of_each_contract_in_either_direction(database: Database) -> None:
    put(database, contract(id="c", digest=digest("a")))
    ours = put(database, contract(id="c", digest=digest("b")))
    theirs = put(database, contract(id="d", party="globex", counterparty="acme"))
    put(database, contract(id="e", counterparty="initech"))
    with database.reading() as view:
        assert view.contracts.for_pair("acme", "globex") == (ours, theirs)
        assert view.contracts.for_pair("globex", "acme") == (ours, theirs)
        assert view.contracts.for_pair("globex", "initech") == ()


def test_a_contract_that_changes_its_counterparty_leaves_the_old_pair(database: Database) -> None:
    put(database, contract(digest=digest("a")))
    moved = put(database, contract(digest=digest("b"), counterparty="initech"))
    with database.reading() as view:
        assert view.contracts.for_pair("acme", "globex") == ()
        assert view.contracts.for_pair("acme", "initech") == (moved,)


def test_lists_are_paged_by_id(database: Database) -> None:
    for name in ("b", "a", "d", "c"):
        put(database, contract(id=name, party="acme" if name != "c" else "initech"))
    with database.reading() as view:
        first = view.contracts.list(limit=2)
        rest = view.contracts.list(after=first[-1].id)
        assert [stored.id for stored in (*first, *rest)] == ["a", "b", "c", "d"]
        assert [stored.id for stored in view.contracts.list("acme")] == ["a", "b", "d"]
        assert [stored.id for stored in view.contracts.list("globex", limit=9)] == list("abcd")


def test_the_generation_grows_with_each_new_version(database: Database) -> None:
    with database.reading() as view:
        assert view.contracts.generation() == 0
    put(database, contract(digest=digest("a")))
    put(database, contract(digest=digest("b")))
    put(database, contract(id="other"))
    with database.reading() as view:
        assert view.contracts.generation() == 3


def test_an_id_stays_with_its_party(database: Database) -> None:
    """Else another's contract of the same id would take its place, and its terms were gone."""
    first = put(database, contract())
    with pytest.raises(PrivacyError) as refused:
        put(database, contract(digest=digest("b"), party="initech", counterparty="acme"))
    assert refused.value.reason is errors.CONTRACT_ID_TAKEN
    with database.reading() as view:
        assert view.contracts.for_pair("acme", "globex") == (first,)
