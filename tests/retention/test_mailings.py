"""Notices to the people concerned: addresses from sealed records, each person written to once."""

from __future__ import annotations

import json
import os
import signal
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_service import errors
from privacy_service.app.keys import keys_for_data
from privacy_service.app.law import open_law
from privacy_service.app.mailings import open_mailings
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.mailings import (
    SENDING_TAKES,
    Contacts,
    LetterState,
    MailingAct,
    MailingState,
    Reach,
    address_of,
    planned,
)
from privacy_service.breaches.notices import BreachNotice, Decision, NoticeState
from privacy_service.breaches.obligations import Status, obligations
from privacy_service.breaches.scope import ScopeQuestion, question_of, said_of
from privacy_service.breaches.statements import FactsSaid
from privacy_service.clock import Clock, SteppedClock, SystemClock
from privacy_service.custody.keys import SubjectKeys
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.custody.mailings import MailingsDesk
from privacy_service.custody.scoping import scope_of
from privacy_service.desks.ports.breach_notices import DraftBreachNotice
from privacy_service.desks.ports.mailings import (
    ControlMailing,
    MailingView,
    PlanMailing,
    RecordBounce,
    StartMailing,
)
from privacy_service.errors import PrivacyError
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.records.seal import Sealer, Slot
from privacy_service.store.rows import StoredRecord
from retention.jobs import mail_people
from retention.workplace import Workplace
from tests.retention.erasures import MARIA, Died, Plain, Twice, seed
from tests.retention.postbox import Postbox, mailing_through, postbox
from tests.retention.test_breach_notices import OFFICER, decide, desk, opened
from tests.retention.workers import await_, settings_for, worker, workplace_for
from tests.stores.databases import KINDS, NOW

SHOP = "acme-shop"
RULE = "eu-gdpr.34-1"
CONTACTS = Contacts(partner=SHOP)


class House:
    """A workplace with records about people, a mail server, and an approved notice to them."""

    def __init__(self, at: Workplace, box: Postbox) -> None:
        self.at, self.box = at, box
        self.words = Pseudonyms(at.keyring)
        keys = keys_for_data(at.settings.keys, at.keyring, at.database, at.clock)
        self.keys, self.sealer = SubjectKeys(at.database, keys), Sealer(keys, os.urandom)

    @property
    def desk(self) -> MailingsDesk:
        return open_mailings(
            self.at.settings, law=open_law(()), database=self.at.database,
            keyring=self.at.keyring, clock=self.at.clock,
        )  # fmt: skip

    def record(self, content: object, *people: tuple[str, str], partner: str = SHOP) -> None:
        """A record about people, each by a kind and value of identifier."""
        record = f"r-{uuid.uuid4()}"
        subjects = tuple(sorted(self.words.subject_digest(*one) for one in people))
        keys = self.keys.of(partner, subjects, seconds=10)
        slot = Slot(partner=partner, record=record, field=PAYLOAD)
        stored = StoredRecord(
            id=record, partner=partner, content_type="application/json", size=9,
            data_keys=tuple(key.id for key in keys), subjects=subjects,
            created_at=self.at.clock.now(),
            sealed=self.sealer.seal(json.dumps(content).encode(), slot=slot, keys=keys),
        )  # fmt: skip
        self.at.database.commit(lambda tx: tx.records.put(stored))

    def people(self, count: int) -> None:
        """People who are known by their e-mail address."""
        for number in range(count):
            address = f"person-{number}@mail.example"
            self.record({"customer": {"email": address}}, ("email", address))

    def notice(
        self, *, scoped_: bool = True, records: str | None = None, **fields: Any
    ) -> tuple[Breach, BreachNotice]:
        breach = opened(self.at, **fields)
        question = ScopeQuestion(partner=SHOP, records=records)
        with self.at.database.reading() as view:
            found = scope_of(view, question)

        def say(tx: Any) -> None:
            before = tx.breaches.get(breach.id)
            grown = before
            if scoped_:
                grown = grown.with_statement(found, by="officer", at=NOW)
            grown = grown.with_statement(FactsSaid(encrypted=False), by="officer", at=NOW)
            tx.breaches.extend(grown, after=before.newest)

        self.at.database.commit(say)
        drafting = DraftBreachNotice(
            breach_id=breach.id, rule_id=RULE, request_id=str(uuid.uuid4())
        )
        draft, _ = desk(self.at).draft_notice(OFFICER, drafting, seconds=10)
        return breach, decide(self.at, draft, Decision.APPROVED)

    def start(self, notice: BreachNotice, batch: int = 3, contacts: Contacts = CONTACTS) -> None:
        asked = StartMailing(
            notice_id=notice.id, digest=notice.digest, contacts=contacts, batch=batch,
            request_id=str(uuid.uuid4()),
        )  # fmt: skip
        self.desk.start_mailing(OFFICER, asked, seconds=10)

    def control(self, notice: BreachNotice, act: MailingAct) -> MailingView:
        asked = ControlMailing(notice_id=notice.id, act=act, request_id=str(uuid.uuid4()))
        return self.desk.control_mailing(OFFICER, asked, seconds=10)[0]

    def view(self, notice: BreachNotice) -> MailingView:
        return self.desk.get_mailing(OFFICER, notice.id, seconds=None)

    def letters(self, notice: BreachNotice) -> dict[LetterState, int]:
        return dict(self.view(notice).progress.letters)

    def tick(self, steps: Plain | None = None) -> int:
        assert mail_people.JOB.waiting is not None
        keys = mail_people.JOB.waiting(self.at, 10)
        for key in keys:
            mail_people.JOB.work(self.at, key, steps or Plain())
        return len(keys)

    def run(self, steps: Plain | None = None) -> None:
        for _ in range(100):
            if not self.tick(steps):
                return
        raise AssertionError("the mailing does not end")

    def step(self, pause: timedelta) -> None:
        self.at.clock.step(pause)  # type: ignore[attr-defined]

    @property
    def written(self) -> list[str]:
        return sorted(mail.rcpt_tos[0] for mail in self.box.mails)

    def status(self, breach: Breach) -> Status | None:
        with self.at.database.reading() as view:
            kept = view.breaches.get(breach.id)
        found = obligations(kept, open_law(()), now=self.at.clock.now())
        return next((one.status for one in found if one.rule == RULE), None)


