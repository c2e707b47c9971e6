"""Rectification: records corrected, recipients told by the words that they know, and a receipt."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.settings import JobSettings
from privacy_service.v1 import enforcement_pb2, notices_pb2, records_pb2, requests_pb2
from retention.jobs.erase import JOB as ERASE
from retention.jobs.rectify import JOB as RECTIFY
from tests.retention.erasures import Died, DiesAfter, Plain, Twice
from tests.retention.people import DELIVERY, MARIA, People, people, reason
from tests.retention.test_restrictions import said
from tests.retention.workers import await_, has_receipt, killed_at, worker
from tests.service.test_holds import confirm, place, propose
from tests.stores.databases import KINDS

RECTIFICATION = requests_pb2.SUBJECT_REQUEST_KIND_RECTIFICATION
WRONG, RIGHT = "+49 30 901820", "+49 30 901899"
PHONE = {"partner": "acme-shop", "field": "$.customer.phone", "was": WRONG, "value": RIGHT}
STEPS = 12
"""More than a small rectification takes."""


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    with people(tmp_path, request.param) as house:
        yield house


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One house for tests that have a person of their own each."""
    with people(tmp_path_factory.mktemp("small")) as house:
        yield house


def put(
    house: People, name: str, *emails: str, content: Any, media: str = "application/json"
) -> None:
    house.service.partner("acme-shop").records.PutRecord(
        records_pb2.PutRecordRequest(
            partner="acme-shop",
            record_id=name,
            content_type=media,
            content=content if isinstance(content, bytes) else json.dumps(content).encode(),
            subjects=[enforcement_pb2.SubjectRef(type="email", value=one) for one in emails],
            request_id=str(uuid.uuid4()),
        ),
        timeout=30,
    )


def content(house: People, name: str) -> bytes:
    request = records_pb2.GetRecordRequest(partner="acme-shop", record_id=name)
    answer = house.service.partner("acme-shop").records.GetRecord(request, timeout=30)
    return bytes(answer.record.content)


def correct(*wrong: dict[str, Any], statement: str = "") -> requests_pb2.Correct:
    said = requests_pb2.Correct(corrections=[requests_pb2.Correction(**one) for one in wrong])
    if statement:
        completes = requests_pb2.SupplementaryStatement(partner="acme-shop", text=statement)
        said.statement.CopyFrom(completes)
    return said


def received(house: People, *emails: str, **more: Any) -> str:
    request = house.submit(*emails, kind=RECTIFICATION, **more).subject_request_id
    house.identify(request)
    return request


def plan(house: People, request: str, wanted: requests_pb2.Correct) -> Any:
    return requests_stub(house).PlanCorrection(
        requests_pb2.PlanCorrectionRequest(subject_request_id=request, correct=wanted),
        metadata=house.officer.metadata,
        timeout=30,
    )


def requests_stub(house: People) -> Any:
    from privacy_service.v1 import requests_pb2_grpc

    return requests_pb2_grpc.SubjectRequestServiceStub(house.officer.channel)


def revealed(house: People, token: str) -> str:
    return str(
        house.service.partner("swift-parcel")
        .enforcement.Reveal(
            enforcement_pb2.RevealRequest(
                sender="acme-shop", recipient="swift-parcel", purpose=DELIVERY, token=token,
                reason="the parcel is at the door",
            ),
            timeout=30,
        )
        .value
    )  # fmt: skip


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()
    return reason(caught.value)


