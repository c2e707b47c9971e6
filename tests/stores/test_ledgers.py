"""Tokens, disclosures, replays and quotas."""

from __future__ import annotations

from collections import Counter

import pytest

from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import ContractRef
from privacy_service.evidence.queries import DisclosureQuery
from privacy_service.store.database import Database
from privacy_service.store.rows import ReplayConflict, StoredToken
from privacy_service.store.tokens import token_key
from tests.stores.databases import NOW, later
from tests.stores.samples import disclosure, entry, replay, token


def disclose(database: Database, *several: dict[str, object]) -> list[Disclosure]:
    def work(writing):
        added = [disclosure(writing.audit.append(entry()), **fields) for fields in several]
        for each in added:
            writing.disclosures.add(each)
        return added

    return database.commit(work)


def found(database: Database, **query: object) -> list[int | None]:
    with database.reading() as view:
        return [each.position for each in view.disclosures.list(DisclosureQuery(**query))]


def test_tokens_come_back_and_the_first_one_stays(database: Database) -> None:
    first = token("tok_1")
    database.commit(lambda writing: writing.tokens.put_many([first, token("tok_2")]))
    database.commit(lambda writing: writing.tokens.put_many([token("tok_1", sealed=b"later")]))
    with database.reading() as view:
        assert view.tokens.get("tok_1") == (first,)
        assert view.tokens.get("tok_3") == ()


def test_a_token_has_a_row_for_each_person_behind_it(database: Database) -> None:
    rows = [token("tok_1", subject=who) for who in (None, "a" * 64, "b" * 64)]
    database.commit(lambda writing: writing.tokens.put_many(rows))
    with database.reading() as view:
        assert view.tokens.get("tok_1") == tuple(rows)
        assert [one.subject for one in view.tokens.of("acme", limit=2)] == [None, "a" * 64]
        (last,) = view.tokens.of("acme", after=("tok_1", "a" * 64))
        assert last.subject == "b" * 64
    database.commit(lambda writing: writing.tokens.delete([token_key(rows[1])]))
    with database.reading() as view:
        assert view.tokens.get("tok_1") == (rows[0], rows[2])


def test_a_value_that_very_many_share_is_not_read_to_its_end(database: Database) -> None:
    def rows(word: str, people: int) -> list[StoredToken]:
        return [token(word, subject=f"{number:064x}", data_key="k") for number in range(people)]

    database.commit(lambda writing: writing.tokens.put_many(rows("tok_a", 3)))
    database.commit(lambda writing: writing.tokens.put_many(rows("tok_b", 2300)))
    database.commit(lambda writing: writing.tokens.put_many(rows("tok_c", 5)))
    pair = {"sender": "acme", "recipient": "globex", "purpose": "dpv:FulfilmentOfObligation"}
    wanted = ["tok_c", "tok_b", "tok_a", "tok_none"]
    with database.reading() as view:
        found = Counter(one.row.token for one in view.tokens.shares(wanted, **pair, most=4))
        whole = Counter(one.row.token for one in view.tokens.shares(wanted, **pair, most=2300))
        others = [*view.tokens.shares(wanted, **{**pair, "purpose": "dpv:X"}, most=4)]
    assert found == {"tok_a": 3, "tok_b": 4, "tok_c": 4}
    assert whole == {"tok_a": 3, "tok_b": 2300, "tok_c": 5}
    assert others == []


def test_a_unit_of_work_reads_the_tokens_it_has_put(database: Database) -> None:
    def work(writing):
        writing.tokens.put_many([token("tok_1", subject=None)])
        return writing.tokens.get("tok_1")

    assert database.commit(work) == (token("tok_1", subject=None),)


def test_a_disclosure_comes_back_as_it_was_added(database: Database) -> None:
    bare = {
        "subjects": (), "contracts": (), "categories": (), "consent": None, "record": None,
        "recipient_keeps_until": None,
    }  # fmt: skip
    whole, empty = disclose(database, {}, bare)
    with database.reading() as view:
        assert view.disclosures.get("disclosure-0") == whole
        assert view.disclosures.get("disclosure-1") == empty
        assert view.disclosures.get("disclosure-2") is None


def test_a_disclosure_needs_its_effect_entry(database: Database) -> None:
    with pytest.raises(ValueError, match="effect entry"):
        database.commit(lambda writing: writing.disclosures.add(disclosure(None)))


