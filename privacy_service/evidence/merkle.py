"""The Merkle tree of RFC 9162, section 2.1, over SHA-256: appended to, and proved about.

The tree is never held whole. A `Frontier` is all that an append needs; `read(level, index)`
fetches one completed node for a proof, at a cost that grows with the logarithm of the size.
A node is completed when all `2 ** level` leaves below it are there, and never changes after:
node (level, index) covers the leaves from `index << level`. Level 0 holds the leaf hashes.

Verification raises `ProofInvalid`; it never answers with a boolean that could be forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final, Self, TypeVar

from privacy_service import errors
from privacy_service.errors import PrivacyError

HASH_SIZE: Final = 32

ReadNode = Callable[[int, int], bytes]
"""`read(level, index)`: the digest of a completed node."""


FetchNodes = Callable[[Sequence[tuple[int, int]]], Mapping[tuple[int, int], bytes]]
"""Many completed nodes, (level, index), at once."""

T = TypeVar("T")

_UNKNOWN: Final = bytes(HASH_SIZE)


class ProofInvalid(ValueError):  # noqa: N818 - it says what is so, as our reasons do
    """The proof does not show what it is said to show."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of an entry's bytes. The 0x00 keeps leaves and nodes apart (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees' hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def empty_root() -> bytes:
    """The root of the tree without leaves: the hash of nothing."""
    return hashlib.sha256().digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """A completed node, to be stored under (level, index)."""

    level: int
    index: int
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: enough to append to it and to know its root.

    `hashes` are the roots of the perfect subtrees that `size` leaves fall into, the largest
    first: one for each bit that is set in `size`.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier has one hash for each bit set in its size")
        if any(len(digest) != HASH_SIZE for digest in self.hashes):
            raise ValueError("a frontier's hashes have 32 bytes")

    @classmethod
    def at(cls, size: int, read: ReadNode) -> Self:
        """The frontier that the tree had, or has, at `size` leaves."""
        return cls(size=size, hashes=tuple(_subtrees(0, size, read)))

    def append(self, digest: bytes) -> tuple[Frontier, tuple[TreeNode, ...]]:
        """The tree with one more leaf hash, and the nodes that it completed, leaf first."""
        return self.append_many((digest,))

    def append_many(self, digests: Iterable[bytes]) -> tuple[Frontier, tuple[TreeNode, ...]]:
        """The tree with these leaf hashes, and every node that they completed."""
        edge, size, completed = list(self.hashes), self.size, list[TreeNode]()
        for digest in digests:
            level, index, grown = 0, size, digest
            completed.append(TreeNode(level=0, index=index, digest=grown))
            while index & 1:  # a right child: its left sibling is at the end of the edge
                grown = node_hash(edge.pop(), grown)
                level, index = level + 1, index >> 1
                completed.append(TreeNode(level=level, index=index, digest=grown))
            edge.append(grown)
            size += 1
        return Frontier(size=size, hashes=tuple(edge)), tuple(completed)

    def root(self) -> bytes:
        """The root hash of the tree."""
        return _joined(self.hashes) if self.hashes else empty_root()


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeProof:
    """The hashes of the subtrees before and after a range of leaves, each from left to right."""

    before: tuple[bytes, ...]
    after: tuple[bytes, ...]


def inclusion_proof(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """The proof that leaf `index` is in the tree of `size` leaves (RFC 9162, 2.1.3.1).

    Raises AUDIT_RANGE_INVALID unless `0 <= index < size`. Reads O(log size) nodes.
    """
    if not 0 <= index < size:
        raise PrivacyError(errors.AUDIT_RANGE_INVALID, position=index, size=size)
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(start, middle, read))
            start = middle
    return tuple(reversed(path))


def consistency_proof(first: int, second: int, read: ReadNode) -> tuple[bytes, ...]:
    """The proof that the tree of `second` leaves begins with that of `first` (2.1.4.1).

    It is empty where there is nothing to show: when `first` is 0 or equals `second`.
    Raises AUDIT_RANGE_INVALID unless `0 <= first <= second`. Reads O(log second) nodes.
    """
    if not 0 <= first <= second:
        raise PrivacyError(errors.AUDIT_RANGE_INVALID, first=first, second=second)
    if first == 0:
        return ()
    path, start, end = list[bytes](), 0, second
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(start, middle, read))
            start = middle
    if start:  # else the first tree is itself a node of the second, and its root is known
        path.append(_range_root(start, end, read))
    return tuple(reversed(path))


def range_proof(first: int, end: int, size: int, read: ReadNode) -> RangeProof:
    """What the leaves from `first` to before `end` need beside them to make the root of the tree of
    `size` leaves.

    Raises AUDIT_RANGE_INVALID unless `0 <= first <= end <= size`. Reads O(log size) nodes.
    """
    if not 0 <= first <= end <= size:
        raise PrivacyError(errors.AUDIT_RANGE_INVALID, first=first, end=end, size=size)
    return RangeProof(
        before=tuple(_subtrees(0, first, read)),
        after=tuple(read(level, index) for level, index in _cover(end, size)),
    )