def test_what_is_wrong_is_corrected_everywhere_and_proven(house: People) -> None:
    put(house, "own", MARIA, content={"customer": {"phone": WRONG, "name": "M"}, "n": 1.50})
    put(house, "both", MARIA, "peter@mail.example", content=[{"customer": {"phone": WRONG}}])
    put(house, "right", MARIA, content={"customer": {"phone": "+49 30 5"}})
    put(house, "text", MARIA, content=b"Call me.", media="text/plain")
    put(house, "peter", "peter@mail.example", content={"customer": {"phone": WRONG}})
    token = json.loads(house.transfer(MARIA).payload)["customer"]["phone"]
    assert revealed(house, token) == WRONG
    before = content(house, "own")

    request = received(house, MARIA, customers=["C-1"])
    wanted = correct(PHONE)
    planned = plan(house, request, wanted)
    assert [(one.field, one.count, one.reason) for one in planned.counts] == [
        ("$.customer.phone", 1, "")
    ]
    assert list(planned.recipients) == ["swift-parcel"]
    assert content(house, "own") == before
    assert refusal(lambda: house.step(request, start=requests_pb2.PlainStep())) == "REQUEST_STATE"
    started = house.step(request, correct=wanted)
    assert started.state == requests_pb2.SUBJECT_REQUEST_STATE_IN_PROGRESS
    house.run(RECTIFY)

    assert content(house, "own") == before.replace(WRONG.encode(), RIGHT.encode())
    assert json.loads(content(house, "right"))["customer"]["phone"] == "+49 30 5"
    assert json.loads(content(house, "peter"))["customer"]["phone"] == WRONG
    (notice,) = house.notices("swift-parcel")
    assert notice.kind == notices_pb2.NOTICE_KIND_RECTIFICATION
    (told,) = notice.corrected
    assert (told.field, told.treatment) == ("$.customer.phone", "tokenize")
    assert token in told.old_words
    assert revealed(house, told.new_word) == RIGHT
    assert refusal(lambda: revealed(house, token)) == "TOKEN_UNKNOWN"
    assert json.loads(house.transfer("x@mail.example").payload)["customer"]["phone"] == token

    assert said(house, request)["outcome"] == "corrected"
    house.confirm("swift-parcel", notice.notice_id)
    house.run(ERASE)
    last = said(house, request)
    assert (last["outcome"], last["final"]) == ("completed", True)
    assert [(one["what"], one["count"]) for one in last["deleted"]] == [("answer", 1)]
    assert {(one["what"], one["count"]) for one in last["corrected"]} == {
        ("record", 1),
        ("token", 1),
    }
    assert last["fields"] == ["$.customer.phone"]
    for value in (WRONG, RIGHT, MARIA):
        assert value not in house.receipt(request)
    with house.at.database.reading() as view:
        kept = view.corrections.get(request)
    assert kept is not None
    assert kept.sealed is None


def test_records_about_others_need_the_wrong_value_and_other_forms_are_left(small: People) -> None:
    anna, others = "anna@mail.example", "berta@mail.example"
    put(small, "an-1", anna, content={"born": 1985, "vip": False, "name": "A"})
    put(small, "an-2", anna, others, content={"name": "A"})
    put(small, "an-3", anna, content=b"not { json")
    put(small, "an-4", anna, content=b"name,born\nA,1985\n", media="text/csv")
    wanted = correct(
        {"partner": "acme-shop", "field": "$.name", "value": "Anna"},
        {"partner": "acme-shop", "field": "$.born", "value": "1986"},
        {"partner": "acme-shop", "field": "$.vip", "value": "perhaps"},
        {"partner": "acme-shop", "field": "$[*].born", "value": "1986",
         "record_query": "content_type = text/csv"},
    )  # fmt: skip
    request = received(small, anna)
    counts = {(one.field, one.reason): one.count for one in plan(small, request, wanted).counts}
    assert counts == {
        ("$.name", ""): 1, ("$.born", ""): 1, ("$[*].born", ""): 1,
        ("", "OTHERS_IN_RECORD"): 1, ("", "NO_FIT"): 2,
    }  # fmt: skip
    small.step(request, correct=wanted)
    small.run(RECTIFY)
    small.run(ERASE)
    assert json.loads(content(small, "an-1")) == {"born": 1986, "vip": False, "name": "Anna"}
    assert json.loads(content(small, "an-2")) == {"name": "A"}
    assert content(small, "an-4") == b"name,born\nA,1986\n"
    last = said(small, request)
    assert (last["outcome"], last["final"]) == ("partly_completed", True)
    assert {one["name"] for one in last["not_reached"]} == {"1 of acme-shop", "2 of acme-shop"}
    shown = small.show(request)
    assert (shown.reason, shown.state) == ("", requests_pb2.SUBJECT_REQUEST_STATE_PARTLY_COMPLETED)


