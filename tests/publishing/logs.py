"""A database with a log that grows, shrinks and is rewritten, and what publishes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from privacy_service import errors
from privacy_service.clock import SystemClock
from privacy_service.errors import PrivacyError
from privacy_service.evidence.merkle import Frontier, leaf_hash
from privacy_service.evidence.note import VerifierKey
from privacy_service.publishing.head import SignedHead
from privacy_service.publishing.places import Directory, Place
from privacy_service.publishing.publish import Publisher, Stamping
from privacy_service.publishing.published import Published
from privacy_service.publishing.witnesses import Witness
from tests.unit.evidence.audit_logs import ORIGIN, SIGNER, log


@dataclass
class MemoryLog:
    """A log in memory: what a database is, as far as publishing can see."""

    leaves: list[bytes] = field(default_factory=lambda: log(10))

    def __post_init__(self) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        """Makes the whole tree of the leaves as they are now: what a forger would do."""
        self._edge, nodes = Frontier().append_many(map(leaf_hash, self.leaves))
        self._nodes = {(node.level, node.index): node.digest for node in nodes}

    def grow(self, pairs: int) -> None:
        self.leaves += log(pairs)
        self.rebuild()

    def frontier(self, size: int | None = None) -> Frontier:
        return self._edge if size is None else Frontier.at(size, self.node)

    def node(self, level: int, index: int) -> bytes:
        if (level, index) not in self._nodes:
            raise PrivacyError(errors.AUDIT_RANGE_INVALID)
        return self._nodes[level, index]

    def nodes(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        return {node: self._nodes[node] for node in wanted if node in self._nodes}

    @contextmanager
    def open(self) -> Iterator[MemoryLog]:
        yield self


KEYS: tuple[VerifierKey, ...] = (SIGNER.verifier_key,)


def published_at(place: Place) -> Published:
    return Published(place=place, keys=lambda: KEYS)


def head_of(place: Place | None, log: MemoryLog) -> SignedHead:
    """What signs the head of this log, as a fresh process has it."""
    return SignedHead(
        origin=ORIGIN,
        log=log.open,
        signers=lambda: (SIGNER,),
        published=None if place is None else published_at(place),
        clock=SystemClock(),
        seconds=0,
    )


def publisher(
    log: MemoryLog,
    place: Place | Path,
    *,
    witnesses: tuple[Witness, ...] = (),
    time_stamps: Stamping | None = None,
) -> Publisher:
    """A publisher as a fresh process has it: it remembers nothing."""
    place = Directory(place) if isinstance(place, Path) else place
    return Publisher(
        log=log.open,
        head=head_of(place, log),
        published=published_at(place),
        witnesses=witnesses,
        time_stamps=time_stamps,
    )
