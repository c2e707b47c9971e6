from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from privacy_service import errors
from privacy_service.behavior.model import Outcome, Side
from privacy_service.behavior.ports import CheckRecord
from privacy_service.errors import PrivacyError
from privacy_service.store.behavior_rows import StoredBehavior, UnnumberedBehavior
from privacy_service.store.database import Database
from tests.stores.databases import NOW, later
from tests.stores.samples import contract, entry


def version(**fields: Any) -> UnnumberedBehavior:
    fields = {
        "id": "answers", "digest": "sha256:" + "a" * 64, "party": "acme", "provider": "parrot",
        "source": "one", "put_at": NOW, "put_by": "ann", **fields,
    }  # fmt: skip
    return UnnumberedBehavior(**fields)


def put(
    database: Database, contract: UnnumberedBehavior, expected: int | None = None
) -> StoredBehavior:
    return database.commit(lambda tx: tx.behavior.put(contract, expected=expected))


def test_versions_are_numbered_and_none_changes(database: Database) -> None:
    first = put(database, version(), expected=0)
    second = put(database, version(digest="sha256:" + "b" * 64, source="two"), expected=1)
    with database.reading() as view:
        assert view.behavior.version("answers", 1) == first
        assert view.behavior.newest("answers") == second
        assert view.behavior.for_pair("acme", "parrot") == ((second,), {})
        assert view.behavior.for_pair("parrot", "acme") == ((), {})


def test_the_newest_digest_again_is_no_new_version(database: Database) -> None:
    first = put(database, version())
    assert put(database, version(put_by="bob")) == first


def test_building_on_another_version_is_refused(database: Database) -> None:
    put(database, version())
    with pytest.raises(PrivacyError) as refused:
        put(database, version(digest="sha256:" + "b" * 64), expected=0)
    assert refused.value.reason is errors.CONTRACT_VERSION_CONFLICT


def test_an_id_stays_with_its_party(database: Database) -> None:
    first = put(database, version())
    with pytest.raises(PrivacyError) as refused:
        put(database, version(party="globex", digest="sha256:" + "b" * 64))
    assert refused.value.reason is errors.CONTRACT_ID_TAKEN
    with database.reading() as view:
        assert view.behavior.newest("answers") == first


def test_an_id_is_of_one_kind(database: Database) -> None:
    """Evidence names a contract by its id and number, and by nothing else."""
    put(database, version())
    with pytest.raises(PrivacyError) as refused:
        database.commit(lambda tx: tx.contracts.put(contract(id="answers")))
    assert refused.value.reason is errors.CONTRACT_ID_TAKEN
    database.commit(lambda tx: tx.contracts.put(contract(id="orders")))
    with pytest.raises(PrivacyError) as refused:
        put(database, version(id="orders"))
    assert refused.value.reason is errors.CONTRACT_ID_TAKEN


def test_they_are_listed_by_id_and_by_either_side(database: Database) -> None:
    for name, party, provider in (("c", "acme", "x"), ("a", "acme", "y"), ("b", "z", "acme")):
        put(database, version(id=name, party=party, provider=provider))
    with database.reading() as view:
        assert [one.id for one in view.behavior.list()] == ["a", "b", "c"]
        assert [one.id for one in view.behavior.list("z")] == ["b"]
        assert [one.id for one in view.behavior.list("acme", after="a", limit=1)] == ["b"]
        with pytest.raises(PrivacyError) as missing:
            view.behavior.newest("d")
    assert missing.value.reason is errors.CONTRACT_NOT_FOUND


def test_a_check_is_kept_with_its_entry_or_not_at_all(database: Database) -> None:
    record = CheckRecord(
        at=NOW, party="acme", provider="parrot", contract_id="answers", number=1, side=Side.OUTPUT,
        use_case=None, outcome=Outcome.TREATED, broken=("short",), failures=("invents",),
        confidence=0.5, latency_ms=None, words=3, treated=1, check_id="c-1",
    )  # fmt: skip

    def work(tx: Any) -> int:
        position = tx.audit.append(entry())
        tx.behavior.check(record, position=position)
        return position

    position = database.commit(work)
    with database._engines.reading.connect() as connection:
        row = connection.execute(
            text("SELECT position, outcome, confidence FROM behavior_checks")
        ).one()
    assert tuple(row) == (position, "TREATED", 0.5)
    with database.reading() as view:
        (tally,) = view.behavior.tallies("answers", since=NOW, until=later(days=1))
        assert view.behavior.tallies("answers", since=later(days=1), until=later(days=2)) == ()
    assert (tally.checks, tally.broken, tally.failures) == (1, ("short",), ("invents",))
    assert (tally.confidence, tally.confidences, tally.latencies) == (0.5, 1, 0)
