"""Checks counted into windows, and what fires over them, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service.access import Caller, Role
from privacy_service.app.watching import NAMES, SIGNALS, MonitorFigures
from privacy_service.behavior.canonical import digest
from privacy_service.behavior.counts import Counts, counted, told, total
from privacy_service.behavior.curbs import Curb, Tally
from privacy_service.behavior.model import FallBack, Outcome, Side
from privacy_service.behavior.ports import CheckRecord
from privacy_service.behavior.read import read
from privacy_service.behavior.runs import Cause, Risk, Run
from privacy_service.clock import SteppedClock
from privacy_service.contracts.course import Canary, Planned, Step, StepKind
from privacy_service.custody.behavior_versions import as_behavior
from privacy_service.custody.containing import admit, standing_versions
from privacy_service.custody.monitor_desk import MonitorsDesk
from privacy_service.custody.monitors import count_checks
from privacy_service.desks.ports.monitors import GetMonitors
from privacy_service.store.behavior_counts import MINUTE, Bin, Series
from privacy_service.store.behavior_rows import UnnumberedBehavior
from privacy_service.store.database import Database
from privacy_service.store.views import Writing
from retention.job import Job
from retention.jobs.count_checks import JOB as COUNT
from retention.jobs.watch import JOB as WATCH
from retention.workplace import Workplace
from tests.retention.erasures import Plain, Twice
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import KINDS, NOW, migrated_url, opened
from tests.stores.samples import entry

CONTRACT = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: answers
title: No riddles
party: acme-shop
provider: parrot-ai
effective: {from: 2026-01-01}
expectations: [{id: short, length: {unit: words, most: 9}, otherwise: note}]
failure_modes:
  - {id: too-many, category: drift, severity: high, when: violation_rate > 0.4,
     over: {last: PT10M, least: 10}, playbook: stop}
  - {id: longer, category: drift, severity: low, when: drift_length > 0.3,
     over: {last: PT1H, least: 50}, playbook: tell}
playbooks:
  - {id: stop, title: Stop it, steps: [{halt: {}}]}
  - {id: tell, title: Tell it, steps: [{throttle: {most: 1, per: PT1H}}]}
monitor:
  baseline: {before: P1D}
  objectives: [{id: kept, good: kept, share: 0.9, over: P7D}]
"""


@pytest.fixture(params=KINDS)
def at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workplace]:
    settings = settings_for(request.param, tmp_path)
    with workplace_for(settings, SteppedClock(NOW)) as workplace:
        stands(workplace.database)
        yield workplace


def stands(database: Database) -> None:
    unnumbered = UnnumberedBehavior(
        id="answers", digest=digest(read(CONTRACT, name="answers")), party="acme-shop",
        provider="parrot-ai", source=CONTRACT, put_at=NOW, put_by="ann",
    )  # fmt: skip
    database.commit(lambda tx: tx.behavior.put(unnumbered))


def check(**fields: Any) -> CheckRecord:
    said: dict[str, Any] = {
        "check_id": "k",
        "at": NOW, "party": "acme-shop", "provider": "parrot-ai", "contract_id": "answers",
        "number": 1, "side": Side.OUTPUT, "use_case": None, "outcome": Outcome.ACCEPTED,
        "broken": (), "failures": (), "confidence": 0.5, "latency_ms": 800, "words": 10,
        "treated": 0,
    }  # fmt: skip
    return CheckRecord(**(said | fields))


def judged(database: Database, *records: CheckRecord) -> None:
    def work(tx: Writing) -> None:
        for record in records:
            tx.behavior.check(record, position=tx.audit.append(entry()))

    database.commit(work)


def tick(at: Workplace, job: Job, steps: Plain | None = None) -> list[str]:
    """What a tick does; what waited."""
    assert job.waiting is not None
    keys = list(job.waiting(at, 100))
    for key in keys:
        job.work(at, key, steps or Plain())
    return keys


def pass_(at: Workplace, **span: int) -> None:
    assert isinstance(at.clock, SteppedClock)
    at.clock.step(timedelta(**span))


def window(at: Workplace) -> Counts:
    now = at.clock.now() + timedelta(minutes=1)
    with at.database.reading() as view:
        bins = view.counts.bins("answers", since=now - timedelta(days=90), until=now)
    return total(one.counts for one in bins)


def runs(at: Workplace) -> tuple[Run, ...]:
    with at.database.reading() as view:
        return view.playbooks.list()


BAD = {"broken": ("short",)}