def house_on(kind: str, folder: Path, clock: Clock | None = None) -> Iterator[House]:
    with postbox() as (box, address):
        settings = settings_for(kind, folder).model_copy(
            update={"notices": mailing_through(address)}
        )
        with workplace_for(settings, clock or SteppedClock(NOW)) as at:
            yield House(at, box)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from house_on("sqlite", tmp_path)


@pytest.fixture(params=KINDS)
def both(request: Any, tmp_path: Path) -> Iterator[House]:
    yield from house_on(request.param, tmp_path)


def reason(act: Callable[[], object]) -> errors.Reason:
    with pytest.raises(PrivacyError) as caught:
        act()
    return caught.value.reason


def test_everybody_who_can_be_written_to_is_written_to_once(both: House) -> None:
    both.people(7)
    both.record({"phone": "030 901820"}, ("phone", "+4930901820"))
    both.record({"mail": "By@mail.example"}, ("customer-id", "C-1"))
    both.record({"mail": "by@mail.example"}, ("customer-id", "C-2"))  # the same mailbox
    both.record({"email": "other@mail.example"}, ("email", "x@mail.example"), partner="globex")
    breach, notice = both.notice()
    both.start(notice)
    both.run()
    assert sorted(map(str.casefold, both.written)) == sorted(
        ["by@mail.example", *(f"person-{number}@mail.example" for number in range(7))]
    )
    view = both.view(notice)
    assert view.mailing.state is MailingState.ENDED
    assert view.progress.reached == {Reach.WRITTEN: 9, Reach.WITHOUT: 1}
    assert (view.mailing.people, view.mailing.batches) == (10, 4)
    assert both.letters(notice) == {LetterState.SENT: 8}
    assert desk(both.at).get_notice(OFFICER, notice.id, seconds=None).state is NoticeState.SENT
    assert both.status(breach) is Status.DONE
    assert {mail["Subject"] for mail in both.box.read} == {notice.subject}
    assert len({mail["Message-ID"] for mail in both.box.read}) == 8


