from __future__ import annotations

import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from privacy_service import errors
from privacy_service.clock import SteppedClock
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.rows import ReplayConflict
from privacy_service.store.tuning import Tuning
from tests.stores.crowds import Held, counting_commits, held
from tests.stores.databases import NOW, opened
from tests.stores.samples import data_key, disclosure, entry, record, replay, token


def append(writing) -> int:
    return writing.audit.append(entry())


class Refused(Exception):  # noqa: N818
    """What a unit of work raises."""


def raise_clean(writing) -> None:
    writing.audit.append(entry())
    writing.tokens.put_many([token("dropped")])
    raise Refused


def raise_dirty(writing) -> None:
    writing.audit.append(entry())
    writing.records.put(record(id="dropped"))
    raise Refused


def break_a_constraint(writing) -> None:
    """Two disclosures of one effect."""
    position = writing.audit.append(entry())
    writing.disclosures.add(disclosure(position, id="CANARY-1"))
    writing.disclosures.add(disclosure(position, id="CANARY-2"))


def test_a_lone_unit_is_committed_at_once(database: Database) -> None:
    with counting_commits(database) as commits:
        assert database.commit(append) == 0
        assert len(commits) == 1


def test_units_that_wait_go_into_one_commit(database: Database) -> None:
    with counting_commits(database) as commits:
        with held(database) as holding:
            answers = holding.submit(*[append] * 20)
        assert [answer.result() for answer in answers] == list(range(20))
        assert len(commits) == 2  # the one that was held, and theirs


def test_no_batch_is_larger_than_the_limit(url: str) -> None:
    with opened(url, Tuning(batch=4)) as database, counting_commits(database) as commits:
        with held(database) as holding:
            answers = holding.submit(*[append] * 10)
        assert [answer.result() for answer in answers] == list(range(10))
        assert len(commits) == 1 + 3


@pytest.mark.parametrize("failing", [raise_clean, raise_dirty])
def test_a_unit_that_raises_takes_nothing_with_it(database: Database, failing) -> None:
    with held(database) as holding:
        first, second, third, fourth = holding.submit(append, failing, append, failing)
    assert (first.result(), third.result()) == (0, 1)
    for answer in (second, fourth):
        with pytest.raises(Refused):
            answer.result()
    with database.reading() as view:
        assert view.audit.size() == 2
        assert view.tokens.get("dropped") == ()
        assert view.records.list("acme") == ()


@pytest.mark.parametrize("failing", [raise_clean, raise_dirty])
def test_a_lone_unit_that_raises_leaves_nothing(database: Database, failing) -> None:
    with pytest.raises(Refused):
        database.commit(failing)
    with database.reading() as view:
        assert view.audit.size() == 0
        assert view.records.list("acme") == ()
    assert database.commit(append) == 0


def test_a_unit_that_breaks_a_constraint_fails_alone(database: Database) -> None:
    with held(database) as holding:
        first, second, third = holding.submit(append, break_a_constraint, append)
    assert (first.result(), third.result()) == (0, 1)
    with pytest.raises(PrivacyError) as refusal:
        second.result()
    assert refusal.value.reason is errors.INTERNAL


def test_a_refused_row_is_not_told_with_its_values(database: Database) -> None:
    with pytest.raises(PrivacyError) as refusal:
        database.commit(break_a_constraint)
    told = "".join(traceback.format_exception(refusal.value))
    assert "CANARY" not in told.replace("break_a_constraint", "")
    assert "UniqueViolation" in told or "IntegrityError" in told


@pytest.mark.parametrize("expires_at", [datetime(2026, 11, 23), None])
def test_a_row_that_cannot_be_bound_fails_alone(database: Database, expires_at) -> None:
    def work(writing) -> None:
        writing.replays.put(replay("r-1", expires_at=expires_at))

    with held(database) as holding:
        first, second, third = holding.submit(append, work, append)
    assert (first.result(), third.result()) == (0, 1)
    with pytest.raises(PrivacyError) as refusal:
        second.result()
    assert refusal.value.reason is errors.INTERNAL


def test_text_that_no_database_takes_fails_alone_and_unseen(database: Database) -> None:
    def work(writing) -> None:
        writing.tokens.put_many([token("CANARY\ud800")])

    with held(database) as holding:
        first, second = holding.submit(append, work)
    assert first.result() == 0
    with pytest.raises(PrivacyError) as refusal:
        second.result()
    assert refusal.value.reason is errors.INTERNAL
    assert "CANARY" not in "".join(traceback.format_exception(refusal.value))


