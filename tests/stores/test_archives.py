"""Evidence archives of a real database: what belongs to a case comes along, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.contracts.canonical import digest
from privacy_service.contracts.read import read
from privacy_service.desks import archives
from privacy_service.desks.archives import Archives
from privacy_service.errors import PrivacyError
from privacy_service.evidence.archive_verify import ArchiveReport, verify_archive
from privacy_service.evidence.checkpoint import Checkpoint, sign
from privacy_service.evidence.entries import ContractRef, EntryKind
from privacy_service.evidence.queries import EntryQuery
from privacy_service.evidence.stored_zip import walked
from privacy_service.store.database import Database
from privacy_service.store.rows import UnnumberedContract
from privacy_service.store.tables import audit_entries
from privacy_service.store.views import View, Writing
from tests.stores.databases import NOW, later
from tests.stores.samples import disclosure, entry
from tests.unit.contracts.contract_texts import MINIMAL
from tests.unit.evidence.audit_logs import ORIGIN, SIGNER

MARIA, PETER = "11" * 32, "22" * 32


@pytest.fixture
def ref(database: Database) -> ContractRef:
    """The one contract that everything is released under."""
    contract = read(MINIMAL, name="minimal.yaml")
    put = UnnumberedContract.of(
        contract, digest=digest(contract), source=MINIMAL, put_at=NOW, put_by="o"
    )
    stored = database.commit(lambda writing: writing.contracts.put(put))
    return ContractRef(id=stored.id, number=stored.number, digest=stored.digest)


def release(database: Database, ref: ContractRef, subject: str, **fields: Any) -> int:
    """A transfer about someone: attempt, effect and disclosure. The effect's position."""

    def work(writing: Writing) -> int:
        shared = {"purpose": "dpv:FulfilmentOfObligation", **fields}
        attempt = writing.audit.append(
            entry(kind=EntryKind.ATTEMPT, outcome="", contracts=(), **shared)
        )
        counts = disclosure(0).categories
        told = {**shared, "contracts": (ref,), "subjects": (subject,), "categories": counts}
        position = writing.audit.append(entry(attempt=attempt, **told))
        writing.disclosures.add(
            disclosure(
                position,
                at=fields.get("at", NOW),
                sender=fields.get("partner", "acme"),
                recipient=fields.get("counterparty", "globex"),
                contracts=(ref,),
                subjects=(subject,),
            )
        )
        return position

    return database.commit(work)


def act(database: Database, resource: str, *subjects: str) -> int:
    """Something that was done about a resource. The effect's position."""

    def work(writing: Writing) -> int:
        bare = {"contracts": (), "action": "SubjectRequestService/Open", "resource": resource}
        attempt = writing.audit.append(entry(kind=EntryKind.ATTEMPT, outcome="", **bare))
        return writing.audit.append(entry(attempt=attempt, subjects=subjects, **bare))

    return database.commit(work)


def made(database: Database, **more: Any) -> Archives:
    @contextmanager
    def evidence() -> Iterator[View]:
        with database.reading() as view:
            yield view

    def checkpoint(log: Any) -> str:
        head = log.frontier()
        return sign(Checkpoint(origin=ORIGIN, size=head.size, root=head.root()), SIGNER)

    return Archives(
        origin=ORIGIN, evidence=evidence, checkpoint=checkpoint, signers=lambda: (SIGNER,), **more
    )


def archived(database: Database, *, follow: bool = False, **asked: Any) -> ArchiveReport:
    content = made(database).archive(EntryQuery(**asked), follow=follow, seconds=5)
    assert content == made(database).archive(EntryQuery(**asked), follow=follow, seconds=5)
    report = verify_archive(content, keys=[SIGNER.verifier_key])
    assert report.faults == ()
    return report


def test_what_belongs_to_a_case_comes_along(database: Database, ref: ContractRef) -> None:
    release(database, ref, MARIA)
    release(database, ref, PETER, counterparty="initech")
    act(database, "request-1", MARIA)
    release(database, ref, MARIA, at=later(days=2))

    def counts(**asked: Any) -> tuple[int, int, int]:
        report = archived(database, **asked)
        return report.entries, report.disclosures, report.contracts

    assert counts(resource="request-1") == (2, 0, 0)
    assert counts(resource="request-1", follow=True) == (6, 2, 1)
    assert counts(subjects=(MARIA,)) == (6, 2, 1)
    assert counts(subjects=(PETER,)) == (2, 1, 1)
    assert counts(partner="initech") == (2, 1, 1)
    assert counts(contract=ref.id, number=ref.number) == (6, 3, 1)
    # With its neighbour, which shows where the period begins, and the attempt of that.
    assert counts(since=later(days=1)) == (4, 1, 1)
    assert counts(resource="request-1", follow=True, until=later(days=1)) == (4, 1, 1)
    assert counts(subjects=(MARIA,), since=later(days=1)) == (2, 1, 1)


