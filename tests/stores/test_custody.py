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
from privacy_service.contracts.read import read
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.ledger import SealedLedger
from privacy_service.custody.standing import Standing
from privacy_service.enforcement.answer import Answer, Coverage, Decision, Effect
from privacy_service.enforcement.ports import MOST_SHARING, Minted, Pair, Release, Revealed
from privacy_service.errors import PrivacyError, Reason
from privacy_service.evidence.disclosures import Disclosure
from privacy_service.evidence.entries import AuditEntry, ContractRef, EntryKind
from privacy_service.records.data_keys import DataKeys
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.seal import Sealer
from privacy_service.store.database import Database
from privacy_service.store.rows import UnnumberedContract
from privacy_service.store.views import Writing
from privacy_service.subjects.holds import HoldScope, LegalHold
from tests.service.conftest import CONTRACTS
from tests.stores.databases import NOW

DISCLOSURE = Disclosure(
    id="d1",
    at=NOW,
    sender="acme-shop",
    recipient="swift-parcel",
    purpose="dpv:DeliveryOfGoods",
    contracts=(),
    subjects=(),
    categories=(),
)
DELIVERY = (CONTRACTS / "delivery.yaml").read_text()
ID = "00000000-0000-4000-8000-000000000000"
PAIR = Pair(sender="acme-shop", recipient="swift-parcel", purpose="dpv:DeliveryOfGoods")


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
        put(database, DELIVERY)
        yield SealedLedger(
            database=database,
            keys=SubjectKeys(database, data_keys),
            standing=Standing(superseded=lambda: None),
            sealer=Sealer(data_keys, os.urandom),
            origin="stage",
            replay_for=timedelta(days=1),
        )


def put(database: Database, source: str) -> ContractRef:
    unnumbered = UnnumberedContract.of(
        read(source, name="stage"),
        digest=f"sha256:{hash(source)}",
        source=source,
        put_at=NOW,
        put_by="acme-shop",
    )
    stored = database.commit(lambda tx: tx.contracts.put(unnumbered))
    return ContractRef(id=stored.id, number=stored.number, digest=stored.digest)


def attempt() -> AuditEntry:
    return AuditEntry(
        kind=EntryKind.ATTEMPT,
        action="T",
        at=NOW,
        actor="acme-shop",
        partner="acme-shop",
        resource=ID,
    )


def released(
    ledger: SealedLedger, position: int, payload: bytes, request: str, disclosure: str = "d1"
) -> Answer:
    with ledger.database.reading() as view:
        newest = view.contracts.newest("acme-delivery")
    ref = ContractRef(id=newest.id, number=newest.number, digest=newest.digest)
    return released_under(ref, ledger, position, payload, request, disclosure)


def released_under(
    ref: ContractRef,
    ledger: SealedLedger,
    position: int,
    payload: bytes,
    request: str,
    disclosure: str = "d1",
) -> Answer:
    return ledger.release(decided_under(ref, position, payload, request, disclosure), seconds=None)