def test_the_loser_of_a_race_reads_the_winners_answer(database: Database) -> None:
    def answer(words: bytes):
        return lambda writing: writing.replays.put(
            replay("r-1", sealed_answer=words, position=append(writing))
        )

    with held(database) as holding:
        first, second = holding.submit(answer(b"first"), answer(b"second"))
    first.result()
    with pytest.raises(ReplayConflict):
        second.result()
    with database.reading() as view:
        winner = view.replays.find("acme", "r-1")
        assert winner is not None
        assert winner.sealed_answer == b"first"
        assert view.audit.size() == 1


def test_a_unit_sees_the_one_before_it_in_the_same_commit(database: Database) -> None:
    with held(database) as holding:
        _, size, key, found = holding.submit(
            append,
            lambda writing: (writing.audit.size(), len(writing.audit.entries())),
            lambda writing: writing.data_keys.put(data_key()).id,
            lambda writing: writing.data_keys.put(data_key(id="key-2")).id,
        )
    assert size.result() == (1, 1)
    assert (key.result(), found.result()) == ("key-1", "key-1")


def test_a_unit_whose_deadline_passes_in_the_queue_never_runs(database: Database) -> None:
    ran = []
    with held(database) as holding:
        (answer,) = holding.submit(ran.append, seconds=0.05)
        with pytest.raises(PrivacyError) as refusal:
            answer.result()
        assert refusal.value.reason is errors.DEADLINE_PASSED
    database.commit(append)
    assert ran == []


def test_the_clock_decides_whether_a_deadline_has_passed(url: str) -> None:
    clock, ran = SteppedClock(NOW), []
    with Database.open(url, clock=clock) as database:
        with held(database) as holding:
            (answer,) = holding.submit(ran.append, seconds=10)
            clock.step(timedelta(seconds=11))
        with pytest.raises(PrivacyError) as refusal:
            answer.result()
    assert refusal.value.reason is errors.DEADLINE_PASSED
    assert ran == []


def test_a_unit_that_has_begun_is_answered_with_what_becomes_of_it(database: Database) -> None:
    def slow(writing) -> int:
        time.sleep(0.2)
        return append(writing)

    assert database.commit(slow, seconds=0.05) == 0


def test_a_full_queue_refuses(url: str) -> None:
    with opened(url, Tuning(queue=2)) as database, held(database) as holding:
        holding.submit(append, append)
        with pytest.raises(PrivacyError) as refusal:
            database.commit(append)
        assert refusal.value.reason is errors.STORE_BUSY
        assert refusal.value.details == {"limit": "store_queue", "most": 2}


def test_closing_commits_what_waits_and_takes_no_more(url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        with opened(url) as database:
            holding = Held(database, threads)
            answers = holding.submit(*[append] * 6)
            threading.Timer(0.1, holding.release).start()
        assert [answer.result(5) for answer in answers] == list(range(6))
    with pytest.raises(PrivacyError) as refusal:
        database.commit(append)
    assert refusal.value.reason is errors.STORE_UNAVAILABLE


def test_a_unit_cannot_wait_for_another_commit(database: Database) -> None:
    with pytest.raises(RuntimeError, match="cannot wait"):
        database.commit(lambda _writing: database.commit(append))


def test_a_reader_sees_one_state(database: Database) -> None:
    database.commit(append)
    with database.reading() as view:
        assert view.audit.size() == 1
        database.commit(append)
        assert view.audit.size() == 1
        assert len(view.audit.entries()) == 1
    with database.reading() as view:
        assert view.audit.size() == 2


def test_too_many_readers_are_refused(url: str) -> None:
    tuning = Tuning(readers=1, busy=0.1, connect=0.1)
    with opened(url, tuning) as database, database.reading() as view:
        view.audit.size()
        with pytest.raises(PrivacyError) as refusal, database.reading() as another:
            another.audit.size()
    assert refusal.value.reason is errors.STORE_BUSY
    assert refusal.value.details == {"limit": "store_readers"}


def test_many_callers_get_each_its_own_position(database: Database) -> None:
    with ThreadPoolExecutor(16) as threads:
        positions = list(threads.map(database.commit, [append] * 200))
    assert sorted(positions) == list(range(200))
    with database.reading() as view:
        assert view.audit.size() == 200
