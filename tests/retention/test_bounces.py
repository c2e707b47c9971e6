"""Mail that came back: read as it comes, matched to what it is about, and somebody is told."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service.app.law import open_law
from privacy_service.app.mailings import open_returned
from privacy_service.breaches.bounces import MOST_BYTES, Came, Returned, read_report
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.mailings import LetterState
from privacy_service.breaches.notices import BreachNotice, NoticeState
from privacy_service.breaches.obligations import Status
from privacy_service.clock import SteppedClock
from privacy_service.custody.returned import BOUNCED
from privacy_service.desks.ports.mailings import RecordReturned
from retention.jobs import read_bounces
from tests.retention.erasures import Plain, Twice
from tests.retention.imap import mailbox, put, reading, report, unread
from tests.retention.postbox import mailing_through, postbox
from tests.retention.test_breach_notices import OFFICER, desk, opened, queued, status, tick
from tests.retention.test_mailings import House, house_on
from tests.retention.workers import settings_for, workplace_for
from tests.stores.databases import NOW


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from house_on("sqlite", tmp_path)


def take(house: House, *messages: bytes, request_id: str = "") -> tuple[Returned, ...]:
    at = house.at
    returned = open_returned(
        at.settings, law=open_law(()), database=at.database, keyring=at.keyring, clock=at.clock
    )
    asked = RecordReturned(messages=messages, request_id=request_id or str(uuid.uuid4()))
    return returned.record_returned(OFFICER, asked, seconds=10)[0]


def mailed(house: House, people: int) -> tuple[Breach, BreachNotice, list[str]]:
    """A mailing that has ended, and the Message-IDs of its letters."""
    house.people(people)
    breach, notice = house.notice()
    house.start(notice)
    house.run()
    return breach, notice, [mail["Message-ID"] for mail in house.box.read]


def test_letters_that_came_back_are_known_by_message_id_or_envelope_id(house: House) -> None:
    _, notice, ids = mailed(house, 4)
    envelope = ids[1].strip("<>").partition("@")[0]
    found = take(
        house,
        report(ids[0]),
        report("<other@elsewhere.example>", envelope=envelope),
        report(ids[2], action="delayed", status="4.4.1"),
        report(ids[3].replace("notice-", "notice-0")),
        b"Subject: Re: your letter\nIn-Reply-To: " + ids[3].encode() + b"\n\nWho are you?\n",
    )
    bounced = Returned(came=Came.BOUNCED, notice=notice.id, status="5.1.1", letter=True)
    assert found[:2] == (bounced, bounced)
    assert [one.came for one in found[2:]] == [Came.NOT_FINAL, Came.NOT_OURS, Came.NO_REPORT]
    assert house.letters(notice) == {LetterState.SENT: 2, LetterState.BOUNCED: 2}
    assert take(house, report(ids[0])) == (bounced,)
    with house.at.database.reading() as view:
        entries = [one.entry for one in view.audit.entries(0, 1000)]
    assert [one.resource for one in entries if one.action == BOUNCED and one.outcome] == [
        notice.id, notice.id,
    ]  # fmt: skip
    assert "maria@" not in str(entries)


def test_a_request_that_is_repeated_has_the_same_answer(house: House) -> None:
    _, _, ids = mailed(house, 1)
    request_id = str(uuid.uuid4())
    first, again = (take(house, report(ids[0]), request_id=request_id) for _ in range(2))
    assert first == again


def test_where_every_letter_came_back_the_duty_is_open_again(house: House) -> None:
    breach, notice, ids = mailed(house, 2)
    take(house, report(ids[0]))
    assert house.status(breach) is Status.DONE
    take(house, report(ids[1]))
    assert house.status(breach) is not Status.DONE
    kept = desk(house.at).get_notice(OFFICER, notice.id, seconds=None)
    assert (kept.state, kept.said) == (NoticeState.BOUNCED, "every letter came back")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[House, str]]:
    """A house that reads a mailbox, whose host:port it is."""
    with postbox() as (box, address), mailbox() as kept:
        notices = reading(
            mailing_through(address, alarm=("first@acme.example", "second@acme.example")),
            kept, tmp_path,
        )  # fmt: skip
        settings = settings_for("sqlite", tmp_path).model_copy(update={"notices": notices})
        with workplace_for(settings, SteppedClock(NOW)) as at:
            yield House(at, box), kept


def test_the_mailbox_is_read_once_and_somebody_is_told(office: tuple[House, str]) -> None:
    house, kept = office
    breach = opened(house.at)
    notice = queued(house.at, breach)
    assert tick(house.at) == ["sent"]
    assert status(house.at, breach) is Status.DONE
    before = unread(kept)
    returned = [report(f"<{notice.id}@acme.example>")] * 21
    put(kept, b"Subject: hello\n\nnot a report\n", *returned)
    read_bounces.JOB.work(house.at, "2026-06-05T16:00:00+00:00", Twice())
    assert status(house.at, breach) is not Status.DONE
    told = [mail for mail in house.box.read if mail["Subject"].startswith("bounced")]
    assert {mail["To"] for mail in told} == {"first@acme.example", "second@acme.example"}
    assert notice.id in told[0].get_content()
    assert unread(kept) == before + 22
    count = len(house.box.mails)
    read_bounces.JOB.work(house.at, "2026-06-05T16:05:00+00:00", Plain())
    assert len(house.box.mails) == count


# -- Reading ----------------------------------------------------------------------------------

REFERENCE = "<notice-3f6d12ab9c0e4477.00112233445566778899aabbccddeeff@acme.example>"
HOSTILE = {
    "nested": b"".join(
        b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (one, one)
        for one in range(3000)
    ),
    "many parts": b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n\n\n" * 150_000,
    "many parameters": b"Content-Type: multipart/report;" + b'a*0*="x";' * 100_000 + b"\n\n",
    "folded": b"Content-Type: multipart/report;\n" + b' a*0*="x";\n' * 100_000 + b"\n\n",
    "no header": b"\xff\xfe" * 100,
    "strange charset": report(REFERENCE).replace(b"text/plain", b"text/plain; charset=x-no"),
    "cut": report(REFERENCE)[:300],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_comes_is_read_in_bounded_time_and_never_raises(name: str) -> None:
    read_report(HOSTILE[name])


def test_of_a_long_message_the_beginning_is_enough() -> None:
    long = report(REFERENCE) + b"a line\n" * MOST_BYTES
    said = read_report(long)
    assert said is not None
    assert (said.failed, said.status, len(said.about)) == (True, "5.1.1", 1)


@given(st.binary(max_size=2000), st.integers(0, 600), st.integers(0, 600))
def test_a_report_that_is_cut_and_mixed_up_never_raises(noise: bytes, start: int, end: int) -> None:
    whole = report(REFERENCE)
    read_report(whole[:start] + noise + whole[end:])
