"""Breaches that the service opens, by the jobs that notice why; and who is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service import errors
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.statements import Noticed
from privacy_service.clock import SteppedClock
from privacy_service.custody.rereading import LOG, PUBLISHED
from privacy_service.errors import PrivacyError
from privacy_service.logs import logger
from privacy_service.metrics import Metrics
from privacy_service.settings import EvidenceSettings, NoticeSettings
from privacy_service.store.database import DEFAULT_ORIGIN
from privacy_service.store.tables import audit_log
from privacy_service.subjects.notices import Channel, Concerns, Notice, NoticeKind, NoticeState
from retention.jobs import notice_incidents, publish_checkpoint, reread_log, tell
from retention.workplace import Workplace
from tests.retention.test_breach_notices import Postbox, postbox  # noqa: F401
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import NOW
from tests.stores.samples import entry


class Straight:
    """Steps that are done at once, until the worker dies."""

    def __init__(self, die_after: str = "") -> None:
        self._die_after = die_after

    def do(self, name: str, step: Callable[[], Any]) -> Any:
        done = step()
        if name == self._die_after:
            raise SystemExit
        return done

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture
def at(tmp_path: Path, postbox: tuple[Postbox, str]) -> Iterator[Workplace]:  # noqa: F811
    mail = NoticeSettings(
        smtp_address=postbox[1],
        smtp_security="loopback",
        sender="privacy@acme.example",
        alarm=("first@acme.example", "second@acme.example"),
    )
    evidence = EvidenceSettings(origin=DEFAULT_ORIGIN, publish_to=str(tmp_path / "published"))
    settings = settings_for("sqlite", tmp_path)
    settings = settings.model_copy(update={"notices": mail, "evidence": evidence})
    with workplace_for(settings, SteppedClock(NOW)) as workplace:
        yield workplace


def run(at: Workplace, *jobs: object) -> None:
    for job in jobs:
        job.JOB.work(at, "now", Straight())  # type: ignore[attr-defined]


def stop(at: Workplace) -> None:
    stopped = entry(outcome="REFUSE", reason="LEFTOVER_PERSONAL_DATA", at=at.clock.now())
    at.database.commit(lambda tx: tx.audit.append(stopped))


def breaches(at: Workplace) -> tuple[Breach, ...]:
    with at.database.reading() as view:
        return view.breaches.list()


def test_the_first_of_the_list_is_told_once(
    at: Workplace,
    postbox: tuple[Postbox, str],  # noqa: F811
) -> None:
    run(at, notice_incidents)
    stop(at)
    metrics = Metrics()
    heard = replace(at, log=logger(observe=metrics.observe))
    for _ in range(3):
        run(heard, notice_incidents)
    (breach,) = breaches(at)
    assert [mail.rcpt_tos for mail in postbox[0].mails] == [["first@acme.example"]]
    text = str(postbox[0].mails[0].content)
    assert breach.id in text
    counted = metrics.registry.get_sample_value(
        "privacy_incidents_total", {"cause": "stopped_egress"}
    )
    assert counted == 1


def test_a_worker_that_dies_after_telling_tells_again_and_opens_nothing_new(
    at: Workplace,
    postbox: tuple[Postbox, str],  # noqa: F811
) -> None:
    run(at, notice_incidents)
    stop(at)
    with pytest.raises(SystemExit):
        notice_incidents.JOB.work(at, "now", Straight(die_after="ledger"))
    run(at, notice_incidents)
    assert len(breaches(at)) == len(postbox[0].mails) == 1


def test_a_log_that_does_not_continue_what_was_published_is_a_breach_and_all_are_told(
    at: Workplace,
    postbox: tuple[Postbox, str],  # noqa: F811
) -> None:
    for _ in range(3):
        stop(at)
    run(at, publish_checkpoint)
    with at.database._engines.writing.begin() as connection:
        connection.execute(audit_log.update().values(frontier=b"\x07" * 64))
    with pytest.raises(PrivacyError) as caught:
        run(at, publish_checkpoint)
    assert caught.value.reason is errors.LOG_CONTRADICTS_CHECKPOINT
    run(at, notice_incidents)
    (breach,) = breaches(at)
    assert breach.opening.title.endswith("the audit log, as it was published")
    assert len(postbox[0].mails) == 2
    run(at, reread_log)
    assert {one.opening.title.partition(": ")[2] for one in breaches(at)} == {LOG, PUBLISHED}


def test_a_deletion_that_was_not_confirmed_in_time(at: Workplace) -> None:
    for name in ("n-1", "n-2"):
        notice = Notice(
            id=name,
            request_id="",
            recipient="globex",
            kind=NoticeKind.RETENTION_ENDED,
            concerns=Concerns(),
            state=NoticeState.TOLD,
            channel=Channel.PULL,
            made_at=NOW,
            next_at=NOW,
            deadline=NOW + timedelta(days=14),
        )
        at.database.commit(lambda tx, notice=notice: tx.notices.add(notice))
    assert isinstance(at.clock, SteppedClock)
    at.clock.step(timedelta(days=15))
    for name in ("n-1", "n-2"):
        tell.JOB.work(at, f"{name}@0-0", Straight())
    (breach,) = breaches(at)
    (noticed,) = breach.all(Noticed)
    assert (noticed.about, noticed.named) == ("globex", ("n-1",))
    at.clock.step(timedelta(hours=1))
    run(at, notice_incidents)
    (breach,) = breaches(at)
    assert breach.all(Noticed)[1].named == ("n-2",)