@pytest.mark.parametrize("steps", [Plain(), Twice()])
def test_a_failure_over_a_window_begins_its_playbook_by_itself(at: Workplace, steps: Plain) -> None:
    judged(at.database, *[check(at=NOW - timedelta(minutes=3)) for _ in range(5)])
    judged(at.database, *[check(at=NOW - timedelta(minutes=2), **BAD) for _ in range(4)])
    tick(at, COUNT, steps)
    assert tick(at, WATCH, steps) == []  # nine are not ten
    judged(at.database, check(**BAD))
    tick(at, COUNT, steps)
    assert len(tick(at, WATCH, steps)) == 1
    (run,) = runs(at)
    assert (run.failure_mode, run.cause) == ("too-many", Cause.WINDOW)
    assert run.began_at == (NOW - timedelta(minutes=2)).replace(second=0, microsecond=0)
    assert run.to_detect == NOW - run.began_at
    with at.database.reading() as view:
        assert [one.run_id for one in view.curbs.on("answers")] == [run.id]
    assert tick(at, WATCH, steps) == []
    assert window(at).checks == 10


def test_a_canary_is_watched_and_falls_back_to_what_decides_the_others(at: Workplace) -> None:
    tried = CONTRACT.replace("title: No riddles", "title: Fewer riddles").replace(
        "steps: [{halt: {}}]", "steps: [{fall_back: {}}]"
    )
    second = UnnumberedBehavior(
        id="answers", digest=digest(read(tried, name="answers")), party="acme-shop",
        provider="parrot-ai", source=tried, put_at=NOW, put_by="ann",
    )  # fmt: skip

    def work(tx: Writing) -> None:
        tx.courses.note("answers", Step(kind=StepKind.PUT, at=NOW, by="ann", version=1))
        number = tx.behavior.draft(second).number
        course = tx.courses.get("answers").tried(Canary(number=number, share=500), at=NOW)
        tx.courses.follow(course, Step(kind=StepKind.CANARY, at=NOW, by="ann", version=number))

    at.database.commit(work)
    judged(at.database, *[check(number=1) for _ in range(20)])
    judged(at.database, *[check(number=2, **BAD) for _ in range(12)])
    tick(at, COUNT)
    assert len(tick(at, WATCH)) == 1
    (run,) = runs(at)
    assert (run.failure_mode, run.number) == ("too-many", 2)
    figures = MonitorFigures(database=at.database, clock=at.clock)
    checks = next(one for one in figures.collect() if one.name == "privacy_behavior_checks")
    seen = {one.labels["version"]: one.value for one in checks.samples}
    assert seen == {"active": 20, "canary": 12}
    officer = Caller(name="officer", partner=None, roles=frozenset({Role.OFFICER}))
    desk = MonitorsDesk(database=at.database, clock=at.clock)
    monitors = desk.get_monitors(officer, GetMonitors(contract_id="answers"), seconds=None)
    assert monitors.canary == Canary(number=2, share=500)
    with at.database.reading() as view:
        assert [one.id for one in view.curbs.on("answers")] == [monitors.canary_held_by]
    fires = {(one.number, one.mode.id): (one.fires, one.run_id) for one in monitors.windows}
    assert fires[1, "too-many"] == (False, None)  # the run is the canary's
    assert fires[2, "too-many"] == (True, run.id)
    with at.database.reading() as view:
        versions, courses = standing_versions(view, "acme-shop", "parrot-ai", NOW)
    assert courses["answers"].canary is None
    assert courses["answers"].active == 1
    first = next(one for one in versions if one.number == 1)
    at.database.commit(lambda tx: admit(tx, first, Side.OUTPUT, NOW))
    with at.database.reading() as view:  # it holds as long as the canary is there
        assert [one.from_number for one in view.curbs.on("answers")] == [2]


def test_a_fall_back_ends_when_what_was_planned_is_in_force(at: Workplace) -> None:
    curb = Curb(
        id="c", contract_id="answers", party="acme-shop", does=FallBack(), side=Side.OUTPUT,
        run_id=None, from_number=1, to_number=1, reason="r", placed_by="ann", placed_at=NOW,
        tally=Tally(since=NOW),
    )  # fmt: skip
    planned = CONTRACT.replace("title: No riddles", "title: Fewer riddles")
    second = UnnumberedBehavior(
        id="answers", digest=digest(read(planned, name="answers")), party="acme-shop",
        provider="parrot-ai", source=planned, put_at=NOW, put_by="ann",
    )  # fmt: skip
    later = NOW + timedelta(hours=1)

    def work(tx: Writing) -> None:
        tx.curbs.place(curb)
        number = tx.behavior.draft(second).number
        plan = Planned(number=number, at=later, by="ann")
        course = tx.courses.get("answers").planned_for(plan, at=NOW)
        tx.courses.follow(course, Step(kind=StepKind.PLANNED, at=NOW, by="ann", version=number))

    at.database.commit(work)
    with at.database.reading() as view:
        version = as_behavior(view.behavior.newest("answers"))
    for instant, held in ((NOW, 1), (later, 0)):
        at.database.commit(lambda tx, at=instant: admit(tx, version, Side.OUTPUT, at))
        with at.database.reading() as view:
            assert len(view.curbs.on("answers")) == held