def test_a_wrong_identifier_is_replaced_in_every_index(small: People) -> None:
    wrong, right = "carla@mial.example", "carla@mail.example"
    put(small, "ca-1", wrong, content={"email": wrong})
    put(small, "ca-2", wrong, content={"other": True})
    objection = small.submit(
        wrong, kind=requests_pb2.SUBJECT_REQUEST_KIND_OBJECTION, purpose=DELIVERY
    ).subject_request_id
    small.identify(objection)
    small.step(objection, start=requests_pb2.PlainStep())
    request = received(small, wrong)
    fixed = {"partner": "acme-shop", "field": "$.email", "value": right, "identifier": "email"}
    assert refusal(lambda: small.step(request, correct=correct(fixed))) == "REQUEST_INVALID"
    small.step(request, correct=correct(fixed | {"was": wrong}))
    small.run(RECTIFY)
    assert json.loads(content(small, "ca-1")) == {"email": right}
    assert refusal(lambda: small.transfer(right)) == "SUBJECT_OBJECTS"
    erased = small.begin(right)
    small.run(ERASE)
    small.run(ERASE)
    assert not {"ca-1", "ca-2"} & set(small.records())
    (deleted,) = [one for one in said(small, erased)["deleted"] if one["what"] == "record"]
    assert deleted["count"] == 2


def test_a_statement_completes_what_is_kept_and_goes_with_it(small: People) -> None:
    person, words = "dora@mail.example", "The parcel came back on 3 May."
    put(small, "do-1", person, content={"parcel": "lost"})
    small.transfer(person)
    request = received(small, person)
    assert refusal(lambda: small.step(request, correct=correct())) == "REQUEST_INVALID"
    small.step(request, correct=correct(statement=words))
    small.run(RECTIFY)
    named = f"statement-{request}"
    assert content(small, named).decode() == words
    (notice,) = [
        one for one in small.notices("swift-parcel")
        if one.kind == notices_pb2.NOTICE_KIND_RECTIFICATION
    ]  # fmt: skip
    assert [(one.field, one.treatment) for one in notice.corrected] == [("$", "statement")]
    small.confirm("swift-parcel", notice.notice_id)
    small.begin(person)
    small.run(ERASE)
    assert named not in small.records()


def test_what_a_hold_keeps_waits_and_is_corrected_by_itself(small: People) -> None:
    person = "erna@mail.example"
    put(small, "er-1", person, content={"name": "E"})
    put(small, "er-2", person, content={"name": "E"})
    hold = place(small.officer, partner="acme-shop", record_query='id = "er-1"')
    request = received(small, person)
    wanted = correct({"partner": "acme-shop", "field": "$.name", "value": "Erna"})
    assert {(one.reason, one.count) for one in plan(small, request, wanted).counts} == {
        ("", 1), ("LEGAL_CLAIM", 1),
    }  # fmt: skip
    small.step(request, correct=wanted)
    small.run(RECTIFY)
    assert small.show(request).state == requests_pb2.SUBJECT_REQUEST_STATE_BLOCKED
    assert said(small, request)["outcome"] == "blocked"
    assert json.loads(content(small, "er-2")) == {"name": "Erna"}
    propose(small.officer, hold.hold_id)
    confirm(small.service.person("second-officer"), hold.hold_id)
    small.run(RECTIFY)  # looks, and finds that it is free
    small.run(RECTIFY)
    small.run(ERASE)
    assert json.loads(content(small, "er-1")) == {"name": "Erna"}
    assert said(small, request)["outcome"] == "completed"


def test_it_may_be_refused_and_asks_nothing_of_the_unknown(small: People) -> None:
    request = received(small, "nobody@mail.example")
    wanted = correct({"partner": "acme-shop", "field": "$.a", "value": "b"})
    assert list(plan(small, request, wanted).counts) == []
    code = requests_pb2.CodedReason(code="ACCURATE")
    assert small.step(request, refuse=code).reason_article == "GDPR Art. 16"
    assert refusal(lambda: small.step(request, correct=wanted)) == "REQUEST_STATE"
    other = received(small, "nobody@mail.example")
    small.step(other, correct=wanted)
    small.run(RECTIFY)
    small.run(ERASE)
    assert (said(small, other)["outcome"], said(small, other)["corrected"]) == ("completed", [])
    third = received(small, "third@mail.example")
    for bad in ("name", "$.a[?@.b]"):
        odd = correct({"partner": "acme-shop", "field": bad, "value": "b"})
        assert refusal(lambda odd=odd: small.step(third, correct=odd)) == (  # type: ignore[misc]
            "REQUEST_INVALID"
        )
    erasure = small.submit("nobody@mail.example").subject_request_id
    assert refusal(lambda: plan(small, erasure, wanted)) == "REQUEST_STATE"


