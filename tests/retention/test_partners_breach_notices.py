"""Notices about breaches that are for a partner: called, written to, or asked for."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.access import Caller, Role
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.notices import (
    PAUSES,
    BreachNotice,
    Decision,
    NoticeState,
    next_attempt,
)
from privacy_service.breaches.obligations import Status
from privacy_service.clock import SteppedClock
from privacy_service.custody.breach_notices import SENDING_TAKES, BreachNoticesDesk
from privacy_service.desks.ports.breach_notices import (
    ConfirmBreachNotice,
    DraftBreachNotice,
    ListPartnerBreachNotices,
    SendBreachNotice,
)
from privacy_service.errors import PrivacyError
from privacy_service.settings import SubjectSettings
from privacy_service.store.notices import NoticeAddress
from privacy_service.subjects.notices import Channel
from retention.workplace import Workplace
from tests.retention.called import called
from tests.retention.postbox import Postbox, mailing_through, postbox
from tests.retention.test_breach_notices import (
    OFFICER,
    RULE,
    decide,
    desk,
    opened,
    state,
    status,
    tick,
)
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import KINDS, NOW

PARTNER = "acme-shop"
ACME = Caller(name="acme", partner=PARTNER, roles=frozenset({Role.PARTNER}))


class House:
    """A workplace, its mail server, and a partner's address."""

    def __init__(self, at: Workplace, box: Postbox, partner: Any) -> None:
        self.at, self.box, self.partner = at, box, partner

    def put(self, channel: Channel) -> None:
        target = {
            Channel.WEBHOOK: f"https://127.0.0.1:{self.partner.server_port}/breaches",
            Channel.EMAIL: "dpo@shop.example",
            Channel.PULL: "",
        }[channel]
        put = NoticeAddress(
            partner=PARTNER, channel=channel, target=target, put_at=NOW, put_by="officer"
        )
        self.at.database.commit(lambda tx: tx.notices.put_address(put))

    def step(self, pause: timedelta) -> None:
        self.at.clock.step(pause)  # type: ignore[attr-defined]

    def list(self, caller: Caller = ACME) -> tuple[BreachNotice, ...]:
        asked = ListPartnerBreachNotices(partner=PARTNER)
        return desk(self.at).list_partner_notices(caller, asked, seconds=10).items

    def confirm(self, notice: BreachNotice, caller: Caller = ACME) -> BreachNotice:
        asked = ConfirmBreachNotice(
            notice_id=notice.id, digest=notice.digest, request_id=str(uuid.uuid4())
        )
        return desk(self.at).confirm_notice(caller, asked, seconds=10)[0]


def house_on(kind: str, folder: Path) -> Iterator[House]:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    with postbox() as (box, address), called(ca) as partner:
        alarm = ("first@acme.example", "second@acme.example")
        settings = settings_for(kind, folder).model_copy(
            update={
                "notices": mailing_through(address, alarm=alarm),
                "subjects": SubjectSettings(webhook_ca=folder / "ca.pem"),
            }
        )
        with workplace_for(settings, SteppedClock(NOW)) as at:
            yield House(at, box, partner)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from house_on("sqlite", tmp_path)


@pytest.fixture(params=KINDS)
def both(request: Any, tmp_path: Path) -> Iterator[House]:
    yield from house_on(request.param, tmp_path)


def queued(house: House, **fields: Any) -> tuple[Breach, BreachNotice]:
    breach, ours = opened(house.at, **fields), desk(house.at)
    drafting = DraftBreachNotice(
        breach_id=breach.id, rule_id=RULE, place="DE", partner=PARTNER,
        request_id=str(uuid.uuid4()),
    )  # fmt: skip
    draft, _ = ours.draft_notice(OFFICER, drafting, seconds=10)
    approved = decide(house.at, draft, Decision.APPROVED)
    asked = SendBreachNotice(
        notice_id=approved.id, digest=approved.digest, request_id=str(uuid.uuid4())
    )
    return breach, ours.send_notice(OFFICER, asked, seconds=10)[0]


def filing(house: House, breach: Breach) -> str:
    with house.at.database.reading() as view:
        (filed,) = view.breaches.get(breach.id).filings
    return filed.channel


def refusal(act: Callable[[], object]) -> object:
    with pytest.raises(PrivacyError) as caught:
        act()
    return caught.value.reason


def test_a_partner_that_asks_by_itself_has_been_told_once_it_has_asked(both: House) -> None:
    breach, notice = queued(both)
    assert tick(both.at) == ["asked_for"]
    assert tick(both.at) == []
    assert status(both.at, breach) is not Status.DONE
    (seen,) = both.list()
    assert (seen.id, seen.text, seen.digest) == (notice.id, notice.text, notice.digest)
    assert state(both.at, notice) is NoticeState.SENT
    assert (status(both.at, breach), filing(both, breach)) == (Status.DONE, "API")
    assert both.confirm(seen).state is NoticeState.RECEIVED
    assert both.confirm(seen).state is NoticeState.RECEIVED
    assert both.box.mails == []


