"""Recipients are called until they answer, reminded until they confirm, then escalated."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from standardwebhooks import Webhook

from privacy_service.clock import SteppedClock
from privacy_service.custody.notices import webhook_secret
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.settings import SubjectSettings
from privacy_service.store.notices import NoticeAddress
from privacy_service.subjects.notices import Channel, Notice, NoticeState
from retention.carriers import carrier_to
from retention.jobs import erase, remind, tell
from retention.webhook import SignedCall
from retention.workplace import Workplace
from tests.retention.called import called
from tests.retention.erasures import MARIA, NOW, REQUEST, Plain, erasure
from tests.retention.postbox import mailing_through, postbox
from tests.retention.workers import settings_for


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[trustme.CA, Path]]:
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return ca, path


@pytest.fixture
def recipient(authority: tuple[trustme.CA, Path]) -> Iterator[Any]:
    with called(authority[0]) as server:
        yield server


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def at(
    tmp_path: Path, clock: SteppedClock, authority: tuple[trustme.CA, Path], recipient: Any
) -> Iterator[Workplace]:
    """One recipient that is called, and one that asks by itself; everything is deleted."""
    settings = settings_for("sqlite", tmp_path, engine=False).model_copy(
        update={"subjects": SubjectSettings(webhook_ca=authority[1])}
    )
    with erasure("sqlite", tmp_path, clock=clock, settings=settings) as at:
        address = NoticeAddress(
            partner="recipient-00", channel=Channel.WEBHOOK,
            target=f"https://127.0.0.1:{recipient.server_port}/notices", put_at=NOW, put_by="x",
        )  # fmt: skip
        at.database.commit(lambda tx: tx.notices.put_address(address))
        assert erase.JOB.waiting is not None
        for key in erase.JOB.waiting(at, 10):
            erase.JOB.work(at, key, Plain())
        yield at


def tick(at: Workplace) -> None:
    assert tell.JOB.waiting is not None
    for key in tell.JOB.waiting(at, 100):
        tell.JOB.work(at, key, Plain())


def notices(at: Workplace) -> dict[str, Notice]:
    with at.database.reading() as view:
        return {notice.recipient: notice for notice in view.notices.of_request(REQUEST)}


def steps(at: Workplace) -> list[str]:
    with at.database.reading() as view:
        return [line.step for line in view.requests.history(REQUEST)]


def test_a_recipient_that_is_down_is_tried_again_and_then_told(
    at: Workplace, clock: SteppedClock, recipient: Any
) -> None:
    pauses = []
    for _ in range(12):
        tick(at)
        pauses.append(notices(at)["recipient-00"].next_at - clock.now())
        tick(at)  # nothing is due before its time
        clock.step(pauses[-1])
    assert len(recipient.heard) == 12
    assert pauses[:4] == [timedelta(minutes=2**n) for n in range(4)]
    assert max(pauses) == timedelta(hours=6)
    recipient.says = 204
    tick(at)
    assert notices(at)["recipient-00"].state is NoticeState.TOLD

    headers, body = recipient.heard[-1]
    assert {one["webhook-id"] for one, _ in recipient.heard} == {notices(at)["recipient-00"].id}
    said = json.loads(body)
    assert sorted(said) == ["deadline", "notice_id", "timestamp", "type"]
    secret = webhook_secret(Pseudonyms(at.keyring).commitment, "recipient-00")
    signed = f"v1,{headers['webhook-signature'].partition(',')[2]}"
    moment = clock.now()
    assert Webhook(secret).sign(headers["webhook-id"], moment, body.decode()) == signed


def test_calls_are_signed_by_the_secret_that_was_made_anew_and_the_one_before_it(
    at: Workplace,
) -> None:
    for number, signs in ((0, [0]), (1, [1, 0]), (2, [2, 1])):
        address = NoticeAddress(
            partner="recipient-00", channel=Channel.WEBHOOK, target="https://recipient.example",
            put_at=at.clock.now(), put_by="officer", secret_number=number,
        )  # fmt: skip
        carrier = carrier_to(at, "recipient-00", address)
        assert isinstance(carrier, SignedCall)
        word = Pseudonyms(at.keyring).commitment
        made = [webhook_secret(word, "recipient-00", each) for each in signs]
        assert list(carrier.secrets) == made
        assert len(set(made)) == len(made)


def test_who_was_told_is_reminded_and_escalated_at_the_deadline(
    at: Workplace, clock: SteppedClock, recipient: Any
) -> None:
    recipient.says = 200
    for _ in range(15):
        tick(at)
        clock.step(timedelta(days=1))
    assert [notice.state for notice in notices(at).values()] == [NoticeState.ESCALATED] * 2
    assert len(recipient.heard) == 5  # once, then every third day
    assert steps(at).count("escalate") == 2
    assert erase.JOB.waiting is not None
    (key,) = erase.JOB.waiting(at, 10)
    erase.JOB.work(at, key, Plain())
    assert steps(at)[-1] == "complete"


def test_a_recipient_that_has_confirmed_is_left_in_peace(
    at: Workplace, clock: SteppedClock, recipient: Any
) -> None:
    done = notices(at)["recipient-00"].confirmed(by="recipient-00", at=clock.now())
    at.database.commit(lambda tx: tx.notices.keep(done))
    clock.step(timedelta(days=40))
    tick(at)
    assert recipient.heard == []
    assert notices(at)["recipient-00"].state is NoticeState.CONFIRMED


def test_another_authority_s_address_is_not_called(
    at: Workplace, recipient: Any, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.pem"
    trustme.CA().cert_pem.write_to_path(str(foreign))
    object.__setattr__(at.settings.subjects, "webhook_ca", foreign)
    recipient.says = 200
    tick(at)
    assert recipient.heard == []
    assert notices(at)["recipient-00"].state is NoticeState.WAITING


def test_deadlines_are_called_to_mind_once_and_overdue_ones_alarm(
    at: Workplace, clock: SteppedClock
) -> None:
    remind.JOB.work(at, "tick", Plain())
    assert "remind" not in steps(at)
    clock.step(timedelta(days=24))
    for _ in range(2):
        remind.JOB.work(at, "tick", Plain())
    assert steps(at).count("remind") == 1
    clock.step(timedelta(days=7))
    for _ in range(2):
        remind.JOB.work(at, "tick", Plain())
    assert steps(at).count("overdue") == 1


def test_they_are_mailed_once_to_more_people_when_it_is_late(
    at: Workplace, clock: SteppedClock
) -> None:
    people = ("dpo@acme.example", "board@acme.example")
    with postbox() as (box, address):
        mail = mailing_through(address, alarm=people)
        object.__setattr__(at.settings, "notices", mail)
        clock.step(timedelta(days=24))
        box.to_data = "451 later"
        remind.JOB.work(at, "tick", Plain())
        assert "remind" not in steps(at), "it is tried again"
        box.to_data = "250 OK"
        for _ in range(2):
            remind.JOB.work(at, "tick", Plain())
        clock.step(timedelta(days=7))
        for _ in range(2):
            remind.JOB.work(at, "tick", Plain())
    sent = [(mail["To"], mail["Subject"]) for mail in box.read[1:]]
    assert sent == [
        (people[0], "Subject requests: 1 due soon"),
        (people[0], "Subject requests: 1 overdue"),
        (people[1], "Subject requests: 1 overdue"),
    ]
    assert box.read[0]["Message-ID"] == box.read[1]["Message-ID"]
    text = box.read[-1].get_content()
    assert f"{REQUEST} (erasure" in text
    assert "OVERDUE since 2026-12-" in text
    assert MARIA not in text