@pytest.mark.parametrize("fault", [*range(STEPS), "twice"])
def test_a_machine_may_die_after_every_step(small: People, fault: int | str) -> None:
    person = f"person-{fault}@mail.example"
    put(small, f"pe-{fault}", person, content={"customer": {"phone": WRONG}})
    request = received(small, person)
    small.step(request, correct=correct(PHONE, statement="It rings twice."))
    (key,) = [one for one in RECTIFY.waiting(small.at, 100) if one.startswith(request)]  # type: ignore[misc]
    steps: Plain = Twice() if isinstance(fault, str) else DiesAfter(fault)
    try:
        RECTIFY.work(small.at, key, steps)
        died = False
    except Died:
        died = True
    for job in (RECTIFY, ERASE):
        while keys := [one for one in job.waiting(small.at, 100) if one.startswith(request)]:  # type: ignore[misc]
            job.work(small.at, keys[0], Plain())
    assert json.loads(content(small, f"pe-{fault}"))["customer"]["phone"] == RIGHT
    last = said(small, request)
    assert {(one["what"], one["count"]) for one in last["corrected"]} == {
        ("record", 1),
        ("statement", 1),
    }
    assert fault != STEPS - 1 or not died, "there are more steps: raise STEPS"


def test_killed_processes_change_nothing_but_the_time(small: People, tmp_path: Path) -> None:
    person, places = "hanna@mail.example", "correct:after,words:after"
    for number in range(60):
        put(small, f"ha-{number:02}", person, content={"customer": {"phone": WRONG}, "n": number})
    sent = small.transfer(person).disclosure_id
    request = received(small, person)
    small.step(request, correct=correct(PHONE, statement="It rings twice."))
    soon = JobSettings(
        url=f"sqlite:///{tmp_path}/jobs.sqlite", lease_seconds=1.5, drain_seconds=0,
        poll_seconds=0.3,
    )  # fmt: skip
    settings = small.at.settings.model_copy(update={"jobs": soon})
    program = "tests.retention.eraser"
    with worker(tmp_path, settings, places, "rectify", program=program) as killed:
        await_(lambda: killed_at(killed, places) and has_receipt(small.at, request))
    (notice,) = [one for one in small.notices("swift-parcel") if sent in one.disclosure_ids]
    small.confirm("swift-parcel", notice.notice_id)
    small.run(ERASE)
    last = said(small, request)
    assert {(one["what"], one["count"]) for one in last["corrected"]} == {
        ("record", 60),
        ("statement", 1),
    }
    assert json.loads(content(small, "ha-59")) == {"customer": {"phone": RIGHT}, "n": 59}


def test_two_workers_on_one_request_do_each_thing_once(small: People) -> None:
    person = "frida@mail.example"
    for number in range(120):
        put(small, f"fr-{number:03}", person, content={"customer": {"phone": WRONG}, "n": number})
    request = received(small, person)
    small.step(request, correct=correct(PHONE, statement="It rings twice."))
    (key,) = [one for one in RECTIFY.waiting(small.at, 100) if one.startswith(request)]  # type: ignore[misc]
    both = [threading.Thread(target=RECTIFY.work, args=(small.at, key, Plain())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    small.run(ERASE)
    assert {(one["what"], one["count"]) for one in said(small, request)["corrected"]} == {
        ("record", 120),
        ("statement", 1),
    }
    wanted = {"customer": {"phone": RIGHT}, "n": 7}
    assert json.loads(content(small, "fr-007")) == wanted


def test_recipients_under_a_contract_that_is_no_longer_read_are_told(
    small: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_row: object) -> Any:
        raise PrivacyError(errors.CONTRACT_INVALID, contract="c")

    person = "gerda@mail.example"
    sent = small.transfer(person).disclosure_id
    request = received(small, person)
    small.step(request, correct=correct(PHONE))
    monkeypatch.setattr("privacy_service.custody.informing.as_version", unreadable)
    small.run(RECTIFY)
    (notice,) = [one for one in small.notices("swift-parcel") if sent in one.disclosure_ids]
    assert [(one.field, one.treatment) for one in notice.corrected] == [("$.customer.phone", "")]