def test_what_was_before_it_was_resolved_is_not_held_against_it_again(at: Workplace) -> None:
    judged(at.database, *[check(**BAD) for _ in range(20)])
    tick(at, COUNT)
    tick(at, WATCH)
    (run,) = runs(at)
    pass_(at, minutes=2)
    over = run.resolved(
        by="ann", residual=Risk.NONE, says="mended", began_at=None, at=at.clock.now()
    )
    at.database.commit(lambda tx: tx.playbooks.move(over))
    assert tick(at, WATCH) == []
    pass_(at, minutes=2)
    judged(at.database, *[check(at=at.clock.now(), **BAD) for _ in range(10)])
    tick(at, COUNT)
    assert len(tick(at, WATCH)) == 1


def test_another_version_starts_anew(at: Workplace) -> None:
    judged(at.database, *[check(number=7, **BAD) for _ in range(20)])
    tick(at, COUNT)
    assert tick(at, WATCH) == []


def test_longer_answers_than_the_day_before_are_drift(at: Workplace) -> None:
    before = NOW - timedelta(hours=5)
    judged(at.database, *[check(at=before, words=10 + n % 5) for n in range(200)])
    judged(at.database, *[check(words=30 + n % 9) for n in range(60)])
    tick(at, COUNT)
    tick(at, WATCH)
    assert [run.failure_mode for run in runs(at)] == ["longer"]


def test_minutes_become_hours_and_are_forgotten_in_the_end(at: Workplace) -> None:
    records = [check(at=NOW + timedelta(minutes=n)) for n in range(90)]
    judged(at.database, *records)
    tick(at, COUNT)
    assert tick(at, COUNT) == []
    pass_(at, hours=30)
    assert [key.partition("@")[0] for key in tick(at, COUNT, Twice())] == ["tidy"]
    with at.database.reading() as view:
        bins = view.counts.bins("answers", since=NOW - timedelta(hours=2), until=at.clock.now())
        assert {one.spans for one in bins} == {3600}
        assert sum(one.counts.checks for one in bins) == 90
    assert tick(at, COUNT) == []
    pass_(at, days=401)
    tick(at, COUNT)
    assert window(at) == Counts()


def test_counts_come_back_as_they_were_and_add_up(at: Workplace) -> None:
    series = Series(contract_id="answers", number=1, use_case="returns", side=Side.PROMPT)
    one = counted(check(broken=("short",), failures=("x",), treated=2)).plus(told(0.5, right=True))

    def bin_(counts: Counts) -> Bin:
        return Bin(series=series, spans=MINUTE, begins_at=NOW, counts=counts)

    for _ in range(2):
        at.database.commit(lambda tx: tx.counts.add([bin_(one)]))
    until = NOW + timedelta(minutes=1)
    with at.database.reading() as view:
        assert view.counts.bins("answers", since=NOW, until=until) == (bin_(one.plus(one)),)
        assert view.counts.bins("answers", since=NOW, until=until, use_case="x") == ()
        assert view.counts.bins("answers", since=NOW, until=until, side=Side.OUTPUT) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_what_two_replicas_judge_is_counted_once(kind: str, tmp_path: Path) -> None:
    """Whoever counts: what has been committed by either is in the counts, and once."""
    url = migrated_url(kind, tmp_path)
    with opened(url) as one, opened(url) as other:
        stands(one)
        for _ in range(3):
            judged(one, check())
            judged(other, check(), check())
            one.commit(count_checks)
            other.commit(count_checks)
        with one.reading() as view:
            bins = view.counts.bins(
                "answers", since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1)
            )
            assert sum(each.counts.checks for each in bins) == 9


def test_prometheus_sees_windows_runs_and_curbs(at: Workplace) -> None:
    judged(at.database, *[check(**BAD) for _ in range(10)], *[check() for _ in range(10)])
    tick(at, COUNT)
    tick(at, WATCH)
    figures = MonitorFigures(database=at.database, clock=at.clock)
    found = {family.name: family.samples for family in figures.collect()}
    assert set(found) == set(NAMES)
    (checks,) = found["privacy_behavior_checks"]
    assert (checks.labels, checks.value) == ({"contract": "answers", "version": "active"}, 20)
    signals = {one.labels["signal"]: one.value for one in found["privacy_behavior_signal"]}
    assert set(signals) == {*SIGNALS} - {"calibration_error", "brier"}  # nobody said what was right
    assert signals["violation_rate"] == 0.5
    (budget,) = found["privacy_behavior_budget_spent"]
    assert budget.value == pytest.approx(5)
    assert [one.labels["kind"] for one in found["privacy_behavior_curbs"]] == ["halt"]
    (run,) = found["privacy_playbook_runs_open"]
    assert run.labels == {"contract": "answers", "failure_severity": "high"}