def test_a_period_is_shown_to_be_whole_and_what_is_withheld_of_it_is_counted(
    database: Database, ref: ContractRef
) -> None:
    release(database, ref, MARIA)
    for day in range(1, 4):
        release(database, ref, PETER, at=later(days=day))
    release(database, ref, MARIA, at=later(days=2, hours=1), counterparty="initech")
    release(database, ref, PETER, at=later(days=9))
    period = {"since": later(days=1), "until": later(days=3)}
    (whole,) = archived(database, **period).notes
    # One of the period was committed behind one that comes after it: all between them is there.
    assert whole == (
        "complete: every entry of the period is here (positions 2 to 9, without a gap: 8)"
    )
    (part,) = archived(database, partner="initech", **period).notes
    assert part.startswith(
        "the period takes up positions 2 to 9, without a gap: 2 of its 8 entries are here, and 6 "
        "are withheld; that none of them belongs to the case is the word of"
    )
    (none,) = archived(database, partner="initech").notes
    assert none.startswith("2 of the log's 12 entries are here, and 10 are not: that none of")


def test_a_period_that_is_too_long_says_so(
    database: Database, ref: ContractRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_PLACES", 3)
    for _ in range(2):
        release(database, ref, MARIA)
    (note,) = archived(database, partner="acme", since=NOW).notes
    assert "how many of the period these are is not shown" in note


def test_nothing_is_no_archive(database: Database, ref: ContractRef) -> None:
    release(database, ref, MARIA)
    with pytest.raises(PrivacyError) as refusal:
        archived(database, resource="request-2")
    assert refusal.value.reason is errors.EVIDENCE_NOT_FOUND


def test_an_archive_is_bounded(
    database: Database, ref: ContractRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 5)
    for _ in range(3):
        release(database, ref, MARIA)
    act(database, "request-1", MARIA)
    for asked, follow in (({"partner": "acme"}, False), ({"resource": "request-1"}, True)):
        with pytest.raises(PrivacyError) as refusal:
            archived(database, follow=follow, **asked)
        assert refusal.value.reason is errors.EVIDENCE_TOO_LARGE


def test_a_changed_entry_is_exported_and_named(database: Database, ref: ContractRef) -> None:
    position = release(database, ref, MARIA)
    release(database, ref, PETER)
    with database._engines.writing.begin() as connection:
        wanted = audit_entries.c.position == position
        row = connection.execute(audit_entries.select().where(wanted)).one()
        forged = row.leaf.replace(b"TREATED", b"ALLOWED")
        connection.execute(audit_entries.update().where(wanted), {"leaf": forged})
    content = made(database).archive(EntryQuery(partner="acme"), follow=False, seconds=5)
    report = verify_archive(content, keys=[SIGNER.verifier_key])
    assert [str(fault) for fault in report.faults] == [
        "entries.jsonl, line 2: entry 1 is not proven: the proof leads to another root",
        "disclosures.jsonl, line 1: its entry 1 is not proven here",
    ]


def test_what_others_keep_is_attached(database: Database) -> None:
    act(database, "request-1")

    def receipts(query: EntryQuery) -> dict[str, bytes]:
        return {"receipt.json": b"{}"} if query.resource == "request-1" else {}

    desk = made(database, attach=(receipts,))
    content = desk.archive(EntryQuery(resource="request-1"), follow=False, seconds=5)
    assert verify_archive(content, keys=[SIGNER.verifier_key]).faults == ()
    assert "attached/receipt.json" in [file.name for file in walked(content)]
    everything = desk.archive(EntryQuery(partner="acme"), follow=False, seconds=5)
    assert not [file for file in walked(everything) if file.name.startswith("attached/")]


def test_one_archive_is_made_at_a_time(database: Database) -> None:
    act(database, "request-1")
    refused: list[PrivacyError] = []

    def again(query: EntryQuery) -> dict[str, bytes]:
        with pytest.raises(PrivacyError) as refusal:
            desk.archive(query, follow=False, seconds=0.05)
        refused.append(refusal.value)
        return {}

    desk = made(database, attach=(again,))
    desk.archive(EntryQuery(resource="request-1"), follow=False, seconds=5)
    assert [error.reason for error in refused] == [errors.SERVER_BUSY]
