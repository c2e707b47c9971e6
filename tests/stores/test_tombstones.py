"""The tombstone journal and the database: neither forgets a deletion that the other has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from privacy_service import errors
from privacy_service.access import ACCESS
from privacy_service.app.tombstones import open_journal, settle
from privacy_service.clock import SteppedClock
from privacy_service.custody.acts import log_own_act
from privacy_service.custody.burials import note_deleted
from privacy_service.custody.remembering import REMEMBERED
from privacy_service.custody.tombstones import DecisionsLost, TombstoneJournal
from privacy_service.errors import PrivacyError, Reason
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.settings import TombstoneSettings
from privacy_service.store.database import DEFAULT_ORIGIN, Database
from privacy_service.store.erasures import KeptAnswer, KeptReview
from privacy_service.store.rows import UnwrittenTombstone
from privacy_service.store.tables import reviews
from privacy_service.store.tokens import token_key
from privacy_service.subjects.erasures import Tombstone as Stone
from tests.stores.databases import NOW, later, migrated_url, opened
from tests.stores.samples import data_key, entry, record, replay, token

CLOCK = SteppedClock(NOW)


class Yard:
    """A journal in a directory, and databases that it is the journal of."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o700)
        self.place = folder / "journal"
        self.keyring = FileKeyring.create(folder / "keys.json", random=os.urandom, clock=CLOCK)

    def journal(self, database: Database) -> TombstoneJournal:
        settings = TombstoneSettings(journal=str(self.place))
        made = open_journal(settings, DEFAULT_ORIGIN, self.keyring, database, CLOCK)
        assert made is not None
        return made

    def notes(self) -> list[str]:
        return [path.read_text() for path in sorted(self.place.iterdir())]

    def tombstones(self) -> list[str]:
        lines = [line for note in self.notes() for line in note.splitlines()]
        return [line for line in lines if line.startswith(("key ", "record "))]


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def shred(database: Database, *subjects: str) -> None:
    for subject in subjects:
        database.commit(lambda tx, about=subject: tx.data_keys.shred("acme", about, at=NOW))


def delete_record(database: Database, name: str) -> None:
    def work(tx) -> None:
        tx.records.delete("acme", name)
        buried = UnwrittenTombstone(kind="record", partner="acme", word=name, at=NOW)
        tx.tombstones.note(buried)

    database.commit(work)


@contextmanager
def refused(reason: Reason) -> Iterator[None]:
    with pytest.raises(PrivacyError) as caught:
        yield
    assert caught.value.reason is reason


@contextmanager
def older(kind: str, folder: Path) -> Iterator[Database]:
    """A database as it was before anything was deleted: restored from a backup, say."""
    with opened(migrated_url(kind, folder)) as database:
        live(database)
        yield database


def live(database: Database) -> None:
    for name in ("ann", "bob"):
        key = data_key(id=f"key-{name}", subject=name)
        database.commit(lambda tx, key=key: tx.data_keys.put(key))
    for name in ("r-1", "r-2"):
        database.commit(lambda tx, name=name: tx.records.put(record(id=name)))
    tokens = [token("tok_1"), token("tok_1", subject="bob"), token("tok_2")]
    database.commit(lambda tx: tx.tokens.put_many(tokens))
    with database._engines.writing.begin() as connection:
        connection.execute(reviews.insert(), [held("review-1"), held("review-2")])
    for name in ("asked-1", "asked-2"):
        database.commit(lambda tx, name=name: tx.replays.put(replay(name)))


def held(name: str) -> dict[str, object]:
    """A payload that waits for a person."""
    columns = ("purpose", "content_type", "seen")
    return {
        **dict.fromkeys(columns, ""),
        **{key: [] for key in ("contracts", "reasons", "approvals", "subjects", "data_keys")},
        "id": name,
        "sender": "acme",
        "recipient": "globex",
        "state": "waiting",
        "held_at": NOW,
        "expires_at": later(days=1),
        "four_eyes": False,
        "sealed": b"sealed",
    }


def test_a_deletion_is_in_the_journal_once_and_says_nothing_of_a_person(
    database: Database, yard: Yard
) -> None:
    live(database)
    journal = yard.journal(database)
    shred(database, "ann", "ann")
    delete_record(database, "r-1")
    assert journal.write() == 2
    assert journal.write() == 0
    (note,) = yard.notes()
    assert f"key acme ann {NOW.isoformat()}" in note
    assert "r-1" not in note  # a record's id may be anything
    assert len(yard.tombstones()) == 2