def test_no_address_is_kept_or_logged(house: House) -> None:
    house.people(3)
    _, notice = house.notice()
    house.start(notice)
    house.run()
    path = house.at.settings.database.url.removeprefix("sqlite:///")
    with house.at.database.reading() as view:
        entries = [one.entry for one in view.audit.entries(0, 1000)]
    for kept in (Path(path).read_bytes(), str(entries).encode()):
        assert b"person-" not in kept
    posted = [one for one in entries if one.action == "MailingService/Post" and one.outcome]
    assert [one.reason for one in posted if one.outcome == "POSTED"] == ["3 records opened"]
    assert posted[-1].reason == "sent: 3"


def test_a_plan_counts_and_sends_nothing(house: House) -> None:
    house.people(4)
    house.record({"phone": "1"}, ("phone", "+491"))
    _, notice = house.notice()
    asked = PlanMailing(notice_id=notice.id, contacts=CONTACTS, batch=2)
    plan, _ = house.desk.plan_mailing(OFFICER, asked, seconds=10)
    assert (plan.people, plan.batches, plan.sampled) == (5, 3, 5)
    assert plan.reached == {Reach.WRITTEN: 4, Reach.WITHOUT: 1, Reach.BESIDE: 0}
    assert house.written == []


def test_it_is_paused_resumed_cancelled_and_started_again(house: House) -> None:
    house.people(6)
    _, notice = house.notice()
    house.start(notice, batch=2)
    key = mail_people.JOB.waiting(house.at, 1)[0]  # type: ignore[misc]

    class Paused(Plain):
        def do(self, name: str, step: Any) -> Any:
            done = step()
            if house.view(notice).mailing.state is MailingState.RUNNING:
                house.control(notice, MailingAct.PAUSE)
            return done

    mail_people.JOB.work(house.at, key, Paused())
    assert len(house.written) == 2
    assert house.tick() == 0
    assert reason(lambda: house.control(notice, MailingAct.PAUSE)) is errors.MAILING_STATE
    house.control(notice, MailingAct.RESUME)
    house.control(notice, MailingAct.CANCEL)
    assert house.tick() == 0
    assert desk(house.at).get_notice(OFFICER, notice.id, seconds=None).state is NoticeState.APPROVED
    house.start(notice, batch=2)
    assert reason(lambda: house.start(notice)) is errors.MAILING_NOT_READY
    house.run()
    assert len(set(house.written)) == len(house.written) == 6


def test_what_is_not_approved_for_people_is_not_mailed(house: House) -> None:
    house.people(1)
    _, unscoped = house.notice(scoped_=False)
    assert reason(lambda: house.start(unscoped)) is errors.MAILING_NOT_READY
    _, notice = house.notice()
    withdrawn = decide(house.at, notice, Decision.WITHDRAWN)
    assert reason(lambda: house.start(withdrawn)) is errors.MAILING_NOT_READY
    _, other = house.notice()
    forged = BreachNotice(**{
        name: getattr(other, name) for name in BreachNotice.__dataclass_fields__
    } | {"text": "another"})  # fmt: skip
    assert reason(lambda: house.start(forged)) is errors.NOTICE_CHANGED
    assert reason(lambda: house.view(other)) is errors.MAILING_NOT_FOUND
    assert house.tick() == 0


