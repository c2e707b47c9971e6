"""The durable engine: nothing is lost, nothing is begun twice, whoever dies and whenever."""

from __future__ import annotations

import pickle
import subprocess
import traceback
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from privacy_service import errors
from privacy_service.errors import PrivacyError
from retention.agenda import Agenda, reports
from retention.engine import jobs_running
from retention.jobs.forget_work import JOB as FORGET
from retention.plain_json import PlainJson, WorkFailed
from retention.registry import all_jobs, scheduled
from tests.retention.playground import STEPS, playground
from tests.retention.workers import await_, settings_for, worker, workplace_for
from tests.stores.databases import KINDS


def rows(folder: Path, *names: str) -> None:
    (folder / "todo").mkdir(exist_ok=True)
    for name in names:
        (folder / "todo" / name).touch()


def undone(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "todo").iterdir())


def diary(folder: Path) -> Counter[str]:
    path = folder / "diary"
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()


def no_network() -> tuple[str, ...]:
    """How to start a process that reaches nothing; empty where this machine does not allow it."""
    tried = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    return ("unshare", "-rn") if tried.returncode == 0 else ()


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("sqlite", "change:before"),
        ("sqlite", "change:after"),
        ("sqlite", "finish:after"),
        ("postgresql", "change:after"),
    ],
)
def test_a_killed_worker_s_work_is_taken_over(tmp_path: Path, kind: str, place: str) -> None:
    rows(tmp_path, "one")
    settings = settings_for(kind, tmp_path)
    with worker(tmp_path, settings, place) as first:
        assert first.ended() == -9
    # The engine calls nobody: on SQLite, it goes on with no network at all.
    alone = no_network() if kind == "sqlite" else ()
    with worker(tmp_path, settings, before=alone) as second:
        await_(lambda: "work_taken_over" in second.said.read_text() and not undone(tmp_path))
        await_(lambda: '"job_done"' in second.said.read_text())
    done = diary(tmp_path)
    assert set(done) == {f"one {step}" for step in STEPS}
    twice = "one change" if place == "change:after" else None
    assert {step: count for step, count in done.items() if count > 1} == (
        {twice: 2} if twice else {}
    )


@pytest.mark.parametrize("kind", ["postgresql"])
def test_several_workers_do_everything_once(tmp_path: Path, kind: str) -> None:
    names = [f"row-{number:02}" for number in range(20)]
    rows(tmp_path, *names)
    settings = settings_for(kind, tmp_path)
    with ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(worker(tmp_path, settings))
        await_(lambda: not undone(tmp_path))
    assert diary(tmp_path) == Counter(f"{name} {step}" for name in names for step in STEPS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_fails_is_seen_and_begun_anew(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    monkeypatch.setattr("retention.engine.RETRY_AFTER", timedelta(0))
    rows(tmp_path, "one")
    broken = [True]

    def fail(step: str) -> None:
        if broken and step == "change":
            raise PrivacyError(errors.INTERNAL, fault="drill")

    settings = settings_for(kind, tmp_path)
    job = playground(tmp_path, fail=fail)
    with workplace_for(settings) as workplace, jobs_running(workplace, [job], only=job) as engine:
        assert engine.run_now(job, seconds=20)
        report = reports(settings, [job])[job.name]
        assert (report.failed, report.done_at) == (1, None)
        assert undone(tmp_path) == ["one"]
        broken.clear()
        assert engine.run_now(job, seconds=20)
        assert undone(tmp_path) == []
        report = reports(settings, [job])[job.name]
        assert report.failed == 0
        assert report.done_at is not None
        # A row that comes back, as from a backup, is worked on again.
        rows(tmp_path, "one")
        assert engine.run_now(job, seconds=20)
        assert undone(tmp_path) == []
    samples = {
        sample.labels.get("outcome", sample.name): sample.value
        for metric in engine.figures.collect()
        for sample in metric.samples
    }
    assert (samples["done"], samples["failed"]) == (2, 1)


@pytest.mark.parametrize("there", [False, True])
def test_a_start_that_loses_the_database_says_so_and_not_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    settings = settings_for("sqlite", tmp_path)
    if there:  # it goes away in the middle
        lost = OperationalError("SELECT 1", None, Exception("privacy_jobs_at=1.2.3.4"))
        monkeypatch.setattr(Agenda, "keep_schedules", lambda *_: (_ for _ in ()).throw(lost))
    else:
        url = "postgresql+psycopg://jobs:s3cret@127.0.0.1:1/jobs"
        jobs = settings.jobs.model_copy(update={"url": url})
        settings = settings.model_copy(update={"jobs": jobs})
    with (
        workplace_for(settings) as workplace,
        pytest.raises(PrivacyError) as refused,
        jobs_running(workplace, [playground(tmp_path)]),
    ):
        raise AssertionError("it began")
    assert refused.value.reason is errors.JOBS_NOT_STARTED
    said = "".join(traceback.format_exception(refused.value))
    assert "s3cret" not in said
    assert "1.2.3.4" not in said


def test_the_engine_may_lose_its_memory(tmp_path: Path) -> None:
    settings = settings_for("sqlite", tmp_path)
    job = playground(tmp_path)
    for name in ("one", "two"):
        rows(tmp_path, name)
        with workplace_for(settings) as at, jobs_running(at, [job], only=job) as engine:
            assert engine.run_now(job, seconds=20)
        assert undone(tmp_path) == []
        for file in tmp_path.glob(f"{Path(settings.jobs.url or '').name}*"):
            file.unlink()


def test_ended_work_is_forgotten(tmp_path: Path) -> None:
    settings = settings_for("sqlite", tmp_path)
    rows(tmp_path, "one")
    job = playground(tmp_path)
    with workplace_for(settings) as at, jobs_running(at, [job, FORGET]) as engine:
        assert engine.run_now(job, seconds=20)
        assert engine.agenda.report(job).done_at is not None
        while engine.agenda.forget(ended_before=datetime(2999, 1, 1, tzinfo=UTC), limit=10):
            pass
        assert engine.agenda.report(job).done_at is None


@pytest.mark.parametrize("schedules", [{"nobody": "* * * * *"}, {"forget-work": "now and then"}])
def test_a_schedule_that_is_none_is_refused(schedules: dict[str, str]) -> None:
    with pytest.raises(PrivacyError) as refused:
        scheduled(all_jobs(), schedules)
    assert refused.value.reason is errors.SETTINGS_INVALID


def test_a_schedule_of_the_settings_counts() -> None:
    jobs = scheduled(all_jobs(), {"forget-work": "5 5 * * *"})
    assert {job.name: job.cron for job in jobs}["forget-work"] == "5 5 * * *"


def test_what_is_written_down_is_plain_and_says_no_more_than_a_failure_s_name() -> None:
    words = PlainJson()
    at = datetime(2026, 2, 28, 1, tzinfo=UTC)
    assert words.deserialize(words.serialize({"at": at, "n": [1, None]})) == {
        "at": at,
        "n": [1, None],
    }
    failure = words.deserialize(words.serialize(ValueError("maria@mail.example")))
    assert isinstance(failure, WorkFailed)
    assert "maria" not in words.serialize(ValueError("maria@mail.example"))
    assert str(failure) == "ValueError"
    with pytest.raises(TypeError):
        words.serialize(object())
    with pytest.raises(ValueError, match=r".*"):
        words.deserialize(pickle.dumps(1).decode("latin-1"))
