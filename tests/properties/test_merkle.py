"""The tree against the recursive definitions of RFC 9162, section 2.1, at every prefix."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.evidence.merkle import (
    Frontier,
    ProofInvalid,
    consistency_proof,
    empty_root,
    inclusion_proof,
    leaf_hash,
    node_hash,
    range_proof,
    read_together,
    verify_consistency,
    verify_inclusion,
    verify_range,
)

LEAVES = [leaf_hash(bytes([number, number * 7 % 256])) for number in range(70)]
NODES = {(n.level, n.index): n.digest for n in Frontier().append_many(LEAVES)[1]}
sizes = st.integers(0, len(LEAVES))


def read(level: int, index: int) -> bytes:
    return NODES[level, index]


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(d: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1, over leaf hashes."""
    if not d:
        return empty_root()
    if len(d) == 1:
        return d[0]
    k = split(len(d))
    return node_hash(mth(d[:k]), mth(d[k:]))


def path(m: int, d: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(d):
        return [] if whole else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], whole=whole), mth(d[k:])]
    return [*subproof(m - k, d[k:], whole=False), mth(d[:k])]


def test_every_prefix_has_the_defined_root_however_it_was_reached() -> None:
    frontier = Frontier()
    for size in range(len(LEAVES) + 1):
        assert frontier.root() == mth(LEAVES[:size])
        assert frontier == Frontier.at(size, read)
        if size < len(LEAVES):
            frontier, _ = frontier.append(LEAVES[size])


def test_each_node_is_completed_once_and_only_when_its_leaves_are_there() -> None:
    frontier, seen = Frontier(), set[tuple[int, int]]()
    for leaf in LEAVES:
        frontier, completed = frontier.append(leaf)
        for node in completed:
            assert (node.level, node.index) not in seen
            assert (node.index + 1) << node.level == frontier.size
            start = node.index << node.level
            assert node.digest == mth(LEAVES[start : frontier.size])
            seen.add((node.level, node.index))
    assert len(seen) == sum(len(LEAVES) >> level for level in range(8))


@given(st.lists(st.integers(0, 9), max_size=8))
@settings(deadline=None, max_examples=50)
def test_appending_in_batches_is_appending_one_by_one(batches: list[int]) -> None:
    frontier, nodes, start = Frontier(), list[object](), 0
    for length in batches:
        frontier, completed = frontier.append_many(LEAVES[start : start + length])
        nodes += completed
        start += len(LEAVES[start : start + length])
    whole, completed = Frontier().append_many(LEAVES[:start])
    assert frontier == whole
    assert nodes == list(completed)


def test_every_inclusion_proof_is_the_defined_one_and_verifies() -> None:
    for size in range(1, len(LEAVES) + 1):
        root = mth(LEAVES[:size])
        for index in range(0, size, 1 if size < 20 else 7):
            proof = inclusion_proof(index, size, read)
            assert list(proof) == path(index, LEAVES[:size])
            verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=root)


def test_every_range_of_every_tree_is_proven() -> None:
    for size in (*range(20), 37, 64, 70):
        root = mth(LEAVES[:size])
        for first in range(size + 1):
            for end in range(first, size + 1, 1 if size < 20 else 5):
                proof = range_proof(first, end, size, read)
                verify_range(LEAVES[first:end], first=first, size=size, proof=proof, root=root)


@given(st.integers(1, 70), st.data())
@settings(deadline=None, max_examples=150)
def test_no_leaf_of_a_range_is_left_out_added_or_moved(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(first + 1, size))
    leaves, proof = LEAVES[first:end], range_proof(first, end, size, read)
    at = data.draw(st.integers(0, len(leaves) - 1))
    at_first, at_size = data.draw(
        st.sampled_from([(first, size), (first + 1, size), (first - 1, size), (first, size + 1)])
    )
    forged = data.draw(
        st.sampled_from(
            [
                leaves[:at] + leaves[at + 1 :],
                [*leaves[:at], leaf_hash(b"?"), *leaves[at:]],
                [*leaves[:at], leaf_hash(b"?"), *leaves[at + 1 :]],
                leaves[::-1] if len(leaves) > 1 else [],
            ]
        )
    )
    with pytest.raises(ProofInvalid):
        verify_range(forged, first=at_first, size=at_size, proof=proof, root=mth(LEAVES[:size]))


