"""The sealed ledger on a real database: what a request id means, for how long."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.ledger import SealedLedger
from privacy_service.enforcement.answer import Answer, Coverage, Decision, Effect
from privacy_service.enforcement.ports import Pair, Release
from privacy_service.errors import PrivacyError
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.seal import Sealer
from privacy_service.store.database import Database
from tests.stores.databases import NOW

DISCLOSURE = Disclosure(
    id="d1",
    at=NOW,
    sender="acme",
    recipient="swift",
    purpose="dpv:DeliveryOfGoods",
    contracts=(),
    subjects=(),
    categories=(),
)
ID = "00000000-0000-4000-8000-000000000000"
PAIR = Pair(sender="acme", recipient="swift", purpose="dpv:DeliveryOfGoods")


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def ledger(tmp_path: Path, clock: SteppedClock) -> Iterator[SealedLedger]:
    tmp_path.chmod(0o700)
    keyring = FileKeyring.create(tmp_path / "keyring.json", random=os.urandom, clock=clock)
    data_keys = DataKeys(keyring, random=os.urandom, clock=clock)
    with Database.open(f"sqlite:///{tmp_path / 'custody.db'}", clock=clock) as database:
        database.migrate()
        yield SealedLedger(
            database=database,
            keys=SubjectKeys(database, data_keys),
            sealer=Sealer(data_keys, os.urandom),
            origin="stage",
            replay_for=timedelta(days=1),
        )


def attempt() -> AuditEntry:
    return AuditEntry(
        kind=EntryKind.ATTEMPT, action="T", at=NOW, actor="acme", partner="acme", resource=ID
    )


def released(
    ledger: SealedLedger, position: int, payload: bytes, request: str, disclosure: str = "d1"
) -> Answer:
    effect = replace(attempt(), kind=EntryKind.EFFECT, outcome="ALLOW", attempt=position)
    coverage = Coverage(values_total=1, values_inspected=1, keys_inspected=0, values_by_model=0)
    answer = Answer(
        decision=Decision(effect=Effect.ALLOW),
        coverage=coverage,
        content_type='text/plain; note="maria@mail.example"',
        payload=payload,
    )
    return ledger.release(
        Release(
            request_id=ID,
            request=request,
            entry=effect,
            answer=answer,
            disclosure=replace(DISCLOSURE, id=disclosure),
            pair=PAIR,
            subjects=(),
            keep_copy=True,
        ),
        seconds=None,
    )


def test_a_request_id_that_expired_means_one_thing_until_it_is_forgotten(
    ledger: SealedLedger, clock: SteppedClock
) -> None:
    begun = ledger.begin(attempt(), request_id=ID, request="r1", seconds=None)
    first = released(ledger, begun.position, b"one", "r1")
    clock.step(timedelta(days=2))
    assert ledger.begin(attempt(), request_id=ID, request="r1", seconds=None).answer == first
    # Not first an attempt, and then a refusal once all the work is done.
    with pytest.raises(PrivacyError) as caught:
        ledger.begin(attempt(), request_id=ID, request="r2", seconds=None)
    assert caught.value.reason is errors.REQUEST_ID_REUSED
    ledger.database.commit(lambda tx: tx.replays.purge(clock.now(), 10))
    begun = ledger.begin(attempt(), request_id=ID, request="r2", seconds=None)
    again = released(ledger, begun.position, b"two", "r2", disclosure="d2")
    assert again.payload == b"two"


def test_of_a_content_type_only_what_readers_need_is_stored_in_clear(ledger: SealedLedger) -> None:
    begun = ledger.begin(attempt(), request_id=ID, request="r1", seconds=None)
    answer = released(ledger, begun.position, b"one", "r1")
    assert "maria" in answer.content_type  # it is the caller's own, and sealed
    with ledger.database.reading() as view:
        assert view.records.get("acme", answer.record_id or "").content_type == "text/plain"
