"""Runs and curbs as they are kept, and that what is written after a curb sees it on any replica."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.behavior.curbs import Curb, Tally
from privacy_service.behavior.model import (
    FallBack,
    Halt,
    HaltCollection,
    Severity,
    Side,
    Targets,
    Task,
    TaskKind,
    Throttle,
)
from privacy_service.behavior.runs import Cause, Event, Risk, Run
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from tests.stores.databases import NOW, later, opened
from tests.stores.test_breaches import breach

HOUR = timedelta(hours=1)


def run(name: str = "run-1", **fields: Any) -> Run:
    said: dict[str, Any] = {
        "contract_id": "answers", "number": 1, "party": "acme", "provider": "parrot",
        "playbook": "stop", "failure_mode": "invents", "severity": Severity.HIGH,
        "cause": Cause.CHECK, "began_at": NOW, "detected_at": NOW, "steps": 2, "step_since": NOW,
        "targets": Targets(contain=HOUR),
    }  # fmt: skip
    return Run(id=name, **(said | fields))


def curb(name: str, does: Any = Halt(half_open_after=HOUR), **fields: Any) -> Curb:  # noqa: B008
    said: dict[str, Any] = {
        "contract_id": "answers", "party": "acme", "reason": "r", "placed_by": "ann",
        "placed_at": NOW, "tally": Tally(since=NOW),
    }  # fmt: skip
    return Curb(id=name, does=does, **(said | fields))


def test_a_run_comes_back_as_it_went(database: Database) -> None:
    database.commit(lambda tx: tx.breaches.open(breach()))
    begun = run()
    task = Task(kind=TaskKind.RULE, title="A rule", owner="Product")
    event = Event(at=later(hours=1), what="task-set", by="privacy-service", step=0, says="rule")
    moved = replace(begun, breach_id="breach-1").with_task(task, within=HOUR, at=NOW)
    moved = moved.stepped(event, contained=True).stepped(event)
    done = moved.with_task_done(0, by="ann", evidence="PR 7", at=NOW)
    over = done.resolved(
        by="bob", residual=Risk.LOW, says="little", began_at=None, at=later(days=1)
    )
    database.commit(lambda tx: tx.playbooks.add(begun))
    for state in (begun, moved, done, over):
        database.commit(lambda tx, state=state: tx.playbooks.move(state))
        with database.reading() as view:
            assert view.playbooks.get("run-1") == state
            open_now = view.playbooks.open_for("answers", "stop", "invents")
            assert open_now == (None if state is over else state)
            assert view.playbooks.playing(limit=9) == (("run-1",) if state is begun else ())
    with database.reading() as view:
        assert view.playbooks.list() == ()
        assert view.playbooks.list(resolved=True, party="acme") == (over,)
        assert view.playbooks.list(resolved=True, contract_id="other") == ()
        assert view.playbooks.failed_under("answers", "stop") == {1}
        assert view.playbooks.last_resolved("answers", "invents") == over.resolved_at
        assert view.playbooks.open_for("answers", "stop", None) is None
        with pytest.raises(PrivacyError) as missing:
            view.playbooks.get("run-2")
    assert missing.value.reason is errors.RUN_NOT_FOUND


def test_what_took_no_time_has_missed_no_target() -> None:
    contained = run(contained_at=NOW, targets=Targets(detect=HOUR, contain=HOUR, resolve=HOUR))
    assert contained.missed(later(minutes=59)) == ()
    assert contained.missed(later(hours=2)) == ("resolve",)
    assert run(began_at=later(hours=-2), targets=Targets(detect=HOUR)).missed(NOW) == ("detect",)
    assert run(targets=Targets(contain=HOUR)).missed(later(hours=2)) == ("contain",)


@pytest.mark.parametrize(
    "does",
    [
        Halt(),
        Halt(half_open_after=HOUR, probes=7),
        Throttle(most=3, per=HOUR),
        FallBack(provider="other-ai"),
        HaltCollection(),
    ],
)
def test_a_curb_comes_back_as_it_was_placed(database: Database, does: Any) -> None:
    placed = curb("curb-1", does, side=Side.PROMPT, from_number=2, to_number=1)
    counted = replace(placed, tally=Tally(since=NOW, round=2, let=1, others=3, let_at=NOW, well=1))
    lifted = counted.lifted(by="bob", at=later(hours=1))
    database.commit(lambda tx: tx.curbs.place(placed))
    for state in (placed, counted, lifted):
        database.commit(lambda tx, state=state: tx.curbs.move(state))
        with database.reading() as view:
            assert view.curbs.get("curb-1") == state
            assert view.curbs.on("answers") == (() if state is lifted else (state,))
            assert view.curbs.on("others") == ()
    with database.reading() as view:
        assert view.curbs.list(party="acme") == ()
        assert view.curbs.list(lifted=True, contract_id="answers") == (lifted,)
        with pytest.raises(PrivacyError) as missing:
            view.curbs.get("curb-2")
    assert missing.value.reason is errors.CURB_NOT_FOUND


def test_they_are_listed_in_pages(database: Database) -> None:
    for name in ("a", "b", "c"):
        database.commit(lambda tx, name=name: tx.curbs.place(curb(name)))
        database.commit(lambda tx, name=name: tx.playbooks.add(run(name, playbook=name)))
    with database.reading() as view:
        assert [one.id for one in view.curbs.list(limit=2)] == ["a", "b"]
        assert [one.id for one in view.curbs.list(after="b")] == ["c"]
        assert [one.id for one in view.playbooks.list(limit=2)] == ["a", "b"]
        assert [one.id for one in view.playbooks.list(after="b")] == ["c"]


def test_every_replica_sees_a_halt_in_the_next_transaction(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        assert other.commit(lambda tx: tx.curbs.on("answers")) == ()
        one.commit(lambda tx: tx.curbs.place(curb("curb-1")))
        (seen,) = other.commit(lambda tx: tx.curbs.on("answers"))
        with pytest.raises(PrivacyError) as refusal:
            seen.admitting(Side.OUTPUT, NOW)
    assert refusal.value.reason is errors.PROVIDER_HALTED


def test_two_replicas_never_let_more_probes_through_than_one(url: str) -> None:
    """Each asks as often as it may; what they were let together is what one would have been."""
    at = later(hours=2)

    def ask(database: Database) -> bool:
        def work(tx: Any) -> bool:
            (held,) = tx.curbs.on("answers")
            try:
                tx.curbs.move(held.admitting(Side.OUTPUT, at))
            except PrivacyError:
                return False
            return True

        return database.commit(work)

    with opened(url) as one, opened(url) as other:
        one.commit(lambda tx: tx.curbs.place(curb("curb-1", Halt(half_open_after=HOUR, probes=3))))
        let = [ask(database) for _ in range(4) for database in (one, other)]
    assert let == [True] * 3 + [False] * 5