def test_a_restored_database_is_refused_until_the_deletions_are_done_again(
    kind: str, tmp_path: Path, yard: Yard
) -> None:
    with older(kind, tmp_path) as database:
        journal = yard.journal(database)
        shred(database, "ann", "never-had-a-key")
        delete_record(database, "r-1")
        journal.write()
        shred(database, "bob")
        settle(journal)
    with older(kind, tmp_path) as database:
        journal = yard.journal(database)
        with refused(errors.DATABASE_RESTORED):
            settle(journal)
        with refused(errors.DATABASE_RESTORED):  # nor does it write over what is there
            shred(database, "carl")
            journal.write()
        assert (journal.status().behind, journal.status().alive) == (2, 4)
        done = journal.replay("operator:ops")
        assert (done.notes, done.tombstones, done.buried) == (2, 4, 4)
        with database.reading() as view:
            assert view.data_keys.get_many("acme", ["ann", "bob"]) == {}
            assert view.data_keys.is_shredded("acme", "never-had-a-key")
            assert [each.id for each in view.records.list("acme")] == ["r-2"]
            last = view.audit.entries(0, 100)[-1].entry
        assert (last.action, last.outcome, last.resource) == (
            "tombstones replay",
            "REPLAYED",
            "notes 1 to 2",
        )
        settle(journal)
        assert journal.replay("operator:ops").notes == 0
        assert [line.split()[2] for line in yard.tombstones()[-1:]] == ["carl"]


def test_a_decision_that_the_database_lacks_is_named_and_holds_up_the_replay(
    kind: str, tmp_path: Path, yard: Yard
) -> None:
    with older(kind, tmp_path) as database:
        size = database.commit(lambda tx: tx.audit.size())
        database.commit(
            lambda tx: log_own_act(
                tx, "LegalHoldService/PlaceHold", at=NOW, resource="hold-1", outcome="PLACED"
            )
        )
        shred(database, "ann")
        yard.journal(database).write()
    assert f"decision - LegalHoldService/PlaceHold:hold-1:{size + 1} " in yard.notes()[-1]
    with older(kind, tmp_path) as database:
        journal = yard.journal(database)
        with pytest.raises(DecisionsLost) as refusal:
            journal.replay("operator")
        (lost,) = refusal.value.lost
        assert (lost.action, lost.about, lost.at) == ("LegalHoldService/PlaceHold", "hold-1", NOW)
        assert journal.status().lost == (lost,)
        assert journal.status().alive == 1  # nothing was deleted yet
        done = journal.replay("operator", without_decisions=True)
        assert (done.tombstones, done.buried, done.lost) == (1, 1, (lost,))
        with database.reading() as view:
            assert view.audit.entries(0, 100)[-1].entry.reason == "1 decisions lost"
        settle(journal)
        assert journal.status().lost == ()


def test_every_decision_that_is_remembered_is_a_call_or_an_act_of_ours() -> None:
    assert REMEMBERED - set(ACCESS) == {"ConsentService/OptOut"}


def test_what_an_erasure_deleted_and_barred_is_deleted_and_barred_again(
    kind: str, tmp_path: Path, yard: Yard
) -> None:
    eve = Stone(
        digest="e" * 64, partner="", request_id="request-1", erased_at=NOW, keep_until=later(days=9)
    )
    over = replace(eve, digest="f" * 64, partner="acme", keep_until=NOW)

    def erase(tx) -> None:
        tx.tokens.delete([token_key(token("tok_1"))])
        tx.replays.delete("acme", "asked-1")
        gone = KeptReview(id="review-1", sender="acme", recipient="", subjects=(), contracts=())
        tx.erasures.delete_reviews([gone], NOW)
        note_deleted(tx, [token("tok_1"), answer("asked-1"), gone], at=NOW)
        tx.erasures.bar(eve)
        tx.erasures.bar(over)

    with older(kind, tmp_path) as database:
        database.commit(erase)
        assert yard.journal(database).write() == 5
    assert not any("tok_1" in note or "asked-1" in note for note in yard.notes())
    with older(kind, tmp_path) as database:
        journal = yard.journal(database)
        with refused(errors.DATABASE_RESTORED):
            settle(journal)
        assert journal.replay("operator").buried == 4  # one person's time is over
        with database.reading() as view:
            assert view.tokens.get("tok_1") == (token("tok_1", subject="bob"),)
            assert view.tokens.get("tok_2")
            assert view.replays.of("acme") == ("asked-2",)
            assert [name for name, _ in view.erasures.kept_reviews("acme")] == ["review-2"]
            assert view.erasures.barred([eve.digest], ["anyone"]) == (eve.digest,)
            assert view.erasures.stones() == (eve,)
        settle(journal)
        for path in yard.place.iterdir():
            path.unlink()
        assert journal.begin_again() == 1


def test_a_log_that_is_shorter_than_the_journal_knows_is_refused_though_nothing_came_back(
    kind: str, tmp_path: Path, yard: Yard
) -> None:
    with older(kind, tmp_path) as database:
        for _ in range(5):
            database.commit(lambda tx: tx.audit.append(entry()))
        shred(database, "ann")
        yard.journal(database).write()
    with older(kind, tmp_path) as database:
        shred(database, "ann")  # so that it is not alive
        with refused(errors.DATABASE_RESTORED):
            settle(yard.journal(database))


