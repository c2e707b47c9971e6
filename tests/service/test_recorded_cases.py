"""What people decided, replayed under a version that is proposed, before it is in force."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.evidence.queries import EntryQuery
from privacy_service.v1 import governance_pb2 as pb
from privacy_service.v1 import reviews_pb2, reviews_pb2_grpc
from tests.service.conftest import Peer, Service
from tests.service.test_behavior import PARTY, output, put, stub
from tests.service.test_breaches import refusal
from tests.service.test_changing import Deal, activate, decide, propose, stamp, with_note
from tests.service.test_suspension import ask

HELD = """apiVersion: privacy-service/v1
kind: BehaviorContract
id: case-answers
title: Answers that a person decides about
party: other-shop
provider: helpdesk-ai
effective: {from: 2026-01-01}
scope: {use_cases: [cases]}
expectations:
  - {id: no-promises, wording: {forbid: [guaranteed]}, otherwise: hold}
"""
REFUSED = HELD.replace("otherwise: hold", "otherwise: refuse")
RELEASED = HELD.replace("otherwise: hold", "otherwise: note")
REPLAY = "GovernanceService/ProposeContract/ReplayCases"


def hold(shop: Peer, content: str) -> str:
    result = stub(shop).CheckOutput(output(content, use_case="cases"), timeout=30).result
    assert result.review_id
    return result.review_id


def reviews(peer: Peer) -> reviews_pb2_grpc.ReviewServiceStub:
    return reviews_pb2_grpc.ReviewServiceStub(peer.channel)


def decided(officer: Peer, review_id: str, *, approve: bool) -> None:
    asked = reviews_pb2.OpenReviewRequest(review_id=review_id, reason="queue of the day")
    seen = reviews(officer).OpenReview(asked, timeout=20, metadata=officer.metadata).seen
    said = {
        "review_id": review_id, "seen": seen, "note": "looked at", "request_id": str(uuid.uuid4()),
    }  # fmt: skip
    if approve:
        request = reviews_pb2.ApproveReviewRequest(**said)
        reviews(officer).ApproveReview(request, timeout=20, metadata=officer.metadata)
    else:
        refused = reviews_pb2.RejectReviewRequest(**said)
        reviews(officer).RejectReview(refused, timeout=20, metadata=officer.metadata)


def pin(officer: Peer, review_id: str, **more: Any) -> pb.RecordedCase:
    said = {
        "review_id": review_id, "reason": "a promise", "request_id": str(uuid.uuid4()),
        "until": stamp(datetime.now(UTC) + timedelta(days=90)),
    }  # fmt: skip
    return ask(officer, "PinCase", **(said | more)).recorded_case


@pytest.fixture(scope="module")
def officer(service: Service) -> Peer:
    return service.person("officer")


@pytest.fixture(scope="module")
def shop(service: Service) -> Peer:
    peer = service.partner(PARTY)
    put(peer, HELD)
    return peer


@pytest.fixture(scope="module")
def cases(shop: Peer, officer: Peer) -> tuple[str, str, str]:
    """One that was approved, one that was rejected and is pinned, one that is gone."""
    none = propose(shop, REFUSED)
    assert none.HasField("regression")
    assert none.regression.cases == 0
    approved, rejected, gone = (hold(shop, f"It is guaranteed, {n}.") for n in "abc")
    decided(officer, approved, approve=True)
    assert pin(officer, rejected).state == "waiting"
    decided(officer, rejected, approve=False)
    decided(officer, gone, approve=False)
    return approved, rejected, gone


def test_what_was_approved_and_would_be_refused_stands_against_it_until_it_is_accepted(
    service: Service, shop: Peer, officer: Peer, cases: tuple[str, str, str]
) -> None:
    approved, _rejected, gone = cases
    one = propose(shop, REFUSED)
    run = one.regression
    assert (run.cases, run.unread, run.known) == (2, 0, 0)
    changed = [(case.review_id, case.decided, case.outcome) for case in run.changed]
    assert changed == [(approved, "approved", "REFUSED")]
    assert any("recorded cases" in lack for lack in one.lacks)
    assert refusal(lambda: activate(shop, one)) == "CONTRACT_NOT_READY"
    decide(officer, one)
    assert refusal(lambda: activate(shop, one)) == "CONTRACT_NOT_READY"
    assert refusal(lambda: decide(shop, one, accept_changed_cases=True)) == "SECOND_PERSON_NEEDED"
    taken = decide(officer, one, accept_changed_cases=True, reason="promises are refused now")
    assert taken.regression.accept_reason == "promises are refused now"
    assert not taken.lacks
    with service.running.database.reading() as view:
        opened = view.audit.entries(query=EntryQuery(action=REPLAY, resource="case-answers"))
    assert [one.entry.outcome for one in opened][-2:] == ["", "OPENED"]
    assert gone not in str(run)


def test_what_was_rejected_and_would_be_released_stands_against_it(
    shop: Peer, officer: Peer, cases: tuple[str, str, str]
) -> None:
    _approved, rejected, _gone = cases
    run = propose(shop, RELEASED).regression
    changed = [(case.review_id, case.decided, case.outcome) for case in run.changed]
    assert changed == [(rejected, "rejected", "ACCEPTED")]
    # People look at it under either version: nothing is decided otherwise.
    assert propose(shop, HELD.replace("that a person", "which a person")).regression.cases == 2


def test_a_case_is_pinned_until_a_time_and_goes_when_it_is_let_go(
    service: Service, shop: Peer, officer: Peer, cases: tuple[str, str, str]
) -> None:
    _approved, rejected, gone = cases
    assert refusal(lambda: pin(officer, gone)) == "RECORD_UNREADABLE"
    assert refusal(lambda: pin(officer, "nothing")) == "REVIEW_NOT_FOUND"
    late = stamp(datetime.now(UTC) + timedelta(days=400))
    assert refusal(lambda: pin(officer, rejected, until=late)) == "REQUEST_INVALID"
    where = [
        "--address", f"localhost:{service.running.token_port}",
        "--ca", str(service.trial.authority), "--token",
        str(service.trial.folder / "tls" / "officer.jwt"),
    ]  # fmt: skip

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["contract", *words, *where])
        assert done.exit_code == 0, done.output
        return done.output

    listed = json.loads(run("cases", "list", "case-answers", "--json"))
    assert listed[0]["review_id"] == rejected
    assert "would be" in run("proposal", "case-answers", "3")
    third = hold(shop, "It is guaranteed, d.")
    assert "is kept as a case" in run("cases", "pin", third, "--until", "7d", "--reason", "to see")
    for one in (third, rejected):
        run("cases", "unpin", one, "--reason", "the examples say it now")
    left = {one["review_id"] for one in json.loads(run("cases", "list", "case-answers", "--json"))}
    assert rejected not in left
    assert third in left  # it still waits


def test_a_sharing_contract_that_lets_a_rejected_payload_pass_is_told(
    service: Service, officer: Peer
) -> None:
    deal = Deal(service)
    watching = (
        f"{with_note(deal.source)}entities: {{US_SSN: keep}}\nreview: {{entities: [US_SSN]}}\n"
    )
    one = propose(deal.shop, watching)
    decide(officer, one)
    activate(deal.shop, one)
    letter = json.dumps({"order_id": "SO-1", "note": "My SSN is 536-90-4399."})
    review = deal.shop.transfer(letter, purpose=deal.purpose).review_id
    pin(officer, review)
    decided(officer, review, approve=False)
    laxer = propose(deal.shop, watching.replace("review: {entities: [US_SSN]}\n", ""))
    changed = [(case.review_id, case.decided, case.outcome) for case in laxer.regression.changed]
    assert changed == [(review, "rejected", "ALLOW")]


SCENARIOS = """apiVersion: privacy-service/v1
kind: Scenarios
title: Refunds
scenarios:
  - name: a refund in two weeks
    kind: journey
    steps:
      - say: Do I get my money back?
        expect: {outcome: ACCEPTED}
  - name: a rude word
    kind: adversarial
    steps:
      - {output: You are an idiot., expect: {outcome: REFUSED}}
  - name: a promise
    kind: edge
    steps:
      - {output: It is guaranteed., expect: {outcome: HELD}}
  - name: not as it has to be
    kind: edge
    steps:
      - {output: Hello., expect: {outcome: REFUSED}}
