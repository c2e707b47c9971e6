"""Several replicas append, sign and publish at once: none sees a contradiction that is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from privacy_service.clock import SystemClock
from privacy_service.evidence.checkpoint import Checkpoint, open_checkpoint
from privacy_service.evidence.merkle import consistency_proof, read_together, verify_consistency
from privacy_service.publishing.head import SignedHead
from privacy_service.publishing.places import Directory
from privacy_service.publishing.publish import Publisher
from privacy_service.publishing.witnesses import Witness
from privacy_service.store.audit import AuditReading
from privacy_service.store.database import Database
from tests.publishing.logs import KEYS, published_at
from tests.publishing.witness import SmallWitness
from tests.stores.databases import opened
from tests.stores.samples import entry
from tests.unit.evidence.audit_logs import ORIGIN, SIGNER

REPLICAS = 3


class Replica:
    """One process's view: its own connection, and its own memory of what was signed."""

    def __init__(self, database: Database, place: Directory, witness: Witness) -> None:
        self.database = database
        self.head = SignedHead(
            origin=ORIGIN,
            log=self.log,
            signers=lambda: (SIGNER,),
            published=published_at(place),
            clock=SystemClock(),
            seconds=0,
        )
        self.publisher = Publisher(
            log=self.log, head=self.head, published=published_at(place), witnesses=(witness,)
        )

    @contextmanager
    def log(self) -> Iterator[AuditReading]:
        with self.database.reading() as view:
            yield view.audit

    def append(self) -> None:
        self.database.commit(lambda writing: writing.audit.append(entry()))

    def sign(self) -> Checkpoint:
        with self.log() as log:
            log.size()  # the state is read before what is known is looked up
            return open_checkpoint(self.head.note(log), *KEYS)


def test_replicas_that_sign_and_publish_at_once_agree(url: str, tmp_path: Path) -> None:
    place, small = Directory(tmp_path / "published"), SmallWitness(KEYS)
    signed: list[Checkpoint] = []
    raised: list[BaseException] = []

    def repeat(count: int, do: Callable[[], object]) -> None:
        try:
            for _ in range(count):
                found = do()
                if isinstance(found, Checkpoint):
                    signed.append(found)
        except BaseException as error:  # noqa: BLE001 - the test tells of it
            raised.append(error)

    with ExitStack() as stack:
        witness = Witness(key=small.key, url=stack.enter_context(small.serving()))
        replicas = [
            Replica(stack.enter_context(opened(url)), place, witness) for _ in range(REPLICAS)
        ]
        replicas[0].append()
        threads = [
            threading.Thread(target=repeat, args=(count, do))
            for replica in replicas
            for count, do in (
                (30, replica.append),
                (12, replica.sign),
                (6, replica.publisher.publish),
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert raised == []
        published = [one.checkpoint for one in published_at(place).all()]
        assert len(signed) == 12 * REPLICAS
        assert published
        with replicas[0].log() as log:
            head = log.frontier()
            assert head.size == 1 + 30 * REPLICAS
            for one in (*signed, *published):
                proof = read_together(
                    lambda read, first=one.size: consistency_proof(first, head.size, read),
                    log.nodes,
                )
                verify_consistency(
                    first=one.size, first_root=one.root, second=head.size,
                    second_root=head.root(), proof=proof,
                )  # fmt: skip
    assert {422, 403, 400}.isdisjoint(small.asked)