def test_a_partner_sees_what_is_for_it_and_is_sent_and_nothing_else(house: House) -> None:
    _, drill = queued(house, drill=True)
    _, sent = queued(house)
    other = Caller(name="x", partner="globex", roles=frozenset({Role.PARTNER}))
    assert [one.id for one in house.list()] == [sent.id]
    assert refusal(lambda: house.list(other)) is errors.NOT_YOUR_PARTNER
    for act in (lambda: house.confirm(drill), lambda: house.confirm(sent, other)):
        assert refusal(act) is errors.BREACH_NOTICE_NOT_FOUND
    forged = BreachNotice(**{
        name: getattr(sent, name) for name in BreachNotice.__dataclass_fields__
    } | {"text": "another"})  # fmt: skip
    assert refusal(lambda: house.confirm(forged)) is errors.NOTICE_CHANGED
    house.put(Channel.WEBHOOK)
    tick(house.at)
    assert house.partner.heard == []  # of a drill nothing leaves


def test_a_partner_that_is_called_gets_the_whole_notice_signed(both: House) -> None:
    both.put(Channel.WEBHOOK)
    both.partner.says = 204
    breach, notice = queued(both)
    assert tick(both.at) == ["sent"]
    ((headers, body),) = both.partner.heard
    said = json.loads(body)
    assert headers["webhook-id"] == said["notice_id"] == notice.id
    assert (said["text"], said["digest"]) == (notice.text, notice.digest)
    assert said["type"] == "breach.notice"
    assert (status(both.at, breach), filing(both, breach)) == (Status.DONE, "webhook")
    assert [one.id for one in both.list()] == [notice.id]


def test_a_call_in_doubt_is_made_again_with_the_same_id(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(Channel.WEBHOOK)
    house.partner.says = 0  # it takes the call, and the line dies
    _, notice = queued(house)
    assert tick(house.at) == ["later"]

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    house.step(timedelta(minutes=1))
    house.partner.says = 204
    with monkeypatch.context() as patched:
        patched.setattr(BreachNoticesDesk, "end_sending", dies)
        with pytest.raises(KeyboardInterrupt):
            tick(house.at)
    house.step(SENDING_TAKES + timedelta(seconds=1))
    assert tick(house.at) == ["sent"]
    assert {headers["webhook-id"] for headers, _ in house.partner.heard} == {notice.id}
    assert len(house.partner.heard) == 3


def test_a_partner_that_is_written_to_gets_a_mail(house: House) -> None:
    house.put(Channel.EMAIL)
    breach, notice = queued(house)
    assert tick(house.at) == ["sent"]
    (mail,) = house.box.read
    assert (mail["To"], notice.id in mail["Message-ID"]) == ("dpo@shop.example", True)
    assert filing(house, breach) == "e-mail"


def test_a_partner_that_gets_an_address_while_a_notice_waits_is_told_there(house: House) -> None:
    _, notice = queued(house)
    tick(house.at)
    house.put(Channel.WEBHOOK)
    house.partner.says = 200
    house.step(timedelta(minutes=15))
    assert tick(house.at) == ["sent"]
    assert state(house.at, notice) is NoticeState.SENT


def test_where_only_a_person_can_go_on_everybody_hears_of_it_at_once(house: House) -> None:
    house.put(Channel.WEBHOOK)
    house.partner.says = 410
    _, notice = queued(house)
    assert tick(house.at) == ["refused"]
    assert [mail["To"] for mail in house.box.read] == ["first@acme.example", "second@acme.example"]
    assert notice.id in house.box.read[0]["Subject"]


def test_attempts_do_not_end_before_the_clock_and_the_officer_hears_of_them(house: House) -> None:
    house.put(Channel.WEBHOOK)
    breach, notice = queued(house)
    due = NOW + timedelta(hours=72)
    house.step(timedelta(hours=66))
    attempts = 0
    while house.at.clock.now() < due:
        attempts += len(tick(house.at))
        then = desk(house.at).get_notice(OFFICER, notice.id, seconds=None).not_before
        assert then is not None
        house.step(then - house.at.clock.now())
    last = [headers["webhook-timestamp"] for headers, _ in house.partner.heard][-3:]
    assert due.timestamp() - int(last[0]) < 5 * 60  # every minute, in the end
    assert attempts == len(house.partner.heard) > 30
    subjects = [mail["Subject"] for mail in house.box.read if mail["To"].startswith("first")]
    assert len(subjects) == 3  # at the 3rd, the 10th and the 30th
    house.partner.says = 200
    house.step(timedelta(hours=30))
    assert tick(house.at) == ["sent"]
    assert status(house.at, breach) is Status.DONE_LATE


@given(
    attempts=st.integers(0, 10_000),
    left=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=400))),
)
def test_a_pause_is_never_longer_than_a_tenth_of_the_time_left(
    attempts: int, left: timedelta | None
) -> None:
    due = None if left is None else NOW + left
    pause = next_attempt(attempts, now=NOW, due=due) - NOW
    assert PAUSES[0] <= pause <= PAUSES[-1]
    if left:
        assert pause <= max(PAUSES[0], left / 10)
