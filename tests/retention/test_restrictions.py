"""Restriction, objection, withdrawal: stopped by the call, told by a job, proven by a receipt."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest

from privacy_service.evidence.note import VerifierKey
from privacy_service.evidence.proven_note import RECEIPT, ProvenNote
from privacy_service.store.requests import HistoryLine
from privacy_service.store.views import Writing
from privacy_service.subjects.erasures import Erasure, Phase
from privacy_service.subjects.requests import RequestKind
from privacy_service.v1 import enforcement_pb2, notices_pb2, requests_pb2
from retention.jobs.erase import JOB as ERASE
from retention.jobs.uphold import JOB as UPHOLD
from tests.retention.erasures import REQUEST, Died, DiesAfter, Plain, Twice, erasure
from tests.retention.people import DELIVERY, MARIA, People, people, reason
from tests.service.test_consent import OFFERS, offer
from tests.service.test_consent import said as consented
from tests.service.test_holds import confirm, delete, get, place, propose
from tests.stores.databases import KINDS

PLAIN = requests_pb2.PlainStep()
RESTRICTION = requests_pb2.SUBJECT_REQUEST_KIND_RESTRICTION
OBJECTION = requests_pb2.SUBJECT_REQUEST_KIND_OBJECTION
WITHDRAWAL = requests_pb2.SUBJECT_REQUEST_KIND_CONSENT_WITHDRAWAL
LIFTED = requests_pb2.SUBJECT_REQUEST_STATE_LIFTED


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[People]:
    with people(tmp_path, request.param) as house:
        yield house


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """One house for tests that have a person of their own each."""
    with people(tmp_path_factory.mktemp("small")) as house:
        yield house


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        act()
    return reason(caught.value)


def said(house: People, request: str) -> dict[str, Any]:
    key = VerifierKey.parse(house.service.running.verifier_key)
    return ProvenNote.parse(house.receipt(request), RECEIPT).verify(key).content


def test_a_restriction_is_stored_told_proven_and_lifted_after_its_notice(house: People) -> None:
    house.put_record("r-1", MARIA)
    house.put_record("r-2", "peter@mail.example")
    retried = str(uuid.uuid4())
    sent = house.transfer(MARIA, request_id=retried)
    acme = house.service.partner("acme-shop")

    request = house.submit(MARIA, customers=["C-1"], kind=RESTRICTION).subject_request_id
    house.identify(request)
    plan = house.plan(request)
    assert (list(plan.deleted), list(plan.recipients)) == ([], ["swift-parcel"])
    assert get(acme, "r-1")
    house.step(request, start=PLAIN)
    assert refusal(lambda: get(acme, "r-1")) == "USE_RESTRICTED"
    assert refusal(lambda: house.transfer(MARIA)) == "USE_RESTRICTED"
    assert refusal(lambda: house.transfer(MARIA, request_id=retried)) == "USE_RESTRICTED"
    assert refusal(lambda: delete(acme, "r-1")) == "UNDER_LEGAL_HOLD"
    assert get(acme, "r-2")

    house.run(UPHOLD)
    assert (said(house, request)["outcome"], said(house, request)["final"]) == ("upheld", False)
    (notice,) = house.notices("swift-parcel")
    assert notice.kind == notices_pb2.NOTICE_KIND_RESTRICTION
    assert list(notice.disclosure_ids) == [sent.disclosure_id]
    assert refusal(lambda: house.step(request, announce_lift=PLAIN)) == "REQUEST_STATE"
    house.confirm("swift-parcel", notice.notice_id)
    house.run(ERASE)
    last = said(house, request)
    assert (last["outcome"], last["final"], last["deleted"]) == ("completed", True, [])
    assert MARIA not in house.receipt(request)
    assert refusal(lambda: get(acme, "r-1")) == "USE_RESTRICTED"

    assert refusal(lambda: house.step(request, lift=PLAIN)) == "LIFT_NOT_ANNOUNCED"
    announced = house.step(request, announce_lift=PLAIN)
    assert announced.state == requests_pb2.SUBJECT_REQUEST_STATE_LIFT_ANNOUNCED
    assert refusal(lambda: get(acme, "r-1")) == "USE_RESTRICTED"
    assert house.step(request, lift=PLAIN).state == LIFTED
    assert get(acme, "r-1")
    assert house.transfer(MARIA).disclosure_id
    assert house.transfer(MARIA, request_id=retried).disclosure_id == sent.disclosure_id
    steps = [line.step for line in house.show(request).history]
    assert steps[-3:] == ["complete", "announce_lift", "lift"]

    house.run(UPHOLD)
    assert (said(house, request)["outcome"], said(house, request)["final"]) == ("lifted", False)
    (ended,) = house.notices("swift-parcel")
    assert ended.kind == notices_pb2.NOTICE_KIND_RESTRICTION_LIFTED
    assert sent.disclosure_id in ended.disclosure_ids
    house.confirm("swift-parcel", ended.notice_id)
    house.run(ERASE)
    last = said(house, request)
    assert (last["outcome"], last["final"]) == ("lifted", True)
    told = {(one["of"], one["state"]) for one in last["told"]}
    assert told == {("restriction", "confirmed"), ("restriction_lifted", "confirmed")}


def test_an_objection_stops_its_purpose_and_no_other(house: People) -> None:
    retried = str(uuid.uuid4())
    sent = house.transfer(MARIA, request_id=retried)
    marketing = house.submit(MARIA, kind=OBJECTION, purpose="dpv:Marketing").subject_request_id
    delivery = house.submit(MARIA, kind=OBJECTION, purpose=DELIVERY).subject_request_id
    assert marketing != delivery  # another purpose is another wish
    for request in (marketing, delivery):
        house.identify(request)
    house.step(marketing, start=PLAIN)
    assert house.transfer(MARIA).disclosure_id
    house.step(delivery, start=PLAIN)
    assert refusal(lambda: house.transfer(MARIA)) == "SUBJECT_OBJECTS"
    assert refusal(lambda: house.transfer(MARIA, request_id=retried)) == "SUBJECT_OBJECTS"
    assert house.transfer("peter@mail.example").disclosure_id

    house.run(UPHOLD)
    (notice,) = house.notices("swift-parcel")  # nothing was given for marketing
    assert notice.kind == notices_pb2.NOTICE_KIND_OBJECTION
    assert sent.disclosure_id in notice.disclosure_ids
    house.confirm("swift-parcel", notice.notice_id)
    house.run(ERASE)
    assert said(house, marketing)["told"] == []
    assert said(house, delivery)["purpose"] == DELIVERY
    assert said(house, delivery)["outcome"] == "completed"
    assert refusal(lambda: house.transfer(MARIA)) == "SUBJECT_OBJECTS"
    assert house.step(delivery, lift=PLAIN).state == LIFTED
    assert house.transfer(MARIA).disclosure_id
    house.run(UPHOLD)
    (ended,) = house.notices("swift-parcel")
    assert ended.kind == notices_pb2.NOTICE_KIND_OBJECTION_LIFTED
    house.step(marketing, lift=PLAIN)
    house.run(UPHOLD)  # nobody was told of it, so nobody is told of its end
    assert len(house.notices("swift-parcel")) == 1


def test_an_objection_under_the_law_of_california_is_an_opt_out(small: People) -> None:
    person = "erna@mail.example"
    for kind, rule in ((OBJECTION, "us-ccpa.opt-out"), (RESTRICTION, "us-ccpa.7021")):
        purpose = "dpv:TargetedAdvertising" if kind == OBJECTION else ""
        found = small.submit(person, kind=kind, regime="us-ccpa", place="US-CA", purpose=purpose)
        assert (found.due.rule, found.due.standing) == (rule, "law")
    found = small.submit(person, kind=OBJECTION, purpose="dpv:TargetedAdvertising")
    assert found.due.rule == "eu-gdpr.12-3"


def test_what_a_restriction_keeps_an_erasure_keeps_until_it_is_lifted(small: People) -> None:
    person = "anna@mail.example"
    small.put_record("a-1", person)
    restriction = small.submit(person, kind=RESTRICTION).subject_request_id
    small.identify(restriction)
    small.step(restriction, start=PLAIN)
    small.run(UPHOLD)
    small.run(ERASE)
    erased = small.begin(person)
    small.run(ERASE)
    assert small.show(erased).state == requests_pb2.SUBJECT_REQUEST_STATE_BLOCKED
    kept = {(one["what"], one["code"]) for one in said(small, erased)["kept"]}
    assert kept == {("record", "RESTRICTED"), ("data_key", "RESTRICTED")}

    small.step(restriction, announce_lift=PLAIN)
    small.step(restriction, lift=PLAIN)
    small.run(ERASE)  # looks, and finds that it is free
    small.run(ERASE)
    assert "a-1" not in small.records()


def test_a_restriction_s_hold_is_lifted_with_it_alone(small: People) -> None:
    from privacy_service.v1 import holds_pb2

    request = small.submit("berta@mail.example", kind=RESTRICTION).subject_request_id
    small.identify(request)
    small.step(request, start=PLAIN)
    officer = small.officer
    held = officer.holds.ListHolds(
        holds_pb2.ListHoldsRequest(page_size=100), metadata=officer.metadata, timeout=10
    ).holds
    (hold,) = [one for one in held if one.matter == request]
    assert refusal(lambda: propose(officer, hold.hold_id)) == "HOLD_OF_REQUEST"
    assert refusal(lambda: confirm(officer, hold.hold_id)) == "HOLD_OF_REQUEST"
    own = place(officer, partner="acme-shop", record_query='id = "none-*"')
    assert propose(officer, own.hold_id).hold_id == own.hold_id


def test_a_restriction_by_a_partner_s_word_holds_at_that_partner(small: People) -> None:
    request = small.submit(customers=["C-1"], kind=RESTRICTION).subject_request_id
    small.identify(request)
    small.step(request, start=PLAIN)
    assert small.show(request).kind == RESTRICTION
    assert refusal(lambda: small.transfer("carla@mail.example")) == "USE_RESTRICTED"
    small.run(UPHOLD)
    small.run(ERASE)
    for notice in small.notices("swift-parcel"):
        small.confirm("swift-parcel", notice.notice_id)
    small.run(ERASE)
    small.step(request, announce_lift=PLAIN)
    small.step(request, lift=PLAIN)
    assert small.transfer("carla@mail.example").disclosure_id


def test_an_objection_to_marketing_is_absolute(small: People) -> None:
    def code(word: str) -> requests_pb2.CodedReason:
        return requests_pb2.CodedReason(code=word)

    person = "dora@mail.example"
    assert refusal(lambda: small.submit(person, kind=OBJECTION)) == "REQUEST_INVALID"
    for purpose in ("dpv:Anything", "not a term"):
        assert refusal(
            lambda purpose=purpose: small.submit(person, kind=OBJECTION, purpose=purpose)  # type: ignore[misc]
        ) == "REQUEST_INVALID"  # fmt: skip
    assert refusal(lambda: small.submit(person, purpose=DELIVERY)) == "REQUEST_INVALID"
    request = small.submit(person, kind=OBJECTION, purpose="https://w3id.org/dpv#DirectMarketing")
    assert request.purpose == "dpv:DirectMarketing"
    named = request.subject_request_id
    assert refusal(lambda: small.step(named, refuse=code("COMPELLING_GROUNDS"))) == (
        "OBJECTION_ABSOLUTE"
    )
    assert small.step(named, refuse=code("IDENTITY_FAILURE")).reason == "IDENTITY_FAILURE"
    other = small.submit(person, kind=OBJECTION, purpose=DELIVERY).subject_request_id
    refused = small.step(other, refuse=code("COMPELLING_GROUNDS"))
    assert refused.reason_article == "GDPR Art. 21(1)"
    assert refusal(lambda: small.step(other, lift=PLAIN)) == "REQUEST_STATE"


def test_a_consent_withdrawal_withdraws_all_and_waits_for_those_that_are_asked(
    house: People,
) -> None:
    acme = house.service.partner("acme-shop")
    consented(acme, "C-7")
    mail = enforcement_pb2.SubjectRef(type="email", value=MARIA)
    consented(acme, "C-8", record="mail", subjects=[mail])
    consented(acme, "C-9")
    sent = acme.transfer(offer("C-7"), **OFFERS).disclosure_id

    request = house.submit(MARIA, customers=["C-7"], kind=WITHDRAWAL).subject_request_id
    house.identify(request)
    assert list(house.plan(request).recipients) == ["helpdesk-ai"]
    assert acme.transfer(offer("C-7"), **OFFERS).disclosure_id
    house.step(request, start=PLAIN)
    assert refusal(lambda: acme.transfer(offer("C-7"), **OFFERS)) == "CONSENT_NOT_IN_FORCE"
    assert acme.transfer(offer("C-9"), **OFFERS).disclosure_id

    house.run(UPHOLD)
    first = said(house, request)
    assert (first["withdrawn"], first["outcome"], first["final"]) == (2, "upheld", False)
    (notice,) = house.notices("helpdesk-ai")
    assert notice.kind == notices_pb2.NOTICE_KIND_CONSENT_WITHDRAWN
    assert sent in notice.disclosure_ids
    house.confirm("helpdesk-ai", notice.notice_id)
    house.run(ERASE)
    last = said(house, request)
    assert (last["outcome"], last["final"], last["withdrawn"]) == ("completed", True, 2)
    assert [one["recipient"] for one in last["told"]] == ["helpdesk-ai"]
    assert refusal(lambda: house.step(request, lift=PLAIN)) == "REQUEST_STATE"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", [lambda: DiesAfter(0), lambda: DiesAfter(1), Twice])
def test_a_machine_may_die_and_every_step_may_be_done_twice(
    tmp_path: Path, kind: str, fault: Callable[[], Plain]
) -> None:
    def restrict(tx: Writing) -> None:
        request = replace(tx.requests.get(REQUEST), kind=RequestKind.RESTRICTION)
        line = HistoryLine(at=now, by="officer", step="start", state="in_progress")
        tx.requests.change(request, line)
        tx.erasures.keep(
            Erasure(
                request_id=REQUEST, phase=Phase.UPHOLDING, round=1, started_at=now, cursor={}
            )
        )  # fmt: skip

    def lift(tx: Writing) -> None:
        work = tx.erasures.get(REQUEST)
        assert work is not None
        tx.erasures.keep(replace(work, phase=Phase.LIFTING, round=2))

    with erasure(kind, tmp_path, records=1, recipients=2) as at:
        now = at.clock.now()
        at.database.commit(restrict)
        assert UPHOLD.waiting is not None
        assert UPHOLD.waiting(at, 10) == (REQUEST,)
        try:
            UPHOLD.work(at, REQUEST, fault())
        except Died:
            for key in UPHOLD.waiting(at, 10):
                UPHOLD.work(at, key, Plain())
        assert UPHOLD.waiting(at, 10) == ()
        with at.database.reading() as view:
            assert len(view.notices.of_request(REQUEST)) == 2
            found = view.erasures.get(REQUEST)
        assert found is not None
        assert found.phase is Phase.TELLING

        at.database.commit(lift)
        (key,) = UPHOLD.waiting(at, 10)
        try:
            UPHOLD.work(at, key, fault())
        except Died:
            for key in UPHOLD.waiting(at, 10):
                UPHOLD.work(at, key, Plain())
        with at.database.reading() as view:
            kinds = [one.kind.value for one in view.notices.of_request(REQUEST)]
        assert sorted(kinds) == ["restriction"] * 2 + ["restriction_lifted"] * 2
