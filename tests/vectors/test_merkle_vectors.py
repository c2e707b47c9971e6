"""The published vectors of RFC 6962 / RFC 9162 trees, made and verified by us."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from privacy_service.evidence.merkle import (
    Frontier,
    ProofInvalid,
    consistency_proof,
    empty_root,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads(Path(__file__).with_name("rfc6962.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
NODES = {(n.level, n.index): n.digest for n in Frontier().append_many(LEAVES)[1]}


def read(level: int, index: int) -> bytes:
    return NODES[level, index]


def proof_of(vector: dict[str, list[str]]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(step) for step in vector["proof"])


def test_every_published_root() -> None:
    assert empty_root() == ROOTS[0]
    for size in range(9):
        assert Frontier().append_many(LEAVES[:size])[0].root() == ROOTS[size]
        assert Frontier.at(size, read).root() == ROOTS[size]


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_inclusion_proofs(vector: dict[str, int]) -> None:
    index, size, proof = vector["index"], vector["size"], proof_of(vector)
    assert inclusion_proof(index, size, read) == proof
    verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=ROOTS[size])


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_consistency_proofs(vector: dict[str, int]) -> None:
    first, second, proof = vector["first"], vector["second"], proof_of(vector)
    assert consistency_proof(first, second, read) == proof
    verify_consistency(
        first=first, first_root=ROOTS[first], second=second, second_root=ROOTS[second], proof=proof
    )


def corrupted(proof: tuple[bytes, ...], *extra: bytes) -> list[tuple[bytes, ...]]:
    """The ways in which the published tests break a proof."""
    broken = [(*proof, step) for step in (b"", *extra)]
    broken += [(step, *proof) for step in (b"", *extra)]
    for at in range(len(proof)):
        flipped = bytes([proof[at][0] ^ 8]) + proof[at][1:]
        broken.append((*proof[:at], flipped, *proof[at + 1 :]))
    if proof:
        broken.append(proof[:-1])
    return broken


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_broken_inclusion_proofs_are_refused(vector: dict[str, int]) -> None:
    index, size, proof = vector["index"], vector["size"], proof_of(vector)
    root, leaf = ROOTS[size], LEAVES[index]
    for broken in corrupted(proof, root):
        with pytest.raises(ProofInvalid):
            verify_inclusion(leaf, index=index, size=size, proof=broken, root=root)
    for wrong_index, wrong_size in (
        (index - 1, size),
        (index + 1, size),
        (index ^ 2, size),
        (index, size * 2),
        (index, size // 2),
    ):
        with pytest.raises(ProofInvalid):
            verify_inclusion(leaf, index=wrong_index, size=wrong_size, proof=proof, root=root)
    for wrong_leaf, wrong_root in ((b"WrongLeaf", root), (leaf, ROOTS[0]), (leaf, b"")):
        with pytest.raises(ProofInvalid):
            verify_inclusion(wrong_leaf, index=index, size=size, proof=proof, root=wrong_root)


@pytest.mark.parametrize("vector", VECTORS["consistency"][1:])
def test_broken_consistency_proofs_are_refused(vector: dict[str, int]) -> None:
    first, second, proof = vector["first"], vector["second"], proof_of(vector)
    good = {"first_root": ROOTS[first], "second_root": ROOTS[second]}
    for broken in [*corrupted(proof, ROOTS[first], ROOTS[second]), ()]:
        with pytest.raises(ProofInvalid):
            verify_consistency(first=first, second=second, proof=broken, **good)
    for wrong_first, wrong_second in (
        (first - 1, second),
        (first + 1, second),
        (first ^ 2, second),
        (first, second * 2),
        (first, second // 2),
    ):
        with pytest.raises(ProofInvalid):
            verify_consistency(first=wrong_first, second=wrong_second, proof=proof, **good)
    for one, other in (
        (b"Wrong", ROOTS[second]),
        (ROOTS[first], b""),
        (ROOTS[second], ROOTS[first]),
    ):
        with pytest.raises(ProofInvalid):
            verify_consistency(
                first=first, first_root=one, second=second, second_root=other, proof=proof
            )
