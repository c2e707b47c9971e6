"""From "delete what you have about this person" to a receipt that an outsider can verify."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from sqlalchemy import Engine, event
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.proven_note import RECEIPT, ProvenNote, ProvenNoteInvalid
from privacy_service.v1 import answer_pb2, enforcement_pb2, notices_pb2, requests_pb2
from retention.jobs.erase import JOB as ERASE
from tests.retention.people import MARIA, People, people, reason
from tests.retention.workers import ROOT
from tests.service.conftest import CONTRACTS
from tests.stores.databases import KINDS

CONFIRMED = notices_pb2.NOTICE_STATE_CONFIRMED


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    with people(tmp_path, request.param) as house:
        yield house


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One house for tests that have a person of their own each."""
    with people(tmp_path_factory.mktemp("small")) as house:
        yield house


def refusal(act: object) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()  # type: ignore[operator]
    return reason(caught.value)


def test_from_the_wish_to_the_receipt(house: People, tmp_path: Path) -> None:
    house.put_record("r-1", MARIA)
    house.put_record("r-2", MARIA, "peter@mail.example")
    house.put_record("r-3", "peter@mail.example")
    house.put_record("s-1", MARIA, partner="swift-parcel")
    sent = house.transfer(MARIA)
    assert sent.disclosure_id

    asked = house.submit(MARIA, customers=["C-1"])
    assert asked.due.rule == "eu-gdpr.12-3"
    assert any("1182/71" in why for why in asked.due.why)
    request = asked.subject_request_id
    assert refusal(lambda: house.step(request, start=requests_pb2.PlainStep())) == "REQUEST_STATE"
    house.identify(request)
    plan = house.plan(request)
    found = {(one.thing, one.partner): one.count for one in plan.deleted}
    assert found["record", "acme-shop"] == 3  # with the sealed copy of what was sent
    assert found["record", "swift-parcel"] == 1
    assert list(plan.recipients) == ["swift-parcel"]
    assert "r-1" in house.records()

    house.step(request, start=requests_pb2.PlainStep())
    house.run(ERASE)
    assert house.records() == ["r-3"]
    assert house.records("swift-parcel") == []
    assert refusal(lambda: house.put_record("r-4", MARIA)) == "SUBJECT_ERASED"
    assert refusal(lambda: house.transfer(MARIA)) == "SUBJECT_ERASED"
    house.put_record("r-5", "peter@mail.example")

    first = said(house, request)
    assert (first["outcome"], first["final"]) == ("erased", False)
    assert {(one["what"], one["partner"]): one["count"] for one in first["deleted"]} == {
        (one.thing, one.partner): one.count for one in plan.deleted
    }

    (notice,) = house.notices("swift-parcel")
    assert list(notice.disclosure_ids) == [sent.disclosure_id]
    assert notice.tokens
    assert notice.subject_request_id == ""
    assert house.confirm("swift-parcel", notice.notice_id).state == (
        notices_pb2.NOTICE_STATE_CONFIRMED
    )
    house.run(ERASE)
    last = said(house, request)
    assert (last["outcome"], last["final"]) == ("completed", True)
    assert last["told"][0]["confirmed_at"]
    assert [line.step for line in house.show(request).history][-1] == "complete"

    path = tmp_path / "receipt.json"
    path.write_text(house.receipt(request))
    words = ["receipt", "verify", str(path), "--key", house.service.running.verifier_key]
    ran = subprocess.run(
        [sys.executable, "-m", "privacy_service", *words],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "completed" in ran.stdout
    assert MARIA not in path.read_text()


def said(house: People, request: str) -> dict[str, object] | dict[str, list[dict[str, object]]]:
    """What the receipt says, once it was verified with nothing but the log's key."""
    key = VerifierKey.parse(house.service.running.verifier_key)
    return ProvenNote.parse(house.receipt(request), RECEIPT).verify(key).content


def test_a_receipt_that_was_touched_does_not_hold(small: People) -> None:
    small.put_record("r-1-1", "maria-1@mail.example")
    request = small.begin("maria-1@mail.example")
    assert refusal(lambda: small.receipt(request)) == "RECEIPT_NOT_READY"
    small.run(ERASE)
    key = VerifierKey.parse(small.service.running.verifier_key)
    text = small.receipt(request)
    fields = json.loads(text)
    other = VerifierKey(name=key.name, public_key=bytes(32))
    for changed, keys in (
        ({**fields, "receipt": fields["receipt"].replace('"count":1', '"count":0')}, key),
        ({**fields, "proof": fields["proof"].replace("index ", "index 1")}, key),
        ({**fields, "version": 2}, key),
        ({}, key),
        (fields, other),
    ):
        with pytest.raises(ProvenNoteInvalid):
            ProvenNote.parse(json.dumps(changed), RECEIPT).verify(keys)
    assert ProvenNote.parse(text, RECEIPT).verify(key).content["outcome"] == "completed"


def test_an_unknown_person_gets_the_same_answer(small: People) -> None:
    small.put_record("r-1-2", "maria-2@mail.example")
    known, unknown = small.submit("maria-2@mail.example"), small.submit("nobody-2@mail.example")
    blank = {"subject_request_id": "", "subject_digests": [], "receive_time": None}

    def plain(one: requests_pb2.SubjectRequest) -> dict[str, object]:
        return {
            field.name: value
            for field, value in one.ListFields()
            if field.name not in (*blank, "history", "due")
        }

    assert plain(known) == plain(unknown)
    request = small.begin("nobody-2@mail.example")
    assert request == unknown.subject_request_id
    small.run(ERASE)
    assert said(small, request)["outcome"] == "completed"
    assert said(small, request)["deleted"] == []


def test_a_second_wish_is_merged(small: People) -> None:
    first = small.submit("maria-3@mail.example")
    again = small.submit("maria-3@mail.example", "m-3@work.example")
    assert again.subject_request_id == first.subject_request_id
    assert again.merged == 1
    assert len(again.subject_digests) == 2
    assert small.submit("peter@mail.example").subject_request_id != first.subject_request_id


def test_a_hold_blocks_and_its_lift_goes_on(house: People) -> None:
    from tests.service.test_holds import confirm, place, propose

    house.put_record("case-1", MARIA)
    house.put_record("r-1", MARIA)
    second = house.service.person("second-officer")
    hold = place(house.officer, record_query='id = "case-*"', partner="acme-shop")
    request = house.begin(MARIA)
    house.run(ERASE)
    assert house.records() == ["case-1"]
    assert house.show(request).state == requests_pb2.SUBJECT_REQUEST_STATE_BLOCKED
    blocked = said(house, request)
    assert blocked["outcome"] == "blocked"
    kept = {(one["what"], one["count"], one["code"]) for one in blocked["kept"]}  # type: ignore[index]
    assert kept == {("record", 1, "LEGAL_CLAIM"), ("data_key", 1, "LEGAL_CLAIM")}
    house.run(ERASE)
    assert house.records() == ["case-1"]

    propose(house.officer, hold.hold_id)
    confirm(second, hold.hold_id)
    house.run(ERASE)  # looks, and finds that it is free
    house.run(ERASE)
    assert house.records() == []
    house.run(ERASE)
    assert house.show(request).state == requests_pb2.SUBJECT_REQUEST_STATE_COMPLETED
    assert said(house, request)["kept"] == []


def test_life_is_a_table(small: People) -> None:
    request = small.submit("maria-4@mail.example").subject_request_id

    def code(word: str) -> requests_pb2.CodedReason:
        return requests_pb2.CodedReason(code=word)

    assert refusal(lambda: small.step(request, extend=code("BORED"))) == "JUSTIFICATION_UNKNOWN"
    assert refusal(lambda: small.step(request, refuse=code("COMPLEXITY"))) == (
        "JUSTIFICATION_UNKNOWN"
    )
    before = small.show(request).due.legal_time.ToDatetime()
    extended = small.step(request, extend=code("COMPLEXITY"))
    assert (extended.due.legal_time.ToDatetime() - before).days in range(57, 66)
    assert refusal(lambda: small.step(request, extend=code("COMPLEXITY"))) == "REQUEST_STATE"
    waiting = small.step(request, ask=code("IDENTITY_REQUIRED"))
    assert not waiting.due.HasField("legal_time")
    small.step(request, answered=requests_pb2.PlainStep())
    small.step(request, note=requests_pb2.NoteText(text="called back"))
    assert refusal(
        lambda: small.step(request, note=requests_pb2.NoteText(text="mail to maria@mail.example"))
    ) == "REQUEST_INVALID"  # fmt: skip
    refused = small.step(request, refuse=code("MANIFESTLY_UNFOUNDED"))
    assert refused.state == requests_pb2.SUBJECT_REQUEST_STATE_REFUSED
    assert refused.reason_article == "GDPR Art. 12(5)(b)"
    assert refused.reason_term.startswith("https://w3id.org/dpv/legal/eu/gdpr#")
    assert [line.step for line in refused.history] == [
        "submit", "extend", "ask", "answered", "note", "refuse",
    ]  # fmt: skip


def test_a_partner_s_own_word_needs_the_partner(small: People) -> None:
    from privacy_service.v1 import enforcement_pb2

    named = enforcement_pb2.SubjectRef(type="customer_id", value="C-1")
    alone = [requests_pb2.Identifier(subject=named)]
    assert refusal(lambda: small.submit(identifiers=alone)) == "REQUEST_INVALID"
    small.transfer("x@mail.example")
    request = small.begin(
        identifiers=[requests_pb2.Identifier(subject=named, partner="other-shop")]
    )
    small.run(ERASE)
    assert said(small, request)["deleted"] == []


def test_a_kind_of_identifier_that_no_contract_names_is_received_and_called_to_mind(
    small: People,
) -> None:
    wrong = requests_pb2.Identifier(
        subject=enforcement_pb2.SubjectRef(type="customer_nr", value="C-77"), partner="acme-shop"
    )
    asked = small.submit(identifiers=[wrong])
    assert asked.state == requests_pb2.SUBJECT_REQUEST_STATE_RECEIVED
    doubts = [line.says for line in asked.history if line.step == "look_again"]
    assert doubts == ["customer_nr: acme-shop's contracts name customer_id"]
    shown = small.show(asked.subject_request_id)
    assert [line.says for line in shown.history if line.step == "look_again"] == doubts
    right = small.submit("nobody@mail.example", customers=["C-78"])
    assert "look_again" not in [line.step for line in right.history]


def test_a_contract_may_let_go_what_is_about_an_erased_person(small: People) -> None:
    acme = small.service.partner("acme-shop")
    source = (CONTRACTS / "delivery.yaml").read_text()
    small.begin("hugo@mail.example")
    small.run(ERASE)
    assert refusal(lambda: small.transfer("hugo@mail.example")) == "SUBJECT_ERASED"
    acme.put_contract(source + "erased_subjects: drop\n")
    try:
        let_go = small.transfer("hugo@mail.example")
    finally:
        acme.put_contract(source)
    assert let_go.decision.effect == answer_pb2.EFFECT_REFUSE
    assert [reason.code for reason in let_go.decision.reasons] == ["SUBJECT_DROPPED"]
    assert not let_go.payload
    assert not let_go.disclosure_id


def test_an_unknown_person_costs_the_same(small: People) -> None:
    """The answer takes as long, too: the database is asked exactly the same."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    def statements(email: str) -> Counter[str]:
        asked.clear()
        request = small.submit(email).subject_request_id
        small.identify(request)
        small.step(request, start=requests_pb2.PlainStep())
        return Counter(asked)

    event.listen(Engine, "after_cursor_execute", hear)
    try:
        for number in range(4):  # the service does a few things of its own now and then
            small.put_record(f"r-1-9-{number}", f"maria-9-{number}@mail.example")
            known = statements(f"maria-9-{number}@mail.example")
            unknown = statements(f"nobody-9-{number}@mail.example")
            if known == unknown:
                break
    finally:
        event.remove(Engine, "after_cursor_execute", hear)
    assert known == unknown


def test_an_officer_sees_who_has_not_confirmed(small: People) -> None:
    people = [f"searched-{number}@mail.example" for number in range(3)]
    for person in people:
        small.transfer(person)
    requests = [small.begin(person) for person in people]
    small.run(ERASE)
    told = {notice.subject_request_id: notice for notice in searched(small)}
    assert set(requests) <= set(told)
    first = small.confirm("swift-parcel", told[requests[0]].notice_id)
    assert first.confirmed_by == "", "who pressed the button is for officers"
    left = [one for one in searched(small) if one.subject_request_id in requests]
    assert {one.subject_request_id for one in left} == set(requests[1:])
    for one in left:
        assert one.next_time.seconds
        assert not one.disclosure_ids
        assert not one.tokens
    deadlines = [one.deadline.ToDatetime() for one in searched(small)]
    assert deadlines == sorted(deadlines)
    (done,) = searched(small, subject_request_id=requests[0], states=[CONFIRMED])
    assert done.confirmed_by
    assert not done.next_time.seconds
    assert [len(page) for page in pages(small, page_size=1)][:2] == [1, 1]
    assert searched(small, deadline_before=first.make_time) == []
    words = [
        "notices", "search", "--request", requests[1], "--kind", "erasure", "--state", "waiting",
        "--address", f"127.0.0.1:{small.service.running.token_port}",
        "--ca", str(small.service.trial.authority),
        "--token", str(small.service.trial.officer_token),
    ]  # fmt: skip
    shown = CliRunner().invoke(app, [*words, "--json"])
    assert [one["recipient"] for one in json.loads(shown.stdout)] == ["swift-parcel"], shown.output
    assert "1 waiting" in CliRunner().invoke(app, words).stdout
    assert CliRunner().invoke(app, ["notices", "search", "--state", "lost"]).exit_code == 2


def searched(house: People, **asked: object) -> list[notices_pb2.Notice]:
    return [one for page in pages(house, **asked) for one in page]


def pages(house: People, **asked: object) -> Iterator[list[notices_pb2.Notice]]:
    request = notices_pb2.SearchNoticesRequest(**asked)  # type: ignore[arg-type]
    while True:
        found = house.officer.notices.SearchNotices(
            request, metadata=house.officer.metadata, timeout=20
        )
        yield list(found.notices)
        request.page_token = found.next_page_token
        if not request.page_token:
            return
