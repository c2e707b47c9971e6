"""Anonymising: what a schedule names stays, about nobody; everything else goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service.app.keeping import anonymising
from privacy_service.app.keys import verifier_key
from privacy_service.clock import SteppedClock
from privacy_service.custody.keys import scopes
from privacy_service.custody.retention import SchedulesDesk
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.proven_note import CERTIFICATE, ProvenNote
from privacy_service.records.seal import Slot
from privacy_service.schedules.sweep import Outcome, Sweep
from privacy_service.store.rows import StoredRecord
from privacy_service.subjects.holds import HoldScope, LegalHold
from privacy_service.subjects.record_query import RecordQuery
from retention.jobs.sweep import JOB
from retention.workplace import Workplace
from tests.retention.erasures import Died, DiesAfter, Plain, Twice
from tests.retention.test_sweep import OFFICER, office, scheduled, started
from tests.retention.workers import settings_for
from tests.stores.databases import KINDS, NOW

MARIA = "aa" * 32
STAYING = """\
at_most: P1Y
action: anonymise
anonymise:
  - {path: $.total}
  - {path: $.born, treatment: {generalize: {to: year}}}
  - {path: "$.items[*].sku"}
  - {path: $.phone}
"""
ORDER = {
    "name": "Maria Gonzales", "born": "1985-03-12", "total": 12.50, "phone": "tok_" + "a" * 26,
    "items": [{"sku": "KB-1", "note": "for Maria"}, {"note": "x"}],
    "maria@mail.example": {"total": 1},
}  # fmt: skip
LEFT = {"born": "1985", "total": 12.50, "items": [{"sku": "KB-1"}]}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def room(kind: str, tmp_path: Path) -> Iterator[tuple[Workplace, SchedulesDesk, SteppedClock]]:
    tmp_path.chmod(0o700)
    with office(settings_for(kind, tmp_path)) as room:
        yield room


def keep(at: Workplace, name: str, content: bytes, media: str = "application/json") -> None:
    """A record of acme's about MARIA, sealed."""
    means = anonymising(at.settings, at.keyring, at.database, at.clock)
    keys = means.keys.of("acme", scopes((MARIA,), "acme"), seconds=None)
    slot = Slot(partner="acme", record=name, field="payload")
    record = StoredRecord(
        id=name, partner="acme", content_type=media, size=len(content),
        data_keys=tuple(key.id for key in keys), subjects=(MARIA,), created_at=at.clock.now(),
        keep_until=at.clock.now() + timedelta(days=4000),
        sealed=means.sealer.seal(content, slot=slot, keys=keys),
    )  # fmt: skip
    at.database.commit(lambda tx: tx.records.put(record))


def kept(at: Workplace) -> dict[str, tuple[StoredRecord, bytes]]:
    means = anonymising(at.settings, at.keyring, at.database, at.clock)
    with at.database.reading() as view:
        records = [
            view.records.get("acme", row.id) for row in view.records.list("acme", limit=1000)
        ]
        keys = {one.id: tuple(view.data_keys.by_id(one.data_keys).values()) for one in records}
    return {
        one.id: (
            one,
            means.sealer.open(
                one.sealed, slot=Slot(partner="acme", record=one.id, field="payload"),
                keys=keys[one.id],
            ),
        )
        for one in records
    }  # fmt: skip


def swept(at: Workplace, desk: SchedulesDesk, steps: Plain | None = None) -> Sweep:
    sweep = started(desk, force=True)
    assert JOB.waiting is not None
    try:
        JOB.work(at, f"{sweep.id}@plan", steps or Plain())
    except Died:
        JOB.work(at, f"{sweep.id}@plan", Plain())
    with at.database.reading() as view:
        return view.retention.get(sweep.id)


def order(**more: Any) -> bytes:
    return json.dumps(ORDER | more).encode()


@pytest.mark.parametrize("steps", [None, Twice(), *(DiesAfter(at) for at in range(3))])
def test_what_is_named_stays_about_nobody(
    room: tuple[Workplace, SchedulesDesk, SteppedClock], steps: Plain | None
) -> None:
    at, desk, clock = room
    scheduled(desk, "orders", STAYING)
    keep(at, "order-1", order())
    keep(at, "order-2", b"Dear Maria", "text/plain")
    keep(at, "order-3", json.dumps({"name": "M"}).encode())
    keep(at, "held", order())
    clock.step(timedelta(days=366))
    keep(at, "young", order())
    hold = LegalHold(
        id="h", scope=HoldScope(query=RecordQuery.parse('id = "held"')), matter="M-1",
        reason="suit", approver="counsel", review_on=(clock.now() + timedelta(days=9)).date(),
        placed_by="o", placed_at=clock.now(),
    )  # fmt: skip
    at.database.commit(lambda tx: tx.holds.place(hold))
    planned = started(desk)
    JOB.work(at, f"{planned.id}@plan", Plain())
    with at.database.reading() as view:
        plan = view.retention.get(planned.id).planned
    assert {(one.action, one.outcome, one.count) for one in plan if one.kind == "records"} == {
        ("anonymise", Outcome.DUE, 3),
        ("anonymise", Outcome.HELD, 1),
    }
    assert len(kept(at)) == 5

    done = swept(at, desk, steps)
    left = kept(at)
    assert {"young", "held"} < set(left)
    (name,) = set(left) - {"young", "held"}
    record, content = left[name]
    assert name.startswith("anonymous-")
    assert json.loads(content) == LEFT
    assert (record.subjects, record.anonymised_at is None) == ((), False)
    assert record.created_at == NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    with at.database.reading() as view:
        assert view.records.about("acme", MARIA) == 2
    assert {(one.action, one.outcome, one.count) for one in done.done if one.kind == "records"} == {
        ("anonymise", Outcome.DUE, 1),
        ("erase", Outcome.DUE, 2),
        ("anonymise", Outcome.HELD, 1),
    }
    proven = ProvenNote.parse(
        desk.get_certificate(OFFICER, done.id, seconds=None),
        CERTIFICATE,
    ).verify(VerifierKey.parse(verifier_key(at.keyring, at.settings.evidence.origin)))
    assert "was not measured" in proven.content["anonymised"]
    again = swept(at, desk)
    assert [one for one in again.done if one.outcome is Outcome.DUE and one.kind == "records"] == []
    assert set(kept(at)) == set(left)


def test_more_than_one_piece_is_made_anonymous(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with office(settings_for("sqlite", tmp_path)) as (at, desk, clock):
        scheduled(desk, "orders", STAYING)
        for number in range(120):
            keep(at, f"order-{number:03}", order(total=number))
        clock.step(timedelta(days=366))
        done = swept(at, desk)
        assert [(one.action, one.count) for one in done.done if one.kind == "records"] == [
            ("anonymise", 120)
        ]
        totals = sorted(json.loads(content)["total"] for _, content in kept(at).values())
        assert totals == list(range(120))