@pytest.mark.parametrize("died_at", ["before", "after"])
def test_a_worker_that_dies_while_a_letter_is_sent(
    house: House, died_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before or after the mail server took it: nobody is written to twice, one is in doubt."""
    house.people(5)
    _, notice = house.notice()
    house.start(notice, batch=5)
    deliver, seen = mail_people.Line.deliver, Counter[str]()

    def deadly(self: Any, parcel: Any) -> Any:
        seen["calls"] += 1
        if seen["calls"] == 3 and died_at == "before":
            raise Died
        outcome = deliver(self, parcel)
        if seen["calls"] == 3:
            raise Died
        return outcome

    with monkeypatch.context() as patched:
        patched.setattr(mail_people.Line, "deliver", deadly)
        with pytest.raises(Died):
            house.tick()
    house.run()
    assert house.view(notice).mailing.state is MailingState.RUNNING
    house.step(SENDING_TAKES)
    house.run()
    assert len(set(house.written)) == len(house.written) == (4 if died_at == "before" else 5)
    assert house.letters(notice) == {LetterState.SENT: 4, LetterState.IN_DOUBT: 1}
    assert house.view(notice).mailing.state is MailingState.ENDED


def test_a_worker_that_dies_before_a_step_is_written_down(house: House) -> None:
    house.people(7)
    _, notice = house.notice()
    house.start(notice)
    house.run(Twice())
    assert len(set(house.written)) == len(house.written) == 7
    assert house.view(notice).mailing.batches == 3


def test_a_worker_that_is_killed_at_a_letter_leaves_the_rest_to_another(tmp_path: Path) -> None:
    """kill -9 once the mail server has taken it, and a second worker: nobody is written to twice,
    and all are.
    """
    with contextmanager(house_on)("sqlite", tmp_path, SystemClock()) as house:
        house.people(5)
        _, notice = house.notice()
        house.start(notice, batch=5)
        with worker(
            tmp_path, house.at.settings, "3", "after", program="tests.retention.mailer"
        ) as killed:
            assert killed.ended() == -signal.SIGKILL
        assert len(house.written) == 3
        with worker(tmp_path, house.at.settings, "0", "after", program="tests.retention.mailer"):
            await_(lambda: house.letters(notice).get(LetterState.SENT) == 4)
        assert house.letters(notice) == {LetterState.SENT: 4, LetterState.SENDING: 1}
        assert len(set(house.written)) == len(house.written) == 5


def test_a_mail_server_that_is_away_is_come_back_to(house: House) -> None:
    house.people(4)
    _, notice = house.notice()
    house.start(notice)
    address = house.at.settings.notices.smtp_address
    object.__setattr__(house.at.settings.notices, "smtp_address", "127.0.0.1:1")
    house.tick()
    assert house.letters(notice) == {LetterState.WAITING: 1}
    assert house.tick() == 0
    object.__setattr__(house.at.settings.notices, "smtp_address", address)
    house.step(timedelta(minutes=1))
    house.run()
    assert house.letters(notice) == {LetterState.SENT: 4}
    assert len(house.written) == 4


def test_without_a_mail_server_nobody_is_in_doubt(house: House) -> None:
    house.people(2)
    _, notice = house.notice()
    house.start(notice)
    object.__setattr__(house.at.settings.notices, "smtp_address", None)
    for _ in range(3):
        house.run()
        house.step(timedelta(minutes=20))
    assert house.letters(notice) == {LetterState.WAITING: 1}


def test_one_address_that_is_refused_or_put_off_holds_up_nobody_else(house: House) -> None:
    house.people(3)
    _, notice = house.notice()
    house.start(notice)
    house.box.to_data = "451 try later"
    house.tick()
    assert house.letters(notice) == {LetterState.WAITING: 3}
    house.box.to_data = "550 no such mailbox"
    house.step(timedelta(minutes=2))
    house.run()
    assert house.letters(notice) == {LetterState.REFUSED: 3}
    ended = desk(house.at).get_notice(OFFICER, notice.id, seconds=None)
    assert (ended.state, ended.said) == (NoticeState.REFUSED, "nobody was reached")


def test_a_letter_that_may_have_been_taken_is_not_sent_again_and_one_that_came_back_is_counted(
    house: House,
) -> None:
    house.people(2)
    _, notice = house.notice()
    house.start(notice)
    house.box.to_data = "dies"
    house.run()
    assert house.letters(notice) == {LetterState.IN_DOUBT: 2}
    assert len(house.box.mails) == 2
    back = house.box.read[0]["Message-ID"]
    for _ in range(2):
        asked = RecordBounce(reference=back, request_id=str(uuid.uuid4()))
        house.desk.record_bounce(OFFICER, asked, seconds=10)
    assert house.letters(notice) == {LetterState.IN_DOUBT: 1, LetterState.BOUNCED: 1}
    for wrong in ("x", back.replace("notice-", "notice-0"), "<notice-1.%@x>"):
        asked = RecordBounce(reference=wrong, request_id=str(uuid.uuid4()))
        act = lambda asked=asked: house.desk.record_bounce(OFFICER, asked, seconds=10)  # noqa: E731
        assert reason(act) is errors.MAILING_NOT_FOUND


def test_of_a_drill_nothing_leaves_and_it_is_counted_all_the_same(house: House) -> None:
    house.people(3)
    breach, notice = house.notice(drill=True)
    house.start(notice)
    house.run()
    assert house.written == []
    assert house.letters(notice) == {LetterState.DRILL: 3}
    assert house.view(notice).mailing.state is MailingState.ENDED
    assert house.status(breach) is not Status.DONE


def test_where_fields_are_named_no_other_address_counts(house: House) -> None:
    content = {"reply_to": "support@shop.example", "customer": {"E-Mail": "maria@mail.example"}}
    house.record(content, ("customer-id", "C-1"))
    _, notice = house.notice()
    house.start(notice, contacts=Contacts(partner=SHOP, fields=("e-mail",)))
    house.run()
    assert house.written == ["maria@mail.example"]


def test_a_scope_by_record_query_names_its_people_page_by_page(house: House) -> None:
    house.people(5)
    house.record({"email": "x@mail.example"}, ("email", "x@mail.example"), partner="globex")
    _, notice = house.notice(records='partner = "acme-shop"')
    house.start(notice, batch=2)
    house.run()
    assert house.written == [f"person-{number}@mail.example" for number in range(5)]
    assert house.view(notice).mailing.batches == 3


def test_zero_people_end_a_mailing_at_once(house: House) -> None:
    breach, notice = house.notice()
    house.start(notice)
    house.run()
    assert house.view(notice).mailing.state is MailingState.ENDED
    assert house.status(breach) is not Status.DONE


# -- Pure parts -------------------------------------------------------------------------------


def digests(address: str) -> tuple[str, ...]:
    return (f"digest of {address}", f"older digest of {address}")


@given(
    subjects=st.sets(st.sampled_from("abcd"), min_size=1),
    candidates=st.lists(st.sampled_from("abcdxyz"), max_size=4),
    known=st.integers(0, 1),
)
def test_nobody_is_written_to_at_an_address_that_is_somebody_elses(
    subjects: set[str], candidates: list[str], known: int
) -> None:
    of = {name: digests(name)[known] for name in subjects}
    for name, person in of.items():
        reach, address = address_of(person, of.values(), candidates, digests)
        assert (address is None) is (reach is not Reach.WRITTEN)
        if address is not None:
            sure = address == name
            alone = len(subjects) == 1 and len(set(candidates)) == 1
            assert sure or alone
        if name in candidates:
            assert address == name


@given(people=st.integers(0, 10**6), written=st.integers(0, 100), without=st.integers(0, 100))
def test_a_plan_is_in_proportion(people: int, written: int, without: int) -> None:
    plan = planned(people, {Reach.WRITTEN: written, Reach.WITHOUT: without}, 50)
    assert plan.batches == -(-people // 50)
    if written + without:
        total = plan.reached[Reach.WRITTEN] + plan.reached[Reach.WITHOUT]
        assert abs(total - people) <= 1


def test_the_people_of_a_scope_are_those_that_it_counts(both: House) -> None:
    seed(both.at.database, records=3, recipients=3, now=NOW)
    questions = [
        ScopeQuestion(), ScopeQuestion(partner="acme"), ScopeQuestion(partner="recipient-01"),
        ScopeQuestion(purpose="dpv:DeliveryOfGoods"), ScopeQuestion(subjects=(MARIA,)),
        ScopeQuestion(since=NOW + timedelta(days=1)), ScopeQuestion(key="2" * 32),
    ]  # fmt: skip
    for question in questions:
        found: list[str] = []
        with both.at.database.reading() as view:
            while page := view.scope.people(question, after=found[-1] if found else "", limit=1):
                found += page
            assert len(found) == len(set(found)) == view.scope.counts(question).subjects


def test_a_question_is_kept_as_it_was_asked() -> None:
    question = ScopeQuestion(
        since=NOW, until=NOW + timedelta(days=1), partner="acme", contract="c", version=3,
        purpose="p", subjects=("a", "b"), key="k", records="r",
    )  # fmt: skip
    for one in (question, ScopeQuestion()):
        assert question_of(said_of(one)) == one