def test_an_id_that_was_given_again_is_another_record(database: Database, yard: Yard) -> None:
    live(database)
    delete_record(database, "r-1")
    Dying(yard.journal(database)).write()
    database.commit(lambda tx: tx.records.put(record(id="r-1", created_at=later(hours=1))))
    settle(yard.journal(database))


def answer(request_id: str) -> KeptAnswer:
    return KeptAnswer(
        partner="acme",
        request_id=request_id,
        sender="acme",
        recipient="",
        subjects=(),
        contracts=(),
    )


class Dying:
    """Dies between the journal's file and the database's commit."""

    def __init__(self, journal: TombstoneJournal) -> None:
        self._journal = replace(journal, place=self)
        self._place = journal.place

    def write(self) -> None:
        with pytest.raises(KeyboardInterrupt):
            self._journal.write()

    def names(self, *, after: str) -> list[str]:
        return self._place.names(after=after)

    def read(self, name: str) -> bytes | None:
        return self._place.read(name)

    def create(self, name: str, content: bytes) -> bool:
        self._place.create(name, content)
        raise KeyboardInterrupt


def test_a_process_that_dies_half_way_leaves_what_the_next_one_finishes(
    database: Database, yard: Yard
) -> None:
    live(database)
    shred(database, "ann")
    Dying(yard.journal(database)).write()
    shred(database, "bob")
    assert yard.journal(database).write() == 1
    assert [line.split()[2] for line in yard.tombstones()] == ["ann", "bob"]
    settle(yard.journal(database))


def test_replicas_write_one_chain(kind: str, tmp_path: Path, yard: Yard) -> None:
    url = migrated_url(kind, tmp_path)

    def replica(number: int) -> None:
        with opened(url) as database:
            journal = yard.journal(database)
            for each in range(8):
                shred(database, f"subject-{number}-{each}")
                journal.write()

    with ThreadPoolExecutor(3) as crowd:
        list(crowd.map(replica, range(3)))
    with opened(url) as database:
        settle(yard.journal(database))
        status = yard.journal(database).status()
    assert (status.behind, status.unwritten, status.notes) == (0, 0, len(yard.notes()))
    written = {line.split()[2] for line in yard.tombstones()}
    assert written == {f"subject-{n}-{each}" for n in range(3) for each in range(8)}


@pytest.mark.parametrize("fault", ["changed", "missing", "first missing", "gone", "foreign"])
def test_a_journal_that_is_not_whole_is_refused(tmp_path: Path, yard: Yard, fault: str) -> None:
    with older("sqlite", tmp_path) as database:
        for subject in ("ann", "bob", "carl"):
            shred(database, subject)
            yard.journal(database).write()
        damage(yard, tmp_path, fault)
        if fault == "gone":  # where none was read yet, an empty place is a new journal
            with refused(errors.TOMBSTONES_INVALID):
                settle(yard.journal(database))
            return
    with older("sqlite", tmp_path) as restored, refused(errors.TOMBSTONES_INVALID):
        yard.journal(restored).replay("operator")


def damage(yard: Yard, folder: Path, fault: str) -> None:
    first, second, third = sorted(yard.place.iterdir())
    if fault == "changed":
        second.chmod(0o600)
        second.write_text(second.read_text().replace("bob", "eve"))
    elif fault == "missing":
        second.unlink()
    elif fault == "first missing":
        first.unlink()
    elif fault == "gone":
        for path in (first, second, third):
            path.unlink()
    else:
        (folder / "other").mkdir(mode=0o700)
        yard.keyring = Yard(folder / "other").keyring


def test_a_place_that_is_away_keeps_the_deletion_and_its_acknowledgement_apart(
    database: Database, yard: Yard
) -> None:
    live(database)
    yard.place.write_text("a file where the directory should be")
    shred(database, "ann")
    with refused(errors.TOMBSTONES_UNAVAILABLE):
        yard.journal(database).write()
    yard.place.unlink()
    assert yard.journal(database).write() == 1


def test_a_lost_journal_is_begun_again_with_every_key_that_was_shredded(
    kind: str, tmp_path: Path, yard: Yard
) -> None:
    with older(kind, tmp_path) as database:
        journal = yard.journal(database)
        shred(database, "ann", "bob")
        journal.write()
        with refused(errors.TOMBSTONES_INVALID):  # it is not lost
            journal.begin_again()
        for path in yard.place.iterdir():
            path.unlink()
        assert journal.begin_again() == 2
        settle(journal)
    with older(kind, tmp_path) as database:
        assert yard.journal(database).replay("operator").buried == 2