"""
VALIDATED = (
    HELD.replace("id: case-answers", "id: case-validated").replace(
        "use_cases: [cases]", "use_cases: [validated]"
    )
    + "  - {id: polite, wording: {forbid: [idiot]}, otherwise: refuse}\n"
)


def test_what_a_validation_recorded_is_replayed_before_a_change(
    service: Service, officer: Peer, tmp_path: Any
) -> None:
    shop = service.partner(PARTY)
    put(shop, VALIDATED)
    contract, scenarios = tmp_path / "answers.yaml", tmp_path / "scenarios.yaml"
    recording = tmp_path / "answers.jsonl"
    contract.write_text(VALIDATED)
    scenarios.write_text(SCENARIOS)
    recording.write_text(
        json.dumps({"scenario": "a refund in two weeks", "step": 1, "output": "Within two weeks."})
    )
    files = service.trial.partners[PARTY]
    where = [
        "--address", f"localhost:{service.running.port}", "--ca", str(files.authority),
        "--cert", str(files.certificate), "--key", str(files.private_key),
    ]  # fmt: skip

    def run(*words: str) -> str:
        return CliRunner().invoke(app, ["contract", *words, *where]).output

    validate = ("validate", str(contract), str(scenarios), "--recorded", str(recording),
                "--model", "none", "--keep-cases", "30d")  # fmt: skip
    said = run(*validate)
    assert "3 recorded cases are kept (2 approved, 1 rejected)" in said
    assert "not kept: a promise, step 1, output: A person would have to look at this" in said
    assert "3 recorded cases are kept" in run(*validate)  # and these are the same three

    asked = pb.ListCasesRequest(contract_id="case-validated")
    found = ask(officer, "ListCases", contract_id=asked.contract_id).cases
    assert sorted((one.kind, one.state, one.origin, one.name) for one in found) == [
        ("output", "approved", "validation", "a refund in two weeks, step 1, output"),
        ("output", "rejected", "validation", "a rude word, step 1, output"),
        ("prompt", "approved", "validation", "a refund in two weeks, step 1, prompt"),
    ]
    case = next(one for one in found if one.state == "approved" and one.kind == "output")
    collect = reviews_pb2.CollectCheckRequest(review_id=case.review_id)
    assert refusal(lambda: reviews(shop).CollectCheck(collect, timeout=20)) == "REVIEW_OTHER_KIND"
    waiting = reviews_pb2.ListReviewsRequest(decided=True, partner=PARTY, page_size=1000)
    listed = reviews(officer).ListReviews(waiting, timeout=20, metadata=officer.metadata).reviews
    assert case.review_id not in [one.review_id for one in listed]

    stricter = propose(shop, VALIDATED.replace("forbid: [idiot]", "forbid: [idiot, weeks]"))
    assert stricter.regression.cases == 3
    assert [(one.name, one.decided, one.outcome) for one in stricter.regression.changed] == [
        ("a refund in two weeks, step 1, output", "approved", "REFUSED")
    ]
    milder = propose(shop, VALIDATED.replace("otherwise: refuse", "otherwise: note"))
    assert [one.name for one in milder.regression.changed] == ["a rude word, step 1, output"]

    stranger = service.partner("acme-shop")
    request = {
        "contract_id": "case-validated", "scenario": "n", "step": 1,
        "request_id": str(uuid.uuid4()),
        "until": stamp(datetime.now(UTC) + timedelta(days=1)),
        "output": output("Hello.", use_case="validated"),
    }  # fmt: skip
    assert refusal(lambda: ask(stranger, "RecordCase", **request)) == "CONTRACT_NOT_FOUND"
    named = request | {"scenario": "Maria Gonzales asks"}
    assert refusal(lambda: ask(shop, "RecordCase", **named)) == "REQUEST_INVALID"
    let_go = {"review_id": case.review_id, "reason": "old", "request_id": str(uuid.uuid4())}
    ask(officer, "UnpinCase", **let_go)
    assert case.review_id not in str(ask(officer, "ListCases", contract_id="case-validated"))
