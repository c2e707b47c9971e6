"""Playbooks played by the job: mails, breaches, tasks; and what machines that die leave of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service.behavior.canonical import digest
from privacy_service.behavior.model import BehaviorContract
from privacy_service.behavior.read import read
from privacy_service.behavior.runs import Cause, Run, RunState
from privacy_service.clock import SteppedClock
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.playing import begin, new_run
from privacy_service.evidence.entries import EntryKind
from privacy_service.settings import NoticeSettings
from privacy_service.store.behavior_rows import UnnumberedBehavior
from privacy_service.store.views import Writing
from retention.jobs.play import JOB
from retention.workplace import Workplace
from tests.retention.erasures import Died, DiesAfter, Plain, Twice
from tests.retention.test_breach_notices import Postbox, postbox  # noqa: F401
from tests.retention.workers import await_, killed_at, settings_for, worker, workplace_for
from tests.stores.databases import KINDS, NOW

CONTRACT = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: answers
title: No riddles
party: acme-shop
provider: parrot-ai
effective: {from: 2026-01-01}
failure_modes:
  - {id: riddles, category: style, severity: high, when: words > 0, playbook: stop}
playbooks:
  - id: stop
    title: It speaks in riddles
    steps:
      - halt: {half_open_after: PT10M}
      - notify: {to: [on-call@acme.example, dpo@acme.example], says: "{failure}: see {run}"}
      - incident: {natures: [integrity]}
      - throttle: {most: 5, per: PT1H}
      - task: {kind: retraining, title: Retrain, owner: ML team}
        within: P3D
"""
WHOLE = ["detected", "halted", "mailed-1", "mailed-2", "notified", "incident-opened", "throttled",
         "task-set"]  # fmt: skip


@pytest.fixture(params=KINDS)
def at(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    postbox: tuple[Postbox, str],  # noqa: F811
) -> Iterator[Workplace]:
    mail = NoticeSettings(
        smtp_address=postbox[1], smtp_security="loopback", sender="privacy@acme.example"
    )
    settings = settings_for(request.param, tmp_path).model_copy(update={"notices": mail})
    with workplace_for(settings, SteppedClock(NOW)) as workplace:
        yield workplace


@pytest.fixture
def box(postbox: tuple[Postbox, str]) -> Postbox:  # noqa: F811
    return postbox[0]


def begun(at: Workplace) -> Run:
    """A run of the contract's playbook, as a check begins it."""
    contract: BehaviorContract = read(CONTRACT, name="answers")
    unnumbered = UnnumberedBehavior(
        id="answers", digest=digest(contract), party="acme-shop", provider="parrot-ai",
        source=CONTRACT, put_at=at.clock.now(), put_by="ann",
    )  # fmt: skip

    def work(tx: Writing) -> Run | None:
        version = as_behavior(tx.behavior.put(unnumbered))
        (mode,), (book,) = contract.failure_modes, contract.playbooks
        now = at.clock.now()
        run = new_run(
            version, book, mode, cause=Cause.CHECK, mark="1", began_at=now, at=now
        )  # fmt: skip
        return begin(tx, version, book, run)

    run = at.database.commit(work)
    assert run is not None
    return run


def waiting(at: Workplace) -> tuple[str, ...]:
    assert JOB.waiting is not None
    return JOB.waiting(at, 10)


def got(at: Workplace, run: Run) -> Run:
    with at.database.reading() as view:
        return view.playbooks.get(run.id)


def words(run: Run) -> list[str]:
    return [event.what for event in run.timeline]


def require_played_once(at: Workplace, run: Run) -> None:
    played = got(at, run)
    assert words(played) == WHOLE
    assert played.state is RunState.WAITING
    assert [task.title for task in played.tasks] == ["Retrain"]
    with at.database.reading() as view:
        assert len(view.curbs.of_run(run.id)) == 2
        (breach,) = view.breaches.list()
        assert breach.id == played.breach_id
        entries = [one.entry for one in view.audit.entries(0, view.audit.size())]
    steps = [
        entry.outcome
        for entry in entries
        if entry.action == "playbook/run" and entry.kind is EntryKind.EFFECT
    ]
    assert steps == ["BEGUN", "HALTED", "NOTIFIED", "INCIDENT_OPENED", "THROTTLED", "TASK_SET"]


def test_it_halts_at_once_and_the_rest_is_the_job_s(at: Workplace, box: Postbox) -> None:
    run = begun(at)
    assert words(run) == ["detected", "halted"]
    assert waiting(at) == (run.id,)
    JOB.work(at, run.id, Plain())
    assert waiting(at) == ()
    require_played_once(at, run)
    assert [mail.rcpt_tos for mail in box.mails] == [["on-call@acme.example"], ["dpo@acme.example"]]
    assert f"riddles: see {run.id}".encode() in box.mails[0].content
    assert got(at, run).contained_at == NOW


def test_the_same_failure_again_is_the_same_run(at: Workplace) -> None:
    run = begun(at)
    with pytest.raises(AssertionError):  # there is no other run
        begun(at)
    assert waiting(at) == (run.id,)


@pytest.mark.parametrize("dies_after", [None, *range(6)])
def test_whenever_the_machine_dies_each_step_is_done_once(
    at: Workplace, box: Postbox, dies_after: int | None
) -> None:
    run = begun(at)
    if dies_after is None:
        JOB.work(at, run.id, Twice())
    else:
        try:
            JOB.work(at, run.id, DiesAfter(dies_after))
        except Died:
            JOB.work(at, run.id, Plain())
    require_played_once(at, run)
    assert len(box.mails) == 2


def test_a_mail_server_that_does_not_answer_holds_it_up_for_its_time_and_no_longer(
    at: Workplace, box: Postbox
) -> None:
    run, clock = begun(at), at.clock
    assert isinstance(clock, SteppedClock)
    away = at.settings.notices.model_copy(update={"smtp_address": "127.0.0.1:1"})
    lost = replace(at, settings=at.settings.model_copy(update={"notices": away}))
    JOB.work(lost, run.id, Plain())
    assert waiting(at) == (run.id,)
    clock.step(timedelta(minutes=2))
    JOB.work(lost, run.id, Plain())
    assert "not-notified" not in words(got(at, run))
    clock.step(timedelta(minutes=4))
    JOB.work(lost, run.id, Plain())
    assert words(got(at, run))[2:4] == ["not-notified", "incident-opened"]
    assert box.mails == []
    assert waiting(at) == ()


def test_without_a_mail_server_it_goes_on_and_says_so(at: Workplace) -> None:
    run = begun(at)
    none = at.settings.notices.model_copy(update={"smtp_address": None})
    JOB.work(
        replace(at, settings=at.settings.model_copy(update={"notices": none})), run.id, Plain()
    )
    (event,) = [one for one in got(at, run).timeline if one.what == "not-notified"]
    assert event.says == "0 of 2: no mail server"
    assert waiting(at) == ()


@pytest.mark.parametrize(
    ("kind", "place"), [("sqlite", "step 1:after"), ("postgresql", "step 2:after")]
)
def test_a_killed_worker_s_run_is_taken_over(tmp_path: Path, kind: str, place: str) -> None:
    settings = settings_for(kind, tmp_path)
    program: dict[str, Any] = {"program": "tests.retention.eraser"}
    with workplace_for(settings) as at:
        run = begun(at)
        with worker(tmp_path, settings, place, "play", **program) as killed:
            await_(lambda: killed_at(killed, place) and not waiting(at))
        played = got(at, run)
        assert words(played) == [
            "detected", "halted", "not-notified", "incident-opened", "throttled", "task-set",
        ]  # fmt: skip