def test_disclosures_are_found_by_each_question(database: Database) -> None:
    other = ContractRef(id="other", number=2, digest="sha256:" + "2" * 64)
    older = ContractRef(id="other", number=1, digest="sha256:" + "1" * 64)
    disclose(
        database,
        {"subjects": ("11" * 32,), "at": later(hours=1)},
        {"subjects": ("11" * 32, "22" * 32), "contracts": (other,), "at": later(hours=2)},
        {"sender": "globex", "recipient": "acme", "contracts": (older, other)},
        {"recipient": "initech", "contracts": (older,), "at": later(hours=3)},
    )
    assert found(database) == [0, 1, 2, 3]
    assert found(database, subjects=("11" * 32,)) == [0, 1]
    assert found(database, subjects=("22" * 32,)) == [1]
    assert found(database, sender="acme") == [0, 1, 3]
    assert found(database, recipient="globex") == [0, 1]
    assert found(database, partner="globex") == [0, 1, 2]
    assert found(database, partner="initech") == [3]
    assert found(database, contract="other") == [1, 2, 3]
    assert found(database, contract="other", number=2) == [1, 2]
    assert found(database, since=later(hours=2)) == [1, 3]
    assert found(database, until=later(hours=2)) == [0, 2]
    assert found(database, partner="acme", contract="other", since=later(hours=3)) == [3]
    assert found(database, partner="acme", subjects=("22" * 32,)) == [1]


def test_disclosures_are_paged_by_position(database: Database) -> None:
    disclose(database, *({"sender": ("acme", "initech")[n % 2]} for n in range(7)))
    with database.reading() as view:
        query = DisclosureQuery(partner="acme")
        first = view.disclosures.list(query, limit=2)
        rest = view.disclosures.list(query, after=first[-1].position, limit=9)
    assert [each.position for each in (*first, *rest)] == [0, 2, 4, 6]


def test_a_request_id_keeps_its_first_answer(database: Database) -> None:
    first = replay("r-1")
    database.commit(lambda writing: writing.replays.put(first))
    with pytest.raises(ReplayConflict) as conflict:
        database.commit(lambda writing: writing.replays.put(replay("r-1", sealed_answer=b"late")))
    assert (conflict.value.partner, conflict.value.request_id) == ("acme", "r-1")
    database.commit(lambda writing: writing.replays.put(replay("r-1", partner="globex")))
    with database.reading() as view:
        assert view.replays.find("acme", "r-1") == first
        assert view.replays.find("acme", "r-2") is None


def test_expired_answers_are_purged_oldest_first(database: Database) -> None:
    def put_all(writing):
        for hours in range(5):
            writing.replays.put(replay(f"r-{hours}", expires_at=later(hours=hours)))

    database.commit(put_all)
    assert database.commit(lambda writing: writing.replays.purge(later(hours=3), 2)) == 2
    with database.reading() as view:
        left = [hours for hours in range(5) if view.replays.find("acme", f"r-{hours}")]
    assert left == [2, 3, 4]
    assert database.commit(lambda writing: writing.replays.purge(later(hours=3), 9)) == 1


def test_a_quota_is_taken_up_to_its_limit(database: Database) -> None:
    def take() -> bool:
        return database.commit(lambda writing: writing.quotas.take("c", NOW, 3))

    assert [take() for _ in range(5)] == [True, True, True, False, False]
    with database.reading() as view:
        assert view.quotas.used("c", NOW) == 3
        assert view.quotas.used("c", later(hours=1)) == 0


def test_quotas_count_by_contract_and_period(database: Database) -> None:
    for contract, start in (("c", NOW), ("c", later(hours=1)), ("d", NOW)):
        assert database.commit(lambda writing, c=contract, s=start: writing.quotas.take(c, s, 1))


def test_a_quota_of_nothing_is_used_up(database: Database) -> None:
    assert database.commit(lambda writing: writing.quotas.take("c", NOW, 0)) is False


def test_a_use_is_given_back_when_its_unit_of_work_fails(database: Database) -> None:
    def work(writing):
        assert writing.quotas.take("c", NOW, 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.commit(work)
    with database.reading() as view:
        assert view.quotas.used("c", NOW) == 0