def decided_under(
    ref: ContractRef,
    position: int = 0,
    payload: bytes = b"one",
    request: str = "r1",
    disclosure: str = "d1",
) -> Release:
    effect = replace(
        attempt(), kind=EntryKind.EFFECT, outcome="ALLOW", attempt=position, contracts=(ref,)
    )
    coverage = Coverage(values_total=1, values_inspected=1, keys_inspected=0, values_by_model=0)
    answer = Answer(
        decision=Decision(effect=Effect.ALLOW),
        coverage=coverage,
        content_type='text/plain; note="maria@mail.example"',
        payload=payload,
    )
    return Release(
        request_id=ID,
        request=request,
        entry=effect,
        answer=answer,
        disclosure=replace(DISCLOSURE, id=disclosure),
        pair=PAIR,
        subjects=(),
        keep_copy=True,
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
        assert view.records.get("acme-shop", answer.record_id or "").content_type == "text/plain"


def test_nothing_is_released_under_a_contract_that_was_replaced_or_suspended(
    ledger: SealedLedger,
) -> None:
    first = put(ledger.database, DELIVERY)
    begun = ledger.begin(attempt(), request_id=ID, request="r1", seconds=None)
    second = put(ledger.database, DELIVERY.replace("P90D", "P60D"))
    with pytest.raises(PrivacyError) as caught:
        released_under(first, ledger, begun.position, b"one", "r1")
    assert caught.value.reason is errors.CONTRACT_SUPERSEDED
    put(ledger.database, DELIVERY.replace("storage:", "status: suspended\nstorage:"))
    for ref in (first, second):
        with pytest.raises(PrivacyError) as caught:
            released_under(ref, ledger, begun.position, b"one", "r1")
        assert caught.value.reason is errors.CONTRACT_SUSPENDED
    with ledger.database.reading() as view:
        assert view.audit.size() == 1  # the attempt
        assert view.records.list("acme-shop") == ()


def test_what_a_batch_itself_puts_holds_for_the_releases_after_it(ledger: SealedLedger) -> None:
    """A put that is taken back must leave nothing that a later version is mistaken for."""
    confirmed = Standing(superseded=lambda: None)
    release = decided_under(put(ledger.database, DELIVERY))
    changed = UnnumberedContract.of(
        read(DELIVERY, name="stage"),
        digest="sha256:other",
        source=DELIVERY,
        put_at=NOW,
        put_by="acme-shop",
    )

    def put_and_fail(tx: Writing) -> None:
        tx.contracts.put(changed)
        with pytest.raises(PrivacyError):
            confirmed.require(tx, release)
        raise LookupError

    with pytest.raises(LookupError):
        ledger.database.commit(put_and_fail)
    ledger.database.commit(lambda tx: confirmed.require(tx, release))
    ledger.database.commit(lambda tx: tx.contracts.put(changed))
    with pytest.raises(PrivacyError) as caught:
        ledger.database.commit(lambda tx: confirmed.require(tx, release))
    assert caught.value.reason is errors.CONTRACT_SUPERSEDED


def test_of_a_value_that_very_many_share_nobody_is_named_and_everybody_counts(
    ledger: SealedLedger,
) -> None:
    """A switchboard's number: it opens as long as anybody is alive, and anybody's hold stops it."""
    token, people = "tok_" + "a" * 26, [f"{number:064x}" for number in range(MOST_SHARING + 20)]
    minted = (Minted(token=token, entity="PHONE_NUMBER", subject=who, value="1") for who in people)
    with ledger.database.reading() as view:
        newest = view.contracts.newest("acme-delivery")
    ref = ContractRef(id=newest.id, number=newest.number, digest=newest.digest)
    position = ledger.record(attempt(), seconds=None)
    release = replace(decided_under(ref, position), minted=tuple(minted), subjects=tuple(people))
    ledger.release(release, seconds=None)

    def revealed(*whose: str) -> Revealed:
        return ledger.revealed(token, PAIR, whose=whose, claim=None, now=NOW)

    assert revealed() == Revealed(value="1")
    assert revealed(people[-1]) == Revealed(value="1", subjects=(people[-1],))
    for who in people[:-1]:
        ledger.database.commit(lambda tx, who=who: tx.data_keys.shred(PAIR.sender, who, at=NOW))
    assert revealed() == Revealed(value="1")
    hold = LegalHold(
        id="hold-1", scope=HoldScope(subjects=frozenset({people[-1]})), matter="m", reason="r",
        approver="a", review_on=NOW.date() + timedelta(days=9), placed_by="p", placed_at=NOW,
    )  # fmt: skip
    ledger.database.commit(lambda tx: tx.holds.place(hold))
    with pytest.raises(PrivacyError) as refusal:
        revealed()
    assert refusal.value.reason is errors.USE_RESTRICTED
    assert ledger.revealed(token, PAIR, whose=(), claim="hold-1", now=NOW) == Revealed(value="1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("governance: {recertify: P10D, grace: P5D}\n", errors.CONTRACT_NOT_RECERTIFIED),
        ("", None),
    ],
)
def test_what_was_confirmed_holds_until_the_contract_lapses_by_itself(
    ledger: SealedLedger, line: str, reason: Reason | None
) -> None:
    confirmed = Standing(superseded=lambda: None)
    release = decided_under(put(ledger.database, f"{DELIVERY}\n{line}"))
    ledger.database.commit(lambda tx: confirmed.require(tx, release))
    later = replace(release, entry=replace(release.entry, at=release.entry.at + timedelta(days=30)))
    if reason is None:
        ledger.database.commit(lambda tx: confirmed.require(tx, later))
        return
    with pytest.raises(PrivacyError) as caught:
        ledger.database.commit(lambda tx: confirmed.require(tx, later))
    assert caught.value.reason is reason