def read_together(work: Callable[[ReadNode], T], fetch: FetchNodes) -> T:
    """What `work` makes of the nodes that it reads, which are fetched together and not one by one.

    Which nodes it reads must not depend on their digests: so it is with proofs. Raises
    AUDIT_RANGE_INVALID for a node that is not there.
    """
    wanted = dict[tuple[int, int], None]()

    def want(level: int, index: int) -> bytes:
        wanted[level, index] = None
        return _UNKNOWN

    work(want)
    nodes = fetch(list(wanted))

    def read(level: int, index: int) -> bytes:
        if (level, index) not in nodes:
            raise PrivacyError(errors.AUDIT_RANGE_INVALID, level=level, index=index)
        return nodes[level, index]

    return work(read)


def verify_inclusion(
    digest: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raises ProofInvalid unless `proof` shows leaf hash `digest` at `index` under `root`.

    The algorithm is that of RFC 9162, 2.1.3.2.
    """
    _require_hashes(digest, root, *proof)
    if not 0 <= index < size:
        raise ProofInvalid("the position is not below the size")
    computed = digest
    for step, is_left in _climb(index, size - 1, proof):
        computed = node_hash(step, computed) if is_left else node_hash(computed, step)
    _require_equal(computed, root)


def verify_consistency(
    *, first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises ProofInvalid unless `proof` shows that the second tree begins with the first.

    The algorithm is that of RFC 9162, 2.1.4.2; the empty tree begins every tree.
    """
    _require_hashes(first_root, second_root, *proof)
    if not 0 <= first <= second:
        raise ProofInvalid("the first tree is larger than the second")
    if first in (0, second):
        if proof:
            raise ProofInvalid("the proof is too long")
        _require_equal(first_root, second_root if first else empty_root())
        return
    _verify_growth(first, first_root, second, second_root, proof)


def verify_range(
    digests: Sequence[bytes], *, first: int, size: int, proof: RangeProof, root: bytes
) -> None:
    """Raises ProofInvalid unless these are the hashes of all leaves from `first` on, as many as
    there are of them, in the tree of `size` leaves under `root`.

    It is what RFC 9162, 2.1.1, says of the root, computed from the left: no leaf between them can
    be left out, and none beside them added.
    """
    _require_hashes(root, *digests, *proof.before, *proof.after)
    end = first + len(digests)
    if not 0 <= first <= end <= size or len(proof.before) != first.bit_count():
        raise ProofInvalid("the range is not one of the tree")
    grown, _ = Frontier(size=first, hashes=proof.before).append_many(digests)
    cover = list(_cover(end, size))
    if len(cover) != len(proof.after):
        raise ProofInvalid("there are too many or too few hashes after the range")
    edge = list(grown.hashes)
    for (_, place), node in zip(cover, proof.after, strict=True):
        index, digest = place, node
        while index & 1:  # a right child: its left sibling is at the end of the edge
            index, digest = index >> 1, node_hash(edge.pop(), digest)
        edge.append(digest)
    _require_equal(_joined(edge) if edge else empty_root(), root)


def _verify_growth(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]
) -> None:
    # Where the first tree is perfect its own root opens the path, and is left out of the proof.
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not proof:
        raise ProofInvalid("the proof is too short")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for step, is_left in _climb(node, last, path[1:]):
        if is_left:
            old, new = node_hash(step, old), node_hash(step, new)
        else:
            new = node_hash(new, step)
    _require_equal(old, first_root)
    _require_equal(new, second_root)


def _climb(node: int, last: int, steps: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Goes from a node to the root, beside the right edge: each step, and whether it is on the
    left. Raises ProofInvalid unless the steps end at the root.
    """
    for step in steps:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        is_left = bool(node & 1) or node == last
        yield step, is_left
        if is_left:  # where the edge is ragged, it rises to the level of its next sibling
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("the proof is too short")


def _split(size: int) -> int:
    """The largest power of two below `size`: where the left subtree ends (2.1.1)."""
    return 1 << (size - 1).bit_length() - 1


def _subtrees(start: int, end: int, read: ReadNode) -> list[bytes]:
    """The roots of the perfect subtrees that leaves `start` to `end` fall into."""
    digests = []
    while start < end:
        level = (end - start).bit_length() - 1
        digests.append(read(level, start >> level))
        start += 1 << level
    return digests


def _cover(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest complete nodes, (level, index), that leaves `start` to `end` fall into."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def _range_root(start: int, end: int, read: ReadNode) -> bytes:
    return _joined(_subtrees(start, end, read))


def _joined(digests: Sequence[bytes]) -> bytes:
    return reduce(lambda right, left: node_hash(left, right), reversed(digests))


def _require_hashes(*digests: bytes) -> None:
    if any(len(digest) != HASH_SIZE for digest in digests):
        raise ProofInvalid("a hash has not 32 bytes")


def _require_equal(computed: bytes, root: bytes) -> None:
    if not hmac.compare_digest(computed, root):
        raise ProofInvalid("the proof leads to another root")