def test_every_consistency_proof_is_the_defined_one_and_verifies() -> None:
    for second in range(1, len(LEAVES) + 1, 3):
        new = mth(LEAVES[:second])
        for first in range(second + 1):
            proof = consistency_proof(first, second, read)
            if first:
                assert list(proof) == subproof(first, LEAVES[:second], whole=True)
            old = mth(LEAVES[:first])
            verify_consistency(
                first=first, first_root=old, second=second, second_root=new, proof=proof
            )


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))), st.data())
@settings(deadline=None, max_examples=100)
def test_no_other_tree_is_consistent(sizes: tuple[int, int], data: st.DataObject) -> None:
    """One leaf of the first tree changed: the honest proof, or its own, shows nothing."""
    first, second = sizes
    if first == 0:
        return
    at = data.draw(st.integers(0, first - 1))
    forged = [*LEAVES[:at], leaf_hash(b"forged"), *LEAVES[at + 1 : second]]
    nodes = {(n.level, n.index): n.digest for n in Frontier().append_many(forged)[1]}
    for proof in (
        consistency_proof(first, second, read),
        consistency_proof(first, second, lambda level, index: nodes[level, index]),
    ):
        with pytest.raises(ProofInvalid):
            verify_consistency(
                first=first,
                first_root=mth(LEAVES[:first]),
                second=second,
                second_root=mth(forged),
                proof=proof,
            )


@given(st.integers(1, 1 << 40), st.data())
@settings(deadline=None, max_examples=100)
def test_the_cost_of_a_proof_grows_with_the_logarithm(size: int, data: st.DataObject) -> None:
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    reads = []

    def counted(level: int, index: int) -> bytes:
        reads.append(level)
        assert (index + 1) << level <= size, "only completed nodes may be asked for"
        return bytes(32)

    proof = inclusion_proof(index, size, counted)
    assert len(proof) <= size.bit_length()
    assert len(reads) <= 2 * size.bit_length()
    reads.clear()
    proof = consistency_proof(first, size, counted)
    assert len(proof) <= size.bit_length() + 1
    assert len(reads) <= 2 * size.bit_length()


@given(st.integers(-3, 80), st.integers(-3, 80))
@settings(deadline=None, max_examples=100)
def test_what_is_not_in_the_log_is_refused(a: int, b: int) -> None:
    if not 0 <= a < b:
        with pytest.raises(PrivacyError, match="not in the log"):
            inclusion_proof(a, b, read)
    if not 0 <= a <= b:
        with pytest.raises(PrivacyError, match="not in the log"):
            consistency_proof(a, b, read)


@pytest.mark.parametrize(
    ("size", "hashes"), [(-1, ()), (1, ()), (3, (bytes(32),)), (1, (bytes(31),))]
)
def test_a_frontier_that_contradicts_itself_is_refused(
    size: int, hashes: tuple[bytes, ...]
) -> None:
    with pytest.raises(ValueError):
        Frontier(size=size, hashes=hashes)


@given(st.integers(1, 200), st.data())
def test_nodes_that_are_fetched_together_make_the_same_proofs(
    size: int, data: st.DataObject
) -> None:
    _, nodes = Frontier().append_many(leaf_hash(b"%d" % n) for n in range(size))
    read = {(node.level, node.index): node.digest for node in nodes}
    index = data.draw(st.integers(0, size - 1))
    asked: list[int] = []

    def fetch(wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        asked.append(len(wanted))
        return {node: read[node] for node in wanted}

    for prove in (
        lambda each: inclusion_proof(index, size, each),
        lambda each: consistency_proof(index, size, each),
    ):
        together = read_together(prove, fetch)
        assert together == prove(lambda level, place: read[level, place])
    assert len(asked) == 2
    assert max(asked) <= 2 * size.bit_length()


def test_a_node_that_is_not_there_is_out_of_range() -> None:
    with pytest.raises(PrivacyError) as refusal:
        read_together(lambda read: inclusion_proof(1, 3, read), lambda wanted: {})
    assert refusal.value.reason is errors.AUDIT_RANGE_INVALID
