"""Notices about breaches over a real SMTP server, and what becomes of them when something dies."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from privacy_service.access import Caller, Role
from privacy_service.app.law import open_law
from privacy_service.app.notices import open_notices
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.notices import BreachNotice, Decision, NoticeState
from privacy_service.breaches.obligations import Status, obligations
from privacy_service.breaches.statements import Closed, Opened, Source, TimeSaid
from privacy_service.clock import SteppedClock
from privacy_service.custody.breach_notices import SENDING_TAKES, BreachNoticesDesk
from privacy_service.desks.ports.breach_notices import (
    DecideBreachNotice,
    DraftBreachNotice,
    SendBreachNotice,
)
from retention.jobs import remind_of_breaches, send_breach_notices
from retention.workplace import Workplace
from tests.retention.postbox import Postbox, mailing_through
from tests.retention.postbox import postbox as running_postbox
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import KINDS, NOW

OFFICER = Caller(name="officer", partner=None, roles=frozenset({Role.OFFICER}))
RULE = "eu-gdpr.33-1"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    with running_postbox() as running:
        yield running


@pytest.fixture(params=KINDS)
def at(request: Any, tmp_path: Path, postbox: tuple[Postbox, str]) -> Iterator[Workplace]:
    alarm = ("first@acme.example", "second@acme.example")
    mail = mailing_through(postbox[1], alarm=alarm)
    settings = settings_for(request.param, tmp_path).model_copy(update={"notices": mail})
    with workplace_for(settings, SteppedClock(NOW)) as workplace:
        yield workplace


@pytest.fixture
def box(postbox: tuple[Postbox, str]) -> Postbox:
    return postbox[0]


def desk(at: Workplace) -> BreachNoticesDesk:
    law = open_law(())
    return open_notices(
        at.settings, law=law, database=at.database, keyring=at.keyring, clock=at.clock
    )


def opened(at: Workplace, **fields: Any) -> Breach:
    opening = Opened(
        title="A list went astray", source=Source.PERSON, capacities=("controller",),
        seats=("DE",), **fields,
    )  # fmt: skip
    breach = Breach.opened(f"breach-{uuid.uuid4()}", opening, by="officer", at=NOW)
    aware = TimeSaid(name="awareness", at=NOW, evidence="call")
    at.database.commit(lambda tx: tx.breaches.open(breach.with_statement(aware, by="o", at=NOW)))
    return breach


def queued(at: Workplace, breach: Breach) -> BreachNotice:
    ours = desk(at)
    drafting = DraftBreachNotice(
        breach_id=breach.id, rule_id=RULE, place="DE", to="breach@dpa.example",
        request_id=str(uuid.uuid4()),
    )  # fmt: skip
    draft, _ = ours.draft_notice(OFFICER, drafting, seconds=10)
    decide(at, draft, Decision.APPROVED)
    asked = SendBreachNotice(notice_id=draft.id, digest=draft.digest, request_id=str(uuid.uuid4()))
    return ours.send_notice(OFFICER, asked, seconds=10)[0]


def decide(at: Workplace, notice: BreachNotice, decision: Decision) -> BreachNotice:
    asked = DecideBreachNotice(
        notice_id=notice.id, digest=notice.digest, decision=decision, says="as seen",
        request_id=str(uuid.uuid4()),
    )  # fmt: skip
    return desk(at).decide_notice(OFFICER, asked, seconds=10)[0]


def tick(at: Workplace) -> list[str]:
    """Everything that waits is worked on once; what became of each."""
    said: list[str] = []

    class Steps:
        def do(self, name: str, step: Any) -> Any:
            said.append(step())
            return said[-1]

        def sleep(self, seconds: float) -> None:
            raise AssertionError

    for key in send_breach_notices.JOB.waiting(at, 10):  # type: ignore[misc]
        send_breach_notices.JOB.work(at, key, Steps())
    return said


def sent_to_authority(box: Postbox) -> list[Any]:
    """Without the alarms about what has not gone out."""
    return [mail for mail in box.mails if mail.rcpt_tos == ["breach@dpa.example"]]


def state(at: Workplace, notice: BreachNotice) -> NoticeState:
    return desk(at).get_notice(OFFICER, notice.id, seconds=None).state


def status(at: Workplace, breach: Breach) -> Status:
    with at.database.reading() as view:
        kept = view.breaches.get(breach.id)
    found = obligations(kept, open_law(()), now=at.clock.now())
    return next(one.status for one in found if one.rule == RULE)


def test_an_approved_notice_is_sent_once_and_is_a_filing(at: Workplace, box: Postbox) -> None:
    breach = opened(at)
    notice = queued(at, breach)
    assert tick(at) == ["sent"]
    assert tick(at) == []
    (mail,) = box.mails
    assert (mail.mail_from, mail.rcpt_tos) == ("dpo@acme.example", ["breach@dpa.example"])
    assert f"Message-ID: <{notice.id}@acme.example>".encode() in mail.content
    assert state(at, notice) is NoticeState.SENT
    assert status(at, breach) is Status.DONE
    with at.database.reading() as view:
        entries = [one.entry for one in view.audit.entries(0, 1000)]
    sent = [one for one in entries if one.resource == notice.id and one.action.endswith("/send")]
    assert [one.outcome for one in sent] == ["", "SENT"]
    assert "breach@dpa.example" not in str(entries)


def test_one_that_bounced_is_open_again_and_one_that_was_confirmed_is_not(
    at: Workplace, box: Postbox
) -> None:
    breach = opened(at)
    first = queued(at, breach)
    tick(at)
    sent = desk(at).get_notice(OFFICER, first.id, seconds=None)
    assert decide(at, sent, Decision.BOUNCED).state is NoticeState.BOUNCED
    assert status(at, breach) in (Status.TO_DECIDE, Status.OPEN)
    second = queued(at, breach)
    tick(at)
    assert decide(at, second, Decision.RECEIVED).state is NoticeState.RECEIVED
    assert status(at, breach) is Status.DONE
    assert len(box.mails) == 2


def test_a_server_that_says_later_is_asked_again_and_one_that_says_no_is_not(
    at: Workplace, box: Postbox
) -> None:
    notice = queued(at, opened(at))
    box.to_recipient = "451 greylisted"
    assert tick(at) == ["later"]
    assert tick(at) == []
    at.clock.step(timedelta(minutes=1))  # type: ignore[attr-defined]
    box.to_recipient = "550 no such mailbox"
    assert tick(at) == ["refused"]
    at.clock.step(timedelta(hours=1))  # type: ignore[attr-defined]
    assert tick(at) == []
    assert state(at, notice) is NoticeState.REFUSED
    assert sent_to_authority(box) == []


def test_a_server_that_is_away_loses_nothing(at: Workplace, box: Postbox) -> None:
    notice = queued(at, opened(at))
    address = at.settings.notices.smtp_address
    away = at.settings.notices.model_copy(update={"smtp_address": "127.0.0.1:1"})
    gone = Workplace(
        settings=at.settings.model_copy(update={"notices": away}),
        clock=at.clock, log=at.log, database=at.database, keyring=at.keyring,
    )  # fmt: skip
    assert tick(gone) == ["later"]
    at.clock.step(timedelta(minutes=1))  # type: ignore[attr-defined]
    assert address
    assert tick(at) == ["sent"]
    assert state(at, notice) is NoticeState.SENT


def test_a_server_that_takes_it_and_dies_leaves_it_in_doubt(at: Workplace, box: Postbox) -> None:
    breach = opened(at)
    notice = queued(at, breach)
    box.to_data = "dies"
    assert tick(at) == ["in_doubt"]
    at.clock.step(timedelta(hours=2))  # type: ignore[attr-defined]
    assert tick(at) == []
    assert len(sent_to_authority(box)) == 1
    assert status(at, breach) is not Status.DONE
    box.to_data = "250 OK"
    again = decide(at, notice, Decision.NOT_SENT)
    assert again.state is NoticeState.APPROVED


def test_a_worker_that_dies_between_sending_and_writing_it_down_sends_no_second_time(
    at: Workplace, box: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = queued(at, opened(at))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(BreachNoticesDesk, "end_sending", dies)
        with pytest.raises(KeyboardInterrupt):
            tick(at)
    assert state(at, notice) is NoticeState.SENDING
    assert tick(at) == []  # somebody may still be at it
    at.clock.step(SENDING_TAKES + timedelta(seconds=1))  # type: ignore[attr-defined]
    assert tick(at) == ["nothing"]
    assert state(at, notice) is NoticeState.IN_DOUBT
    assert len(sent_to_authority(box)) == 1


def test_of_a_drill_nothing_leaves(at: Workplace, box: Postbox) -> None:
    breach = opened(at, drill=True)
    notice = queued(at, breach)
    assert tick(at) == ["nothing"]
    assert state(at, notice) is NoticeState.SENT
    remind(at)
    assert box.mails == []


# -- Reminders --------------------------------------------------------------------------------


def remind(at: Workplace) -> int:
    class Steps:
        def do(self, name: str, step: Any) -> Any:
            return step()

        def sleep(self, seconds: float) -> None:
            raise AssertionError

    keys = remind_of_breaches.JOB.waiting(at, 10)  # type: ignore[misc]
    for key in keys:
        remind_of_breaches.JOB.work(at, key, Steps())
    return len(keys)


def test_reminders_come_once_for_each_stage_and_reach_more_people_later(
    at: Workplace, box: Postbox
) -> None:
    breach = opened(at)

    def told() -> list[tuple[str, str]]:
        remind(at)
        remind(at)
        seen = [(mail.rcpt_tos[0].partition("@")[0], mail.content) for mail in box.mails]
        box.mails.clear()
        about = [(who, content) for who, content in seen if b"supervisory" in content]
        return [
            (who, content.split(b"Subject: ")[1].split(b":")[0].decode()) for who, content in about
        ]

    assert told() == []
    at.clock.step(timedelta(hours=37))  # type: ignore[attr-defined]
    assert told() == [("first", "half")]  # one mail of all that is due then
    at.clock.step(timedelta(hours=30))  # type: ignore[attr-defined]
    assert told() == [("first", "last tenth"), ("second", "last tenth")]
    at.clock.step(timedelta(hours=10))  # type: ignore[attr-defined]
    assert told() == [("first", "overdue"), ("second", "overdue")]
    with at.database.reading() as view:
        stages = [one.stage for one in view.breaches.get(breach.id).reminders if one.rule == RULE]
    assert stages == ["half", "last_tenth", "overdue"]

    def close(tx: Any) -> None:
        before = tx.breaches.get(breach.id)
        over = Closed(causes="none", lessons="", breach=False)
        grown = before.with_statement(over, by="o", at=at.clock.now())
        tx.breaches.extend(grown, after=before.newest)

    at.database.commit(close)
    assert remind(at) == 0
