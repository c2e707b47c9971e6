from __future__ import annotations

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
from privacy_service.store.database import Database
from tests.stores.databases import later
from tests.stores.samples import entry


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
        assert [each.position for each in view.audit.entries(partner="acme")] == [0, 1]
        assert [each.position for each in view.audit.entries(partner="globex")] == [0, 2]
        assert view.audit.entries(partner="nobody") == ()


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
        assert [each.position for each in view.audit.entries(action="A")] == [0, 2]
        since = view.audit.entries(since=later(hours=2))
        assert [each.position for each in since] == [1, 2]
        until = view.audit.entries(until=later(hours=2))
        assert [each.position for each in until] == [0]
        both = view.audit.entries(partner="acme", action="A", since=later(hours=2))
        assert [each.position for each in both] == [2]


def test_pages_go_on_after_the_last_position(database: Database) -> None:
    append_all(database, [entry(partner=("acme", "initech")[n % 2]) for n in range(10)])
    with database.reading() as view:
        first = view.audit.entries(limit=3, partner="initech")
        second = view.audit.entries(first[-1].position + 1, 3, partner="initech")
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
