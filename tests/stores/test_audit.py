from __future__ import annotations

from typing import Any

import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry
from privacy_service.evidence.merkle import (
    Frontier,
    consistency_proof,
    empty_root,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from privacy_service.evidence.queries import EntryQuery
from privacy_service.store import audit
from privacy_service.store.database import Database
from privacy_service.store.tables import audit_entries
from privacy_service.store.views import Writing
from tests.stores.databases import later
from tests.stores.samples import disclosure, entry


def numbered(count: int, **fields: str) -> list[AuditEntry]:
    return [entry(reason=str(number), **fields) for number in range(count)]


def append_all(database: Database, entries: list[AuditEntry]) -> list[int]:
    return database.commit(lambda writing: [writing.audit.append(each) for each in entries])


def test_an_empty_log_has_the_root_of_nothing(database: Database) -> None:
    with database.reading() as view:
        assert view.audit.size() == 0
        assert view.audit.frontier().root() == empty_root()
        assert view.audit.entries() == ()


def test_positions_count_from_zero_without_gaps(database: Database) -> None:
    assert append_all(database, numbered(3)) == [0, 1, 2]
    assert append_all(database, numbered(2)) == [3, 4]


def test_a_leaf_is_the_exact_bytes_of_its_entry(database: Database) -> None:
    first, second = numbered(2, actor="Jürgen – 日本")
    append_all(database, [first, second])
    with database.reading() as view:
        assert view.audit.leaf(1) == second.to_bytes()
        (read,) = view.audit.entries(start=1)
        assert read.entry == second


def test_every_position_is_proven_at_every_size(database: Database) -> None:
    leaves = [each.to_bytes() for each in numbered(13)]
    for start, end in ((0, 5), (5, 6), (6, 13)):  # over several commits
        append_all(database, [AuditEntry.from_bytes(leaf) for leaf in leaves[start:end]])
    with database.reading() as view:
        for size in range(1, 14):
            root = view.audit.frontier(size).root()
            for index in range(size):
                proof = inclusion_proof(index, size, view.audit.node)
                verify_inclusion(
                    leaf_hash(leaves[index]), index=index, size=size, proof=proof, root=root
                )


def test_every_size_is_shown_to_begin_with_every_smaller_one(database: Database) -> None:
    append_all(database, numbered(11))
    with database.reading() as view:
        roots = [view.audit.frontier(size).root() for size in range(12)]
        for second in range(12):
            for first in range(second + 1):
                proof = consistency_proof(first, second, view.audit.node)
                verify_consistency(
                    first=first, first_root=roots[first], second=second,
                    second_root=roots[second], proof=proof,
                )  # fmt: skip


def test_the_stored_head_is_that_of_the_leaves(database: Database) -> None:
    for count in (1, 4, 2, 9):
        append_all(database, numbered(count))
    with database.reading() as view:
        leaves = [view.audit.leaf(position) for position in range(view.audit.size())]
        computed, _ = Frontier().append_many(leaf_hash(leaf) for leaf in leaves)
        assert view.audit.frontier() == computed


def test_a_unit_of_work_reads_what_it_has_appended(database: Database) -> None:
    append_all(database, numbered(2))

    def work(writing):
        writing.audit.append(entry(reason="mine"))
        audit = writing.audit
        root = audit.frontier().root()
        proof = inclusion_proof(2, audit.size(), audit.node)
        verify_inclusion(leaf_hash(audit.leaf(2)), index=2, size=3, proof=proof, root=root)
        return audit.size(), [each.entry.reason for each in audit.entries(start=1)]

    assert database.commit(work) == (3, ["1", "mine"])


def test_entries_are_found_by_partner_on_either_side(database: Database) -> None:
    append_all(
        database,
        [
            entry(partner="acme", counterparty="globex"),
            entry(partner="initech", counterparty="acme"),
            entry(partner="initech", counterparty="globex"),
            entry(partner=None, counterparty=None),
        ],
    )
    with database.reading() as view:
        assert [each.position for each in view.audit.entries(query=EntryQuery(partner="acme"))] == [
            0,
            1,
        ]
        assert [
            each.position for each in view.audit.entries(query=EntryQuery(partner="globex"))
        ] == [0, 2]
        assert view.audit.entries(query=EntryQuery(partner="nobody")) == ()


def test_entries_are_found_by_action_and_time(database: Database) -> None:
    append_all(
        database,
        [
            entry(action="A", at=later(hours=1)),
            entry(action="B", at=later(hours=2)),
            entry(action="A", at=later(hours=3)),
        ],
    )
    with database.reading() as view:
        assert [each.position for each in view.audit.entries(query=EntryQuery(action="A"))] == [
            0,
            2,
        ]
        since = view.audit.entries(query=EntryQuery(since=later(hours=2)))
        assert [each.position for each in since] == [1, 2]
        until = view.audit.entries(query=EntryQuery(until=later(hours=2)))
        assert [each.position for each in until] == [0]
        both = view.audit.entries(
            query=EntryQuery(partner="acme", action="A", since=later(hours=2))
        )
        assert [each.position for each in both] == [2]


def test_pages_go_on_after_the_last_position(database: Database) -> None:
    append_all(database, [entry(partner=("acme", "initech")[n % 2]) for n in range(10)])
    with database.reading() as view:
        first = view.audit.entries(limit=3, query=EntryQuery(partner="initech"))
        second = view.audit.entries(first[-1].position + 1, 3, EntryQuery(partner="initech"))
    assert [each.position for each in (*first, *second)] == [1, 3, 5, 7, 9]


@pytest.mark.parametrize("position", [-1, 2, 2**40])
def test_a_position_outside_the_log_is_refused(database: Database, position: int) -> None:
    append_all(database, numbered(2))
    with database.reading() as view, pytest.raises(PrivacyError) as refusal:
        view.audit.leaf(position)
    assert refusal.value.reason is errors.AUDIT_RANGE_INVALID


def test_a_size_that_the_log_has_not_reached_is_refused(database: Database) -> None:
    append_all(database, numbered(2))
    with database.reading() as view, pytest.raises(PrivacyError) as refusal:
        view.audit.frontier(3)
    assert refusal.value.reason is errors.AUDIT_RANGE_INVALID


def test_a_subtree_that_is_not_full_has_no_node(database: Database) -> None:
    append_all(database, numbered(3))
    with database.reading() as view:
        view.audit.node(1, 0)
        with pytest.raises(PrivacyError) as refusal:
            view.audit.node(1, 1)
    assert refusal.value.reason is errors.AUDIT_RANGE_INVALID


def test_entries_are_found_by_what_they_are_about(database: Database) -> None:
    one, other = "11" * 32, "22" * 32

    def work(writing: Writing) -> None:
        writing.audit.append(entry(resource="request-1", subjects=(one, other, one)))
        writing.audit.append(entry(resource="request-2", subjects=(other,)))
        writing.audit.append(entry(resource="acme-to-globex"))
        position = writing.audit.append(entry(resource="transfer-1", at=later(hours=1)))
        writing.disclosures.add(disclosure(position))

    database.commit(work)

    def found(**asked: Any) -> list[int]:
        with database.reading() as view:
            return [each.position for each in view.audit.entries(query=EntryQuery(**asked))]

    assert found(resource="request-1") == [0]
    assert found(subjects=(other,)) == [0, 1]
    assert found(subjects=(one, "33" * 32)) == [0]
    assert found(subjects=()) == []
    assert found(contract="acme-to-globex") == [2, 3]
    assert found(contract="acme-to-globex", number=2) == [2]
    assert found(contract="acme-to-globex", since=later(minutes=1)) == [3]
    assert found(partner="globex", subjects=(other,), resource="request-2") == [1]
    with database.reading() as view:
        assert [each.position for each in view.audit.at([3, 1, 99])] == [1, 3]
        assert [each.position for each in view.disclosures.at([3, 1])] == [3]


def test_a_changed_entry_is_told_from_the_tree(database: Database) -> None:
    for number in range(5):
        database.commit(lambda writing, n=number: writing.audit.append(entry(request=str(n))))
    with database._engines.writing.begin() as connection:
        connection.execute(
            audit_entries.update().where(audit_entries.c.position == 2), {"leaf": b"forged"}
        )
    with database.reading() as view:
        told = [leaf_hash(each.leaf) != each.digest for each in view.audit.entries()]
        assert told == [False, False, True, False, False]
        root = view.audit.frontier().root()
        proof = inclusion_proof(1, 5, view.audit.node)
        honest = view.audit.entries()[1].digest
        verify_inclusion(honest, index=1, size=5, proof=proof, root=root)


def test_nodes_are_read_together_as_one_by_one(database: Database) -> None:
    append_all(database, numbered(700))
    wanted = [(level, place) for level in range(10) for place in range(700 >> level)]
    with database.reading() as view:
        found = view.audit.nodes([*wanted, (3, 10**6), (30, 0), (0, 700)])
        assert sorted(found) == wanted
        assert all(view.audit.node(*node) == digest for node, digest in list(found.items())[::50])
        assert view.audit.nodes([]) == {}


def test_nodes_are_found_by_their_index(database: Database) -> None:
    """A scan of the whole tree for each proof would not be noticed in a small one."""
    statement = audit._NODES.where(audit._named([(1, 0), (2, 5), (2, 6)]))
    with database._engines.reading.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
        written = statement.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.exec_driver_sql(explain[connection.dialect.name] + str(written)).all()
    assert "SCAN audit_nodes" not in str(plan)
    assert "Seq Scan" not in str(plan)
